"""The OpenAPI document, whole, and the page that shows it."""

from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from common.drf import Negotiation, only_methods, refuse_unknown_query
from common.openapi import DOOR, example

HEADERS = {
    "RateLimit-Limit": "Requests of this kind in a minute.",
    "RateLimit-Remaining": "How many are left.",
    "RateLimit-Reset": "Seconds until they all are back.",
}
RETRY_AFTER = {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}}
WWW_AUTHENTICATE = {"description": "What is needed.", "schema": {"type": "string"}, "example": "Bearer"}
BLANK = {"type": "string", "maxLength": 0}
STATES = {"type": "string", "enum": ["ok", "missing"]}


class ByFormat(Negotiation):
    """`?format=yaml` and `?format=json` choose, otherwise Accept does."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        """Raises `Http404` for another format."""
        wanted = request.query_params.get("format")
        return super().select_renderer(request, self.filter_renderers(renderers, wanted) if wanted else renderers)


class SchemaView(SpectacularAPIView):
    """The document, as YAML or JSON."""

    content_negotiation_class = ByFormat
    options = only_methods

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Raises `InvalidInput` for a query parameter that means nothing here."""
        refuse_unknown_query(request, "format")
        return super().get(request, *args, **kwargs)


@login_not_required
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The document as a page on which each route can be tried: nothing inline, nothing from elsewhere."""
    return render(request, "api_docs.html")


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add what no view of the REST framework tells: health, the headers of budgets and refusals, and strictness."""
    for path in result["paths"].values():
        _tell_apart(path)
        for operation in path.values():
            for status, answer in operation["responses"].items():
                answer.setdefault("headers", {}).update(_headers(status))
    for name, schema in result["components"]["schemas"].items():
        if name.endswith("Request"):
            schema["additionalProperties"] = False
            schema["properties"] = {member: _without_blank(said) for member, said in schema["properties"].items()}
    result["components"]["headers"] = {
        name: {"description": words, "schema": {"type": "integer", "minimum": 0}} for name, words in HEADERS.items()
    }
    result["paths"]["/healthz"] = {"get": _health()}
    result["paths"]["/readyz"] = {"get": _readiness()}
    result["components"]["examples"] = dict(sorted(_shared_examples(result["paths"]).items()))
    return result


def _tell_apart(path: dict[str, Any]) -> None:
    """What one function says of all of its methods is told of none of them: their summaries say it."""
    said = [operation.get("description") for operation in path.values()]
    for operation in path.values():
        if said.count(operation.get("description")) > 1:
            operation.pop("description", None)


def _shared_examples(paths: dict[str, Any]) -> dict[str, Any]:
    """The examples of refusals, which every route would repeat; in their place is where they are."""
    shared = {}
    answers = [
        item for path in paths.values() for operation in path.values() for item in operation["responses"].items()
    ]
    for status, answer in answers:
        for media_type, content in answer.get("content", {}).items() if status >= "400" else ():
            kind = media_type.rpartition("/")[2].replace("+", "-")
            for name, told in content.get("examples", {}).items():
                key = f"{told['summary'].replace(' ', '_')}.{status}.{kind}"
                shared[key] = told
                content["examples"][name] = {"$ref": f"#/components/examples/{key}"}
    return shared


def _without_blank(schema: dict[str, Any]) -> dict[str, Any]:
    """Without the empty text that the generator allows beside each text: our texts say themselves whether they may."""
    if "items" in schema:
        return {**schema, "items": _without_blank(schema["items"])}
    choices = schema.get("oneOf", [])
    if BLANK not in choices:
        return schema
    rest = {name: value for name, value in schema.items() if name != "oneOf"}
    return {**choices[0], **rest}


def _headers(status: str) -> dict[str, Any]:
    headers: dict[str, Any] = {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
    if status == "429":
        headers["Retry-After"] = RETRY_AFTER
    if status == "401":
        headers["WWW-Authenticate"] = WWW_AUTHENTICATE
    return headers


def _health() -> dict[str, Any]:
    schema = {"type": "object", "required": ["status"], "properties": {"status": {"type": "string", "const": "ok"}}}
    return {
        "operationId": "health",
        "tags": ["health"],
        "summary": "The process lives",
        "security": [],
        "responses": {"200": _json("It lives.", schema, {"status": "ok"}), **_at_the_door()},
    }


def _readiness() -> dict[str, Any]:
    names = ("database", "cache", "storage")
    schema = {
        "type": "object",
        "required": ["status", *names],
        "properties": {
            "status": {"type": "string", "enum": ["ok", "unavailable"]},
            **dict.fromkeys(names, STATES),
        },
    }
    fine = {"status": "ok", **dict.fromkeys(names, "ok")}
    missing = {**fine, "status": "unavailable", "cache": "missing"}
    return {
        "operationId": "readiness",
        "tags": ["health"],
        "summary": "Each dependency by name",
        "security": [],
        "responses": {
            "200": _json("All are there.", schema, fine),
            "503": _json("One is missing.", schema, missing),
            **_at_the_door(),
        },
    }


def _at_the_door() -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        str(status): {
            "description": HTTPStatus(status).phrase,
            "content": {
                "application/problem+json": {
                    "schema": schema,
                    "examples": {code: {"summary": code, "value": example(status, code)} for code in codes},
                }
            },
        }
        for status, codes in DOOR.items()
    }


def _json(description: str, schema: dict[str, Any], example: dict[str, str]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema, "example": example}}}
