"""POST and GET generations, cancel and rerun, as a program sees them."""

import json
import threading
from collections.abc import Callable
from copy import copy
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import LedgerEntry, Plan, Usage, User
from gallery.models import Image
from generator import runner, services, tasks
from generator.api import preferences
from generator.models import AIModel, Generation, RequestKey
from tests.fakes import Painter
from tests.generator.pictures import png
from tests.hostile import BLUR, MUG, NOTE, PICTURE

NOBODYS = "019f0000-0000-7000-8000-000000000000"

Api = Callable[..., Client]
Ask = Callable[..., Generation]
ROUTE = "/api/v1/generations"
SMALL = {"prompt": MUG, "negative_prompt": BLUR, "metadata": NOTE, "width": 64, "height": 64, "steps": 5}


def post(client: Client, wish: Any = SMALL, **headers: str) -> Any:
    return client.post(ROUTE, json.dumps(wish), content_type="application/json", headers=headers)


def send(client: Client, route: str) -> Any:
    return client.post(route, content_type="application/json")


def rerun(client: Client, old: Generation, **headers: str) -> Any:
    return client.post(f"{ROUTE}/{old.pk}/rerun", content_type="application/json", headers=headers)


def post_form(client: Client, **fields: Any) -> Any:
    return client.post(ROUTE, {"prompt": MUG, **fields})


def picture(width: int = 96, height: int = 64) -> SimpleUploadedFile:
    return SimpleUploadedFile(PICTURE, png(width, height), "image/png")


def errors(response: Any) -> dict[str, str]:
    assert (response.status_code, response["Content-Type"]) == (422, "application/problem+json")
    return {error["field"]: error["code"] for error in response.json()["errors"]}


class TestMaking:
    def test_a_prompt_is_enough(self, alice: User, api: Api) -> None:
        response = post(api(alice), {"prompt": "a red mug"})

        made = response.json()
        assert response.status_code == 202
        assert response["Location"] == made["urls"]["self"]
        assert (made["status"], made["mode"], made["queue_position"]) == ("queued", "text-to-image", 0)
        assert (made["request"]["model"], made["request"]["steps"]) == ("builtin", 25)
        assert 0 <= made["request"]["seed"] < 2**32
        assert set(made["urls"]) == {"self", "cancel", "events", "page"}

    def test_everything_that_can_be_said_is_taken(self, alice: User, api: Api) -> None:
        wish = {
            **SMALL,
            **{"mode": "text-to-image", "negative_prompt": "cup", "model": "builtin", "style": "watercolor"},
            **{"guidance": 7, "scheduler": "ddim", "seed": 7, "images": 2, "fallback": False, "dry_run": False},
            "metadata": {"sku": "A-17", "deep": [1, {"é": None}]},
        }
        wish["style"] = api(alice).get("/api/v1/styles").json()["results"][0]["slug"]

        made = post(api(alice), wish).json()

        sent = {name: value for name, value in wish.items() if name not in {"dry_run", "metadata"}}
        assert made["request"] == sent
        assert made["metadata"] == wish["metadata"]

    @pytest.mark.parametrize("prompt", ["🦊 in the snow", "قطة حمراء", "two\nlines\tand a tab"])
    def test_any_language_is_welcome(self, prompt: str, alice: User, api: Api) -> None:
        assert post(api(alice), {"prompt": prompt}).json()["request"]["prompt"] == prompt

    def test_a_submit_costs_few_queries(self, alice: User, api: Api) -> None:
        client = api(alice)
        post(client)

        with CaptureQueriesContext(connection) as said:
            assert post(client).status_code == 202

        control = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
        assert len([query for query in said if not query["sql"].startswith(control)]) <= 12

    def test_an_own_page_may_ask_with_its_session_and_its_proof(self, alice: User, shipped: None) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")

        assert post(browser).json()["code"] == "csrf_failed"
        assert Generation.objects.count() == 0


