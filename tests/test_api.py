"""What every route of the API does alike: credentials first, one shape of refusal, strict bodies."""

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from botocore.config import Config
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.utils import translation

from accounts.models import Usage, User
from accounts.services import tokens
from common.sentences import say
from generator import catalogue
from generator.models import Generation
from tests.hostile import hostile

ROUTE = "/api/v1/generations"
JSON = "application/json"
DEEP = "[" * 100_000


def api_routes() -> list[URLPattern]:
    includes = [each for each in get_resolver().url_patterns if str(each.pattern) == "api/v1/"]
    return [pattern for include in includes for pattern in include.url_patterns]


ROUTES = [(re.sub("<str:[a-z_]+>", "nobody", f"/api/v1/{each.pattern}"), each.callback.cls) for each in api_routes()]
CALLS = [(method, route) for route, view in ROUTES for method in (*view.scopes, "HEAD", "OPTIONS", "TRACE", "PURGE")]
WRITES = [(method, route) for route, view in ROUTES for method in view.scopes if method in {"POST", "PATCH"}]


@pytest.fixture
def program(alice: User) -> Client:
    catalogue.sync()
    return _program(alice, *tokens.SCOPES)


def _program(user: User, *scopes: str) -> Client:
    _, secret = tokens.make(user=user, name=hostile("test", 50), scopes=scopes)
    return Client(headers={"authorization": f"Bearer {secret}"}, raise_request_exception=False)


def problem(response: Any) -> tuple[int, str]:
    """The status and the code of a refusal, whose shape is right."""
    assert response["Content-Type"] == "application/problem+json"
    said = response.json()
    assert said["status"] == response.status_code
    assert {"type", "title", "status", "detail", "code"} <= set(said)
    assert said["type"].endswith(f"/api/docs/errors/{said['code']}")
    assert said["detail"]
    return response.status_code, said["code"]


class TestCredentials:
    @pytest.mark.parametrize(("method", "route"), CALLS)
    def test_a_stranger_hears_401_before_anything_is_looked_at(self, method: str, route: str, db: None) -> None:
        for body, media_type, accept in [("", "", "*/*"), (DEEP, JSON, JSON), ("x", "text/plain", "text/html")]:
            response = Client().generic(
                method, f"{route}?nonsense=1", body, content_type=media_type, headers={"accept": accept}
            )

            assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
            if method != "HEAD":
                assert problem(response) == (401, "not_signed_in")

    @pytest.mark.parametrize("route", [route for route, _ in ROUTES])
    def test_a_token_needs_the_scope_of_the_method(self, route: str, alice: User) -> None:
        view = dict(ROUTES)[route]
        for method, scope in view.scopes.items():
            client = _program(alice, *(set(tokens.SCOPES) - {scope}))

            assert problem(client.generic(method, route)) == (403, "insufficient_scope")

    @pytest.mark.parametrize("route", [route for route, _ in ROUTES])
    def test_another_method_is_refused_with_those_that_are_taken(self, route: str, program: Client) -> None:
        for method in {"PUT", "TRACE", "PURGE"} - set(dict(ROUTES)[route].scopes):
            response = program.generic(method, route)

            assert problem(response) == (405, "method_not_allowed")
            assert set(dict(ROUTES)[route].scopes) <= set(response["Allow"].split(", "))

    def test_every_route_says_what_it_needs(self) -> None:
        assert len(ROUTES) >= 15
        assert all(set(view.scopes.values()) <= set(tokens.SCOPES) for _, view in ROUTES)


