"""The original design's four endpoints, as a program that was written for them sees them."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import Plan, Usage, User
from accounts.services import quota, tokens
from bridges import original
from gallery.models import Image
from gallery.services import collections, images
from gallery.storage import read
from generator import services
from generator.backends.base import Advice, BackendError
from generator.models import AIModel, Generation
from tests.fakes import Broken, Painter
from tests.hostile import MUG

NOBODYS = "01890000-0000-7000-8000-000000000000"
JSON = "application/json"
Program = Callable[..., Client]
CALLS = [
    ("POST", "/api/generate"),
    ("GET", "/api/models"),
    ("DELETE", f"/api/delete/{NOBODYS}"),
    ("GET", f"/download/{NOBODYS}.png"),
]
SCOPES = dict(zip([route for _, route in CALLS], ["generate", "read", "manage", "read"], strict=True))
calls = pytest.mark.parametrize(("method", "route"), CALLS)


def generate(client: Client, wish: Any, **headers: str) -> Any:
    body = wish if isinstance(wish, bytes) else json.dumps(wish)
    return client.post("/api/generate", body, content_type=JSON, headers=headers)


def refused(response: Any) -> tuple[int, str]:
    """The status and the sentence of a refusal, whose shape is right."""
    assert response["Content-Type"] == JSON
    said = response.json()
    assert set(said) == {"success", "error"}
    assert said["success"] is False
    assert said["error"]
    return response.status_code, said["error"]


@pytest.mark.django_db(transaction=True)
class TestGenerating:
    def test_the_four_calls_in_a_row(self, worker: Any, alice: User, program: Program, media: Any) -> None:
        worker(Painter)
        client = program(alice)

        models = client.get("/api/models").json()["models"]
        made = generate(client, {"prompt": MUG, "model_name": models[0]["id"]})
        said = made.json()
        path = urlsplit(said["image_url"]).path
        file = client.get(path)
        deleted = client.delete(f"/api/delete/{said['id']}")

        image = Image.objects.get()
        assert models[0] == {"id": "builtin", "name": models[0]["name"], "description": models[0]["description"]}
        assert made.status_code == 200
        assert set(said) == {
            *("success", "id", "image_url", "filename", "model_name", "prompt", "created_at", "file_size"),
        }
        assert (said["success"], said["prompt"], said["model_name"]) == (True, MUG, "builtin")
        assert (said["id"], said["filename"]) == (str(image.pk), f"{image.pk}.png")
        assert path == f"/download/{image.pk}.png"
        assert said["created_at"].endswith("Z")
        assert (file.status_code, file["Content-Type"]) == (200, "image/png")
        assert len(file.content) == said["file_size"]
        assert (deleted.status_code, deleted.json()) == (200, {"success": True})
        assert client.get(path).status_code == client.delete(f"/api/delete/{said['id']}").status_code == 404
        assert images.restore(image=image).deleted_at is None

    def test_the_same_key_makes_one_picture(self, worker: Any, alice: User, program: Program) -> None:
        worker(Painter)
        client = program(alice)
        key = {"Idempotency-Key": "mug-1"}

        first = generate(client, {"prompt": MUG}, **key)
        second = generate(client, {"prompt": MUG}, **key)
        other = generate(client, {"prompt": "a blue mug"}, **key)

        assert first.status_code == second.status_code == 200
        assert first.json() == second.json()
        assert refused(other)[0] == 409
        assert refused(generate(client, {"prompt": MUG}, **{"Idempotency-Key": "a b"}))[0] == 422
        assert Generation.objects.count() == 1

    def test_a_picture_is_paid_for_as_everywhere(self, worker: Any, alice: User, program: Program) -> None:
        worker(Painter)

        generate(program(alice), {"prompt": "a red mug"})

        usage = Usage.objects.get()
        assert (usage.used, usage.reserved) == (1, 0)

    @pytest.mark.parametrize(
        ("code", "status"),
        [("prompt_refused", 422), ("no_credits", 402), ("backend_failed", 503), ("out_of_memory", 503)],
    )
    def test_what_could_not_be_made_is_said_with_a_fitting_status(
        self, code: str, status: int, worker: Any, alice: User, program: Program, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Broken, "failure", BackendError(code, advice=Advice.STOP))
        worker(Broken)

        response = generate(program(alice), {"prompt": "a red mug"})

        assert refused(response)[0] == status
        assert Usage.objects.get().used == 0

    def test_what_is_not_ready_in_time_is_told_its_generation_and_goes_on(
        self, alice: User, program: Program, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(original, "WAIT_SECONDS", 0.1)

        response = generate(program(alice), {"prompt": "a red mug"})

        born = Generation.objects.get()
        said = response.json()
        assert response.status_code == 504
        assert (set(said), said["success"], said["id"]) == ({"success", "error", "id"}, False, str(born.pk))
        assert born.status == Generation.Status.QUEUED

    def test_beyond_those_who_may_wait_nobody_is_kept_waiting(
        self, alice: User, program: Program, settings: Any
    ) -> None:
        settings.MAX_WAITING = 0

        assert generate(program(alice), {"prompt": "a red mug"}).status_code == 504

    def test_what_was_cancelled_meanwhile_is_said(
        self, alice: User, program: Program, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def waited(reference: str, *, who: str, seconds: float) -> bool:
            services.cancel(generation=Generation.objects.get(pk=reference))
            return True

        monkeypatch.setattr(original, "wait_for_end", waited)

        assert refused(generate(program(alice), {"prompt": "a red mug"}))[0] == 409


@pytest.mark.usefixtures("shipped")
class TestRefusals:
    @calls
    def test_a_stranger_and_a_bad_token_hear_401(self, method: str, route: str) -> None:
        bad = Client(headers={"authorization": "Bearer tea_nothing"})

        for client in (Client(), bad):
            response = client.generic(method, route, "[" * 1000, content_type=JSON)
            assert refused(response)[0] == 401
            assert response["WWW-Authenticate"] == "Bearer"

    @calls
    def test_a_token_needs_the_scope(self, method: str, route: str, alice: User, program: Program) -> None:
        client = program(alice, *(set(tokens.SCOPES) - {SCOPES[route]}))

        assert refused(client.generic(method, route))[0] == 403

    @calls
    def test_another_method_is_refused(self, method: str, route: str, alice: User, program: Program) -> None:
        response = program(alice).generic("PUT", route)

        assert refused(response)[0] == 405
        assert method in response["Allow"].split(", ")

    @calls
    def test_a_query_that_means_nothing_is_named(
        self, method: str, route: str, alice: User, program: Program, picture: Any
    ) -> None:
        mine = picture(alice)
        response = program(alice).generic(method, route.replace(NOBODYS, str(mine.pk)) + "?n=2")

        assert refused(response) == (422, refused(response)[1])
        assert "n: " in refused(response)[1]
        assert not Image.objects.get().deleted_at

    @pytest.mark.parametrize(
        ("body", "status", "named"),
        [
            (b"prompt=x", 400, ""),
            (b'{"prompt": "x", "prompt": "y"}', 400, ""),
            (b"[" * 100_000, 400, ""),
            (b'{"prompt": "\xff"}', 400, ""),
            (b'{"prompt": "' + b"x" * 2**20 + b'"}', 413, ""),
            (b"[]", 422, "body: "),
            (b"{}", 422, "prompt: "),
            (b'{"prompt": ""}', 422, "prompt: "),
            (b'{"prompt": 5}', 422, "prompt: "),
            (b'{"prompt": "x", "n": 2}', 422, "n: "),
            (b'{"prompt": "x", "model": "builtin"}', 422, "model: "),
            (b'{"prompt": "x", "model_name": null}', 422, "model_name: "),
            (b'{"prompt": "x", "model_name": "no-such"}', 422, "model_name: "),
        ],
    )
    def test_a_body_that_cannot_be_taken_is_said_to_be(
        self, body: bytes, status: int, named: str, alice: User, program: Program
    ) -> None:
        heard, sentence = refused(generate(program(alice), body))

        assert heard == status
        assert named in sentence
        assert Generation.objects.count() == 0

    def test_only_json_is_taken_and_given(self, alice: User, program: Program) -> None:
        client = program(alice)

        assert refused(client.post("/api/generate", {"prompt": "x"}))[0] == 415
        assert refused(client.get("/api/models", headers={"accept": "text/html"}))[0] == 406

    def test_a_spent_quota_is_402_with_the_rest_unharmed(self, alice: User, program: Program) -> None:
        quota.reserve(user=alice, amount=alice.plan.daily_images or 0, reference="others")

        assert refused(generate(program(alice), {"prompt": "a red mug"}))[0] == 402
        assert Generation.objects.count() == 0

    def test_a_model_beyond_the_plan_is_402_and_one_that_is_off_503(self, alice: User, program: Program) -> None:
        model = AIModel.objects.get(slug="builtin")
        model.plans.add(Plan.objects.get(slug="enterprise"))
        beyond = refused(generate(program(alice), {"prompt": "x", "model_name": "builtin"}))
        AIModel.objects.update(enabled=False)

        off = refused(generate(program(alice), {"prompt": "x", "model_name": "builtin"}))

        assert (beyond[0], off[0]) == (402, 503)
        assert program(alice).get("/api/models").json() == {"models": []}

    def test_too_many_requests_are_429_with_when_to_come_back(self, alice: User, program: Program) -> None:
        Plan.objects.update(requests_per_minute=1)
        client = program(alice)
        first = client.get("/api/models")

        response = client.get("/api/models")

        assert first["RateLimit-Remaining"] == "0"
        assert refused(response)[0] == 429
        assert int(response["Retry-After"]) >= 1

    def test_too_many_submits_are_429(self, alice: User, program: Program, settings: Any) -> None:
        settings.MAX_WAITING = 0
        Plan.objects.update(submits_per_minute=1)
        client = program(alice)
        generate(client, {"prompt": "x"})

        assert refused(generate(client, {"prompt": "x"}))[0] == 429

    def test_a_sentence_is_in_the_readers_language(self, alice: User, program: Program) -> None:
        client = program(alice)

        _, english = refused(client.delete(f"/api/delete/{NOBODYS}", headers={"accept-language": "en"}))
        _, french = refused(client.delete(f"/api/delete/{NOBODYS}", headers={"accept-language": "fr"}))

        assert english != french

    def test_a_browser_needs_the_csrf_token(self, alice: User, picture: Any) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
        mine = picture(alice)

        assert refused(browser.delete(f"/api/delete/{mine.pk}"))[0] == 403
        assert browser.get(f"/download/{mine.pk}.png").status_code == 200

    @pytest.mark.parametrize(
        "route", ["/api/delete/", "/api/delete/a/b", "/download/", "/download/a/b", "/download/%00"]
    )
    def test_addresses_of_nothing_answer_in_the_same_shape(self, route: str, alice: User, program: Program) -> None:
        assert refused(program(alice).get(route))[0] in {404, 405}

    def test_a_host_that_is_not_ours_is_400(self, alice: User, program: Program) -> None:
        assert refused(program(alice).get("/api/models", headers={"host": "evil.example"}))[0] == 400


class TestPictures:
    def test_only_their_owner_deletes_them(self, alice: User, mallory: User, program: Program, picture: Any) -> None:
        mine = picture(alice)

        assert refused(program(mallory).delete(f"/api/delete/{mine.pk}"))[0] == 404
        assert refused(program(mallory).delete(f"/api/delete/{quote('no id/..')}"))[0] == 404
        assert not Image.objects.get().deleted_at

    def test_what_deletes_one_takes_no_body(self, alice: User, program: Program, picture: Any) -> None:
        image = picture(alice)

        answer = program(alice).delete(f"/api/delete/{image.pk}", '{"forever": true}', content_type=JSON)

        assert refused(answer)[0] == 422
        assert not Image.objects.get().deleted_at

    def test_a_file_opens_for_those_it_is_shared_with_only(
        self, alice: User, bob: User, mallory: User, program: Program, picture: Any
    ) -> None:
        image = picture(alice)
        shelf = collections.create(user=alice, name="Mugs")
        collections.add(user=alice, collection=shelf, images=[image])
        shelf.members.create(user=bob, role="viewer")
        address = f"/download/{image.pk}.png"

        opened = {who.handle: program(who).get(address) for who in (alice, bob, mallory)}

        assert {handle: each.status_code for handle, each in opened.items()} == {
            "alice": 200,
            "bob": 200,
            "mallory": 404,
        }
        assert opened["bob"].content == read(image)
        assert refused(opened["mallory"])[0] == 404

    def test_a_published_one_opens_for_everybody_without_the_recipe_its_owner_hides(
        self, alice: User, mallory: User, program: Program, picture: Any
    ) -> None:
        image = picture(alice, prompt="a secret recipe")
        Image.objects.update(published_at=timezone.now(), recipe_shown=False)

        hers, his = (program(who).get(f"/download/{image.pk}.png") for who in (alice, mallory))

        assert (hers.status_code, his.status_code) == (200, 200)
        assert b"a secret recipe" in hers.content
        assert b"a secret recipe" not in his.content

    @pytest.mark.parametrize("name", ["{}", "{}.jpg", "{}.PNG", "{}.png.png", "{}.svg", "x.png", ".png", "..%2f{}.png"])
    def test_another_name_than_it_was_told_is_404(self, name: str, alice: User, program: Program, picture: Any) -> None:
        image = picture(alice)

        assert refused(program(alice).get(f"/download/{name.format(image.pk)}"))[0] == 404

    def test_files_count_as_reading_pictures(self, alice: User, program: Program, picture: Any) -> None:
        Plan.objects.update(requests_per_minute=1)
        client, address = program(alice), f"/download/{picture(alice).pk}.png"

        assert [client.get(address).status_code for _ in range(3)] == [200] * 3
        assert client.get(address)["RateLimit-Limit"] == "1200"

    def test_what_is_there_already_is_not_sent_again(self, alice: User, program: Program, picture: Any) -> None:
        client, address = program(alice), f"/download/{picture(alice).pk}.png"
        tag = client.get(address)["ETag"]

        again = client.get(address, headers={"if-none-match": tag, "accept": "image/png"})

        assert (again.status_code, again.content) == (304, b"")

    def test_a_browser_without_credentials_is_sent_to_sign_in_and_comes_back(self, db: None) -> None:
        cache.clear()
        address = f"/download/{NOBODYS}.png"

        looking = Client().get(address, headers={"accept": "text/html,*/*;q=0.8"})
        showing = Client().get(address, headers={"accept": "image/avif,*/*"})
        elsewhere = Client().get("/api/models", headers={"accept": "text/html"})

        assert looking.status_code == 302
        assert looking["Location"] == f"/accounts/login/?next={address}"
        assert refused(showing)[0] == refused(elsewhere)[0] == 401
