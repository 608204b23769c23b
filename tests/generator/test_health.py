"""How the models do, in numbers and in words."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import ServerSpending, User
from generator import health, spending, telling
from generator.models import AIModel, Attempt, Breaker, Generation

Ask = Callable[..., Generation]
Call = Callable[..., Attempt]


@pytest.fixture
def model(shipped: None) -> AIModel:
    return AIModel.objects.get(slug="flux-1-schnell")


@pytest.fixture
def call(alice: User, ask: Ask, model: AIModel) -> Call:
    """A call of a model, some hours ago."""
    generation = ask(alice)

    def made(code: str = "", *, hours: float = 0.1, seconds: float = 1.0, **fields: Any) -> Attempt:
        return Attempt.objects.create(
            **{
                "generation": generation,
                "model": model,
                "outcome": "next_model" if code else "ok",
                "code": code,
                "started_at": timezone.now() - timedelta(hours=hours),
                "seconds": seconds,
                **fields,
            }
        )

    return made


def test_a_model_that_nobody_called_has_no_numbers(model: AIModel) -> None:
    assert health.numbers(model, days=1) == health.Numbers(0, None, None, None)
    assert health.last_failure(model) is None
    assert health.state(model) == "answers"


def test_the_numbers_of_a_day_and_of_a_month(call: Call, model: AIModel) -> None:
    for seconds in range(1, 21):
        call(seconds=float(seconds))
    for _ in range(5):
        call("timed_out", seconds=120)
    call(seconds=1000, hours=24 * 20)
    call(seconds=5000, hours=24 * 40)

    day, month = health.numbers(model, days=1), health.numbers(model, days=30)

    assert day == health.Numbers(calls=25, success_rate=0.8, median=10.5, p95=19.0)
    assert (month.calls, month.median, month.p95) == (26, 11.0, 20.0)


@pytest.mark.parametrize(
    "code", ["no_credits", "token_expired", "server_cap", "prompt_refused", "source_gone", "gated"]
)
def test_what_is_about_a_person_says_nothing_about_the_model(call: Call, model: AIModel, code: str) -> None:
    call()
    for _ in range(9):
        call(code)

    assert health.numbers(model, days=1).success_rate == 1.0
    assert health.last_failure(model) is None
    assert health.state(model) == "answers"
    assert health.with_day(AIModel.objects.filter(pk=model.pk)).get().day_calls == 1


def test_a_model_that_was_passed_over_was_not_called(call: Call, model: AIModel) -> None:
    for _ in range(5):
        call("busy", seconds=0)

    assert health.numbers(model, days=1).calls == 0
    assert health.last_failure(model) is None
    assert health.state(model) == "answers"


def test_only_the_newest_calls_are_counted(call: Call, model: AIModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LOOKED_AT", 3)
    call("timed_out", hours=5)
    for _ in range(3):
        call(hours=1)

    assert health.numbers(model, days=1) == health.Numbers(3, 1.0, 1.0, 1.0)


def test_the_last_failure_is_the_newest_one(call: Call, model: AIModel) -> None:
    call("timed_out", hours=3)
    newest = call("backend_failed", hours=2, provider="fal-ai")
    call(hours=1)

    assert health.last_failure(model) == newest


def test_the_day_of_the_list_counts_calls_and_pictures(call: Call, model: AIModel) -> None:
    call()
    call("timed_out")
    call(hours=30)

    listed = health.with_day(AIModel.objects.order_by("position"))

    assert {(row.slug, row.day_calls, row.day_pictures) for row in listed if row.day_calls} == {(model.slug, 2, 1)}


@pytest.mark.parametrize(("failures", "state"), [(2, "answers"), (3, "troubled")])
def test_a_model_is_troubled_when_most_calls_of_an_hour_failed(
    call: Call, model: AIModel, failures: int, state: str
) -> None:
    call()
    call()
    for _ in range(failures):
        call("timed_out")

    assert health.state(model) == state


def test_three_calls_are_too_few_to_say_that_a_model_is_troubled(call: Call, model: AIModel) -> None:
    for _ in range(3):
        call("timed_out")
    for _ in range(5):
        call("timed_out", hours=2)

    assert health.state(model) == "answers"


@pytest.mark.parametrize(
    ("fields", "state"),
    [({}, "troubled"), ({"account": "a" * 24}, "answers"), ({"open_until": timezone.now()}, "answers")],
    ids=["open", "of one account", "over"],
)
def test_an_open_breaker_for_everybody_troubles_its_model(model: AIModel, fields: dict[str, Any], state: str) -> None:
    now = timezone.now()
    open_until = now + timedelta(hours=1)
    Breaker.objects.create(
        **{"repo_id": model.repo_id, "provider": "fal-ai", "code": "timed_out", "failed_at": now}
        | {"open_until": open_until}
        | fields
    )

    assert health.state(model) == state


def test_a_model_that_is_off_or_that_nobody_serves_is_unavailable(model: AIModel) -> None:
    model.checked = {"lookup": {"at": "2026-11-21T10:00:00Z", "code": "not_served", "served": []}}
    assert health.state(model) == "unavailable"

    model.checked = {"lookup": {"at": "2026-11-21T10:00:00Z", "code": "", "served": ["fal-ai"]}}
    assert health.state(model) == "answers"

    model.enabled = False
    assert health.state(model) == "unavailable"


def test_the_states_of_all_models_are_read_at_once(
    shipped: None, django_assert_num_queries: Callable[..., Any]
) -> None:
    models = list(AIModel.objects.all())

    with django_assert_num_queries(1):
        assert {health.state(model) for model in models if model.enabled} == {"answers"}


def test_a_check_that_never_ended_is_told_after_five_minutes(model: AIModel) -> None:
    began = timezone.now()
    assert health.checking(model) == ""

    model.checked = {"begun_at": began.isoformat()}
    assert health.checking(model) == "under_way"

    model.checked = {"begun_at": (began - timedelta(minutes=6)).isoformat()}
    assert health.checking(model) == "no_answer"


def test_a_failure_of_an_older_release_is_told_by_its_code(model: AIModel) -> None:
    assert telling.happened("too_slow", {}).startswith("This took longer")
    assert telling.happened("forgotten_code", {}) == "It failed (forgotten_code)."
    assert telling.happened("not_in_plan", {}) == "It failed (not_in_plan)."


def test_what_was_spent_is_told_by_day_model_and_whose_token(call: Call, model: AIModel, settings: Any) -> None:
    settings.QUOTA_TIME_ZONE = ZoneInfo("Pacific/Kiritimati")
    settings.HF_DAILY_IMAGES = 10
    day = datetime.now(settings.QUOTA_TIME_ZONE).date() - timedelta(days=1)
    first_minute = datetime(day.year, day.month, day.day, 0, 1, tzinfo=settings.QUOTA_TIME_ZONE)
    for paid_by in ("server", "server", "owner", ""):
        call(started_at=first_minute, paid_by=paid_by)
    call("timed_out", started_at=first_minute, paid_by="server")
    call(hours=24 * 31, paid_by="server")
    ServerSpending.objects.create(day=date(2026, 1, 1), images=5)

    assert {(line.day, line.model, line.paid_by, line.pictures) for line in spending.lines()} == {
        (day, model.name, "the server's token", 2),
        (day, model.name, "the person's own token", 1),
    }
    assert spending.of_today() == spending.Today(0, 10)