class TestAddresses:
    @pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
    @pytest.mark.parametrize("address", ["/api/", "/api/v1/", "/api/v2/images", "/api/v1/generations/", "/api/v1/%00"])
    def test_an_address_of_nothing_is_404(self, method: str, address: str, client_of: Any, alice: User) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")

        for client in (Client(), browser):
            assert problem(client.generic(method, address)) == (404, "not_found")

    @pytest.mark.parametrize(
        "address", ["//api/v1/account", "///api/v1/account", "//download/x.png", "/api//v1/account"]
    )
    def test_an_address_with_a_slash_too_many_is_404_for_programs(self, address: str, program: Client) -> None:
        assert problem(program.get("/", PATH_INFO=address)) == (404, "not_found")

    @pytest.mark.parametrize("accept", ["text/html", "image/png, text/*;q=0.5", "a/b;" + "c" * 9000])
    def test_only_json_is_answered(self, accept: str, program: Client) -> None:
        assert problem(program.get("/api/v1/models", headers={"accept": accept})) == (406, "not_acceptable")

    @pytest.mark.parametrize(
        ("address", "answered"), [("/api/v1/models", "application/json"), ("/api/v1/events", "text/event-stream")]
    )
    def test_who_asks_for_something_else_hears_what_there_is(
        self, address: str, answered: str, program: Client
    ) -> None:
        refused = program.get(address, headers={"accept": "image/png"}).json()

        assert refused["detail"] == f"This address answers {answered} only. Send Accept: {answered}."

    def test_health_is_refused_in_json_too(self) -> None:
        assert problem(Client().get("/healthz", headers={"host": "evil.example"})) == (400, "unknown_host")

    @pytest.mark.parametrize("accept", ["", "*/*", "application/*", "text/html, */*;q=0.1", "application/json;q=0.3"])
    def test_who_takes_json_gets_it(self, accept: str, program: Client) -> None:
        assert program.get("/api/v1/models", headers={"accept": accept}).status_code == 200

    def test_head_and_options_say_what_get_would(self, program: Client) -> None:
        assert program.head("/api/v1/models").status_code == 200
        assert set(program.options(ROUTE)["Allow"].split(", ")) == {"GET", "POST", "HEAD", "OPTIONS"}

    @pytest.mark.parametrize("route", [ROUTE, "/api/v1/images/nobody/file", "/api/v1/events", "/api/schema/"])
    def test_options_says_which_methods_there_are_and_no_more(self, route: str, program: Client) -> None:
        answer = program.options(route)

        assert (answer.status_code, answer.content) == (204, b"")
        assert "GET" in answer["Allow"]

    def test_too_many_query_parameters_are_malformed(self, program: Client) -> None:
        query = "&".join(f"a{index}=1" for index in range(700))

        assert problem(program.get(f"/api/v1/models?{query}")) == (400, "malformed")


BODIES = [
    ("not JSON", b"prompt=x", 400, "not_json"),
    ("half", b'{"prompt": "x"', 400, "not_json"),
    ("two values", b'{"prompt": "x"} {}', 400, "not_json"),
    ("a byte order mark", b'\xef\xbb\xbf{"prompt": "x"}', 400, "not_json"),
    ("Latin-1", '{"prompt": "é"}'.encode("latin-1"), 400, "not_json"),
    ("UTF-16", '{"prompt": "x"}'.encode("utf-16"), 400, "not_json"),
    ("NaN", b'{"prompt": "x", "guidance": NaN}', 400, "not_json"),
    ("Infinity", b'{"prompt": "x", "guidance": -Infinity}', 400, "not_json"),
    ("beyond a float", b'{"prompt": "x", "guidance": 1e999}', 400, "not_json"),
    ("beyond an integer", b'{"prompt": "x", "seed": ' + b"9" * 5000 + b"}", 400, "not_json"),
    ("a member twice", b'{"prompt": "x", "prompt": "y"}', 400, "not_json"),
    ("a member twice below", b'{"prompt": "x", "metadata": {"a": 1, "a": 2}}', 400, "not_json"),
    ("a raw control character", b'{"prompt": "a\x00b"}', 400, "not_json"),
    ("100,000 brackets", DEEP.encode(), 400, "too_deep"),
    ("100,000 closed brackets", b"[" * 100_000 + b"]" * 100_000, 400, "too_deep"),
    ("33 levels", b'{"prompt": "x", "metadata": ' + b'{"a":' * 32 + b"1" + b"}" * 33, 400, "too_deep"),
    ("many open texts", b'"\\"' * 300_000, 400, "not_json"),
    ("1 MiB and more", b'{"prompt": "' + b"x" * 2**20 + b'"}', 413, "body_too_large"),
    ("a list", b"[]", 422, "invalid"),
    ("null", b"null", 422, "invalid"),
    ("a text", b'"prompt"', 422, "invalid"),
    ("nothing", b"", 422, "invalid"),
]

PART = b'--x\r\nContent-Disposition: form-data; name="%b"\r\n'
FORM = "multipart/form-data; boundary=x"
FORMS = [
    ("no boundary", "multipart/form-data", b"--x\r\n"),
    ("an empty boundary", "multipart/form-data; boundary=", b"--x\r\n"),
    ("an odd boundary", "multipart/form-data; boundary=" + "é" * 100, b"--x\r\n"),
    ("another boundary", FORM, b"nothing of the kind"),
    ("300 fields", FORM, b"".join(PART % (b"a%d" % n) + b"\r\n1\r\n" for n in range(300)) + b"--x--\r\n"),
]

