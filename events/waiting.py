"""Wait for the final event of a reference: one watcher thread a process asks for all who wait."""

import logging
import math
import threading
from collections import Counter
from time import monotonic

from django.conf import settings
from django.db import Error as DatabaseProblem

from common.database import release_connection
from events.models import Event
from events.types import FINAL

LOOK_EVERY = 0.1
SHARE = 0.25
"""Of all places, at most for one person."""
log = logging.getLogger(__name__)

_changed = threading.Condition()
_waiting: Counter[str] = Counter()
_places: Counter[str] = Counter()
_finished: set[str] = set()
_watcher: threading.Thread | None = None


def wait_for_end(reference: str, *, who: str, seconds: float) -> bool | None:
    """True as soon as `reference` has a final event, False after `seconds`; None at once when too many wait already,
    or `who` waits for so many that others would find no place.

    Holds this thread and no database connection.
    """
    release_connection()
    until = monotonic() + seconds
    with _changed:
        if _waiting.total() >= settings.MAX_WAITING or _places[who] >= math.ceil(settings.MAX_WAITING * SHARE):
            return None
        _waiting[reference] += 1
        _places[who] += 1
        _start_watcher()
        try:
            return _changed.wait_for(lambda: reference in _finished, timeout=max(0.0, until - monotonic()))
        finally:
            _waiting[reference] -= 1
            _places[who] -= 1
            if not _places[who]:
                del _places[who]
            if not _waiting[reference]:
                del _waiting[reference]
                _finished.discard(reference)


def _start_watcher() -> None:
    """However the last one ended, whoever waits next has one; the caller holds the condition."""
    global _watcher
    if _watcher is None or not _watcher.is_alive():
        _watcher = threading.Thread(target=_watch, name="waiting", daemon=True)
        _watcher.start()


def _watch() -> None:
    """Ask once for everybody, until nobody waits."""
    global _watcher
    pause = threading.Event()
    while True:
        with _changed:
            wanted = set(_waiting) - _finished
            if not _waiting:
                _watcher = None
                release_connection()
                return
        ended = _ended(wanted)
        with _changed:
            _finished.update(ended & set(_waiting))
            if ended:
                _changed.notify_all()
        pause.wait(LOOK_EVERY)


def _ended(references: set[str]) -> set[str]:
    if not references:
        return set()
    try:
        rows = Event.objects.filter(reference__in=references, name__in=FINAL)
        return set(rows.values_list("reference", flat=True))
    except DatabaseProblem as problem:
        log.warning("Waiting requests lost the database and ask again: %s", type(problem).__name__)
        release_connection()
        return set()
