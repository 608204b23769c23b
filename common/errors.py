"""Refusals: what a service raises when it will not do what was asked, and what is found before any service is asked."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from common.sentences import say
from common.texts import Problem


def statuses() -> dict[str, set[int]]:
    """The HTTP statuses that each code of the refusals in the loaded modules comes with."""
    found = defaultdict(set)
    for kind in _family(DomainError):
        found[kind.code].add(int(kind.status))
    del found[DomainError.code]
    return dict(found)


def _family(kind: type["DomainError"]) -> Iterator[type["DomainError"]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _family(child)


class DomainError(Exception):
    """A refusal for a person: a stable `code`, an HTTP `status`, and the arguments of its sentence.

    `extra` are further members for machines (`resets_at`, `retry_after` in seconds).
    """

    code = "refused"
    status = 400

    def __init__(self, *, extra: dict[str, Any] | None = None, **arguments: Any) -> None:
        super().__init__(self.code)
        self.arguments = arguments
        self.extra = extra or {}

    @property
    def message(self) -> str:
        """What happened and what to do next, in the language active now."""
        return say(self.code, **self.arguments)


class InvalidInput(DomainError):
    """Fields of a request break rules: `errors` lists `(field, code, arguments)`."""

    code = "invalid"
    status = 422

    def __init__(self, errors: list[Problem]) -> None:
        super().__init__()
        self.errors = errors

    def as_members(self) -> list[dict[str, str]]:
        """The members `errors` of a problem document (RFC 9457)."""
        return [
            {"field": name, "code": code, "message": say(code, **arguments)} for name, code, arguments in self.errors
        ]


class Malformed(DomainError):
    """The request cannot be read."""

    code = "malformed"
    status = 400


class UnknownHost(DomainError):
    """The host name of the request is none of ours."""

    code = "unknown_host"
    status = 400


class NotSignedIn(DomainError):
    """No credentials came."""

    code = "not_signed_in"
    status = 401


class Forbidden(DomainError):
    """The person is known, and may not."""

    code = "forbidden"
    status = 403


class CsrfFailed(DomainError):
    """A browser's session without the proof that our own page asks."""

    code = "csrf_failed"
    status = 403


class NotFound(DomainError):
    """It is not there, or not for them."""

    code = "not_found"
    status = 404


class MethodNotAllowed(DomainError):
    """The address does not take this method."""

    code = "method_not_allowed"
    status = 405


class NotAcceptable(DomainError):
    """The answer was wanted in a format that there is none of."""

    code = "not_acceptable"
    status = 406


class BodyTooSlow(DomainError):
    """The body took longer than anybody is waited for."""

    code = "body_too_slow"
    status = 408


class AddressTooLong(DomainError):
    """The address is longer than any of ours."""

    code = "address_too_long"
    status = 414


class HeadTooLarge(DomainError):
    """The headers together are larger than we read."""

    code = "head_too_large"
    status = 431


class RepeatedHeader(DomainError):
    """A header that says one thing came twice."""

    code = "repeated_header"
    status = 400


class WrongEncoding(DomainError):
    """The body is packed; it is never unpacked."""

    code = "wrong_encoding"
    status = 415


class WrongMediaType(DomainError):
    """The body came in a format that is not taken."""

    code = "wrong_media_type"
    status = 415


class ServerError(DomainError):
    """A bug of ours."""

    code = "server_error"
    status = 500