FIELDS = [
    ({"prompt": ""}, "prompt", "required"),
    ({"prompt": " \n\t\u2003"}, "prompt", "required"),
    ({"prompt": "x" * 1001}, "prompt", "too_long"),
    ({"prompt": "a\0b"}, "prompt", "control_characters"),
    ({"prompt": "a\rb"}, "prompt", "control_characters"),
    ({"prompt": "a\x85b"}, "prompt", "control_characters"),
    ({"prompt": "a\ud800b"}, "prompt", "control_characters"),
    ({"prompt": 5}, "prompt", "not_a_text"),
    ({"prompt": ["x"]}, "prompt", "not_a_text"),
    ({"prompt": None}, "prompt", "null"),
    ({"negative_prompt": "x" * 1001}, "negative_prompt", "too_long"),
    ({"negative_prompt": "\x1b"}, "negative_prompt", "control_characters"),
    ({"mode": "video"}, "mode", "not_a_choice"),
    ({"mode": "image-to-image"}, "source_image", "source_needed"),
    ({"model": "no-such"}, "model", "unknown_model"),
    ({"model": "\ud800"}, "model", "control_characters"),
    ({"model": ""}, "model", "unknown_model"),
    ({"style": "no-such"}, "style", "unknown_style"),
    ({"scheduler": "karras"}, "scheduler", "not_a_choice"),
    ({"width": 64}, "height", "both_sides"),
    ({"width": 65, "height": 64}, "width", "size"),
    ({"width": 0, "height": 64}, "width", "size"),
    ({"width": -64, "height": 64}, "width", "size"),
    ({"width": 10**400, "height": 64}, "width", "size"),
    ({"width": 64.0, "height": 64}, "width", "not_a_whole_number"),
    ({"width": "64", "height": 64}, "width", "not_a_whole_number"),
    ({"steps": 4}, "steps", "out_of_range"),
    ({"steps": 61}, "steps", "out_of_range"),
    ({"steps": 10**400}, "steps", "out_of_range"),
    ({"steps": 2.5}, "steps", "not_a_whole_number"),
    ({"steps": True}, "steps", "not_a_whole_number"),
    ({"guidance": "7"}, "guidance", "not_a_number"),
    ({"guidance": 0.99}, "guidance", "out_of_range"),
    ({"guidance": 1e300}, "guidance", "out_of_range"),
    ({"guidance": 10**400}, "guidance", "not_a_number"),
    ({"guidance": False}, "guidance", "not_a_number"),
    ({"seed": -1}, "seed", "out_of_range"),
    ({"seed": 2**32}, "seed", "out_of_range"),
    ({"seed": 10**400}, "seed", "out_of_range"),
    ({"seed": "42"}, "seed", "not_a_whole_number"),
    ({"strength": 0.5}, "strength", "not_taken"),
    ({"images": 0}, "images", "out_of_range"),
    ({"images": 5}, "images", "out_of_range"),
    ({"source_image": 1}, "source_image", "not_a_text"),
    ({"source_image": str(uuid4())}, "source_image", "not_found"),
    ({"fallback": "true"}, "fallback", "not_yes_or_no"),
    ({"fallback": 1}, "fallback", "not_yes_or_no"),
    ({"dry_run": 0}, "dry_run", "not_yes_or_no"),
    ({"reuse": "true"}, "reuse", "not_yes_or_no"),
    ({"metadata": []}, "metadata", "not_an_object"),
    ({"metadata": "{}"}, "metadata", "not_an_object"),
    ({"metadata": {"a": "x" * 100_000}}, "metadata", "too_large"),
    ({"metadata": {"é" * 8192: 1}}, "metadata", "too_large"),
    ({"metadata": {"a": ["\0"]}}, "metadata", "control_characters"),
    ({"metadata": {"\ud800": 1}}, "metadata", "control_characters"),
    ({"colour": "red"}, "colour", "unknown"),
    ({"x" * 5000: 1}, "x" * 100, "unknown"),
]


