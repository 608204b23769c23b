"""How the models do: calls, seconds, failures, and the state that people see. Reads only."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from generator import telling
from generator.models import AIModel, Attempt, Breaker

LOOKED_AT = 2000
"""The newest attempts of a window; older ones are not counted."""
STATE_KEPT = 60
FEW = 4
NO_ANSWER_AFTER = timedelta(minutes=5)
OF_PEOPLE = (
    "no_credits",
    "provider_unpaid",
    "server_cap",
    "no_token",
    "gated",
    "prompt_refused",
    "bad_source",
    "call_ended",
)
"""Codes that say something about an account, a token or a wish, and nothing about the model."""
ABOUT_PEOPLE = Q(code__in=OF_PEOPLE) | Q(code__startswith="token_") | Q(code__startswith="source_")
UNCALLED = Q(seconds=0) & ~Q(code="not_served")
"""Nobody called it: a breaker, or a Hub that was silent, had passed it over."""
OK = Attempt.Outcome.OK


@dataclass(frozen=True)
class Numbers:
    """Of a window: the calls that say something about the model, the share of them that made a picture (0 to 1; None
    without calls), and the median and 95th percentile of their seconds (None without pictures)."""

    calls: int
    success_rate: float | None
    median: float | None
    p95: float | None


@dataclass(frozen=True)
class Check:
    """What a check of a curator or the scheduled look-up found; `code` is "" where all is well."""

    at: datetime
    code: str
    facts: dict[str, Any] = field(default_factory=dict)
    seconds: float | None = None
    provider: str = ""
    served: tuple[str, ...] = ()
    gated: bool = False

    @property
    def words(self) -> str:
        """What went wrong, in the active language; "" where nothing did."""
        return telling.happened(self.code, self.facts) if self.code else ""


def numbers(model: AIModel, *, days: int) -> Numbers:
    """How the model did in the last `days` times 24 hours, over at most the newest 2,000 calls."""
    rows = _of_model(model).filter(started_at__gte=timezone.now() - timedelta(days=days))
    seen = list(rows.order_by("-started_at", "-pk").values_list("outcome", "seconds")[:LOOKED_AT])
    seconds = sorted(each for outcome, each in seen if outcome == OK)
    return Numbers(
        calls=len(seen),
        success_rate=len(seconds) / len(seen) if seen else None,
        median=median(seconds) if seconds else None,
        p95=seconds[math.ceil(0.95 * len(seconds)) - 1] if seconds else None,
    )


def last_failure(model: AIModel) -> Attempt | None:
    """The newest call that made no picture for a reason of the model or its provider."""
    return _of_model(model).exclude(outcome=OK).order_by("-started_at", "-pk").first()


def with_day(models: "QuerySet[AIModel]") -> "QuerySet[AIModel]":
    """Each with `day_calls` and `day_pictures` of the last 24 hours; None where there was no call."""
    calls = Attempt.objects.filter(model=OuterRef("pk"), started_at__gte=timezone.now() - timedelta(days=1))
    told = calls.exclude(ABOUT_PEOPLE | UNCALLED).order_by().values("model")
    return models.annotate(
        day_calls=Subquery(told.annotate(count=Count("pk")).values("count")),
        day_pictures=Subquery(told.filter(outcome=OK).annotate(count=Count("pk")).values("count")),
    )


def states(models: Iterable[AIModel]) -> dict[UUID, str]:
    """By model `answers`, `troubled` (a breaker is open, or most calls of the last hour failed) or `unavailable`."""
    troubled = _troubled()
    return {model.pk: _state(model, is_troubled=model.pk in troubled) for model in models}


def state(model: AIModel) -> str:
    """The same of one model."""
    return states([model])[model.pk]


def _state(model: AIModel, *, is_troubled: bool) -> str:
    found = lookup(model)
    if not model.enabled or (found and found.code in {"not_served", "no_repository"}):
        return "unavailable"
    return "troubled" if is_troubled else "answers"


def open_breakers(model: AIModel) -> list[Breaker]:
    """What keeps calls from this model now, whoever's account it is about."""
    rows = Breaker.objects.filter(repo_id=model.repo_id, open_until__gt=timezone.now())
    return list(rows.order_by("provider", "account", "pk"))


def picture_check(model: AIModel) -> Check | None:
    """What the last "check now" found; None where there was none."""
    return _check(model, "picture")


def lookup(model: AIModel) -> Check | None:
    """What the Hub said last of who serves the model; None where nobody asked."""
    return _check(model, "lookup")


def checking(model: AIModel) -> str:
    """`under_way`, `no_answer` where it never ended, or "" where no check was begun since the last result."""
    begun_at = _stamp((model.checked or {}).get("begun_at"))
    if begun_at is None:
        return ""
    return "under_way" if timezone.now() - begun_at < NO_ANSWER_AFTER else "no_answer"


def _of_model(model: AIModel) -> "QuerySet[Attempt]":
    return Attempt.objects.filter(model=model).exclude(ABOUT_PEOPLE | UNCALLED)


def _troubled() -> set[UUID]:
    """The models with a breaker that is open for everybody, and those whose calls of the last hour mostly failed."""
    kept: set[UUID] | None = cache.get("troubled-models")
    if kept is None:
        now = timezone.now()
        shut = Breaker.objects.filter(repo_id=OuterRef("repo_id"), account="", open_until__gt=now)
        recent = Attempt.objects.filter(model=OuterRef("pk"), started_at__gte=now - timedelta(hours=1))
        told = recent.exclude(ABOUT_PEOPLE | UNCALLED).order_by().values("model")
        calls = told.annotate(count=Count("pk")).values("count")
        made = told.filter(outcome=OK).annotate(count=Count("pk")).values("count")
        counted = AIModel.objects.annotate(calls=Subquery(calls), twice_made=2 * Coalesce(Subquery(made), 0))
        failing = Q(calls__gte=FEW, calls__gt=F("twice_made"))
        kept = set(counted.filter(Exists(shut) | failing).values_list("pk", flat=True))
        cache.set("troubled-models", kept, STATE_KEPT)
    return kept


def _check(model: AIModel, kind: str) -> Check | None:
    found = (model.checked or {}).get(kind)
    if not found:
        return None
    return Check(**{**found, "at": _stamp(found["at"]), "served": tuple(found.get("served", ()))})


def _stamp(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None
