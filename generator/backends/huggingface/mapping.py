"""Who runs a model now, as the Hub says, remembered for minutes and through the Hub's own troubles.

The cache's own time limits count, not the clocks of the workers that share it.
"""

from dataclasses import dataclass
from threading import Lock
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache

from accounts.services.huggingface import account_of
from common import http
from common.addresses import origin
from generator.backends.base import BackendError
from generator.backends.huggingface import hub
from generator.backends.huggingface.hub import Served

FRESH_SECONDS = 300
KEPT_SECONDS = 7 * 24 * 3600
LOOK_UP_SECONDS = 5.0
PAUSE_SECONDS = 15
"""After a failure of the Hub it is left alone for so long."""
FORGET_EVERY = 60
_asking = [Lock() for _ in range(64)]


@dataclass(frozen=True)
class Known:
    """Who serves a repository, and its revision."""

    served: list[Served]
    revision: str


def known(repo_id: str, *, key: str) -> Known:
    """What the Hub says, at most minutes old, or older where the Hub fails. Raises `BackendError`.

    Of all threads of a process one asks, and the others wait for it.
    """
    name = _name(repo_id, key)
    if found := _fresh(name, repo_id):
        return found
    with _asking[hash(name) % len(_asking)]:
        return _fresh(name, repo_id) or _asked_anew(name, repo_id, key)


def revision(repo_id: str, *, key: str) -> str:
    """The repository's commit, as far as the Hub said it lately; it is not asked for it."""
    entry = cache.get(_name(repo_id, key))
    return entry.revision if isinstance(entry, Known) else ""


def forget(repo_id: str) -> None:
    """A provider said that it does not serve it, so ask anew, whoever is next; at most once a minute."""
    if cache.add(f"hf-forgot:{repo_id}", True, FORGET_EVERY):
        cache.set(_edition(repo_id), uuid4().hex, KEPT_SECONDS)


def _fresh(name: str, repo_id: str) -> Known | None:
    """What is remembered, where it is young enough and of the current edition."""
    found = cache.get_many([name, f"{name}:fresh", _edition(repo_id)])
    entry = found.get(name)
    is_current = found.get(f"{name}:fresh") == found.get(_edition(repo_id), "")
    return entry if is_current and isinstance(entry, Known) else None


def _asked_anew(name: str, repo_id: str, key: str) -> Known:
    """Ask the Hub; where it fails, the last good answer holds for a while longer."""
    edition = cache.get(_edition(repo_id), "")
    try:
        entry, seconds = _who_serves(repo_id, key), FRESH_SECONDS
    except BackendError as failure:
        last = cache.get(name)
        if failure.code != "hub_down" or not isinstance(last, Known):
            raise
        entry, seconds = last, PAUSE_SECONDS
    cache.set(name, entry, KEPT_SECONDS)
    cache.set(f"{name}:fresh", edition, seconds)
    return entry


def _who_serves(repo_id: str, key: str) -> Known:
    """The Hub's answer; at once the last failure where it was down for this account a moment ago."""
    down = f"hf-hub-down:{account_of(key)}"
    if cache.get(down):
        raise hub.down()
    try:
        with http.exchange(seconds=min(LOOK_UP_SECONDS, http.left()), trusted=[origin(settings.HF_HUB_URL)]):
            return Known(*hub.who_serves(repo_id, key=key))
    except BackendError as failure:
        if failure.code == "hub_down":
            cache.set(down, True, PAUSE_SECONDS)
        raise


def _name(repo_id: str, key: str) -> str:
    return f"hf-mapping:{account_of(key)}:{repo_id}"


def _edition(repo_id: str) -> str:
    return f"hf-edition:{repo_id}"
