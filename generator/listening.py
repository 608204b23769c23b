"""Who listens to live events: to what, from where on, by which right, and in which of a user's ten places."""

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.cache import cache

from accounts.models import User
from accounts.services import sessions, tokens
from common.errors import DomainError
from events.models import Event
from events.types import FINAL
from generator.models import Generation

STREAMS_MAX = 10
PLACE_KEPT = 90
"""Seconds after which the place of a stream that died with its process is free again."""
RETRY_AFTER = 30


class TooManyStreams(DomainError):
    """All places of this user are taken."""

    code = "too_many_streams"
    status = 429


@dataclass(frozen=True)
class Right:
    """What let somebody in: a token, or the session of our own pages."""

    token_id: UUID | None
    session_key: str = ""

    def still_holds(self, *, user_id: UUID) -> bool:
        """Whether it would let them in now."""
        if self.token_id:
            return tokens.still_works(self.token_id)
        return sessions.still_signed_in(user_id=user_id, session_key=self.session_key)


@dataclass(frozen=True)
class Listening:
    """Wants the events of `user_id` after the id `after`; `newest` was the newest there was before it began.

    `reference` is the generation it is about, "" for all; `place` the taken place, with its mark.
    """

    user_id: UUID
    right: Right
    after: int
    newest: int
    reference: str = ""
    place: tuple[str, str] = ("", "")


def beginning(generation: Generation | None, *, newest: int, last: int | None) -> int | None:
    """The id after which somebody listens who knows all up to `last`; None where nothing can come any more.

    `newest` was asked before `generation` was read, so that what happens in between is not missed. Without `last` a
    stream starts now, and that of a generation which is finished tells its end.
    """
    if generation is None or not generation.is_done:
        return newest if last is None else min(last, newest)
    rows = Event.objects.filter(reference=str(generation.pk), user=generation.owner_id, name__in=FINAL)
    end = rows.order_by("-id").values_list("id", flat=True).first()
    if end is None or (last is not None and last >= end):
        return None
    return end - 1 if last is None else last


def take_place(user: User) -> tuple[str, str]:
    """The key and the mark of a free place. Raises `TooManyStreams`; a cache that is down refuses nobody."""
    mark = secrets.token_hex(8)
    for number in range(STREAMS_MAX):
        key = f"stream:{user.pk}:{number}"
        if cache.add(key, mark, PLACE_KEPT) is not False:
            return key, mark
    raise TooManyStreams(extra={"retry_after": RETRY_AFTER}, limit=STREAMS_MAX)


def leave_place(place: tuple[str, str]) -> None:
    """It is free again, unless somebody else has it by now."""
    key, mark = place
    if cache.get(key) == mark:
        cache.delete(key)


def may_go_on(listening: Listening) -> bool:
    """Whether this stream may stay, and it keeps its place: its right holds and what it is about is still there."""
    if not listening.right.still_holds(user_id=listening.user_id):
        return False
    mine: Any = Generation.objects.filter(owner=listening.user_id)
    if listening.reference and not mine.filter(pk=listening.reference).exists():
        return False
    cache.set(listening.place[0], listening.place[1], PLACE_KEPT)
    return True
