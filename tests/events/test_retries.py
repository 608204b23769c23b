"""When a message is sent again."""

from datetime import UTC, datetime, timedelta

import pytest

from events.retries import WAITS, asked_seconds, wait_after

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_it_is_sent_eight_times_over_a_day_and_a_half() -> None:
    waits = [wait_after(tries, luck=1 / 3) for tries in range(1, 9)]

    assert waits == [pytest.approx(each) for each in (5, 300, 1800, 7200, 18000, 36000, 50400)] + [None]


@pytest.mark.parametrize("tries", range(1, 8))
def test_what_failed_together_does_not_come_back_together(tries: int) -> None:
    soonest, latest = wait_after(tries, luck=0.0), wait_after(tries, luck=1.0)

    assert soonest == pytest.approx(WAITS[tries - 1] * 0.9)
    assert latest == pytest.approx(WAITS[tries - 1] * 1.2)


def test_who_asks_for_more_time_gets_it_and_who_asks_for_less_does_not() -> None:
    assert wait_after(1, luck=0.0, asked=90.0) == 90.0
    assert wait_after(2, luck=0.0, asked=90.0) == 270.0


def test_asking_for_time_gives_no_more_tries() -> None:
    assert wait_after(8, luck=0.0, asked=90.0) is None


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_some_answers_may_ask_for_time(status: int) -> None:
    assert asked_seconds(status, "120", now=NOW) == 120.0


@pytest.mark.parametrize("status", [200, 400, 404, 410, 500])
def test_others_may_not(status: int) -> None:
    assert asked_seconds(status, "120", now=NOW) == 0.0


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("Sat, 21 Nov 2026 12:10:00 GMT", 600.0),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0.0),
        ("Sat, 21 Nov 2026 12:10:00 -0000", 600.0),
        ("Sat, 01 Jan 2061 00:00:00 GMT", 86400.0),
        ("999999999999", 86400.0),
        ("9" * 400, 86400.0),
        ("-5", 0.0),
        ("1e9", 0.0),
        ("٣", 0.0),
        ("soon", 0.0),
        ("", 0.0),
        ("Sat, 99 Nov 2026 99:99:99 GMT", 0.0),
        ("Sat, 21 Nov 99999999999999999999 12:10:00 GMT", 0.0),
        ("Sat, 01 Jan 0001 00:00:00 +2359", 0.0),
    ],
)
def test_time_is_asked_for_in_seconds_or_as_a_date_and_a_day_at_most(asked: str, seconds: float) -> None:
    assert asked_seconds(503, asked, now=NOW) == seconds


def test_all_waits_together_are_about_a_day_and_a_half() -> None:
    assert timedelta(hours=31) < timedelta(seconds=sum(WAITS)) < timedelta(hours=32)
