"""What the OpenAPI document says about refusals: one shape, one example a code."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from common import cures
from common.sentences import template

STUDIO = "https://studio.example"
"""The address of the studio in examples."""

SAMPLES = {
    "amount": 4, "choices": "read, generate, manage", "given": "application/json", "hours": 7,
    "kilobytes": 16, "left": 1, "length": 1001, "levels": 32, "limit": 10, "max": 100, "megabytes": 30,
    "method": "PUT", "min": 1, "most": 1000,
    "scope": "generate", "seconds": 12, "taken": "application/json", "time": "00:00 UTC", "wait": "5 hours, 12 minutes",
}  # fmt: skip
"""Arguments for the sentences of examples."""

DOOR: Mapping[int, Sequence[str]] = {
    400: ["malformed", "repeated_header", "unknown_host"],
    408: ["body_too_slow"],
    414: ["address_too_long"],
    415: ["wrong_encoding"],
    431: ["head_too_large"],
}
"""What the door of the process refuses, whatever the route, by status."""
ALWAYS: Mapping[int, Sequence[str]] = {
    401: ["not_signed_in", "bad_token"],
    403: ["insufficient_scope", "csrf_failed"],
    406: ["not_acceptable"],
    429: ["rate_limited"],
    **DOOR,
}
BODY: Mapping[int, Sequence[str]] = {
    400: ["not_json", "too_deep"],
    413: ["body_too_large"],
    415: ["wrong_media_type"],
}
"""The refusals of what was sent as JSON, or to a route that takes nothing."""

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[!-~]{1,255}$"},
    OpenApiParameter.HEADER,
    description="1 to 255 visible ASCII characters, kept a day: the same key and body answer the same generation.",
    examples=[OpenApiExample("key", value="order-4711-mug", parameter_only=("Idempotency-Key", "header"))],
)

EXTRAS: dict[str, dict[str, Any]] = {
    "invalid": {"errors": [{"field": "seed", "code": "not_a_whole_number", "message": "Write a whole number."}]},
    "quota_exhausted": {"resets_at": "2026-11-22T00:00:00Z"},
    "queue_full": {"retry_after": 10},
    "too_many_streams": {"retry_after": 30},
    "rate_limited": {"retry_after": 12},
    "daily_limit": {"retry_after": 25000},
    "archives_busy": {"retry_after": 30},
    "tracers_busy": {"retry_after": 30},
}
"""The further members of examples."""


class FieldProblem(serializers.Serializer[Any]):
    """What is wrong with one field."""

    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """A refusal (RFC 9457). `code` is stable; `detail` is in the reader's language and says what to do next."""

    type = serializers.URLField(help_text="The page that explains this code.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = FieldProblem(  # type: ignore[assignment]
        many=True, required=False, help_text="With code `invalid`: each field and why."
    )
    resets_at = serializers.DateTimeField(required=False, help_text="With code `quota_exhausted`.")
    retry_after = serializers.IntegerField(required=False, help_text="Seconds; also in the header Retry-After.")


def problems(codes: Mapping[int, Sequence[str]]) -> dict[tuple[int, str], OpenApiResponse]:
    """The refusals of a route for `@extend_schema(responses=...)`, by status, with those that the door gives it too."""
    return {
        (status, "application/problem+json"): OpenApiResponse(
            Problem, HTTPStatus(status).phrase, [_example(status, code) for code in with_the_doors(status, names)]
        )
        for status, names in codes.items()
    }


def always() -> dict[tuple[int, str], OpenApiResponse]:
    """The refusals that every route with credentials has."""
    return problems(ALWAYS)


def with_the_doors(status: int, codes: Sequence[str]) -> list[str]:
    """These codes of a status and those that the door gives it, each once."""
    return list(dict.fromkeys([*codes, *DOOR.get(status, ())]))


def sample(code: str) -> str:
    """The sentence of a code with arguments that an example could have."""
    return template(code).format_map(_Samples(SAMPLES))


def example(status: int, code: str) -> dict[str, Any]:
    """A problem document with this code."""
    return {
        "type": cures.kind(code, studio=STUDIO),
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": sample(code),
        "code": code,
        **EXTRAS.get(code, {}),
    }


def _example(status: int, code: str) -> OpenApiExample:
    return OpenApiExample(
        code,
        value=example(status, code),
        response_only=True,
        status_codes=[str(status)],
        media_type="application/problem+json",
    )


class _Samples(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "…"
