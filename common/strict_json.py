"""JSON as we read it: UTF-8, finite numbers, each member once, at most 32 levels deep."""

import json
import math
import re
from typing import Any

from common.errors import DomainError

LEVELS_MAX = 32
TOKENS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
"""Texts, which may hold brackets that count nothing, and brackets."""


class NotJson(DomainError):
    """The text is no JSON (RFC 8259), or a number in it is beyond what can be held."""

    code = "not_json"
    status = 400


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
        )
    except ValueError as error:
        raise NotJson from error


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
