"""Every address of the studio, tried by everybody: who passes its gate, and who is told that nothing is there.

A new route without a line here fails. The world is hostile: whatever a person can write is an attack on a page.
"""

import inspect
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import curators, tokens
from events import types
from events.models import Delivery, WebhookEndpoint
from gallery import storage
from gallery.models import Collection, Member, SavedSearch
from gallery.services import collections, images, sharing
from generator import services
from generator.models import AIModel, Batch, BatchLine, Preset
from generator.params import Params
from tests.gallery.conftest import drawn, recipe_of
from tests.hostile import ATTACK, FILE, NOTE, TAG, hostile

HOSTILE = hostile("mug")
NOWHERE = "01890000-0000-7000-8000-000000000000"

STRANGER, OTHER, CURATOR, VIEWER, EDITOR, OWNER = ROLES = (
    "stranger", "other", "curator", "viewer", "editor", "owner",
)  # fmt: skip
ANYBODY = set(ROLES)
PEOPLE = ANYBODY - {STRANGER}
SEEN = {VIEWER, EDITOR, OWNER}
EDITED = {EDITOR, OWNER}
MINE = {OWNER}
STAFF = {CURATOR}

LINES: list[tuple[str, str, str, set[str]]] = [
    # address, of what, method, who passes
    ("studio", "", "GET", PEOPLE),
    ("hint", "", "GET", PEOPLE),
    ("history", "", "GET", PEOPLE),
    ("picker", "", "GET", PEOPLE),
    ("presets", "", "GET", PEOPLE),
    ("presets", "", "POST", PEOPLE),
    ("preset_rename", "preset", "POST", MINE),
    ("preset_delete", "preset", "POST", MINE),
    ("preset_restore", "preset", "POST", set()),
    ("recipe", "", "POST", PEOPLE),
    ("prompt_improve", "", "POST", PEOPLE),
    ("prompt_choose", "", "POST", PEOPLE),
    ("generations", "", "POST", PEOPLE),
    ("running", "", "GET", PEOPLE),
    ("generation", "generation", "GET", MINE),
    ("generation_cancel", "generation", "POST", MINE),
    ("generation_again", "generation", "POST", MINE),
    ("generation_put_away", "generation", "POST", MINE),
    ("batches", "", "GET", PEOPLE),
    ("batches", "", "POST", PEOPLE),
    ("batch_example", "", "GET", PEOPLE),
    ("batch", "batch", "GET", MINE),
    ("batch_queue", "batch", "POST", MINE),
    ("batch_check", "batch", "POST", MINE),
    ("batch_cancel", "batch", "POST", MINE),
    ("batch_delete", "batch", "POST", MINE),
    ("batch_restore", "gone_batch", "POST", MINE),
    ("batch_results", "batch", "GET", MINE),
    ("image_again", "image", "POST", MINE),
    ("image_variations", "image", "POST", MINE),
    ("gallery", "", "GET", PEOPLE),
    ("gallery_filters", "", "GET", PEOPLE),
    ("gallery_scroll", "", "POST", PEOPLE),
    ("selection", "", "POST", PEOPLE),
    ("search_save", "", "POST", PEOPLE),
    ("search_rename", "search", "POST", MINE),
    ("search_forget", "search", "POST", MINE),
    ("trash", "", "GET", PEOPLE),
    ("trash_restore", "", "POST", PEOPLE),
    ("trash_empty", "", "GET", PEOPLE),
    ("trash_empty", "", "POST", PEOPLE),
    ("undo", "nothing", "POST", set()),
    ("image", "image", "GET", SEEN),
    ("image_file", "image", "GET", SEEN),
    ("image_thumbnail", "thumbnail", "GET", SEEN),
    ("image_change", "image", "POST", MINE),
    ("image_trash", "image", "POST", MINE),
    ("image_restore", "image", "POST", MINE),
    ("compare_with", "image", "GET", SEEN),
    ("compare", "pair", "GET", SEEN),
    ("image_collect", "image", "POST", MINE),
    ("image_share", "image", "GET", MINE),
    ("image_share", "image", "POST", MINE),
    ("image_showcase", "image", "POST", MINE),
    ("share_change", "share", "POST", MINE),
    ("share_revoke", "share", "POST", MINE),
    ("collections", "", "GET", PEOPLE),
    ("collection_create", "", "POST", PEOPLE),
    ("collection", "collection", "GET", SEEN),
    ("collection_change", "collection", "POST", MINE),
    ("collection_cover", "collection", "POST", MINE),
    ("collection_delete", "collection", "POST", MINE),
    ("collection_move", "collection", "POST", EDITED),
    ("collection_take_out", "collection", "POST", EDITED),
    ("collection_archive", "collection", "GET", SEEN),
    ("collection_share", "collection", "POST", MINE),
    ("collection_leave", "collection", "POST", {VIEWER, EDITOR}),
    ("collection_member_role", "member", "POST", MINE),
    ("collection_member_remove", "member", "POST", MINE),
    ("shared", "key", "GET", ANYBODY),
    ("shared_unlock", "key", "GET", ANYBODY),
    ("shared_unlock", "key", "POST", ANYBODY),
    ("shared_like", "key", "POST", PEOPLE),
    ("shared_report", "key", "GET", ANYBODY),
    ("shared_report", "key", "POST", ANYBODY),
    ("shared_file", "key", "GET", ANYBODY),
    ("shared_thumbnail", "key_thumbnail", "GET", ANYBODY),
    ("shared_preview", "key", "GET", ANYBODY),
    ("shared", "locked_key", "GET", ANYBODY),
    ("shared_unlock", "locked_key", "POST", ANYBODY),
    ("shared_like", "locked_key", "POST", MINE),
    ("shared_report", "locked_key", "GET", MINE),
    ("shared_report", "locked_key", "POST", MINE),
    ("shared_file", "locked_key", "GET", MINE),
    ("shared_thumbnail", "locked_thumbnail", "GET", MINE),
    ("shared_preview", "locked_key", "GET", MINE),
    ("shared", "revoked_key", "GET", set()),
    ("shared_unlock", "revoked_key", "GET", set()),
    ("shared_unlock", "revoked_key", "POST", set()),
    ("shared_like", "revoked_key", "POST", set()),
    ("shared_report", "revoked_key", "GET", set()),
    ("shared_report", "revoked_key", "POST", set()),
    ("shared_file", "revoked_key", "GET", set()),
    ("shared_thumbnail", "revoked_thumbnail", "GET", set()),
    ("shared_preview", "revoked_key", "GET", set()),
    ("showcase", "", "GET", ANYBODY),
    ("published", "published", "GET", ANYBODY),
    ("published_like", "published", "POST", PEOPLE),
    ("published_report", "published", "GET", ANYBODY),
    ("published_report", "published", "POST", ANYBODY),
    ("published_file", "published", "GET", ANYBODY),
    ("published_thumbnail", "published_thumbnail", "GET", ANYBODY),
    ("published_preview", "published", "GET", ANYBODY),
    ("published", "image", "GET", set()),
    ("published_like", "image", "POST", set()),
    ("published_report", "image", "GET", set()),
    ("published_report", "image", "POST", set()),
    ("published_file", "image", "GET", set()),
    ("published_thumbnail", "thumbnail", "GET", set()),
    ("published_preview", "image", "GET", set()),
    ("account", "", "GET", PEOPLE),
    ("account", "", "POST", PEOPLE),
    ("tokens", "", "GET", PEOPLE),
    ("tokens", "", "POST", PEOPLE),
    ("connect", "", "GET", PEOPLE),
    ("connect", "", "POST", PEOPLE),
    ("token_revoke", "token", "POST", MINE),
    ("huggingface", "", "GET", PEOPLE),
    ("huggingface", "", "POST", PEOPLE),
    ("huggingface_check", "", "POST", PEOPLE),
    ("huggingface_remove", "", "POST", PEOPLE),
    ("webhooks", "", "GET", PEOPLE),
    ("webhooks", "", "POST", PEOPLE),
    ("webhook_default_secret", "", "POST", PEOPLE),
    ("webhook_singles", "", "GET", PEOPLE),
    ("webhook", "webhook", "GET", MINE),
    ("webhook", "webhook", "POST", MINE),
    ("webhook_switch", "webhook", "POST", MINE),
    ("webhook_rotate", "webhook", "POST", MINE),
    ("webhook_test", "webhook", "POST", MINE),
    ("webhook_delete", "webhook", "POST", MINE),
    ("delivery", "delivery", "GET", MINE),
    ("delivery", "single_delivery", "GET", MINE),
    ("delivery_redeliver", "delivery", "POST", MINE),
    ("language", "", "POST", ANYBODY),
    ("theme", "", "POST", ANYBODY),
    ("api_generations", "", "GET", PEOPLE),
    ("api_generations", "", "POST", PEOPLE),
    ("api_generation", "generation", "GET", MINE),
    ("api_generation_cancel", "generation", "POST", MINE),
    ("api_generation_rerun", "generation", "POST", MINE),
    ("api_generation_events", "generation", "GET", MINE),
    ("api_events", "", "GET", PEOPLE),
    ("api_prompt_enhance", "", "POST", PEOPLE),
    ("api_models", "", "GET", PEOPLE),
    ("api_model", "model", "GET", PEOPLE),
    ("api_styles", "", "GET", PEOPLE),
    ("api_images", "", "GET", PEOPLE),
    ("api_image", "image", "GET", SEEN),
    ("api_image", "image", "PATCH", MINE),
    ("api_image", "image", "DELETE", MINE),
    ("api_image_restore", "image", "POST", MINE),
    ("api_image_file", "image", "GET", SEEN),
    ("api_image_thumbnail", "image", "GET", SEEN),
    ("api_image_recipe", "image", "GET", SEEN),
    ("api_collections", "", "GET", PEOPLE),
    ("api_collections", "", "POST", PEOPLE),
    ("api_collection", "collection", "GET", SEEN),
    ("api_collection", "collection", "PATCH", MINE),
    ("api_collection", "collection", "DELETE", MINE),
    ("api_collection_images", "collection", "GET", SEEN),
    ("api_collection_image", "entry", "PUT", EDITED),
    ("api_collection_image", "entry", "DELETE", EDITED),
    ("api_collection_archive", "collection", "GET", SEEN),
    ("api_account", "", "GET", PEOPLE),
    ("api_usage", "", "GET", PEOPLE),
    ("api_webhooks", "", "GET", PEOPLE),
    ("api_webhooks", "", "POST", PEOPLE),
    ("api_webhook", "webhook", "GET", MINE),
    ("api_webhook", "webhook", "PATCH", MINE),
    ("api_webhook", "webhook", "DELETE", MINE),
    ("api_webhook_rotate", "webhook", "POST", MINE),
    ("api_webhook_test", "webhook", "POST", MINE),
    ("api_webhook_deliveries", "webhook", "GET", MINE),
    ("api_deliveries", "", "GET", PEOPLE),
    ("api_delivery", "delivery", "GET", MINE),
    ("api_delivery", "single_delivery", "GET", MINE),
    ("api_delivery_redeliver", "delivery", "POST", MINE),
    ("api_original_generate", "", "POST", PEOPLE),
    ("api_original_models", "", "GET", PEOPLE),
    ("api_original_delete", "image", "DELETE", MINE),
    ("api_original_download", "file", "GET", SEEN),
    ("api_original_download", "published_file", "GET", PEOPLE),
    ("schema", "", "GET", ANYBODY),
    ("api_docs", "", "GET", ANYBODY),
    ("api_errors", "", "GET", ANYBODY),
    ("api_error", "code", "GET", ANYBODY),
    ("accessibility", "", "GET", ANYBODY),
    ("offline", "", "GET", ANYBODY),
    ("manifest", "", "GET", ANYBODY),
    ("service_worker", "", "GET", ANYBODY),
    ("healthz", "", "GET", ANYBODY),
    ("readyz", "", "GET", ANYBODY),
    ("account_login", "", "GET", ANYBODY),
    ("account_logout", "", "GET", PEOPLE),
    ("account_signup", "", "GET", ANYBODY),
    ("account_inactive", "", "GET", ANYBODY),
    ("account_reset_password", "", "GET", ANYBODY),
    ("account_reset_password_done", "", "GET", ANYBODY),
    ("account_reset_password_from_key_done", "", "GET", ANYBODY),
    ("account_reset_password_from_key", "reset", "GET", ANYBODY),
    ("account_email_verification_sent", "", "GET", ANYBODY),
    ("account_confirm_email", "confirm", "GET", ANYBODY),
    ("account_confirm_login_code", "", "GET", PEOPLE),
    ("account_email", "", "GET", PEOPLE),
    ("account_change_password", "", "GET", PEOPLE),
    ("account_set_password", "", "GET", PEOPLE),
    ("account_reauthenticate", "", "GET", PEOPLE - {CURATOR}),
    ("admin:login", "", "GET", STAFF),
    ("admin:index", "", "GET", STAFF),
    ("admin:gallery_image_changelist", "", "GET", STAFF),
    ("admin:gallery_image_change", "admin_published", "GET", STAFF),
    ("admin:gallery_image_picture", "admin_published", "GET", STAFF),
    ("admin:gallery_image_picture", "private", "GET", set()),
    ("admin:gallery_image_decide", "admin_published", "POST", STAFF),
    ("admin:gallery_report_changelist", "", "GET", STAFF),
    ("admin:gallery_report_decide", "report", "POST", STAFF),
    ("admin:generator_aimodel_change", "admin_model", "GET", STAFF),
    ("admin:generator_aimodel_check", "admin_model", "POST", STAFF),
    ("admin:generator_aimodel_reopen", "breaker", "POST", STAFF),
    ("admin:generator_aimodel_look_up", "", "GET", STAFF),
    ("admin:generator_aimodel_spending", "", "GET", STAFF),
    ("admin:generator_generation_changelist", "", "GET", STAFF),
    ("admin:accounts_user_changelist", "", "GET", STAFF),
    ("admin:events_webhookendpoint_changelist", "", "GET", STAFF),
    ("admin:events_webhookendpoint_change", "webhook", "GET", STAFF),
]  # fmt: skip


