"""The OpenAPI document, whole, and the page that shows it."""

from typing import Any

from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from common.drf import Negotiation, refuse_unknown_query

HEADERS = {
    "RateLimit-Limit": "Requests of this kind in a minute.",
    "RateLimit-Remaining": "How many are left.",
    "RateLimit-Reset": "Seconds until they all are back.",
}
RETRY_AFTER = {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}}
WWW_AUTHENTICATE = {"description": "What is needed.", "schema": {"type": "string"}, "example": "Bearer"}
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

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Raises `InvalidInput` for a query parameter that means nothing here."""
        refuse_unknown_query(request, "format")
        return super().get(request, *args, **kwargs)


class DocsView(SpectacularSwaggerSplitView):
    """The document as a page: nothing inline, nothing from elsewhere."""

    template_name = "api_docs.html"


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add what no view of the REST framework tells: health, the headers of budgets and refusals, and strictness."""
    for path in result["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                answer.setdefault("headers", {}).update(_headers(status))
    for name, schema in result["components"]["schemas"].items():
        if name.endswith("Request"):
            schema["additionalProperties"] = False
    result["components"]["headers"] = {
        name: {"description": words, "schema": {"type": "integer", "minimum": 0}} for name, words in HEADERS.items()
    }
    result["paths"]["/healthz"] = {"get": _health()}
    result["paths"]["/readyz"] = {"get": _readiness()}
    return result


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
        "responses": {"200": _json("It lives.", schema, {"status": "ok"})},
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
        },
    }


def _json(description: str, schema: dict[str, Any], example: dict[str, str]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema, "example": example}}}
