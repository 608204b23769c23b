"""The REST door: strict shapes, problem documents, cursor pages."""

import json
import math
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions, pagination, parsers, serializers
from rest_framework.response import Response

from common.errors import DomainError, InvalidInput
from common.middleware import problem_document
from common.uploads import BodyTooLarge

JSON_MAX_BYTES = 1024 * 1024
JSON_MAX_LEVELS = 32


class Refusal(DomainError):
    """A refusal that the REST framework found: status, code and the arguments of its sentence."""

    def __init__(self, status: int, code: str, *, extra: dict[str, Any] | None = None, **arguments: Any) -> None:
        self.status, self.code = status, code
        super().__init__(extra=extra, **arguments)


def problem(exception: Exception, context: dict[str, Any]) -> Response | None:
    """Every error of the API as `application/problem+json` (RFC 9457); None leaves a bug loud."""
    refusal = _as_refusal(exception, context)
    if refusal is None:
        return None
    response = Response(problem_document(refusal), status=refusal.status, content_type="application/problem+json")
    if refusal.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if retry := refusal.extra.get("retry_after"):
        response["Retry-After"] = str(retry)
    return response


def _as_refusal(exception: Exception, context: dict[str, Any]) -> DomainError | None:
    match exception:
        case DomainError():
            return exception
        case Http404():
            return Refusal(404, "not_found")
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return Refusal(401, "not_signed_in")
        case PermissionDenied() | exceptions.PermissionDenied():
            return Refusal(403, "forbidden")
        case RequestDataTooBig():
            return BodyTooLarge(megabytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20)
        case exceptions.MethodNotAllowed():
            return Refusal(405, "method_not_allowed", method=context["request"].method)
        case exceptions.UnsupportedMediaType():
            return Refusal(415, "wrong_media_type", taken=_taken(context))
        case exceptions.NotAcceptable():
            return Refusal(406, "not_acceptable")
        case exceptions.ParseError():
            return Refusal(400, "malformed")
    return None


def _taken(context: dict[str, Any]) -> str:
    return " / ".join(parser.media_type for parser in context["view"].parser_classes)


class StrictJSONParser(parsers.BaseParser):
    """JSON to 1 MiB and 32 levels; NaN, Infinity and duplicated members are refused."""

    media_type = "application/json"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        body = stream.read(JSON_MAX_BYTES + 1)
        if len(body) > JSON_MAX_BYTES:
            raise BodyTooLarge(megabytes=1)
        return strict_loads(body)


def strict_loads(body: bytes) -> Any:
    """The value of a JSON text in UTF-8. Raises `Refusal` 400 `not_json` or `too_deep`."""
    if _levels(body) > JSON_MAX_LEVELS:
        raise Refusal(400, "too_deep", levels=JSON_MAX_LEVELS)
    try:
        return json.loads(
            body.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_no_duplicates, parse_float=_finite
        )
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "not_json") from error


def _levels(body: bytes) -> int:
    """The deepest nesting, brackets inside texts left out."""
    level = deepest = 0
    inside = escaped = False
    for byte in body:
        if inside:
            inside = escaped or byte != 0x22
            escaped = not escaped and byte == 0x5C
        elif byte == 0x22:
            inside = True
        elif byte in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif byte in b"]}":
            level -= 1
    return deepest


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("beyond what a number can hold")
    return value


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member appears twice")
    return members


class StrictChar(serializers.CharField):
    """A text that was sent as a text, unchanged; rules about it live elsewhere."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, "allow_blank": True, **kwargs})

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and data is not None and not isinstance(data, str):
            raise serializers.ValidationError("", code="not_a_text")
        return super().run_validation(data)

    def run_validators(self, value: Any) -> None:
        """None: the framework's own would word control characters its way."""


class StrictInteger(serializers.IntegerField):
    """A whole number that was sent as one: not "7", not 2.5, not true."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        wrong = isinstance(data, bool) or not isinstance(data, int)
        if data is not serializers.empty and data is not None and wrong:
            raise serializers.ValidationError("", code="not_a_whole_number")
        return super().run_validation(data)


class StrictFloat(serializers.FloatField):
    """A finite number that was sent as one."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and data is not None and not _is_finite_number(data):
            raise serializers.ValidationError("", code="not_a_number")
        return super().run_validation(data)


def _is_finite_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return not isinstance(value, float) or math.isfinite(value)


class StrictBoolean(serializers.BooleanField):
    """true or false."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and data is not None and not isinstance(data, bool):
            raise serializers.ValidationError("", code="not_yes_or_no")
        return super().run_validation(data)


class StrictSerializer(serializers.Serializer):
    """Types are strict and a member that is not known is refused by name. Writes nothing."""

    def validated(self) -> dict[str, Any]:
        """The members that were sent. Raises `InvalidInput`."""
        if not isinstance(self.initial_data, Mapping):
            raise InvalidInput([("body", "not_an_object", {})])
        errors = [(str(name), "unknown", {}) for name in self.initial_data if name not in self.fields]
        if not self.is_valid():
            errors += _as_problems(self.errors)
        if errors:
            raise InvalidInput(errors)
        return dict(self.validated_data)


DRF_CODES = {
    "invalid": "not_an_object",
    "not_a_dict": "not_an_object",
    "not_a_list": "not_a_list",
    "max_length": "too_many",
    "invalid_choice": "not_a_choice",
    "max_string_length": "out_of_range",
    "overflow": "out_of_range",
}


def _as_problems(errors: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str, dict[str, Any]]]:
    problems: list[tuple[str, str, dict[str, Any]]] = []
    for name, details in errors.items():
        if isinstance(details, Mapping):
            problems += _as_problems(details, f"{prefix}{name}.")
            continue
        code = details[0].code
        problems.append((f"{prefix}{name}", DRF_CODES.get(code, code), {}))
    return problems


def refuse_unknown_query(request: Any, *known: str) -> None:
    """Raises `InvalidInput` that names each query parameter which is not `known`."""
    unknown = [(name, "unknown", {}) for name in request.query_params if name not in known]
    if unknown:
        raise InvalidInput(unknown)


class NewestFirst(pagination.CursorPagination):
    """`{"next", "previous", "results"}`, newest first; `?limit=` to 100."""

    page_size = 20
    page_size_query_param = "limit"
    max_page_size = 100
    ordering = ("-created_at", "-id")

    def get_page_size(self, request: Any) -> int:
        """Raises `InvalidInput` for a limit that is no whole number from 1 to 100."""
        value = request.query_params.get("limit")
        if value is None:
            return self.page_size
        if not (value.isascii() and value.isdigit() and len(value) < 5 and 1 <= int(value) <= self.max_page_size):
            raise InvalidInput([("limit", "out_of_range", {"min": 1, "max": self.max_page_size})])
        return int(value)

    def decode_cursor(self, request: Any) -> Any:
        """Raises `InvalidInput` for a cursor that we did not make."""
        try:
            return super().decode_cursor(request)
        except (exceptions.NotFound, UnicodeError) as error:
            raise InvalidInput([("cursor", "bad_cursor", {})]) from error
