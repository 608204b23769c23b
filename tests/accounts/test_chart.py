"""The usage chart's geometry."""

from datetime import date, timedelta

from accounts import chart
from accounts.queries import UsageDay


def days(*images: int) -> list[UsageDay]:
    return [UsageDay(date(2026, 11, 1) + timedelta(days=index), each) for index, each in enumerate(images)]


def test_the_fullest_day_is_as_high_as_the_chart() -> None:
    bars = chart.bars(days(5, 10, 0))

    assert [bar.height for bar in bars] == [40, 80, 2]
    assert all(bar.y + bar.height == chart.HEIGHT for bar in bars)


def test_bars_stand_side_by_side() -> None:
    first, second, third = chart.bars(days(1, 1, 1))

    assert first.x + first.width < second.x
    assert third.x + third.width <= chart.WIDTH


def test_no_days_and_empty_days_are_no_trouble() -> None:
    assert chart.bars([]) == []
    assert [bar.height for bar in chart.bars(days(0, 0))] == [2, 2]
