"""One thread a worker process that keeps time: renews leases and writes progress, ends calls nobody wants any more,
frees leases that ran out, starts what is due and sends the repeated chores. It needs no broker."""

import logging
import os
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseProblem
from kombu.exceptions import KombuError

from common.database import release_connection
from common.http import Exchange
from generator import leases, slots

TICK = 0.5
EXTEND_EVERY = 10.0
LOOK_EVERY = 1.0
FIRST_CHORES_AFTER = CHORES_AGAIN_AFTER = 60.0

WORKER = os.environ.get("WORKER_ID") or f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
log = logging.getLogger(__name__)


@dataclass(eq=False)
class Job:
    """One generation that this process holds. `end` may be called from any thread."""

    generation_id: uuid.UUID
    attempt: int
    step: int | None = None
    steps: int | None = None
    ended: threading.Event = field(default_factory=threading.Event)
    outgoing: Exchange | None = None

    def end(self) -> None:
        """Nobody wants its pictures any more: a backend learns it at its next step, a call to another host ends now."""
        self.ended.set()
        if outgoing := self.outgoing:
            outgoing.end()

    @contextmanager
    def calling(self, outgoing: Exchange) -> Iterator[None]:
        """The exchange that `end` ends."""
        self.outgoing = outgoing
        try:
            if self.ended.is_set():
                outgoing.end()
            yield
        finally:
            self.outgoing = None


_jobs: set[Job] = set()
_jobs_lock = threading.Lock()
_stop = threading.Event()
_thread: threading.Thread | None = None


def register(job: Job) -> None:
    with _jobs_lock:
        _jobs.add(job)


def forget(job: Job) -> None:
    with _jobs_lock:
        _jobs.discard(job)


def start(keeper: "Keeper") -> None:
    """Begin to keep time in a thread of this process."""
    global _thread
    _thread = threading.Thread(target=keeper.run, name="timekeeper", daemon=True)
    _thread.start()


def stop() -> None:
    """End every call of this process, then the thread; what ran is given back to the queue."""
    slots.stop()
    end_all()
    _stop.set()
    if _thread:
        _thread.join(timeout=5)


def end_all() -> None:
    """Every call of this process learns that it must end."""
    with _jobs_lock:
        for job in _jobs:
            job.end()


def look_after_jobs(*, extend: bool) -> None:
    """One statement for all that this process holds; what does not come back was cancelled, taken or is too late."""
    with _jobs_lock:
        jobs = list(_jobs)
    if not jobs:
        return
    held = {job.generation_id: (job.attempt, job.step, job.steps) for job in jobs}
    ours = leases.renew(held, worker=WORKER, extend=extend)
    for job in jobs:
        if job.generation_id not in ours:
            job.end()


class Keeper:
    """The loop and when it last did what. `begin` is called once, before anything else."""

    def __init__(
        self,
        *,
        begin: Callable[[], None],
        start_turn: Callable[[str], None],
        start_deliveries: Callable[[], None],
        free_expired: Callable[[], None],
        send_chore: Callable[..., Any],
    ) -> None:
        self.begin: Callable[[], None] | None = begin
        self.start_turn = start_turn
        self.start_deliveries = start_deliveries
        self.free_expired = free_expired
        self.send_chore = send_chore
        self.extended_at = self.looked_at = 0.0
        first = monotonic() + FIRST_CHORES_AFTER
        self.chore_due_at = dict.fromkeys({} if settings.REDIS_URL else settings.CHORES, first)

    def run(self) -> None:
        """Tick until the process stops, whatever fails; a database that is away is waited for."""
        while not _stop.wait(TICK):
            try:
                self.tick(monotonic())
            except DatabaseProblem as problem:
                log.warning("The timekeeper lost the database and tries again: %s", type(problem).__name__)
                release_connection()
            except Exception:  # the thread's last line: without it no lease is renewed or freed any more
                log.exception("The timekeeper stumbled over a bug and goes on")
        release_connection()

    def tick(self, now: float) -> None:
        if self.begin:
            self.begin()
            self.begin = None
        extend = now - self.extended_at >= EXTEND_EVERY
        look_after_jobs(extend=extend)
        if extend:
            self.extended_at = now
        if now - self.looked_at >= LOOK_EVERY:
            self.looked_at = now
            self.free_expired()
            self.start_due()
            self.start_deliveries()
            self.send_chores(now)

    def start_due(self) -> None:
        """As many turns as are due and slots are free, with or without a broker."""
        for queue in slots.QUEUES:
            free = 0 if slots.stopping() else slots.free(queue)
            for _ in range(leases.due(queue, most=free) if free > 0 else 0):
                threading.Thread(target=self.start_turn, args=(queue,), name=f"turn-{queue}", daemon=True).start()

    def send_chores(self, now: float) -> None:
        for name, due_at in self.chore_due_at.items():
            if now >= due_at:
                period: timedelta = settings.CHORES[name]
                self.chore_due_at[name] = now + (period.total_seconds() if self._sent(name) else CHORES_AGAIN_AFTER)

    def _sent(self, name: str) -> bool:
        try:
            self.send_chore(name, queue="chores")
        except (OSError, KombuError) as error:
            log.warning("The chore %s could not be sent (%s); trying again", name, type(error).__name__)
            return False
        return True