class TestBodies:
    @pytest.mark.parametrize(
        ("body", "status", "code"), [case[1:] for case in BODIES], ids=[case[0] for case in BODIES]
    )
    def test_a_body_that_cannot_be_taken_is_said_to_be(
        self, body: bytes, status: int, code: str, program: Client
    ) -> None:
        assert problem(program.post(ROUTE, body, content_type=JSON)) == (status, code)
        assert Generation.objects.count() == Usage.objects.count() == 0

    @pytest.mark.parametrize(("method", "route"), WRITES)
    def test_every_door_refuses_the_same_bodies(self, method: str, route: str, program: Client) -> None:
        expected = {404} if "nobody" in route else {400, 413, 422}

        for _, body, _, _ in BODIES:
            cache.clear()  # no budget is spent before the last of them
            response = program.generic(method, route, body, content_type=JSON)
            assert problem(response)[0] in expected

    @pytest.mark.parametrize(("wish", "field", "code"), FIELDS, ids=[f"{case[1][:20]} {case[2]}" for case in FIELDS])
    def test_a_field_that_breaks_a_rule_is_named(
        self, wish: dict[str, Any], field: str, code: str, program: Client
    ) -> None:
        response = program.post(ROUTE, json.dumps({"prompt": "a red mug", **wish}), content_type=JSON)

        assert problem(response) == (422, "invalid")
        errors = {error["field"]: error for error in response.json()["errors"]}
        assert errors[field]["code"] == code
        assert errors[field]["message"]
        assert Generation.objects.count() == Usage.objects.count() == 0

    def test_a_flood_of_unknown_members_is_answered_briefly(self, program: Client) -> None:
        flood = {f"member-{number}": 1 for number in range(50_000)}

        errors = program.post(ROUTE, json.dumps({"prompt": "x", **flood}), content_type=JSON).json()["errors"]

        assert len(errors) == 50

    def test_every_wrong_field_is_named_at_once(self, program: Client) -> None:
        wish = {"prompt": 5, "seed": "x", "n": 2, "metadata": []}

        errors = program.post(ROUTE, json.dumps(wish), content_type=JSON).json()["errors"]

        assert {error["field"] for error in errors} == set(wish)

    @pytest.mark.parametrize(
        "media_type", ["text/plain", "application/x-www-form-urlencoded", "x", "", "é/é", "a" * 900]
    )
    def test_another_media_type_is_refused_with_those_that_are_taken(self, media_type: str, program: Client) -> None:
        response = program.post(ROUTE, b"prompt=x", content_type=media_type)

        assert problem(response) == (415, "wrong_media_type")
        assert "application/json" in response.json()["detail"]
        assert "multipart/form-data" in response.json()["detail"]

    @pytest.mark.parametrize(
        "media_type", ["application/json; charset=utf-8", "APPLICATION/JSON", 'application/json;a="']
    )
    def test_json_may_have_parameters(self, media_type: str, program: Client) -> None:
        assert program.post(ROUTE, b'{"prompt": "x"}', content_type=media_type).status_code == 202

    @pytest.mark.parametrize("length", ["", "-1", "many", "1.5", "²"])
    def test_a_wrong_length_is_no_surprise(self, length: str, program: Client) -> None:
        response = program.post(ROUTE, b'{"prompt": "x"}', content_type=JSON, CONTENT_LENGTH=length)

        assert problem(response)[0] in {400, 422}

    @pytest.mark.parametrize(("media_type", "body"), [case[1:] for case in FORMS], ids=[case[0] for case in FORMS])
    def test_a_form_that_cannot_be_read_is_said_to_be(self, media_type: str, body: bytes, program: Client) -> None:
        response = program.post(ROUTE, body, content_type=media_type)

        assert problem(response)[0] in {400, 422}
        assert Generation.objects.count() == 0

    def test_texts_of_a_form_have_their_limit(self, program: Client) -> None:
        response = program.post(ROUTE, {"prompt": "x" * (2**20 + 1)})

        assert problem(response) == (413, "body_too_large")

    def test_a_form_of_35_mb_is_refused_and_one_of_25_is_read(self, program: Client) -> None:
        answers = [
            problem(program.post(ROUTE, {"prompt": "x", "source": SimpleUploadedFile("a.png", b"\x89" * size)}))
            for size in (35_000_000, 25_000_000)
        ]

        assert answers == [(413, "body_too_large"), (422, "invalid")]

    def test_a_page_refuses_35_mb_in_its_own_words(self, alice: User, client_of: Callable[[User], Client]) -> None:
        catalogue.sync()
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
        browser.get("/account/")

        def post(**headers: str) -> Any:
            picture = SimpleUploadedFile("a.png", b"\x89" * 35_000_000)
            return browser.post("/generations/", {"prompt": "x", "source": picture}, headers=headers)

        page, toast = post(), post(**{"hx-request": "true"})

        assert (page.status_code, toast.status_code) == (413, 413)
        assert say("body_too_large", megabytes=30) in page.content.decode()
        assert toast["HX-Retarget"] == "#toasts"


