"""The contract of the API, statement by statement, where no other test holds it: shapes, names, headers, limits."""

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Plan, User
from accounts.services import plans, tokens
from gallery.models import Image
from gallery.services import collections
from generator import backends, catalogue, runner
from generator.models import Generation
from tests.fakes import Broken
from tests.gallery.conftest import drawn
from tests.hostile import MUG, hostile
from tests.test_api import ROUTES, problem

ROUTE = "/api/v1/generations"
NOBODYS = "019f0000-0000-7000-8000-000000000000"
SMALL = {"prompt": MUG, "width": 64, "height": 64, "steps": 5}
BUDGET = {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")

SHAPES = {
    "generation": "id status mode request progress queue_position served_by attempts images notice error metadata "
    "created_at started_at finished_at urls",
    "urls": "self cancel events page",
    "served_by": "model backend provider fallback_from",
    "attempt": "model backend provider outcome code sent seconds",
    "made image": "id url thumbnail_url width height format bytes seed",
    "image": "id origin title tags favourite visibility url thumbnail_url width height format bytes digest model seed "
    "prompt parent created_at deleted_at",
    "recipe": "version mode model repo_id revision backend provider prompt negative_prompt style full_prompt "
    "full_negative_prompt width height steps guidance scheduler seed strength source_digest software",
    "model": "slug repo_id name description backend modes parameters max_side size_step available unavailable_code "
    "health usual_seconds",
    "style": "slug name description",
    "account": "id handle name email language plan",
    "usage": "day resets_at limit used reserved left in_flight days",
    "webhook": "id url events enabled description created_at",
    "list": "next previous results",
}


@pytest.fixture
def painter(monkeypatch: pytest.MonkeyPatch, db: None) -> Any:
    """The built-in model is run by a quick stand-in."""
    catalogue.sync()
    monkeypatch.setitem(backends.BACKENDS, "builtin", "tests.fakes.Painter")
    backends._made.cache_clear()
    yield
    monkeypatch.undo()
    backends._made.cache_clear()


def program(user: User, *scopes: str) -> Client:
    _, secret = tokens.make(user=user, name="test", scopes=scopes or tokens.SCOPES)
    return Client(headers={"authorization": f"Bearer {secret}"}, raise_request_exception=False)


@pytest.fixture
def client(alice: User, painter: None) -> Client:
    plans.change(user=alice, plan=Plan.objects.get(slug="enterprise"))
    return program(alice)


def post(client: Client, wish: Any = SMALL, route: str = ROUTE, **headers: str) -> Any:
    return client.post(route, json.dumps(wish), content_type="application/json", headers=headers)


def made(client: Client, **wish: Any) -> dict[str, Any]:
    """A finished generation, as the API tells it."""
    born = post(client, {**SMALL, **wish}).json()
    while Generation.objects.filter(finished_at=None).exists():
        runner.take_turn("local")
    return client.get(born["urls"]["self"].partition("8000")[2]).json()


def shape(name: str) -> list[str]:
    return sorted(SHAPES[name].split())


class TestShapes:
    def test_a_generation_has_the_members_of_the_contract(self, client: Client) -> None:
        waiting = post(client).json()
        ended = made(client)

        assert sorted(waiting) == sorted(ended) == shape("generation")
        assert sorted(ended["urls"]) == shape("urls")
        assert sorted(ended["served_by"]) == shape("served_by")
        assert sorted(ended["attempts"][0]) == shape("attempt")
        assert sorted(ended["images"][0]) == shape("made image")
        unknown = ("progress", "served_by", "started_at", "finished_at", "notice", "error")
        assert [waiting[name] for name in unknown] == [None] * 6
        assert ended["served_by"]["model"] == ended["attempts"][0]["model"] == "builtin"

    def test_what_failed_says_why_and_is_no_error_of_the_request(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(backends.BACKENDS, "builtin", f"{Broken.__module__}.{Broken.__name__}")
        backends._made.cache_clear()

        ended = made(client)

        assert ended["status"] == "failed"
        assert sorted(ended["error"]) == ["code", "detail"]

    def test_everything_else_has_the_members_of_the_contract(self, client: Client) -> None:
        image = f"/api/v1/images/{made(client)['images'][0]['id']}"
        hook = {"url": "https://93.184.216.34/hooks", "events": ["generation.succeeded"]}

        hooked = post(client, hook, "/api/v1/webhooks")

        assert hooked.status_code == 201
        assert sorted(hooked.json()) == sorted([*shape("webhook"), "secret"])
        assert hooked.json()["secret"].startswith("whsec_")
        for address, name in {
            image: "image",
            f"{image}/recipe": "recipe",
            "/api/v1/models/builtin": "model",
            "/api/v1/account": "account",
            "/api/v1/account/usage": "usage",
            f"/api/v1/webhooks/{hooked.json()['id']}": "webhook",
        }.items():
            assert sorted(client.get(address).json()) == shape(name), address
        assert sorted(client.get("/api/v1/styles").json()["results"][0]) == shape("style")

    @pytest.mark.parametrize(
        "route", ["generations", "images", "collections", "models", "styles", "webhooks", "deliveries"]
    )
    def test_every_list_is_paginated_alike(self, route: str, client: Client) -> None:
        assert sorted(client.get(f"/api/v1/{route}?limit=100").json()) == shape("list")
        assert problem(client.get(f"/api/v1/{route}?limit=101")) == (422, "invalid")
        assert problem(client.get(f"/api/v1/{route}?limit=0")) == (422, "invalid")

    def test_ids_are_of_version_7_and_times_absolute(self, client: Client) -> None:
        ended = made(client, metadata={"sku": "A-17"})
        image = client.get(f"/api/v1/images/{ended['images'][0]['id']}").json()

        assert {UUID(each["id"]).version for each in (ended, image)} == {7}
        times = [ended["created_at"], ended["started_at"], ended["finished_at"], image["created_at"]]
        assert all(INSTANT.fullmatch(time) for time in times)
        assert ended["metadata"] == {"sku": "A-17"}

    def test_the_addresses_of_a_picture_are_those_of_its_two_routes(self, client: Client, settings: Any) -> None:
        image = made(client)["images"][0]

        assert image["url"] == f"{settings.PUBLIC_URL}/api/v1/images/{image['id']}/file"
        assert image["thumbnail_url"].startswith(f"{settings.PUBLIC_URL}/api/v1/images/{image['id']}/thumbnail")

    def test_usage_adds_up(self, alice: User, painter: None) -> None:
        free = program(alice)
        made(free)
        post(free, {**SMALL, "images": 2})

        usage = free.get("/api/v1/account/usage").json()

        assert (usage["limit"], usage["used"], usage["reserved"], usage["left"], usage["in_flight"]) == (10, 1, 2, 7, 1)
        assert len(usage["days"]) == 30
        assert usage["days"][-1] == {"day": usage["day"], "images": 1}


class TestRequests:
    def test_the_request_is_given_back_completed(self, client: Client) -> None:
        request = post(client, {"prompt": "a red mug"}).json()["request"]

        assert request["mode"] == "text-to-image"
        assert {"model", "width", "height", "steps", "guidance", "scheduler", "seed", "images", "fallback"} <= set(
            request
        )

    @pytest.mark.parametrize("field", ["source_image", "collection", "remix_of"])
    @pytest.mark.parametrize("value", [NOBODYS, "no id at all", ""])
    def test_what_a_field_names_and_is_not_there_is_422_on_it(self, field: str, value: str, client: Client) -> None:
        answer = post(client, {**SMALL, field: value})

        assert problem(answer) == (422, "invalid")
        assert [(each["field"], each["code"]) for each in answer.json()["errors"]] == [(field, "not_found")]

    def test_somebody_elses_collection_is_not_found_either(self, client: Client, bob: User) -> None:
        bobs = collections.create(user=bob, name="Bob's")

        answer = post(client, {**SMALL, "collection": str(bobs.pk)})

        assert [(each["field"], each["code"]) for each in answer.json()["errors"]] == [("collection", "not_found")]

    @pytest.mark.parametrize("model", ["builtin", "flux-1-schnell", "black-forest-labs/FLUX.1-schnell"])
    def test_a_model_is_named_by_its_slug_or_its_repo_id(self, model: str, client: Client) -> None:
        answer = post(client, {**SMALL, "model": model, "dry_run": True})

        assert answer.status_code in {200, 422, 503}
        assert "not_found" not in answer.content.decode()

    def test_a_dry_run_says_all_five_things(self, client: Client) -> None:
        answer = post(client, {**SMALL, "dry_run": True})

        assert answer.status_code == 200
        assert sorted(answer.json()) == ["cost", "expected_seconds", "queue_position", "quota", "request"]
        assert not Generation.objects.exists()

    def test_the_same_recipe_is_answered_with_the_picture_there_is(self, client: Client) -> None:
        first = made(client, seed=7)

        again = post(client, {**SMALL, "seed": 7, "reuse": True})

        assert (again.status_code, again.json()["id"]) == (200, first["id"])
        assert Generation.objects.count() == 1

    @pytest.mark.parametrize(
        ("format", "name"), [("PNG", "a.png"), ("JPEG", "a.jpg"), ("WEBP", "a.webp"), ("GIF", "a.gif")]
    )
    def test_a_source_comes_along_in_four_formats(self, format: str, name: str, client: Client) -> None:
        source = SimpleUploadedFile(name, drawn(96, 64, format=format))

        answer = client.post(ROUTE, {"prompt": "a mug", "source": source})

        assert answer.status_code == 202
        request = answer.json()["request"]
        assert answer.json()["mode"] == "image-to-image"
        assert (request["width"], request["height"]) == (96, 64)

    def test_another_format_is_refused_on_the_source(self, client: Client) -> None:
        answer = client.post(ROUTE, {"prompt": "a mug", "source": SimpleUploadedFile("a.bmp", drawn(format="BMP"))})

        assert [each["field"] for each in answer.json()["errors"]] == ["source"]
        assert client.get("/api/v1/images?origin=uploaded").json()["results"] == []

    def test_metadata_of_16_kb_is_taken_and_of_more_is_not(self, client: Client) -> None:
        fits, too_large = {"a": "x" * (16 * 1024 - 8)}, {"a": "x" * (16 * 1024 - 7)}

        assert post(client, {**SMALL, "metadata": fits}).status_code == 202
        assert problem(post(client, {**SMALL, "metadata": too_large})) == (422, "invalid")

    @pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\x7fb", "a\x85b", "a\rb"])
    def test_control_characters_are_refused_and_not_stripped(self, text: str, client: Client) -> None:
        for member in ({"prompt": text}, {"metadata": {"a": text}}, {"metadata": {text: "a"}}):
            answer = post(client, {**SMALL, **member})

            assert [each["code"] for each in answer.json()["errors"]] == ["control_characters"]

    def test_newline_and_tab_are_text(self, client: Client) -> None:
        assert post(client, {**SMALL, "prompt": "a red\n\tmug"}).json()["request"]["prompt"] == "a red\n\tmug"

    @pytest.mark.parametrize("seconds", ["0", "120", "121", "999999"])
    def test_nobody_waits_longer_than_120_seconds(self, seconds: str, client: Client, monkeypatch: Any) -> None:
        monkeypatch.setattr("generator.api.generations.wait_for_end", lambda *_, **__: False)

        answer = post(client, SMALL, Prefer=f"wait={seconds}")

        assert answer.status_code == 202
        assert answer["Preference-Applied"] == f"wait={min(int(seconds), 120)}"
        assert answer["Location"] == answer.json()["urls"]["self"]

    def test_cancelled_twice_is_a_conflict(self, client: Client) -> None:
        address = f"{ROUTE}/{post(client).json()['id']}/cancel"

        assert post(client, {}, address).json()["status"] == "cancelled"
        assert problem(post(client, {}, address)) == (409, "not_cancellable")


class TestHeaders:
    def test_every_answer_says_what_is_left(self, client: Client) -> None:
        answers = [
            *[client.get(route) for route, view in ROUTES if "GET" in view.scopes and "events" not in route],
            *[client.options(route) for route, _ in ROUTES],
            client.head("/api/v1/models"),
            post(client),
            post(client, {"prompt": 7}),
            client.post(ROUTE, "{", content_type="application/json"),
            client.post(ROUTE, "x", content_type="text/plain"),
            client.put(ROUTE),
            client.get("/api/v1/models", headers={"accept": "text/html"}),
            client.get("/api/v1/images?limit=no"),
            client.get("/api/v1/nothing"),
            Client().get("/api/nothing"),
            Client().get("/api/v1/models"),
            Client(headers={"authorization": "Bearer tea_wrong"}).get("/api/v1/models"),
        ]

        bare = [
            (answer.request["PATH_INFO"], answer.status_code) for answer in answers if not set(answer.headers) >= BUDGET
        ]

        assert bare == []

    def test_the_plan_sets_the_limit(self, alice: User, painter: None) -> None:
        for slug, requests, submits in [("free", 120, 60), ("pro", 600, 240), ("enterprise", 3000, 1200)]:
            plans.change(user=alice, plan=Plan.objects.get(slug=slug))
            client = program(alice)

            assert client.get("/api/v1/account")["RateLimit-Limit"] == str(requests)
            assert post(client, {"prompt": 7})["RateLimit-Limit"] == str(submits)

    def test_over_the_limit_it_is_said_when_to_come_back(self, alice: User, painter: None) -> None:
        Plan.objects.filter(slug="free").update(requests_per_minute=2)
        client = program(alice)
        [client.get("/api/v1/account") for _ in range(2)]

        answer = client.get("/api/v1/account")

        assert problem(answer) == (429, "rate_limited")
        assert 1 <= int(answer["Retry-After"]) <= 60
        assert (answer["RateLimit-Limit"], answer["RateLimit-Remaining"]) == ("2", "0")

    def test_head_says_what_get_would_without_its_body(self, client: Client) -> None:
        for route in ("/api/v1/models", "/api/v1/images", "/api/v1/account"):
            assert client.head(route).status_code == 200
            assert client.head(route).content == b""

    def test_head_of_what_is_shared_says_what_get_would(self, client: Client, alice: User, bob: User) -> None:
        image = Image.objects.get(pk=made(client)["images"][0]["id"])
        shelf = collections.create(user=alice, name=hostile("Mugs", 100))
        collections.add(user=alice, collection=shelf, images=[image])
        shelf.members.create(user=bob, role="viewer")
        viewer = program(bob)

        for rest in ("", "/file", "/thumbnail", "/recipe"):
            route = f"/api/v1/images/{image.pk}{rest}"
            assert (viewer.get(route).status_code, viewer.head(route).status_code) == (200, 200)
        assert viewer.delete(f"/api/v1/images/{image.pk}").status_code == 404

    def test_a_missing_scope_is_403_on_things_that_are_not_there_too(self, alice: User, painter: None) -> None:
        reader = program(alice, "read")

        assert problem(post(reader, {}, f"{ROUTE}/{uuid4()}/cancel")) == (403, "insufficient_scope")
        assert problem(reader.get(f"{ROUTE}/{uuid4()}")) == (404, "not_found")
        assert problem(reader.get(f"{ROUTE}/no-id-at-all")) == (404, "not_found")


class TestOtherOrigins:
    @pytest.fixture(autouse=True)
    def shop(self, settings: Any) -> None:
        settings.CORS_ALLOWED_ORIGINS = ["https://shop.example"]

    @pytest.mark.parametrize(
        "header", ["authorization", "content-type", "idempotency-key", "if-none-match", "prefer", "last-event-id"]
    )
    def test_a_page_may_send_what_the_contract_has(self, header: str, db: None) -> None:
        asked = self.preflight(header, "https://shop.example")

        assert asked.status_code == 200
        assert header in asked["Access-Control-Allow-Headers"].split(", ")
        assert {"GET", "POST", "PATCH", "PUT", "DELETE"} <= set(asked["Access-Control-Allow-Methods"].split(", "))
        assert "Access-Control-Allow-Credentials" not in asked

    def test_a_page_may_read_which_credentials_are_needed(self, db: None) -> None:
        refused = Client().get(ROUTE, headers={"origin": "https://shop.example"})

        assert "WWW-Authenticate" in refused["Access-Control-Expose-Headers"].split(", ")

    @pytest.mark.parametrize(
        "origin", ["https://shop.example.evil", "http://shop.example", "null", "https://SHOP.example:444"]
    )
    def test_an_origin_that_only_looks_like_it_may_not(self, origin: str, db: None) -> None:
        assert "Access-Control-Allow-Origin" not in self.preflight("authorization", origin)

    def test_a_page_reads_the_refusals_and_when_to_come_back(self, db: None) -> None:
        answer = Client().get("/api/v1/models", headers={"origin": "https://shop.example"})

        assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (401, "https://shop.example")
        assert {*BUDGET, "Location", "Retry-After"} <= set(answer["Access-Control-Expose-Headers"].split(", "))

    def test_a_session_of_ours_does_not_count_there(self, alice: User, client_of: Callable[[User], Client]) -> None:
        answer = client_of(alice).get("/api/v1/account", headers={"origin": "https://shop.example"})

        assert "Access-Control-Allow-Credentials" not in answer

    def preflight(self, header: str, origin: str) -> Any:
        asked = {"access-control-request-method": "POST", "access-control-request-headers": header}
        return Client().options(ROUTE, headers={"origin": origin, **asked})
