"""Which of my generations GET generations lists."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework.request import Request

from common.errors import InvalidInput
from common.fields import CLEAN
from common.texts import Problem, is_clean
from generator.models import Generation
from generator.params import MODES

WORDS_READ = 300
WORDS_MOST = 12
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)\Z", re.ASCII)
QUERY = [
    OpenApiParameter("status", str, enum=Generation.Status.values, description="Only those in this state."),
    OpenApiParameter("mode", str, enum=MODES, description="Only those of this mode."),
    OpenApiParameter(
        "model",
        {"type": "string", "pattern": CLEAN},
        description="The slug or the repo id of the model that was asked for.",
    ),
    OpenApiParameter(
        "created_after",
        OpenApiTypes.DATETIME,
        description="Only those asked for at this time or later.",
        examples=[OpenApiExample("after", value="2026-11-21T00:00:00Z")],
    ),
    OpenApiParameter(
        "created_before",
        OpenApiTypes.DATETIME,
        description="Only those asked for before this time.",
        examples=[OpenApiExample("before", value="2026-11-22T00:00:00Z")],
    ),
    OpenApiParameter(
        "q",
        {"type": "string", "maxLength": WORDS_READ, "pattern": CLEAN},
        description=f"Words that must all be in the prompt, in any case: to {WORDS_MOST} words.",
        examples=[OpenApiExample("words", value="red mug")],
    ),
]


class Wrong(Exception):
    """A value that its filter does not take: a code, and the arguments of its sentence."""

    def __init__(self, code: str, **arguments: Any) -> None:
        super().__init__(code)
        self.code, self.arguments = code, arguments


def filtered(request: Request, rows: "QuerySet[Generation]") -> "QuerySet[Generation]":
    """Those that the query asks for. Raises `InvalidInput` with every value that is not taken."""
    wrong: list[Problem] = []
    for name, condition in CONDITIONS.items():
        if name not in request.query_params:
            continue
        try:
            rows = rows.filter(condition(request.query_params[name]))
        except Wrong as why:
            wrong.append((name, why.code, why.arguments))
    if wrong:
        raise InvalidInput(wrong)
    return rows


def _choice(name: str, choices: Any) -> Callable[[str], Q]:
    def condition(value: str) -> Q:
        if value not in choices:
            raise Wrong("not_a_choice", choices=", ".join(choices))
        return Q(**{name: value})

    return condition


def _time(lookup: str) -> Callable[[str], Q]:
    def condition(value: str) -> Q:
        written = value.replace(" ", "+").upper()  # a plus that was not written %2B
        if not TIME.match(written):
            raise Wrong("not_a_time")
        try:
            return Q(**{lookup: datetime.fromisoformat(written).astimezone(UTC)})
        except (ValueError, OverflowError) as error:
            raise Wrong("not_a_time") from error

    return condition


def _model(value: str) -> Q:
    _checked(value)
    return Q(model__slug=value) | Q(model__repo_id=value)


def _words(value: str) -> Q:
    _checked(value)
    if len(value) > WORDS_READ:
        raise Wrong("too_long", most=WORDS_READ, length=len(value))
    words = value.split()
    if len(words) > WORDS_MOST:
        raise Wrong("too_many", most=WORDS_MOST)
    condition = Q()
    for word in words:
        condition &= Q(request__prompt__iregex=re.escape(word))
    return condition


def _checked(value: str) -> None:
    if not is_clean(value):
        raise Wrong("control_characters")


CONDITIONS: dict[str, Callable[[str], Q]] = {
    "status": _choice("status", Generation.Status.values),
    "mode": _choice("mode", MODES),
    "model": _model,
    "created_after": _time("created_at__gte"),
    "created_before": _time("created_at__lt"),
    "q": _words,
}