class TestSources:
    def test_an_image_of_mine_can_be_the_source(self, alice: User, api: Api) -> None:
        form = post_form(api(alice), source=picture(), strength="0.5")
        image = Image.objects.get()

        made = post(api(alice), {"prompt": "blue", "source_image": str(image.pk)}).json()

        assert form.status_code == 202
        assert form.json()["request"]["strength"] == 0.5
        assert (image.origin, image.owner) == ("uploaded", alice)
        assert (made["mode"], made["request"]["source_image"]) == ("image-to-image", str(image.pk))
        assert (made["request"]["width"], made["request"]["height"]) == (96, 64)

    def test_a_form_has_the_types_of_json(self, alice: User, api: Api) -> None:
        made = post_form(
            api(alice), seed="7", guidance="2.5", fallback="false", images="2", metadata='{"a": [1]}', dry_run="false"
        ).json()

        assert (made["request"]["seed"], made["request"]["guidance"], made["request"]["images"]) == (7, 2.5, 2)
        assert (made["request"]["fallback"], made["metadata"]) == (False, {"a": [1]})

    @pytest.mark.parametrize(
        ("fields", "field", "code"),
        [
            ({"seed": "7.5"}, "seed", "not_a_whole_number"),
            ({"seed": ""}, "seed", "not_a_whole_number"),
            ({"seed": "seven"}, "seed", "not_a_whole_number"),
            ({"guidance": "NaN"}, "guidance", "not_a_number"),
            ({"fallback": "yes"}, "fallback", "not_yes_or_no"),
            ({"metadata": "{"}, "metadata", "not_an_object"),
            ({"metadata": "[]"}, "metadata", "not_an_object"),
            ({"seed": ["1", "2"]}, "seed", "repeated"),
            ({"source": "text"}, "source", "not_a_file"),
            ({"picture": "x"}, "picture", "unknown"),
            ({"prompt": "a\0b"}, "prompt", "control_characters"),
        ],
    )
    def test_a_form_is_as_strict_as_json(
        self, fields: dict[str, Any], field: str, code: str, alice: User, api: Api
    ) -> None:
        assert errors(post_form(api(alice), **fields)) == {field: code}

    def test_a_file_of_another_name_is_refused(self, alice: User, api: Api) -> None:
        assert errors(post_form(api(alice), image=picture())) == {"image": "unknown"}

    def test_two_files_are_one_too_many(self, alice: User, api: Api) -> None:
        assert errors(post_form(api(alice), source=[picture(), picture()])) == {"source": "repeated"}

    @pytest.mark.parametrize("wish", [{"steps": "999"}, {"seed": "x"}, {"source_image": NOBODYS}, {"width": "7"}])
    def test_an_upload_of_a_refused_submit_does_not_stay(
        self, wish: dict[str, str], alice: User, api: Api, media: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            assert post_form(api(alice), source=picture(), **wish).status_code == 422

        assert Image.objects.count() == Usage.objects.count() == 0
        assert [path for path in media.rglob("*") if path.is_file()] == []

    def test_an_upload_of_a_dry_run_does_not_stay(
        self, alice: User, api: Api, media: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            response = post_form(api(alice), source=picture(), dry_run="true")

        assert response.json()["request"]["mode"] == "image-to-image"
        assert "source_image" not in response.json()["request"]
        assert Image.objects.count() == 0
        assert [path for path in media.rglob("*") if path.is_file()] == []

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "source_empty"),
            (b"no picture", "source_format"),
            (png(64, 64)[:90], "source_unreadable"),
        ],
    )
    def test_what_is_no_picture_is_refused_on_its_field(self, content: bytes, code: str, alice: User, api: Api) -> None:
        response = post_form(api(alice), source=SimpleUploadedFile("mug.png", content))

        assert errors(response) == {"source": code}

    @pytest.mark.parametrize("image_id", ["nobody", "", "1", "\u0660" * 8, "019f0000-0000-7000-8000-000000000000"])
    def test_a_source_that_is_not_there_is_not_found(self, image_id: str, alice: User, api: Api) -> None:
        assert errors(post(api(alice), {"prompt": "x", "source_image": image_id})) == {"source_image": "not_found"}

    def test_a_source_of_somebody_else_is_not_found(self, alice: User, mallory: User, api: Api) -> None:
        post_form(api(alice), source=picture())
        wish = {"prompt": "x", "source_image": str(Image.objects.get().pk)}

        assert errors(post(api(mallory), wish)) == {"source_image": "not_found"}


