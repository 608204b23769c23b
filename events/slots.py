"""How many deliveries this process has under way at once, and whether it is stopping."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self
from uuid import UUID

from django.conf import settings

from common.http import Exchange

ROUND_MOST = 500
_lock = threading.Lock()
_taken = 0
_slow = 0
_stopping = threading.Event()
_calls: set[Exchange] = set()
_had_turns: set[UUID] = set()


def free() -> int:
    """Slots nobody holds; none while the process is stopping."""
    return 0 if _stopping.is_set() else settings.WEBHOOK_SLOTS - _taken


def is_free_for_slow() -> bool:
    """Whether one more delivery to a slow or failing receiver may be under way."""
    return _slow < settings.WEBHOOK_SLOTS // 2


def had_turns() -> list[UUID]:
    """Who was sent something in this round: the others come before them."""
    with _lock:
        return list(_had_turns)


def note_turn(user_id: UUID | None) -> None:
    """Something of theirs is sent now; with somebody's second turn, with nobody's and after many a new round begins."""
    with _lock:
        if user_id is None or user_id in _had_turns or len(_had_turns) >= ROUND_MOST:
            _had_turns.clear()
        if user_id:
            _had_turns.add(user_id)


@contextmanager
def one() -> Iterator[bool]:
    """Hold a slot; False when all are taken."""
    global _taken
    with _lock:
        won = _taken < settings.WEBHOOK_SLOTS
        _taken += won
    try:
        yield won
    finally:
        with _lock:
            _taken -= won


class SlowPlace:
    """A place among the half of the slots that deliveries to slow or failing receivers may take.

    `won` says whether there was one; it is given back where it is not needed, and in the end.
    """

    def __enter__(self) -> Self:
        global _slow
        with _lock:
            self.won = is_free_for_slow()
            _slow += self.won
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.give_back()

    def give_back(self) -> None:
        """Somebody else may have it."""
        global _slow
        with _lock:
            _slow -= self.won
            self.won = False


@contextmanager
def calling(outgoing: Exchange) -> Iterator[None]:
    """The exchange is one that `end_all` ends."""
    with _lock:
        _calls.add(outgoing)
    try:
        yield
    finally:
        with _lock:
            _calls.discard(outgoing)


def stop() -> None:
    """This process sends nothing further; may be called by a signal handler."""
    _stopping.set()


def end_all() -> None:
    """What is under way ends now, and is sent by another process."""
    stop()
    with _lock:
        calls = list(_calls)
    for each in calls:
        each.end()


def stopping() -> bool:
    return _stopping.is_set()
