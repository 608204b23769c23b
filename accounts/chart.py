"""The geometry of the usage chart: pure numbers for an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

WIDTH, HEIGHT, GAP = 600, 80, 4
"""The view box, in its own units."""


class Day(Protocol):
    @property
    def day(self) -> date: ...
    @property
    def images(self) -> int: ...


@dataclass(frozen=True)
class Bar:
    """One day's bar; every day shows at least a line."""

    day: date
    images: int
    x: float
    y: float
    width: float
    height: float


def bars(days: Sequence[Day]) -> list[Bar]:
    """A bar a day, the fullest as high as the chart."""
    most = max((each.images for each in days), default=0) or 1
    step = WIDTH / max(1, len(days))
    return [_bar(each, index * step, step - GAP, each.images / most) for index, each in enumerate(days)]


def _bar(day: Day, x: float, width: float, share: float) -> Bar:
    height = max(2, round(HEIGHT * share))
    return Bar(day.day, day.images, round(x, 2), HEIGHT - height, round(width, 2), height)