UNTOLD = {"HEAD", "OPTIONS"}
BODIES = {
    "collection_cover": {"image": "image"},
    "collection_move": {"image": "image", "to": "last"},
    "collection_take_out": {"image": "image"},
    "image_collect": {"collection": "collection"},
    "admin:generator_aimodel_look_up": {"repo_id": "repository"},
}
"""What must be sent for a gate to be reached: fields, and of what each names the id."""


def _routes(patterns: list[Any], space: str = "") -> Iterator[tuple[str, Any]]:
    """The name and the view of every route; of the back office those alone whose views are ours and not Django's."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)
        elif isinstance(pattern, URLPattern):
            name = f"{space}{pattern.name or pattern.pattern}"
            if space != "admin:" or not inspect.unwrap(pattern.callback).__module__.startswith("django."):
                yield name, pattern.callback


def _methods(view: Any) -> set[str]:
    """The methods that a view takes, where it says so: by `require_http_methods`, or as a view of the API."""
    if kind := getattr(view, "cls", None):
        return {method.upper() for method in kind.http_method_names if hasattr(kind, method)} - UNTOLD
    while view is not None:
        if "request_method_list" in getattr(view, "__code__", _methods.__code__).co_freevars:
            return set(inspect.getclosurevars(view).nonlocals["request_method_list"]) - UNTOLD
        view = getattr(view, "__wrapped__", None)
    return set()


@pytest.fixture
def world(db: None, person: Any, shipped: None, rf: Any) -> SimpleNamespace:
    """Alice's things; Bob edits her collection, Vera looks at it, Mallory knows nothing, Cora is a curator."""
    alice, bob, vera, mallory = (
        person(handle, name=hostile(handle, 80)) for handle in ("alice", "bob", "vera", "mallory")
    )
    cora, _ = curators.make(email="cora@example.org")
    image, other, shown = (_image(alice) for _ in range(3))
    collection = collections.create(user=alice, name=hostile("Mugs", 100), description=HOSTILE)
    collections.add(user=alice, collection=collection, images=[image, other])
    Member.objects.create(collection=collection, user=bob, role=Member.Role.EDITOR)
    Member.objects.create(collection=collection, user=vera, role=Member.Role.VIEWER)
    share, locked, revoked = (
        sharing.share(image=image),
        sharing.share(image=image, password="x"),
        sharing.share(image=image),
    )
    sharing.revoke(share=revoked)
    sharing.share(image=shown)
    sharing.publish(image=shown, by=cora)
    sharing.report(image=shown, reporter=mallory, reason="other", words=HOSTILE)
    return SimpleNamespace(
        people={OTHER: mallory, CURATOR: cora, VIEWER: vera, EDITOR: bob, OWNER: alice},
        objects=_objects(alice, collection, image, other, shown, share, locked, revoked),
    )


