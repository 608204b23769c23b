"""Tell those who listen in this process of each new event once it stands: one task reads for all of them.

With Redis it hears whose events to read; without, it asks the database four times a second, and nobody when nobody
listens.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial, reduce
from itertools import islice
from operator import or_
from typing import Any, Protocol, TypeVar

import redis
from django.conf import settings
from django.db import Error as DatabaseProblem
from django.db.models import Q, QuerySet
from redis.asyncio import from_url
from redis.backoff import NoBackoff
from redis.retry import Retry

from common.database import release_connection
from events.models import Event

CHANNEL = "studio:events"
LOOK_EVERY, LOOK_AT_ALL_EVERY = 0.25, 5.0
AGAIN_AFTER = 1.0
CHUNK, PAGE, MOST = 100, 100, 100
"""Users a question, and events an answer: fewer than may wait for a listener, who reads between two of them."""
GONE = (redis.RedisError, OSError)
log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Fact:
    """One event as it is told: `user` whose it is, `body` its data as one line of JSON.

    The line is ASCII, since careless clients split lines elsewhere too.
    """

    id: int
    user: str
    name: str
    reference: str
    body: str


class Listener(Protocol):
    """Who is told of one user's events, in the order of their ids, perhaps again of some it knows."""

    user: str

    def hear(self, fact: Fact) -> None:
        """Take it, without waiting."""

    def end(self) -> None:
        """Nothing more will come."""


def newest(user_id: Any) -> int:
    """The id of somebody's newest event; 0 where there is none. Later ones have larger ids."""
    return Event.objects.filter(user=user_id).order_by("-id").values_list("id", flat=True).first() or 0


def page(user_id: Any, *, after: int, reference: str = "") -> list[Fact]:
    """The first 100 events of somebody after this id, of one reference if it is given."""
    rows = Event.objects.filter(user=user_id, id__gt=after)
    return _facts(rows.filter(reference=reference) if reference else rows, most=PAGE)


def announce(user_id: Any) -> None:
    """Say to every web process that this user has a new event. Redis away is logged: they look every 5 s anyhow."""
    if not settings.REDIS_URL:
        return
    try:
        _publisher(settings.REDIS_URL).publish(CHANNEL, str(user_id))
    except GONE as error:
        log.warning("No listener was told of an event (%s); they will find it", type(error).__name__)


class Tail:
    """Reads in `threads`, so that the loop it lives on never waits for a database."""

    def __init__(self, threads: Executor) -> None:
        self.threads = threads
        self.is_told = False
        self._listeners: dict[str, set[Listener]] = {}
        self._read_to: dict[str, int] = {}
        self._dirty: set[str] = set()
        self._stirred = asyncio.Event()
        self._all_at = 0.0
        self._task: asyncio.Task[None] | None = None

    def join(self, listener: Listener, *, newest: int) -> None:
        """From now on tell `listener` of what is after `newest`; what came before its user was listened to is not."""
        self._listeners.setdefault(listener.user, set()).add(listener)
        self._read_to.setdefault(listener.user, newest)
        if self.is_told:
            self._mark([listener.user])
        if self._task is None:
            self._task = asyncio.create_task(self._run())
            self._task.add_done_callback(self._ended)

    def leave(self, listener: Listener) -> None:
        """Tell it nothing more."""
        others = self._listeners.get(listener.user, set())
        others.discard(listener)
        if not others:
            self._listeners.pop(listener.user, None)
            self._read_to.pop(listener.user, None)
        if not self._listeners and self._task is not None:
            self._task.cancel()
            self._task = None

    async def ask(self, question: Callable[[], Answer]) -> Answer:
        """What the database answers, as soon as it does."""
        while True:
            try:
                return await asyncio.get_running_loop().run_in_executor(self.threads, _and_release, question)
            except DatabaseProblem as problem:
                log.warning("Live events lost the database and ask again: %s", type(problem).__name__)
                await asyncio.sleep(AGAIN_AFTER)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A bug ends every stream, loudly; clients come back and find a new task."""
        if task.cancelled():
            return
        self._task = None
        for listener in [each for others in self._listeners.values() for each in others]:
            listener.end()
        task.result()

    def _mark(self, users: list[str]) -> None:
        self._dirty.update(users)
        self._stirred.set()

    async def _run(self) -> None:
        hearing = asyncio.create_task(self._hear()) if settings.REDIS_URL else None
        try:
            while True:
                self._stirred.clear()
                await self._look(self._due())
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stirred.wait(), LOOK_AT_ALL_EVERY if self.is_told else LOOK_EVERY)
        finally:
            self.is_told = False
            if hearing:
                hearing.cancel()

    def _due(self) -> list[str]:
        """Whom to read for: those we were told of, and everybody every 5 s, or always where nobody tells us."""
        dirty, self._dirty = self._dirty, set()
        now = asyncio.get_running_loop().time()
        if self.is_told and now < self._all_at:
            return [user for user in dirty if user in self._listeners]
        self._all_at = now + LOOK_AT_ALL_EVERY
        return list(self._listeners)

    async def _look(self, users: list[str]) -> None:
        for some in _chunks(users):
            read_to = {user: self._read_to[user] for user in some if user in self._read_to}
            facts = await self.ask(partial(_after, read_to)) if read_to else []
            for fact in facts:
                self._tell(fact)
            if len(facts) == MOST:
                self._mark(some)

    def _tell(self, fact: Fact) -> None:
        if fact.id <= self._read_to.get(fact.user, fact.id):
            return
        self._read_to[fact.user] = fact.id
        for listener in list(self._listeners[fact.user]):
            listener.hear(fact)

    async def _hear(self) -> None:
        """Mark whoever Redis tells us of; all of them each time it is there again, since nothing waits for us there."""
        while True:
            try:
                await self._subscribe()
            except GONE as error:
                if self.is_told:
                    log.warning("Live events lost Redis and ask the database: %s", type(error).__name__)
                self.is_told = False
                self._stirred.set()
                await asyncio.sleep(AGAIN_AFTER)

    async def _subscribe(self) -> None:
        client = from_url(settings.REDIS_URL, socket_connect_timeout=1, health_check_interval=10)
        async with client, client.pubsub() as channel:
            await channel.subscribe(CHANNEL)
            while True:
                message = await channel.get_message(timeout=LOOK_AT_ALL_EVERY)
                if message and message["type"] == "subscribe":
                    self.is_told = True
                    self._mark(list(self._listeners))
                elif message and (user := message["data"].decode()) in self._listeners:
                    self._mark([user])


def _and_release(question: Callable[[], Answer]) -> Answer:
    try:
        return question()
    finally:
        release_connection()


def _after(read_to: Mapping[str, int]) -> list[Fact]:
    """The first 100 events of these users that are after what was read."""
    wanted = reduce(or_, (Q(user=user, id__gt=known) for user, known in read_to.items()))
    return _facts(Event.objects.filter(wanted), most=MOST)


def _facts(rows: "QuerySet[Event]", *, most: int) -> list[Fact]:
    columns = rows.order_by("id").values_list("id", "user", "name", "reference", "data")
    return [
        Fact(key, str(user), name, reference, json.dumps(content, separators=(",", ":")))
        for key, user, name, reference, content in columns[:most]
    ]


def _chunks(users: list[str]) -> Iterator[list[str]]:
    rest = iter(users)
    while some := list(islice(rest, CHUNK)):
        yield some


@cache
def _publisher(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 1))