class TestDryRun:
    def test_it_says_what_would_happen_and_makes_nothing(self, alice: User, api: Api) -> None:
        post(api(alice))

        response = post(api(alice), {**SMALL, "images": 2, "dry_run": True})

        said = response.json()
        assert response.status_code == 200
        assert said["cost"] == 2
        assert {name: said["quota"][name] for name in ("limit", "left")} == {"limit": 10, "left": 9}
        assert said["quota"]["resets_at"].endswith("Z")
        assert said["queue_position"] == 1
        assert said["expected_seconds"] > 0
        assert said["request"]["model"] == "builtin"
        assert Generation.objects.count() == Usage.objects.get().reserved == 1

    def test_it_refuses_what_a_submit_would_refuse(self, alice: User, api: Api) -> None:
        assert errors(post(api(alice), {**SMALL, "steps": 999, "dry_run": True})) == {"steps": "out_of_range"}
        assert post(api(alice), {**SMALL, "model": "flux-1-schnell", "dry_run": True}).status_code == 503


class TestRefusals:
    def test_a_quota_that_is_used_up_says_when_it_returns(self, alice: User, api: Api) -> None:
        for _ in range(5):
            post(api(alice), {**SMALL, "images": 2})

        response = post(api(alice))

        assert (response.status_code, response.json()["code"]) == (402, "quota_exhausted")
        assert response.json()["resets_at"].endswith("Z")
        assert Generation.objects.count() == 5

    def test_a_model_that_needs_a_token_is_unavailable(self, alice: User, api: Api) -> None:
        response = post(api(alice), {**SMALL, "model": "black-forest-labs/FLUX.1-schnell"})

        assert (response.status_code, response.json()["code"]) == (503, "model_unavailable")

    def test_a_model_of_another_plan_is_not_in_mine(self, alice: User, api: Api) -> None:
        AIModel.objects.get(slug="builtin").plans.add(Plan.objects.get(slug="pro"))

        response = post(api(alice), {**SMALL, "model": "builtin"})

        assert (response.status_code, response.json()["code"]) == (402, "not_in_plan")

    def test_a_full_queue_says_when_to_come_back(self, alice: User, api: Api) -> None:
        Plan.objects.update(queued_max=1)
        post(api(alice))

        response = post(api(alice))

        assert (response.status_code, response.json()["code"]) == (429, "queue_full")
        assert response["Retry-After"] == "10"
        assert Usage.objects.get().reserved == 1

    def test_a_disk_that_is_full_keeps_nothing(self, alice: User, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*args: Any, **kwargs: Any) -> None:
            raise OSError(28, "No space left on device")

        client = api(alice)
        monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", full)

        response = post_form(client, source=picture())

        assert (response.status_code, response.json()["code"]) == (507, "storage_full")
        assert Image.objects.count() == Generation.objects.count() == Usage.objects.count() == 0

    def test_a_disk_that_is_full_while_the_upload_arrives_is_said(
        self, alice: User, api: Api, settings: Any, tmp_path: Any
    ) -> None:
        settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "gone")

        response = post_form(api(alice), source=picture())

        assert (response.status_code, response.json()["code"]) == (507, "upload_full")

    @pytest.mark.parametrize("member", ["webhook", "n", "É", "\ud800"])
    def test_an_unknown_member_is_refused_by_name(self, member: str, alice: User, api: Api) -> None:
        response = post(api(alice), {**SMALL, member: True})

        assert list(errors(response).values()) == ["unknown"]
        assert member in errors(response) or member == "\ud800"

    def test_unknown_query_parameters_are_refused_by_name(self, alice: User, api: Api, ask: Ask) -> None:
        one = f"{ROUTE}/{ask(alice).pk}"
        client = api(alice)

        assert errors(client.get(f"{ROUTE}?owner=bob")) == {"owner": "unknown"}
        assert errors(client.get(f"{ROUTE}?limit=1&limit=2")) == {"limit": "repeated"}
        assert errors(client.get(f"{one}?x=")) == {"x": "unknown"}
        assert errors(client.post(f"{ROUTE}?wait=3", "{}", content_type="application/json")) == {"wait": "unknown"}
        assert errors(send(client, f"{one}/cancel?x=1")) == {"x": "unknown"}
        assert errors(client.post(f"{one}/rerun", '{"seed": 1}', content_type="application/json")) == {
            "seed": "unknown"
        }

    @pytest.mark.parametrize("name", ["prompt", "seed", "guidance", "fallback", "metadata", "model"])
    def test_null_is_refused(self, name: str, alice: User, api: Api) -> None:
        assert errors(post(api(alice), {**SMALL, name: None})) == {name: "null"}