class TestWords:
    @pytest.mark.parametrize(
        ("body", "words"),
        [
            (b'{"prompt": "x", "prompt": "y"}', "“prompt” is given twice"),
            (b'{"metadata": {"a{0}": 1, "a{0}": 2}}', "“a{0}” is given twice"),
            (b'{"guidance": 1e999}', "a number in it is too large"),
            (b'{"seed": ' + b"9" * 4301 + b"}", "a whole number in it has more than 4300 digits"),
            (b'{"guidance": NaN}', "“NaN” is no JSON"),
            (b'{"prompt": "\xff"}', "not UTF-8"),
            (b'{"prompt": "x",\n oops}', "line 2, column 2"),
        ],
    )
    def test_a_body_that_is_not_json_is_told_why(self, body: bytes, words: str, program: Client) -> None:
        response = program.post("/api/v1/generations", body, content_type="application/json")

        assert (response.status_code, response.json()["code"]) == (400, "not_json")
        assert words in response.json()["detail"]

    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_detail_and_messages_are_in_the_language_that_was_asked_for(self, language: str, program: Client) -> None:
        response = program.post(
            ROUTE, b'{"prompt": "", "seed": "x"}', content_type=JSON, headers={"accept-language": language}
        )

        with translation.override(language):
            assert response.json()["detail"] == say("invalid")
            assert response.json()["errors"][0]["message"] == say("not_a_whole_number")
        assert response["Content-Language"] == language

    @pytest.mark.parametrize("language", ["xx", "*", "", "fr;q=x", "é", "a" * 9000, "fr-" * 2000])
    def test_an_odd_language_is_no_surprise(self, language: str, program: Client) -> None:
        assert program.get("/api/v1/models", headers={"accept-language": language}).status_code == 200


class TestOtherOrigins:
    def test_none_may_read_by_default(self, program: Client) -> None:
        response = program.get("/api/v1/models", headers={"origin": "https://shop.example"})

        assert "Access-Control-Allow-Origin" not in response

    def test_one_that_the_operator_allows_may_without_cookies(self, program: Client, settings: Any) -> None:
        settings.CORS_ALLOWED_ORIGINS = ["https://shop.example"]
        origin = {"origin": "https://shop.example"}

        answer = program.get("/api/v1/models", headers=origin)
        asked = Client().options(
            ROUTE,
            headers={
                **origin,
                "access-control-request-method": "POST",
                "access-control-request-headers": "authorization, idempotency-key, prefer",
            },
        )

        assert answer["Access-Control-Allow-Origin"] == "https://shop.example"
        assert "Access-Control-Allow-Credentials" not in answer
        assert {"Location", "Preference-Applied", "Retry-After"} <= set(
            answer["Access-Control-Expose-Headers"].split(", ")
        )
        assert {"authorization", "idempotency-key", "prefer"} <= set(asked["Access-Control-Allow-Headers"].split(", "))
        assert "Access-Control-Allow-Origin" not in Client().get("/accounts/login/", headers=origin)


class TestHealth:
    def test_the_process_says_that_it_lives(self, db: None) -> None:
        assert Client().get("/healthz").json() == {"status": "ok"}
        assert Client().head("/healthz").status_code == 200
        assert Client(enforce_csrf_checks=True).post("/healthz").status_code == 405

    def test_each_dependency_is_named(self, db: None) -> None:
        response = Client().get("/readyz")

        assert response.status_code == 200
        assert response.json() == {"status": "ok", "database": "ok", "cache": "ok", "storage": "ok"}

    def test_one_that_is_missing_makes_it_503(self, db: None, settings: Any) -> None:
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

        response = Client().get("/readyz")

        assert response.status_code == 503
        assert (response.json()["status"], response.json()["cache"]) == ("unavailable", "missing")

    def test_an_s3_storage_that_does_not_answer_is_missing(self, db: None, settings: Any) -> None:
        options = {
            "bucket_name": "studio",
            "endpoint_url": "http://127.0.0.1:1",
            "access_key": "key",
            "secret_key": "secret",
            "client_config": Config(retries={"total_max_attempts": 1}),
        }
        storage = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
        settings.STORAGES = {**settings.STORAGES, "default": storage}

        response = Client().get("/readyz")

        assert (response.status_code, response.json()["storage"]) == (503, "missing")
