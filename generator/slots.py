"""How many turns of a queue this process takes at once, and whether it is stopping."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

QUEUES = ("local", "provider")

_lock = threading.Lock()
_taken = dict.fromkeys(QUEUES, 0)
_stopping = threading.Event()


def _size(queue: str) -> int:
    return settings.LOCAL_SLOTS if queue == "local" else settings.PROVIDER_SLOTS


def free(queue: str) -> int:
    """Slots nobody holds."""
    return _size(queue) - _taken[queue]


@contextmanager
def one(queue: str) -> Iterator[bool]:
    """Hold a slot; False when all are taken."""
    with _lock:
        won = _taken[queue] < _size(queue)
        _taken[queue] += won
    try:
        yield won
    finally:
        with _lock:
            _taken[queue] -= won


def stop() -> None:
    """This process takes no further turns."""
    _stopping.set()


def stopping() -> bool:
    return _stopping.is_set()