class TestIdempotency:
    def test_the_same_key_and_body_answer_the_same_generation(self, alice: User, api: Api) -> None:
        first = post(api(alice), SMALL, **{"Idempotency-Key": "order-1"})
        second = post(api(alice), dict(reversed(SMALL.items())), **{"Idempotency-Key": "order-1"})

        assert (first.status_code, second.status_code) == (202, 200)
        assert first.json()["id"] == second.json()["id"]
        assert second["Location"] == first["Location"]
        assert Usage.objects.get().reserved == 1

    def test_the_same_key_with_another_body_is_a_conflict(self, alice: User, bob: User, api: Api) -> None:
        post(api(alice), SMALL, **{"Idempotency-Key": "k"})

        response = post(api(alice), {**SMALL, "seed": 1}, **{"Idempotency-Key": "k"})

        assert (response.status_code, response.json()["code"]) == (409, "key_reused")
        assert post(api(bob), SMALL, **{"Idempotency-Key": "k"}).status_code == 202

    def test_the_picture_belongs_to_the_body(self, alice: User, api: Api) -> None:
        client = api(alice)
        client.defaults["HTTP_IDEMPOTENCY_KEY"] = "k"

        answers = [post_form(client, source=picture(width)).status_code for width in (96, 96, 64)]

        assert answers == [202, 200, 409]
        assert Image.objects.count() == 1

    def test_a_key_is_free_again_after_a_day(self, alice: User, api: Api) -> None:
        first = post(api(alice), SMALL, **{"Idempotency-Key": "k"}).json()
        RequestKey.objects.update(created_at=timezone.now() - timedelta(hours=25))

        second = post(api(alice), {**SMALL, "seed": 1}, **{"Idempotency-Key": "k"})
        third = post(api(alice), {**SMALL, "seed": 1}, **{"Idempotency-Key": "k"})

        assert (second.status_code, third.status_code) == (202, 200)
        assert third.json()["id"] == second.json()["id"] != first["id"]

    def test_it_is_forgotten_after_a_day(self, alice: User, api: Api) -> None:
        for key in ("old", "new"):
            post(api(alice), SMALL, **{"Idempotency-Key": key})
        RequestKey.objects.filter(key="old").update(created_at=timezone.now() - timedelta(hours=25))

        tasks.sweep()

        assert RequestKey.objects.get().key == "new"
        assert Generation.objects.count() == 2

    def test_a_refused_request_leaves_its_key_free(self, alice: User, api: Api) -> None:
        refused = post(api(alice), {**SMALL, "steps": 9999}, **{"Idempotency-Key": "k"})

        assert (refused.status_code, RequestKey.objects.count()) == (422, 0)
        assert post(api(alice), SMALL, **{"Idempotency-Key": "k"}).status_code == 202

    def test_it_costs_twelve_statements_at_most(self, alice: User, api: Api) -> None:
        client = api(alice)
        post(client, SMALL, **{"Idempotency-Key": "first"})

        with CaptureQueriesContext(connection) as asked:
            post(client, SMALL, **{"Idempotency-Key": "second"})

        frame = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "SELECT pg_advisory_xact_lock")
        assert sum(not each["sql"].startswith(frame) for each in asked) <= 12

    @pytest.mark.parametrize("key", ["", " ", "a b", "é", "k" * 256])
    def test_a_bad_key_is_refused(self, key: str, alice: User, api: Api) -> None:
        response = post(api(alice), SMALL, **{"Idempotency-Key": key})

        assert errors(response) == {"Idempotency-Key": "bad_key"}

    @pytest.mark.django_db(transaction=True)
    def test_forty_threads_with_one_key_make_one_generation(self, alice: User, api: Api) -> None:
        Plan.objects.update(daily_images=1)
        client, answers, start = api(alice), [], threading.Barrier(40)

        def knock() -> None:
            start.wait()
            try:
                answers.append(post(copy(client), SMALL, **{"Idempotency-Key": "k"}))
            finally:
                connection.close()

        threads = [threading.Thread(target=knock) for _ in range(40)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]

        assert sorted(answer.status_code for answer in answers) == [200] * 39 + [202]
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert Generation.objects.count() == Usage.objects.get().reserved == 1
        assert LedgerEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