def _image(owner: User) -> Any:
    recipe = recipe_of(prompt=HOSTILE, negative_prompt=HOSTILE, style=HOSTILE[:100])
    stored = storage.store(owner_id=owner.pk, marked=storage.marked(content=drawn(), recipe=recipe))
    image = images.add_image(owner=owner, stored=stored, recipe=recipe)
    return images.change(image=image, title=hostile("Mug", 200), tags=[TAG])


def _objects(
    alice: User, collection: Collection, image: Any, other: Any, shown: Any, share: Any, locked: Any, revoked: Any
) -> dict[str, list[Any]]:
    generation = services.submit(user=alice, params=Params(prompt=HOSTILE), metadata=NOTE)
    batch = Batch.objects.create(owner=alice, name=FILE)
    gone_batch = Batch.objects.create(owner=alice, name=FILE, deleted_at=timezone.now())
    BatchLine.objects.create(batch=batch, number=1, wish={"prompt": HOSTILE})
    preset = Preset.objects.create(owner=alice, name=hostile("Mugs", 100), settings={"model": "builtin"})
    search = SavedSearch.objects.create(owner=alice, name=hostile("Mugs", 100), query="mug")
    token, _ = tokens.make(user=alice, name=hostile("shop", 50), scopes=["read"])
    return {
        "": [],
        "nothing": [NOWHERE],
        "image": [image.pk],
        "file": [f"{image.pk}.png"],
        "published_file": [f"{shown.pk}.png"],
        "thumbnail": [image.pk, 320],
        "pair": [image.pk, other.pk],
        "share": [share.pk],
        "key": [share.key],
        "key_thumbnail": [share.key, 640],
        "locked_key": [locked.key],
        "locked_thumbnail": [locked.key, 320],
        "revoked_key": [revoked.key],
        "revoked_thumbnail": [revoked.key, 640],
        "private": [other.pk],
        "published": [shown.pk],
        "published_thumbnail": [shown.pk, 320],
        "admin_published": [shown.pk],
        "report": [shown.reports.get().pk],
        **_catalogue(),
        "collection": [collection.pk],
        "entry": [collection.pk, image.pk],
        "member": [collection.pk, "vera"],
        "generation": [generation.pk],
        "batch": [batch.pk],
        "gone_batch": [gone_batch.pk],
        "preset": [preset.pk],
        "search": [search.pk],
        "token": [token.pk],
        **_webhooks(alice),
        "model": ["builtin"],
        "code": ["not_found"],
        "reset": ["1", "set-password"],
        "confirm": ["x"],
    }


