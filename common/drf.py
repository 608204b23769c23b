"""The REST door: strict shapes, problem documents, cursor pages."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.datastructures import MultiValueDict
from rest_framework import exceptions, negotiation, pagination, parsers, renderers, serializers
from rest_framework.response import Response

from common import errors, middleware
from common.database import disk_is_full
from common.errors import DomainError, InvalidInput
from common.strict_json import strict_loads
from common.texts import Problem, shown
from common.uploads import BodyTooLarge, UploadFull, WholeForm

JSON_MAX_BYTES = 1024 * 1024
SURROGATE = re.compile("[\ud800-\udfff]")
NAMED_MAX = 50
"""How many unknown members, or items of a list, one refusal names."""


def problem(exception: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Every error of the API as `application/problem+json` (RFC 9457); None leaves a bug loud."""
    refusal = UploadFull() if disk_is_full(exception) else _as_refusal(exception, context)
    return middleware.problem(refusal) if refusal else None


def _as_refusal(exception: Exception, context: dict[str, Any]) -> DomainError | None:
    match exception:
        case DomainError():
            return exception
        case Http404():
            return errors.NotFound()
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return errors.NotSignedIn()
        case PermissionDenied() | exceptions.PermissionDenied():
            return errors.Forbidden()
        case RequestDataTooBig():
            return BodyTooLarge(megabytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20)
        case exceptions.MethodNotAllowed():
            return errors.MethodNotAllowed(method=context["request"].method)
        case exceptions.UnsupportedMediaType():
            return errors.WrongMediaType(taken=_taken(context))
        case exceptions.ParseError() | SuspiciousOperation() | UnreadablePostError():
            return errors.Malformed()
    return None


def _taken(context: dict[str, Any]) -> str:
    return " / ".join(parser.media_type for parser in context["view"].parser_classes)


class Negotiation(negotiation.DefaultContentNegotiation):
    """The framework's, but who brings no credentials hears that first, and who asks too often that."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        """Where somebody with credentials asks for what nobody can answer, `unacceptable` says what can be answered."""
        try:
            return super().select_renderer(request, renderers, format_suffix)
        except exceptions.NotAcceptable:
            if request.user is not None and request.headers["Accept"].strip():
                request.unacceptable = renderers[0].media_type
            return renderers[0], renderers[0].media_type


def only_methods(view: Any, request: Any, *args: Any, **kwargs: Any) -> Response:
    """The answer to OPTIONS: the header `Allow` says it all."""
    return Response(status=204)


class AnyAccept(renderers.JSONRenderer):
    """For routes of pictures, so that a client may ask for `image/png` alone: only a refusal is rendered, as JSON."""

    media_type = "*/*"


class StrictJSONParser(parsers.BaseParser):
    """JSON to 1 MiB, as `strict_loads` reads it."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """Raises `BodyTooLarge` before anything is read where the length says so; `NotJson`, `TooDeep`."""
        if _declared_length(stream) > JSON_MAX_BYTES or len(body := stream.read(JSON_MAX_BYTES + 1)) > JSON_MAX_BYTES:
            raise BodyTooLarge(megabytes=JSON_MAX_BYTES // 2**20)
        return strict_loads(body)


class StrictFormParser(parsers.BaseParser):
    """A form with files, streamed to the disk; one that was cut is refused whole."""

    media_type = "multipart/form-data"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """Raises `Malformed`, and `InvalidInput` that names each text which is not UTF-8."""
        request = (parser_context or {})["request"]
        try:
            form = WholeForm({**request.META, "CONTENT_TYPE": media_type}, stream, request.upload_handlers)
        except MultiPartParserError as error:
            raise errors.Malformed from error
        texts, files = form.parse()
        refuse_not_utf8((name, text) for name, each in texts.lists() for text in each)
        return parsers.DataAndFiles(texts, files)


def refuse_not_utf8(texts: Iterable[tuple[str, str]]) -> None:
    """Raises `InvalidInput` that names each text, or name of one, that has bytes which are not UTF-8."""
    wrong = {shown(name): None for name, text in texts if SURROGATE.search(name + text)}
    if wrong:
        raise InvalidInput([(name, "wrong_bytes", {}) for name in list(wrong)[:NAMED_MAX]])


def _declared_length(stream: Any) -> int:
    """Bytes that the request's Content-Length names; 0 where the stream is no request any more."""
    value = getattr(stream, "META", {}).get("CONTENT_LENGTH") or "0"
    return int(value) if value.isdigit() else 0