class TestWaiting:
    @pytest.fixture
    def worker(self, run_by: Callable[[type], None], shipped: None) -> Any:
        run_by(Painter)
        stopping = threading.Event()

        def work() -> None:
            while not stopping.wait(0.02):
                runner.take_turn("local")
            connection.close()

        thread = threading.Thread(target=work)
        thread.start()
        yield
        stopping.set()
        thread.join()

    def test_who_waits_gets_the_finished_generation(self, worker: None, alice: User, api: Api) -> None:
        response = post(api(alice), SMALL, Prefer="respond-async, wait=20")

        made = response.json()
        assert (response.status_code, made["status"]) == (201, "succeeded")
        assert response["Preference-Applied"] == "wait=20"
        assert made["images"][0]["seed"] == made["request"]["seed"]
        assert made["served_by"] == {
            "model": "builtin",
            "backend": "builtin",
            "provider": None,
            "fallback_from": None,
        }
        assert [attempt["outcome"] for attempt in made["attempts"]] == ["ok"]

    def test_who_waits_too_briefly_gets_the_place_in_the_queue(self, alice: User, api: Api) -> None:
        response = post(api(alice), SMALL, Prefer="wait=1")

        assert (response.status_code, response.json()["status"]) == (202, "queued")
        assert response["Preference-Applied"] == "wait=1"

    def test_who_finds_no_place_to_wait_is_told_that_nobody_waited(self, alice: User, api: Api, settings: Any) -> None:
        settings.MAX_WAITING = 0

        response = post(api(alice), SMALL, Prefer="wait=20")

        assert (response.status_code, response.json()["status"]) == (202, "queued")
        assert "Preference-Applied" not in response

    @pytest.mark.parametrize(
        ("prefer", "applied"),
        [
            ("wait=0", "wait=0"),
            ('wait="0"; x=y', "wait=0"),
            ("return=minimal, WAIT = 0, wait=9", "wait=0"),
            ('foo="wait=9,wait=8", wait=0', "wait=0"),
            ("wait", None),
            ("wait=-1", None),
            ("wait=soon", None),
            ("wait=1.5", None),
            ('"', None),
            ("", None),
        ],
    )
    def test_a_preference_is_read_kindly(self, prefer: str, applied: str | None, alice: User, api: Api) -> None:
        response = post(api(alice), SMALL, Prefer=prefer)

        assert response.status_code == 202
        assert response.get("Preference-Applied") == applied


