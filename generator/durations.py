"""How long a model usually takes, and how long a call of it may."""

from statistics import median, quantiles
from uuid import UUID

from django.core.cache import cache

from generator.models import AIModel, Attempt

SECONDS_KEPT = 60
ATTEMPTS_LOOKED_AT = 50
TIME_LIMITS = (30.0, 300.0)
"""Seconds that a call may take, at the least and at the most."""
FIRST_TIME_LIMIT = 120.0
MEASURED_AFTER = 10


def usual(model: AIModel) -> float:
    """Median seconds of this model's last pictures (kept for a minute); what it shipped with until there are some."""
    return usual_of([model])[model.pk]


def usual_of(models: list[AIModel]) -> dict[UUID, float]:
    """The same of several, by model."""
    measured = _measured(models)
    return {model.pk: _usual(model, measured[model.pk]) for model in models}


def time_limit(model: AIModel) -> float:
    """Seconds that one call may take: the curator's number, else twice the 95th percentile of the last pictures and 10
    more, from 30 to 300; 120 until there are ten."""
    if model.time_limit:
        return float(model.time_limit)
    measured = _measured([model])[model.pk]
    if len(measured) < MEASURED_AFTER:
        return FIRST_TIME_LIMIT
    least, most = TIME_LIMITS
    return min(most, max(least, 2 * quantiles(measured, n=20)[-1] + 10))


def _usual(model: AIModel, measured: list[float]) -> float:
    return round(median(measured), 1) if measured else model.default_seconds


def _measured(models: list[AIModel]) -> dict[UUID, list[float]]:
    """Seconds of the last pictures that each model made, kept for a minute."""
    names = {f"seconds-{model.pk}": model for model in models}
    kept: dict[str, list[float]] = cache.get_many(names)
    new = {name: _last_seconds(model) for name, model in names.items() if name not in kept}
    cache.set_many(new, SECONDS_KEPT)
    return {model.pk: (kept | new)[name] for name, model in names.items()}


def _last_seconds(model: AIModel) -> list[float]:
    rows = Attempt.objects.filter(model=model, outcome=Attempt.Outcome.OK).order_by("-started_at", "-pk")
    return list(rows.values_list("seconds", flat=True)[:ATTEMPTS_LOOKED_AT])
