"""Refusals: what a service raises when it will not do what was asked."""

from typing import Any

from common.sentences import say


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

    def __init__(self, errors: list[tuple[str, str, dict[str, Any]]]) -> None:
        super().__init__()
        self.errors = errors

    def as_members(self) -> list[dict[str, str]]:
        """The members `errors` of a problem document (RFC 9457)."""
        return [
            {"field": name, "code": code, "message": say(code, **arguments)} for name, code, arguments in self.errors
        ]
