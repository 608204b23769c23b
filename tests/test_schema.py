"""The OpenAPI document: complete, valid, and shown by a page that needs nobody else."""

import json
import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from tests.test_api import ROUTES, problem

METHODS = {"get", "post", "patch", "put", "delete"}
ORIGINAL = {
    ("/api/generate", "post"),
    ("/api/models", "get"),
    ("/api/delete/nobody", "delete"),
    ("/download/nobody", "get"),
}
AT_THE_DOOR = {"400", "408", "414", "415", "431"}
ERRORS_OF_ALL = {"401", "403", "406", "422", "429", *AT_THE_DOOR}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    out = StringIO()
    call_command("spectacular", "--format", "openapi-json", stdout=out)
    return json.loads(out.getvalue())


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method in METHODS & set(methods):
            yield path, method, methods[method]


def schemas(node: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema below, with its place; examples are none."""
    if isinstance(node, dict):
        if "type" in node or "$ref" in node:
            yield where, node
        for name, member in node.items():
            if name not in {"example", "examples", "enum", "default"}:
                yield from schemas(member, f"{where}/{name}")
    elif isinstance(node, list):
        for index, member in enumerate(node):
            yield from schemas(member, f"{where}/{index}")


def codes(document: dict[str, Any], answer: dict[str, Any]) -> set[str]:
    """Those of the examples of a refusal, which stand at one place for all routes."""
    places = [told["$ref"] for content in answer["content"].values() for told in content["examples"].values()]
    examples = [document["components"]["examples"][place.rpartition("/")[2]] for place in places]
    return {example["summary"] for example in examples}


def test_it_is_made_without_a_warning(tmp_path: Any) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))

    assert yaml.safe_load((tmp_path / "schema.yml").read_text())["openapi"] == "3.1.0"


def test_every_route_and_method_stands_in_it(document: dict[str, Any]) -> None:
    written = {(re.sub(r"\{\w+\}", "nobody", path), method) for path, method, _ in operations(document)}
    served = {(route, method.lower()) for route, view in ROUTES for method in view.scopes}

    assert written == served | ORIGINAL | {("/healthz", "get"), ("/readyz", "get")}


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(document: dict[str, Any]) -> None:
    found = [operation for _, _, operation in operations(document)]

    assert len({operation["operationId"] for operation in found}) == len(found)
    assert all(operation["summary"] and operation["tags"] for operation in found)


def test_every_answer_that_has_a_body_has_an_example(document: dict[str, Any]) -> None:
    bare = [
        f"{method} {path} {status} {media_type}"
        for path, method, operation in operations(document)
        for status, answer in operation["responses"].items()
        for media_type, body in answer.get("content", {}).items()
        if not media_type.startswith(("image/", "application/zip"))
        if not (body.get("examples") or body.get("example"))
    ]

    assert bare == []


def test_every_body_that_is_taken_has_an_example(document: dict[str, Any]) -> None:
    bodies = {
        f"{method} {path}": operation["requestBody"]["content"]
        for path, method, operation in operations(document)
        if "requestBody" in operation
    }

    assert set(bodies) == {
        "post /api/generate",
        "post /api/v1/generations",
        "post /api/v1/prompts/enhance",
        "patch /api/v1/images/{image_id}",
        "post /api/v1/collections",
        "patch /api/v1/collections/{collection_id}",
        "put /api/v1/collections/{collection_id}/images/{image_id}",
        "post /api/v1/webhooks",
        "patch /api/v1/webhooks/{webhook_id}",
    }
    assert set(bodies["post /api/v1/generations"]) == {"application/json", "multipart/form-data"}
    assert all(body["examples"] for contents in bodies.values() for body in contents.values())


def test_every_route_says_the_refusals_it_has(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        if not path.endswith("z"):
            statuses = set(operation["responses"])
            assert statuses >= ERRORS_OF_ALL, (method, path)
            assert ("404" in statuses) == ("{" in path), (method, path)
            assert operation["security"] == [{"token": []}, {"session": []}], (method, path)
            shape = "application/problem+json" if path.startswith("/api/v1/") else "application/json"
            for status in statuses - {"200", "201", "202", "204", "302", "304"}:
                assert set(operation["responses"][status]["content"]) == {shape}


def test_a_refusal_has_an_example_for_each_code(document: dict[str, Any]) -> None:
    create = document["paths"]["/api/v1/generations"]["post"]["responses"]

    said = {code for status, answer in create.items() if status >= "400" for code in codes(document, answer)}

    assert said >= {
        *{"not_signed_in", "bad_token", "insufficient_scope", "csrf_failed", "rate_limited", "invalid", "malformed"},
        *{"quota_exhausted", "not_in_plan", "too_many_pixels", "queue_full", "model_unavailable", "key_reused"},
        *{"not_json", "too_deep", "body_too_large", "wrong_media_type", "storage_full"},
    }


def test_what_the_door_refuses_stands_in_every_route(document: dict[str, Any]) -> None:
    at_the_door = {
        *{"400 malformed", "400 repeated_header", "408 body_too_slow", "414 address_too_long", "415 wrong_encoding"},
        "431 head_too_large",
    }

    for path, method, operation in operations(document):
        said = {
            f"{status} {code}" for status in AT_THE_DOOR for code in codes(document, operation["responses"][status])
        }
        assert said >= at_the_door, (method, path)


def test_what_takes_a_body_or_could_be_sent_one_says_how_it_is_refused(document: dict[str, Any]) -> None:
    create = document["paths"]["/api/v1/generations/{generation_id}/cancel"]["post"]["responses"]

    assert {"400", "413", "415"} <= set(create)


def test_the_headers_are_described(document: dict[str, Any]) -> None:
    create = document["paths"]["/api/v1/generations"]["post"]

    asked = {parameter["name"] for parameter in create["parameters"] if parameter["in"] == "header"}
    assert asked == {"Prefer", "Idempotency-Key"}
    assert {"Location", "Preference-Applied", "RateLimit-Remaining"} <= set(create["responses"]["202"]["headers"])
    assert "Retry-After" in create["responses"]["429"]["headers"]
    assert "WWW-Authenticate" in create["responses"]["401"]["headers"]


def test_nothing_is_described_as_a_bare_object(document: dict[str, Any]) -> None:
    bare = [
        where
        for where, schema in schemas({name: document[name] for name in ("paths", "components")})
        if schema.get("type") == "object" and not {"properties", "additionalProperties"} & set(schema)
    ]

    assert bare == []


def test_every_member_has_a_type(document: dict[str, Any]) -> None:
    untyped = [
        f"{name}.{member}"
        for name, schema in document["components"]["schemas"].items()
        for member, said in schema.get("properties", {}).items()
        if not {"type", "$ref", "oneOf", "anyOf", "allOf"} & set(said)
    ]

    assert untyped == []


def test_what_comes_in_has_no_member_that_is_not_known(document: dict[str, Any]) -> None:
    sent = {name: schema for name, schema in document["components"]["schemas"].items() if name.endswith("Request")}

    assert set(sent) == {
        "GenerateInRequest",
        "GenerationInRequest",
        "GenerationFormRequest",
        "PromptInRequest",
        "PatchedImageChangeRequest",
        "CollectionNewRequest",
        "PatchedCollectionChangeRequest",
        "PlaceInRequest",
        "WebhookNewRequest",
        "PatchedWebhookChangeRequest",
    }
    assert all(schema["additionalProperties"] is False for schema in sent.values())


def test_numbers_that_come_in_have_a_range_and_texts_a_length_a_form_or_choices(document: dict[str, Any]) -> None:
    bounds = {
        "integer": ({"minimum"}, {"maximum"}),
        "number": ({"minimum"}, {"maximum"}),
        "string": ({"maxLength", "enum", "format"},),
    }
    loose = [
        f"{name}.{member}"
        for name, schema in document["components"]["schemas"].items()
        if name.endswith("Request")
        for member, said in schema["properties"].items()
        if not all(any_of & set(said) for any_of in bounds.get(str(said.get("type")), ()))
    ]

    assert loose == []


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for where, schema in schemas(document):
        if "$ref" in schema:
            target: Any = document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                assert part in target, where
                target = target[part]


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        ("", "*/*", "application/vnd.oai.openapi"),
        ("", "application/json", "application/json"),
        ("?format=json", "*/*", "application/vnd.oai.openapi+json"),
        ("?format=yaml", "text/html,*/*;q=0.1", "application/vnd.oai.openapi"),
    ],
)
def test_anybody_can_read_it(query: str, accept: str, media_type: str, db: None) -> None:
    response = Client().get(f"/api/schema/{query}", headers={"accept": accept})

    assert response.status_code == 200
    assert response["Content-Type"].split(";")[0] == media_type
    read = json.loads if "json" in media_type else yaml.safe_load
    assert read(response.content)["info"]["title"] == "Training Edge AI"


@pytest.mark.parametrize(
    ("query", "answer"),
    [("?format=xml", (404, "not_found")), ("?lang=%00", (422, "invalid")), ("?version=2", (422, "invalid"))],
)
def test_what_it_is_not_asked_for_is_refused(query: str, answer: tuple[int, str], db: None) -> None:
    assert problem(Client().get(f"/api/schema/{query}")) == answer
    assert problem(Client().post("/api/schema/")) == (405, "method_not_allowed")


def test_its_page_has_nothing_inline_and_nothing_from_elsewhere(db: None) -> None:
    page = Client().get("/api/docs/")

    html = page.content.decode()
    assert page.status_code == 200
    assert "'unsafe" not in page["Content-Security-Policy"]
    assert re.findall(r'(?:src|href)="(?![/#])', html) == []
    assert re.findall(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", html) == []
    assert 'data-document="/api/schema/?format=json"' in html


def test_no_two_methods_of_a_route_are_told_in_the_same_words(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        told = [operation["description"] for operation in methods.values() if operation.get("description")]

        assert len(told) == len(set(told)), path


def test_the_page_begins_with_generations_and_ends_with_the_original_design(document: dict[str, Any]) -> None:
    tags = [tag["name"] for tag in document["tags"]]

    assert (tags[0], tags[-1]) == ("generations", "original")
    assert {tag for _, _, operation in operations(document) for tag in operation.get("tags", [])} <= set(tags)