class TestReading:
    def test_a_list_has_the_newest_first_and_a_cursor(self, alice: User, bob: User, api: Api, ask: Ask) -> None:
        ids = [str(ask(alice).pk) for _ in range(5)]
        ask(bob)
        client = api(alice)

        first = client.get(f"{ROUTE}?limit=2").json()
        second = client.get(first["next"].removeprefix("http://127.0.0.1:8000")).json()

        assert [row["id"] for row in first["results"] + second["results"]] == ids[:0:-1]
        assert first["previous"] is None
        assert second["previous"].startswith("http://127.0.0.1:8000/api/v1/generations?")
        assert [row["queue_position"] for row in first["results"]] == [5, 4], "Bob's first comes before Alice's second"

    def test_a_list_costs_the_same_whatever_its_length(self, alice: User, api: Api, ask: Ask) -> None:
        client = api(alice)
        ask(alice)
        client.get(ROUTE)
        with CaptureQueriesContext(connection) as one:
            client.get(ROUTE)
        for _ in range(6):
            ask(alice)

        with CaptureQueriesContext(connection) as seven:
            assert len(client.get(ROUTE).json()["results"]) == 7

        assert len(one) == len(seven)

    @pytest.mark.parametrize(
        ("query", "field", "code"),
        [
            ("limit=0", "limit", "out_of_range"),
            ("limit=101", "limit", "out_of_range"),
            ("limit=ten", "limit", "out_of_range"),
            ("limit=", "limit", "out_of_range"),
            ("limit=%D9%A1", "limit", "out_of_range"),
            ("cursor=x", "cursor", "bad_cursor"),
            ("cursor=%00", "cursor", "bad_cursor"),
            ("cursor=%C3%A9", "cursor", "bad_cursor"),
            ("cursor=cD1nYXJiYWdl", "cursor", "bad_cursor"),
            ("cursor=cD0wMDAxLTAxLTAxKzIzOjU5", "cursor", "bad_cursor"),
            ("cursor=bz0tMQ==", "cursor", "bad_cursor"),
        ],
    )
    def test_a_bad_page_is_refused(self, query: str, field: str, code: str, alice: User, api: Api) -> None:
        assert errors(api(alice).get(f"{ROUTE}?{query}")) == {field: code}

    @pytest.mark.parametrize("rest", ["", "/cancel", "/rerun"])
    @pytest.mark.parametrize("which", ["nobody", "1", "%00", "é", NOBODYS, "bobs"])
    def test_what_is_not_mine_is_not_there(
        self, rest: str, which: str, alice: User, bob: User, api: Api, ask: Ask
    ) -> None:
        generation_id = str(ask(bob).pk) if which == "bobs" else which
        client = api(alice)

        response = client.generic("POST" if rest else "GET", f"{ROUTE}/{generation_id}{rest}")

        assert (response.status_code, response.json()["code"]) == (404, "not_found")

    def test_cancel_ends_it_once(self, alice: User, api: Api, ask: Ask) -> None:
        route = f"{ROUTE}/{ask(alice).pk}/cancel"

        first, second = send(api(alice), route), send(api(alice), route)

        assert (first.status_code, first.json()["status"]) == (200, "cancelled")
        assert first.json()["finished_at"].endswith("Z")
        assert (second.status_code, second.json()["code"]) == (409, "not_cancellable")
        assert Usage.objects.get().reserved == 0

    def test_rerun_makes_another_of_the_same_recipe(self, alice: User, api: Api, ask: Ask) -> None:
        old = ask(alice, seed=5)

        response = send(api(alice), f"{ROUTE}/{old.pk}/rerun")

        assert response.status_code == 202
        assert response["Location"].endswith(response.json()["id"])
        assert response.json()["id"] != str(old.pk)
        assert response.json()["request"] == old.request

    def test_a_generation_that_failed_says_why_in_the_readers_language(self, alice: User, api: Api, ask: Ask) -> None:
        generation = ask(alice)
        runner.close(generation, "failed", error={"code": "too_slow", "arguments": {}})

        said = api(alice).get(f"{ROUTE}/{generation.pk}").json()

        assert said["error"]["code"] == "too_slow"
        assert said["error"]["detail"]
        assert services.queries.as_json(Generation.objects.get())["status"] == "failed"

    def test_rerun_obeys_a_key(self, alice: User, api: Api, ask: Ask) -> None:
        old, other = ask(alice), ask(alice)
        client = api(alice)
        key = {"Idempotency-Key": "again-1"}

        first = rerun(client, old, **key)
        second = rerun(client, old, **key)
        elsewhere = rerun(client, other, **key)

        assert (first.status_code, second.status_code) == (202, 200)
        assert first.json()["id"] == second.json()["id"]
        assert second["Location"] == first["Location"]
        assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "key_reused")
        assert errors(rerun(client, old, **{"Idempotency-Key": "a b"})) == {"Idempotency-Key": "bad_key"}
        assert Generation.objects.count() == 3

    def test_a_key_of_a_rerun_is_not_one_of_a_wish(self, alice: User, api: Api, ask: Ask) -> None:
        client = api(alice)
        rerun(client, ask(alice), **{"Idempotency-Key": "k"})

        assert post(client, SMALL, **{"Idempotency-Key": "k"}).json()["code"] == "key_reused"

    def test_rerun_waits_where_that_is_preferred(self, alice: User, api: Api, ask: Ask) -> None:
        response = rerun(api(alice), ask(alice), Prefer="wait=0")

        assert (response.status_code, response["Preference-Applied"]) == (202, "wait=0")


@pytest.mark.parametrize(("said", "seconds"), [("9" * 20, 120), ("121", 120), ("0" * 30 + "7", 7), ("0" * 30, 0)])
def test_a_wait_of_any_length_is_capped(said: str, seconds: int, rf: Any) -> None:
    assert preferences.wait_seconds(rf.get("/", headers={"Prefer": f"wait={said}"})) == seconds