DRF_CODES = {"invalid": "not_an_object", "not_a_dict": "not_an_object"}
"""The framework's codes in our words. Ranges and choices are rules, never a serializer's."""


class StrictSerializer(serializers.Serializer[Any]):
    """Types are strict and a member that is not known is refused by name. Writes nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if isinstance(form := kwargs.get("data"), MultiValueDict):
            kwargs["data"] = form.dict()
        super().__init__(*args, **kwargs)

    def validated(self) -> dict[str, Any]:
        """The members that were sent. Raises `InvalidInput`."""
        if not isinstance(self.initial_data, Mapping):
            raise InvalidInput([("body", "not_an_object", {})])
        unknown = [shown(str(name)) for name in self.initial_data if name not in self.fields]
        errors: list[Problem] = [(name, "unknown", {}) for name in unknown[:NAMED_MAX]]
        if not self.is_valid():
            errors += self._as_problems(self.errors)
        if errors:
            raise InvalidInput(errors)
        return dict(self.validated_data)

    def _as_problems(self, errors: Mapping[Any, Any], prefix: str = "") -> list[Problem]:
        problems: list[Problem] = []
        for name, details in errors.items():
            if isinstance(details, Mapping):
                problems += self._as_problems(details, f"{prefix}{name}.")
                continue
            code = DRF_CODES.get(details[0].code, details[0].code)
            arguments = {"kilobytes": getattr(self.fields.get(name), "most", 0)} if code == "too_large" else {}
            problems.append((f"{prefix}{name}", code, arguments))
        return problems


def refuse_unknown_query(request: Any, *known: str) -> None:
    """Raises `InvalidInput` that names each query parameter which is not UTF-8, not `known`, or is given twice."""
    refuse_not_utf8(parse_qsl(request.META.get("QUERY_STRING", ""), True, errors="surrogateescape"))
    errors: list[Problem] = [
        (shown(name), "unknown" if name not in known else "repeated", {})
        for name, values in request.query_params.lists()
        if name not in known or len(values) > 1
    ]
    if errors:
        raise InvalidInput(errors)


def refuse_body(request: Any) -> None:
    """Raises `InvalidInput` that names what was sent to an address that takes no members."""
    StrictSerializer(data=request.data).validated()


class NewestFirst(pagination.CursorPagination):
    """`{"next", "previous", "results"}`, newest first; `?limit=` to 100."""

    page_size = 20
    page_size_query_param = "limit"
    max_page_size = 100
    ordering: tuple[str, ...] = ("-created_at", "-id")

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        """The rows of the page that was asked for; links name the public address. Raises `InvalidInput`."""
        rows: list[Any] = super().paginate_queryset(queryset, request, view) or []
        self.base_url = f"{settings.PUBLIC_URL}{request.get_full_path()}"
        return rows

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
            cursor = super().decode_cursor(request)
            if cursor is not None:
                self._refuse_foreign(cursor)
        except (exceptions.NotFound, ValueError) as error:
            raise InvalidInput([("cursor", "bad_cursor", {})]) from error
        return cursor

    def _refuse_foreign(self, cursor: pagination.Cursor) -> None:
        if cursor.position is not None:
            self.read_position(str(cursor.position))
        elif not (cursor.offset or cursor.reverse):
            raise ValueError("names no place")

    def read_position(self, position: str) -> Any:
        """Where the page begins, as its rows say it. Raises `ValueError` for what no row could say."""
        moment = datetime.fromisoformat(position)
        if moment.tzinfo is None or not 2000 < moment.year < 9000:
            raise ValueError("no time of ours")
        return moment


class InOrder(NewestFirst):
    """The same for the rows of a catalogue, by their `position`; all of them on one page unless told."""

    page_size = 100
    ordering = ("position", "slug")

    def read_position(self, position: str) -> int:
        """Raises `ValueError`."""
        if not (position.isascii() and position.isdigit() and len(position) < 6):
            raise ValueError("no position of ours")
        return int(position)
