"""Who runs a model now, as the Hub says, remembered for minutes and through the Hub's own troubles."""

import time
from dataclasses import dataclass
from threading import Lock

from django.conf import settings
from django.core.cache import cache

from accounts.services.huggingface import account_of
from common import http
from common.addresses import origin
from generator.backends.base import BackendError
from generator.backends.huggingface import hub
from generator.backends.huggingface.hub import Served

FRESH_SECONDS = 300.0
KEPT_SECONDS = 7 * 24 * 3600
LOOK_UP_SECONDS = 5.0
PAUSE_SECONDS = 15
"""After a failure of the Hub it is left alone for so long."""
STALE_SECONDS = 60
_asking = [Lock() for _ in range(64)]


@dataclass(frozen=True)
class Known:
    """Who serves a repository, and its revision; `asked_at` and `ask_again_at` are seconds of the epoch."""

    served: list[Served]
    revision: str
    asked_at: float
    ask_again_at: float


def known(repo_id: str, *, key: str) -> Known:
    """What the Hub says, at most minutes old, or older where the Hub fails. Raises `BackendError`.

    Of all threads of a process one asks, and the others wait for it.
    """
    name = _name(repo_id, key)
    if found := _remembered(name, repo_id):
        return found
    with _asking[hash(name) % len(_asking)]:
        return _remembered(name, repo_id) or _asked_anew(name, repo_id, key)


def revision(repo_id: str, *, key: str) -> str:
    """The repository's commit, as far as the Hub said it lately; it is not asked for it."""
    entry = cache.get(_name(repo_id, key))
    return entry.revision if isinstance(entry, Known) else ""


def forget(repo_id: str) -> None:
    """A provider said that it does not serve it, so ask anew; at most once a minute."""
    cache.add(_stale_name(repo_id), time.time(), STALE_SECONDS)


def _remembered(name: str, repo_id: str) -> Known | None:
    stale = _stale_name(repo_id)
    found = cache.get_many([name, stale])
    entry = found.get(name)
    if entry is None or time.time() >= entry.ask_again_at or entry.asked_at <= found.get(stale, 0.0):
        return None
    return entry if isinstance(entry, Known) else None


def _asked_anew(name: str, repo_id: str, key: str) -> Known:
    """Ask the Hub; where it fails, the last good answer holds for a while longer."""
    now = time.time()
    try:
        served, revision = _who_serves(repo_id, key)
    except BackendError as failure:
        last = cache.get(name)
        if failure.code != "hub_down" or not isinstance(last, Known):
            raise
        entry = Known(last.served, last.revision, now, now + PAUSE_SECONDS)
    else:
        entry = Known(served, revision, now, now + FRESH_SECONDS)
    cache.set(name, entry, KEPT_SECONDS)
    return entry


def _who_serves(repo_id: str, key: str) -> tuple[list[Served], str]:
    """The Hub's answer; at once the last failure where it was down for this account a moment ago."""
    down = f"hf-hub-down:{account_of(key)}"
    if cache.get(down):
        raise hub.down()
    try:
        with http.exchange(seconds=min(LOOK_UP_SECONDS, http.left()), trusted=[origin(settings.HF_HUB_URL)]):
            return hub.who_serves(repo_id, key=key)
    except BackendError as failure:
        if failure.code == "hub_down":
            cache.set(down, True, PAUSE_SECONDS)
        raise


def _name(repo_id: str, key: str) -> str:
    return f"hf-mapping:{account_of(key)}:{repo_id}"


def _stale_name(repo_id: str) -> str:
    return f"hf-stale:{repo_id}"
