"""How long a model usually takes, and how long a call of it may."""

from statistics import median, quantiles
from uuid import UUID

from django.core.cache import cache

from generator.models import AIModel, Attempt

KEPT_AS, SECONDS_KEPT = "seconds-of-models", 60
ATTEMPTS_LOOKED_AT, OF_EACH = 2000, 50
TIME_LIMITS = (30.0, 300.0)
"""Seconds that a call may take, at the least and at the most."""
FIRST_TIME_LIMIT = 120.0
MEASURED_AFTER = 10


def usual(model: AIModel) -> float:
    """Median seconds of this model's last pictures (kept for a minute); what it shipped with until there are some."""
    return usual_of([model])[model.pk]


def usual_of(models: list[AIModel]) -> dict[UUID, float]:
    """The same of several, by model."""
    measured = _measured()
    return {each.pk: round(median(measured.get(each.pk) or [each.default_seconds]), 1) for each in models}


def time_limit(model: AIModel) -> float:
    """Seconds that one call may take: the curator's number, else twice the 95th percentile of the last pictures and 10
    more, from 30 to 300; 120 until there are ten."""
    if model.time_limit:
        return float(model.time_limit)
    measured = _measured().get(model.pk, [])
    if len(measured) < MEASURED_AFTER:
        return FIRST_TIME_LIMIT
    least, most = TIME_LIMITS
    return min(most, max(least, 2 * quantiles(measured, n=20)[-1] + 10))


def _measured() -> dict[UUID, list[float]]:
    """Seconds of the last pictures by model, kept for a minute; a key is a time, so the newest keys are looked at."""
    measured: dict[UUID, list[float]] | None = cache.get(KEPT_AS)
    if measured is None:
        measured = {}
        newest = Attempt.objects.filter(outcome=Attempt.Outcome.OK).order_by("-pk")
        for model, seconds in newest.values_list("model", "seconds")[:ATTEMPTS_LOOKED_AT]:
            of_model = measured.setdefault(model, [])
            if len(of_model) < OF_EACH:
                of_model.append(seconds)
        cache.set(KEPT_AS, measured, SECONDS_KEPT)
    return measured
