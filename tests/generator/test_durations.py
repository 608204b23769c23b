from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.models import User
from generator import durations
from generator.models import AIModel, Attempt, Generation

Ask = Callable[..., Generation]


@pytest.fixture
def took(alice: User, ask: Ask) -> Callable[..., AIModel]:
    """The built-in model, with pictures that took so many seconds."""
    generation = ask(alice)

    def measured(*seconds: float) -> AIModel:
        for each in seconds:
            Attempt.objects.create(
                generation=generation, model=generation.model, outcome="ok", started_at=timezone.now(), seconds=each
            )
        cache.clear()
        return generation.model

    return measured


def test_until_something_was_measured_the_shipped_number_holds(took: Callable[..., AIModel]) -> None:
    model = took()

    assert (durations.usual(model), durations.time_limit(model)) == (model.default_seconds, 120)


@pytest.mark.parametrize(("seconds", "limit"), [(0.5, 30), (40, 90), (200, 300)])
def test_the_limit_follows_what_was_measured_between_30_and_300(
    took: Callable[..., AIModel], seconds: float, limit: float
) -> None:
    model = took(*[seconds] * 10)

    assert (durations.usual(model), durations.time_limit(model)) == (seconds, limit)


def test_a_curators_limit_is_taken_as_it_is(took: Callable[..., AIModel]) -> None:
    model = took(*[200.0] * 10)
    model.time_limit = 45

    assert durations.time_limit(model) == 45


def test_only_the_last_fifty_count(took: Callable[..., AIModel]) -> None:
    assert durations.usual(took(*[9.0] * 60, *[2.0] * 50)) == 2