def _catalogue() -> dict[str, list[Any]]:
    """A model that a provider serves, as curators name it."""
    served = AIModel.objects.filter(repo_id__contains="/").first()
    assert served
    return {"admin_model": [served.pk], "breaker": [served.pk, NOWHERE], "repository": [served.repo_id]}


def _webhooks(alice: User) -> dict[str, list[Any]]:
    """One that is told of everything, and what was sent: to it, and to the address of a single generation."""
    address = f"https://1.1.1.1/{HOSTILE.replace(chr(32), '')}"
    webhook = WebhookEndpoint.objects.create(
        user=alice, url=address, description=HOSTILE[:200], events=list(types.TOLD), secret=b""
    )
    sent: dict[str, Any] = {
        "user": alice, "url": address, "type": types.FAILED, "reference": NOWHERE,
        "body": json.dumps({"told": HOSTILE}), "status": "failed", "code": "receiver_refused",
        "finished_at": timezone.now(),
    }  # fmt: skip
    delivery, single = (Delivery.objects.create(endpoint=endpoint, **sent) for endpoint in (webhook, None))
    for each in (delivery, single):
        each.log.create(
            url=address, request={"x": HOSTILE}, status=500, answer=HOSTILE, started_at=timezone.now(), seconds=0.1
        )
    return {"webhook": [webhook.pk], "delivery": [delivery.pk], "single_delivery": [single.pk]}


