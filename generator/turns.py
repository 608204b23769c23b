"""Whose turn it is: start-time fair queueing (Goyal, Vin and Cheng 1996). Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Turn:
    """A place in virtual time: claimed in the order of `start`; the owner's next one starts at `finish` or later."""

    start: float
    finish: float


def next_turn(*, virtual_time: float, last_finish: float, images: int, weight: int) -> Turn:
    """The turn of a new generation: `start = max(V, finish of the owner's last)`, `finish = start + images / weight`.

    `virtual_time` is the largest turn claimed so far in this queue; `last_finish` 0 for an owner without one.
    """
    start = max(virtual_time, last_finish)
    return Turn(start, start + images / weight)


@dataclass(frozen=True)
class Place:
    """What decides a turn: how many of the owner wait, the finish of the owner's last, the largest turn claimed."""

    waiting: int
    last_finish: float
    virtual_time: float

    def next_turn(self, *, images: int, weight: int) -> Turn:
        """The turn of a new generation of this owner."""
        return next_turn(virtual_time=self.virtual_time, last_finish=self.last_finish, images=images, weight=weight)
