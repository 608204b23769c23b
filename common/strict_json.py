"""JSON as we read it: UTF-8, finite numbers, each member once, at most 32 levels deep."""

import json
import math
import re
from typing import Any

from common.errors import DomainError
from common.sentences import say
from common.texts import shown

LEVELS_MAX = 32
DIGITS_MAX = 4300
"""Of one whole number: what Python turns into one."""
TOKENS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
"""Texts, which may hold brackets that count nothing, and brackets."""


class NotJson(DomainError):
    """The text is no JSON (RFC 8259), or a number in it is beyond what can be held; `why` is the code of a sentence."""

    code = "not_json"
    status = 400

    def __init__(self, why: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.why = why

    @property
    def message(self) -> str:
        return say(self.why, **self.arguments)


class TooDeep(DomainError):
    """The text is nested deeper than we read."""

    code = "too_deep"
    status = 400


def strict_loads(body: bytes) -> Any:
    """The value of a JSON text. Raises `NotJson`, `TooDeep`."""
    _refuse_too_deep(body)
    try:
        return json.loads(
            body.decode("utf-8"),
            parse_constant=_no_constant,
            object_pairs_hook=_no_duplicates,
            parse_float=_finite,
            parse_int=_held,
        )
    except UnicodeDecodeError as error:
        raise NotJson("json_not_utf8") from error
    except json.JSONDecodeError as error:
        raise NotJson("json_broken", line=error.lineno, column=error.colno) from error


def _refuse_too_deep(body: bytes) -> None:
    level = 0
    for token in TOKENS.finditer(body):
        first = body[token.start()]
        if first in b"[{":
            level += 1
        elif first in b"]}":
            level -= 1
        if level > LEVELS_MAX:
            raise TooDeep(levels=LEVELS_MAX)


def _no_constant(name: str) -> None:
    raise NotJson("json_no_constant", name=name)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise NotJson("json_number_too_large")
    return value


def _held(text: str) -> int:
    if len(text.lstrip("-")) > DIGITS_MAX:
        raise NotJson("json_too_many_digits", most=DIGITS_MAX)
    return int(text)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise NotJson("json_member_twice", name=shown(name))
        members[name] = value
    return members