def _client(world: SimpleNamespace, role: str, name: str) -> Client:
    if role == STRANGER:
        return Client()
    person = world.people[role]
    if name.startswith("api_"):
        _, secret = tokens.make(user=person, name=hostile("test", 50), scopes=["read", "generate", "manage"])
        return Client(headers={"authorization": f"Bearer {secret}"})
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _passed(response: Any) -> bool:
    """Whether the gate let somebody in; then whatever is wrong with the request is their own."""
    gone_to = urlsplit(response.get("Location", "")).path
    to_sign_in = response.status_code == 302 and gone_to in {reverse("account_login"), reverse("admin:login")}
    assert response.status_code < 500
    return response.status_code not in {401, 403, 404} and not to_sign_in


def _is_safe(response: Any) -> bool:
    is_page = response.get("Content-Type", "").startswith("text/html")
    return not is_page or ATTACK not in response.content.decode()


def test_every_route_has_a_line() -> None:
    told = {name for name, *_ in LINES}

    assert {name for name, _view in _routes(get_resolver().url_patterns)} - told == {"api/<path:rest>"}


def test_every_method_of_a_route_has_a_line() -> None:
    told = {(name, method) for name, _of, method, _who in LINES}
    taken = {(name, method) for name, view in _routes(get_resolver().url_patterns) for method in _methods(view)}

    assert len(taken) > 100
    assert taken - told == set()


@pytest.mark.parametrize(("name", "of", "method", "who"), LINES, ids=[" ".join(line[:3]) for line in LINES])
def test_exactly_these_people_pass(name: str, of: str, method: str, who: set[str], world: SimpleNamespace) -> None:
    address = reverse(name, args=world.objects[of])
    passed, unsafe = set(), []
    for role in ROLES:
        knocked = transaction.savepoint()
        sent = {
            field: str(world.objects[named][0]) if named in world.objects else named
            for field, named in BODIES.get(name, {}).items()
        }
        kind = {"content_type": "application/json"} if name.startswith("api_") and method != "GET" else {}
        response = getattr(_client(world, role, name), method.lower())(address, sent, **kind)
        if _passed(response):
            passed.add(role)
        if not _is_safe(response):
            unsafe.append(role)
        transaction.savepoint_rollback(knocked)

    assert passed == who
    assert unsafe == []
