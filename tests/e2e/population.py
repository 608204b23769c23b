"""People and their things for a studio that runs: every page has something to show. Run by `manage.py shell`."""

import json
import sys
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Plan, User
from accounts.services import curators, quota, signup, tokens
from events import types
from events.models import Delivery, WebhookEndpoint
from gallery.models import Image
from gallery.services import collections, images, members, searches, sharing
from generator import batches, lines, presets, services
from generator.models import AIModel, Attempt, Breaker, Generation, Style
from generator.params import Params
from tests.e2e import arrivals, seeding
from tests.hostile import ABOUT, ALICE, FILE, MUG, NOTE, SHELF, TAG, WORDS, hostile

REPOSITORY = "nobody/a-model-that-no-catalogue-has"
PEOPLE = {"alice": ALICE, "bob": hostile("Bob", 80), "newcomer": ""}
CELL = WORDS.replace('"', '""')
CSV = f"""prompt,seed,steps,model
"{CELL}",0,20,
a red mug on a yellow background,1,20,
une tasse bleue sur la table,2,,
a green bottle,3,9000,
a lighthouse by the sea,4,,no-such-model
""".encode()


def run() -> None:
    """Prints JSON: the session of each person, and the ids and keys that addresses are made of."""
    people = {handle: _person(handle, name) for handle, name in PEOPLE.items()}
    alice, bob = people["alice"], people["bob"]
    seeding.run(alice.email, 30)
    seeding.run(bob.email, 3)
    people["curator"] = curators.make(email="curator@example.org")[0]
    sessions = {handle: arrivals.session_of(person) for handle, person in people.items()}
    sys.stdout.write(json.dumps({"sessions": sessions, **_things(alice, bob), **_of_the_office(**people)}))


def _person(handle: str, name: str) -> User:
    plan = Plan.objects.get(slug="free")
    return User.objects.create_user(f"{handle}@example.org", "a fine pass phrase", handle=handle, name=name, plan=plan)


def _things(alice: User, bob: User) -> dict[str, Any]:
    newest, second, *others = Image.objects.owned_by(alice).order_by("-created_at", "-id")
    images.change(image=newest, title=hostile("The red mug", 200), tags=["shop", TAG], favourite=True)
    for image in others[-3:]:
        images.trash(image=image)
    for image in others[:9]:
        sharing.share(image=image)
        sharing.publish(image=image, by=bob)
        sharing.like(user=bob, image=image)
    searches.save(user=alice, name=hostile("Favourites", 100), query="is:favourite tag:shop")
    tokens.make(user=alice, name=hostile("shop", 50), scopes=["read", "generate"])
    mugs = collections.create(user=alice, name=SHELF, description=ABOUT)
    collections.add(user=alice, collection=mugs, images=[newest, second, *others[:8]])
    members.share(collection=mugs, by=alice, handle="bob", role="editor")
    empty = collections.create(user=alice, name=hostile("An empty shelf", 100))
    return {
        "image": str(newest.pk),
        "other": str(second.pk),
        "bobs": str(Image.objects.owned_by(bob).latest("created_at").pk),
        "published": str(others[0].pk),
        "collection": str(mugs.pk),
        "empty": str(empty.pk),
        "key": sharing.share(image=newest).key,
        "bare": sharing.share(image=second, recipe_shown=False).key,
        "locked": sharing.share(image=second, password="a fine pass phrase").key,
        **_of_the_studio(alice),
        **_of_the_post(alice),
    }


def _of_the_studio(alice: User) -> dict[str, Any]:
    model = AIModel.objects.get(slug="builtin")
    presets.save(user=alice, name=hostile("For the shop", 100), params=Params(prompt=MUG, steps=30), model=model)
    batch = batches.keep(user=alice, name=FILE, lines=lines.read(CSV))
    now = timezone.now()
    failed = _generation(
        alice,
        status="failed",
        finished_at=now,
        started_at=now - timedelta(seconds=9),
        error={"code": "internal_error", "arguments": {}},
    )
    quota.settle(reference=str(failed.pk), spent=0)
    waiting = _generation(alice, not_before=now + timedelta(days=1))
    return {"batch": str(batch.pk), "failed": str(failed.pk), "waiting": str(waiting.pk)}


def _of_the_office(*, curator: User, alice: User, bob: User, newcomer: User) -> dict[str, Any]:
    """What curators look at: a report, an invitation, calls that failed and what they closed."""
    published = Image.objects.owned_by(alice).filter(published_at__isnull=False).latest("created_at")
    report = sharing.report(image=published, reporter=bob, reason="rights", words=ABOUT)
    signup.invite(by=curator, email="friend@example.org")
    model = AIModel.objects.get(slug="builtin")
    failed = Generation.objects.get(owner=alice, status="failed")
    now = timezone.now()
    Attempt.objects.create(
        generation=failed, model=model, outcome="stop", code="internal_error", started_at=now, seconds=9
    )
    Breaker.objects.create(
        repo_id=REPOSITORY,
        provider="replicate",
        code="internal_error",
        failures=5,
        failed_at=now,
        open_until=now + timedelta(days=1),
    )
    return {
        "report": str(report.pk),
        "reported": str(published.pk),
        "model": str(AIModel.objects.get(slug="krea-2-turbo").pk),
        "style": str(Style.objects.earliest("position").pk),
        "person": str(newcomer.pk),
        "plan": str(newcomer.plan_id),
    }


def _of_the_post(alice: User) -> dict[str, Any]:
    """A webhook that the studio switched off, what was sent to it, and what was sent to a single address."""
    address = "https://93.184.215.14/hooks?shop=7&" + WORDS.replace(" ", "").replace("#", "")
    webhook = WebhookEndpoint.objects.create(
        user=alice,
        url=address,
        events=list(types.TOLD),
        description=hostile("shop", 200),
        secret=b"",
        enabled=False,
        disabled_code="never_arrived",
        disabled_at=timezone.now(),
    )
    sent = [_sent(alice, webhook if number else None, address) for number in range(22)]
    return {"webhook": str(webhook.pk), "delivery": str(sent[-1].pk)}


def _sent(alice: User, webhook: WebhookEndpoint | None, address: str) -> Delivery:
    """It was refused, and told so at length."""
    now = timezone.now()
    delivery = Delivery.objects.create(
        user=alice,
        endpoint=webhook,
        url=address,
        type=types.SUCCEEDED,
        reference=str(alice.pk),
        body=json.dumps({"type": types.SUCCEEDED, "data": {"prompt": MUG}}),
        status="failed",
        code="receiver_refused",
        finished_at=now,
    )
    for code, status, answer in (("receiver_late", 0, ""), ("receiver_refused", 500, hostile("oops"))):
        delivery.log.create(
            url=address, request=NOTE, status=status, code=code, answer=answer, started_at=now, seconds=0.25
        )
    return delivery


@transaction.atomic
def _generation(owner: User, **fields: Any) -> Generation:
    """One that no worker of this studio takes."""
    params = Params(prompt=MUG, seed=7, steps=20)
    generation = services.submit(user=owner, params=params, metadata=NOTE)
    Generation.objects.filter(pk=generation.pk).update(**fields)
    return generation
