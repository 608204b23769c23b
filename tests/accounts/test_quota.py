"""Images a day: promised, spent once, given back."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.db.models import Sum

from accounts import queries
from accounts.models import LedgerEntry, Plan, Usage, User
from accounts.services import plans, quota


def books_agree(user: User) -> bool:
    """The ledger adds up to the counters, day by day."""
    return all(
        (row.entries.aggregate(total=Sum("amount"))["total"] or 0) == row.used + row.reserved
        for row in Usage.objects.filter(user=user)
    )


def reserve(user: User, amount: int = 1, reference: str = "a") -> None:
    quota.reserve(user=user, amount=amount, reference=reference)


def test_a_newcomer_has_ten_images(alice: User) -> None:
    usage = queries.usage(alice)

    assert (usage.limit, usage.used, usage.reserved, usage.left, usage.in_flight) == (10, 0, 0, 10, 0)


def test_a_promise_counts_at_once(alice: User) -> None:
    reserve(alice, 4)

    usage = queries.usage(alice)

    assert (usage.used, usage.reserved, usage.left, usage.in_flight) == (0, 4, 6, 1)


def test_what_was_not_made_comes_back(alice: User) -> None:
    reserve(alice, 4)

    assert quota.settle(reference="a", spent=1) is True

    usage = queries.usage(alice)
    assert (usage.used, usage.reserved, usage.left, usage.in_flight) == (1, 0, 9, 0)
    assert books_agree(alice)


def test_a_promise_is_settled_once(alice: User) -> None:
    reserve(alice, 2)
    quota.settle(reference="a", spent=2)

    assert quota.settle(reference="a", spent=0) is False

    assert queries.usage(alice).used == 2
    assert LedgerEntry.objects.filter(reference="a").count() == 2


def test_the_eleventh_image_is_refused_with_the_time_of_the_next(alice: User) -> None:
    with time_machine.travel("2026-11-21T18:45:00Z", tick=False):
        reserve(alice, 10)
        with pytest.raises(quota.QuotaExhausted) as refusal:
            reserve(alice, 1, "b")
        sentence = refusal.value.message

    assert refusal.value.status == 402
    assert refusal.value.extra == {"resets_at": "2026-11-22T00:00:00Z"}
    assert "5\xa0hours and 15\xa0minutes, at 00:00 UTC" in sentence


def test_asking_for_more_than_is_left_says_how_many_are(alice: User) -> None:
    reserve(alice, 8)

    with pytest.raises(quota.QuotaExhausted) as refusal:
        reserve(alice, 4, "b")

    assert "2 of the 4" in refusal.value.message


def test_a_refusal_moves_nothing(alice: User) -> None:
    reserve(alice, 9)

    with pytest.raises(quota.QuotaExhausted):
        reserve(alice, 2, "b")

    assert queries.usage(alice).reserved == 9
    assert not LedgerEntry.objects.filter(reference="b").exists()


def test_one_persons_quota_is_not_anothers(alice: User, bob: User) -> None:
    reserve(alice, 10)

    reserve(bob, 10, "b")

    assert queries.usage(bob).left == 0


def test_a_promise_of_yesterday_is_settled_to_yesterday(alice: User) -> None:
    with time_machine.travel("2026-11-21T23:59:50Z", tick=False):
        reserve(alice, 3)
    with time_machine.travel("2026-11-22T00:00:10Z", tick=False):
        before = queries.usage(alice)
        quota.settle(reference="a", spent=2)
        after = queries.usage(alice)

    assert (before.left, before.in_flight) == (10, 1)
    assert (after.left, after.in_flight) == (10, 0)
    assert [(row.day, row.used, row.reserved) for row in Usage.objects.filter(used=2)] == [(date(2026, 11, 21), 2, 0)]


def test_nothing_can_be_settled_that_was_never_reserved(alice: User) -> None:
    with pytest.raises(LookupError):
        quota.settle(reference="nothing", spent=0)


@pytest.mark.parametrize("spent", [-1, 3])
def test_nobody_spends_more_than_was_promised(alice: User, spent: int) -> None:
    reserve(alice, 2)

    with pytest.raises(ValueError, match="never reserved"):
        quota.settle(reference="a", spent=spent)

    assert queries.usage(alice).reserved == 2


@pytest.mark.parametrize("amount", [0, -1])
def test_a_promise_of_nothing_is_a_mistake(alice: User, amount: int) -> None:
    with pytest.raises(ValueError, match="cannot be reserved"):
        reserve(alice, amount)


@pytest.mark.parametrize(
    ("zone", "day", "ends"),
    [
        ("UTC", date(2026, 11, 21), datetime(2026, 11, 22, tzinfo=UTC)),
        ("Europe/Paris", date(2026, 7, 1), datetime(2026, 7, 1, 22, tzinfo=UTC)),
        ("Europe/Paris", date(2026, 3, 29), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        ("Europe/Paris", date(2026, 10, 25), datetime(2026, 10, 25, 23, tzinfo=UTC)),
        ("Asia/Beirut", date(2026, 3, 28), datetime(2026, 3, 28, 22, tzinfo=UTC)),
        ("America/Havana", date(2026, 10, 31), datetime(2026, 11, 1, 4, tzinfo=UTC)),
    ],
)
def test_the_day_ends_at_midnight_of_its_zone_also_when_clocks_move(
    settings: Any, zone: str, day: date, ends: datetime
) -> None:
    settings.QUOTA_TIME_ZONE = ZoneInfo(zone)

    assert quota.end_of(day) == ends


def test_the_day_is_the_zones_not_the_servers(settings: Any) -> None:
    settings.QUOTA_TIME_ZONE = ZoneInfo("Pacific/Auckland")

    with time_machine.travel("2026-11-21T18:45:00Z", tick=False):
        assert quota.today() == date(2026, 11, 22)


def test_the_last_thirty_days_are_shown_empty_ones_too(alice: User) -> None:
    with time_machine.travel("2026-11-01T12:00:00Z", tick=False):
        reserve(alice, 3)
        quota.settle(reference="a", spent=3)
    with time_machine.travel("2026-11-21T12:00:00Z", tick=False):
        days = queries.usage(alice).days

    assert len(days) == 30
    assert days[-1].day == date(2026, 11, 21)
    assert [each for each in days if each.images] == [queries.UsageDay(date(2026, 11, 1), 3)]


def test_usage_takes_three_queries_at_most(alice: User, django_assert_max_num_queries: Any) -> None:
    reserve(alice, 3)
    user = User.objects.get(pk=alice.pk)

    with django_assert_max_num_queries(3):
        queries.usage(user)


def plan(slug: str) -> Plan:
    return Plan.objects.get(slug=slug)


def test_a_larger_plan_counts_at_once(alice: User) -> None:
    reserve(alice, 10)

    plans.change(user=alice, plan=plan("pro"))
    reserve(alice, 50, "b")

    assert queries.usage(alice).left is None


def test_a_smaller_plan_never_takes_back_what_was_promised(alice: User) -> None:
    plans.change(user=alice, plan=plan("pro"))
    reserve(alice, 15)

    plans.change(user=alice, plan=plan("free"))

    assert queries.usage(alice).left == 0
    assert queries.usage(alice).limit == 15
    assert quota.settle(reference="a", spent=15) is True


def test_a_smaller_plan_with_little_used_has_its_own_limit(alice: User) -> None:
    plans.change(user=alice, plan=plan("pro"))
    reserve(alice, 3)

    plans.change(user=alice, plan=plan("free"))

    assert queries.usage(alice).left == 7


def test_a_plan_changed_elsewhere_is_seen_by_the_first_promise_of_a_day(alice: User) -> None:
    stale = User.objects.select_related("plan").get(pk=alice.pk)
    plans.change(user=alice, plan=plan("pro"))

    reserve(stale, 50)

    assert queries.usage(alice).limit is None


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """The answers, or the exceptions, of `count` threads let loose together."""
    answers: list[Any] = [None] * count
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        gate.wait()
        try:
            answers[number] = work(number)
        except quota.QuotaExhausted as refusal:
            answers[number] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


@pytest.mark.django_db(transaction=True)
def test_forty_at_once_against_ten_left_give_exactly_ten(alice: User) -> None:
    answers = at_once(40, lambda number: reserve(alice, 1, f"r{number}"))

    refused = [answer for answer in answers if isinstance(answer, quota.QuotaExhausted)]
    assert len(refused) == 30
    assert queries.usage(alice).reserved == 10
    assert LedgerEntry.objects.count() == 10
    assert books_agree(alice)


@pytest.mark.django_db(transaction=True)
def test_twenty_settling_at_once_settle_once(alice: User) -> None:
    reserve(alice, 4)

    answers = at_once(20, lambda number: quota.settle(reference="a", spent=number % 5))

    assert answers.count(True) == 1
    assert queries.usage(alice).used == answers.index(True) % 5
    assert books_agree(alice)
