"""How far it is, told to those who listen: read from the rows of what runs, all of it at once, twice a second."""

import asyncio
import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from events.tail import Tail
from generator import queries
from generator.models import Generation
from generator.stream.listeners import Listener

LOOK_EVERY = 0.5
SECONDS_EVERY = 2.0
"""How often seconds are told, where a model tells no steps."""


@dataclass(frozen=True)
class Seen:
    """How far one generation is: `numbers` as they are told, `mark` what tells whether they changed."""

    user: str
    reference: str
    mark: tuple[Any, ...]
    numbers: dict[str, Any]

    def as_frame(self) -> bytes:
        return f"event: progress\ndata: {json.dumps({'id': self.reference, **self.numbers})}\n\n".encode()


class Progress:
    """Looks only while something of somebody who listens runs."""

    def __init__(self, tail: Tail) -> None:
        self.tail = tail
        self._listeners: dict[str, set[Listener]] = {}
        self._expected: set[str] = set()
        self._ended: set[str] = set()
        self._told: dict[str, Seen] = {}
        self._task: asyncio.Task[None] | None = None

    def join(self, listener: Listener) -> None:
        """Tell it how far everything of its user is, and each change from then on."""
        self._listeners.setdefault(listener.user, set()).add(listener)
        self._told = {key: seen for key, seen in self._told.items() if seen.user != listener.user}
        self.expect(listener.user)

    def leave(self, listener: Listener) -> None:
        """Tell it nothing more."""
        others = self._listeners.get(listener.user, set())
        others.discard(listener)
        if not others:
            self._listeners.pop(listener.user, None)
        if not self._listeners and self._task is not None:
            self._task.cancel()
            self._task = None

    def expect(self, user: str) -> None:
        """Something of this user may run: look."""
        self._expected.add(user)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
            self._task.add_done_callback(_be_loud)

    def forget(self, reference: str) -> None:
        """It has ended: what was read before is told no more."""
        self._ended.add(reference)

    async def _run(self) -> None:
        while users := {user for user in self._expected if user in self._listeners}:
            self._expected.clear()
            self._ended.clear()
            running = await self.tail.ask(partial(_running, users))
            self._expected.update(seen.user for seen in running)
            for seen in running:
                if self._is_new(seen) and seen.reference not in self._ended:
                    self._tell(seen)
            self._told = {seen.reference: self._told[seen.reference] for seen in running}
            await asyncio.sleep(LOOK_EVERY)

    def _is_new(self, seen: Seen) -> bool:
        told = self._told.get(seen.reference)
        if told and told.mark == seen.mark:
            return False
        self._told[seen.reference] = seen
        return True

    def _tell(self, seen: Seen) -> None:
        frame = seen.as_frame()
        for listener in list(self._listeners.get(seen.user, ())):
            listener.see(seen.reference, frame)


def _be_loud(task: asyncio.Task[None]) -> None:
    """Raises what ended it but its cancelling."""
    if not task.cancelled():
        task.result()


def _running(users: Collection[str]) -> list[Seen]:
    of_users = [UUID(user) for user in users]
    rows = Generation.objects.filter(owner__in=of_users, status=Generation.Status.RUNNING).select_related("model")
    return [_seen(one, told) for one in rows.order_by("pk") if (told := queries.progress(one))]


def _seen(one: Generation, told: dict[str, Any]) -> Seen:
    """Steps where there are some, else seconds, which count as changed every two."""
    names = ("step", "steps") if told["steps"] else ("elapsed", "expected")
    numbers = {name: told[name] for name in names}
    mark = (one.attempt, *numbers.values()) if told["steps"] else (one.attempt, told["elapsed"] // SECONDS_EVERY)
    return Seen(str(one.owner_id), str(one.pk), mark, numbers)
