"""The thread that keeps time: it starts what is due without a broker, and survives a database that is away."""

import errno
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError

from accounts.models import User
from generator import runner, slots, timekeeper
from generator.models import Generation
from generator.timekeeper import Job, Keeper

Ask = Callable[..., Generation]


class Notes:
    """Writes down what the keeper did."""

    def __init__(self) -> None:
        self.turns: list[str] = []
        self.begun = self.freed = self.delivered = 0
        self.chores: list[str] = []
        self.turned = threading.Event()

    def begin(self) -> None:
        self.begun += 1

    def turn(self, queue: str) -> None:
        self.turns.append(queue)
        self.turned.set()

    def deliver(self) -> None:
        self.delivered += 1

    def free(self) -> None:
        self.freed += 1

    def chore(self, name: str, *, queue: str) -> None:
        self.chores.append(f"{name} on {queue}")

    def keeper(self) -> Keeper:
        return Keeper(
            begin=self.begin,
            start_turn=self.turn,
            start_deliveries=self.deliver,
            free_expired=self.free,
            send_chore=self.chore,
        )


def test_what_is_due_is_started_with_no_broker(alice: User, ask: Ask) -> None:
    ask(alice)
    notes = Notes()

    notes.keeper().tick(100.0)

    assert notes.turned.wait(5)
    assert (notes.turns, notes.freed) == (["local"], 1)


def test_no_more_turns_are_started_than_slots_are_free(alice: User, ask: Ask) -> None:
    ask(alice)
    notes = Notes()

    with slots.one("local") as free:
        notes.keeper().tick(100.0)

    assert free
    assert notes.turns == []


def test_a_slot_is_held_by_one_turn_at_a_time() -> None:
    with slots.one("local") as first, slots.one("local") as second:
        assert (first, second) == (True, False)
    with slots.one("local") as third:
        assert third


def test_it_begins_once_and_looks_once_a_second(db: None) -> None:
    notes = Notes()
    keeper = notes.keeper()

    for moment in (100.0, 100.5, 101.0, 101.5):
        keeper.tick(moment)

    assert (notes.begun, notes.freed, notes.delivered) == (1, 2, 2)


@pytest.mark.parametrize(("redis", "sweeps"), [("", 2), ("redis://127.0.0.1", 0)], ids=["laptop", "cluster: by beat"])
def test_chores_are_sent_once_a_period(
    db: None, monkeypatch: pytest.MonkeyPatch, settings: Any, redis: str, sweeps: int
) -> None:
    settings.REDIS_URL = redis
    notes = Notes()
    monkeypatch.setattr(timekeeper, "FIRST_CHORES_AFTER", 0.0)
    monkeypatch.setattr(timekeeper, "monotonic", lambda: 100.0)
    keeper = notes.keeper()

    for moment in (100.0, 101.0, 3600.0, 3800.0):
        keeper.tick(moment)

    assert notes.chores.count("generator.tasks.sweep on chores") == sweeps
    assert notes.chores.count("events.tasks.purge on chores") == sweeps // 2


def test_a_chore_that_a_full_disk_kept_from_being_sent_is_sent_a_minute_later(
    db: None, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.REDIS_URL = ""
    notes = Notes()
    monkeypatch.setattr(timekeeper, "FIRST_CHORES_AFTER", 0.0)
    monkeypatch.setattr(timekeeper, "monotonic", lambda: 100.0)
    disk_is_full = True

    def send(name: str, *, queue: str) -> None:
        if disk_is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        notes.chore(name, queue=queue)

    keeper = notes.keeper()
    keeper.send_chore = send
    keeper.tick(100.0)
    disk_is_full = False

    keeper.tick(159.0)
    assert notes.chores == []
    keeper.tick(161.0)
    assert "generator.tasks.sweep on chores" in notes.chores


@pytest.mark.parametrize(
    ("failure", "told"),
    [(OperationalError, "lost the database"), (ZeroDivisionError, "stumbled over a bug")],
)
def test_whatever_fails_the_timekeeper_goes_on(
    db: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    failure: type[Exception],
    told: str,
) -> None:
    notes = Notes()
    keeper = notes.keeper()
    ticks: list[float] = []

    def tick(now: float) -> None:
        ticks.append(now)
        if len(ticks) == 1:
            raise failure
        timekeeper._stop.set()

    monkeypatch.setattr(keeper, "tick", tick)
    monkeypatch.setattr(timekeeper, "TICK", 0.01)
    try:
        keeper.run()
    finally:
        timekeeper._stop.clear()

    assert len(ticks) == 2
    assert told in caplog.text


def test_what_was_taken_away_is_ended_and_what_is_ours_is_not(alice: User, ask: Ask) -> None:
    ask(alice)
    mine = runner.claim("local")
    assert mine is not None
    ours, theirs = Job(mine.pk, mine.attempt), Job(mine.pk, mine.attempt - 1)
    for job in (ours, theirs):
        timekeeper.register(job)
        timekeeper.look_after_jobs(extend=True)
        timekeeper.forget(job)

    assert (ours.ended.is_set(), theirs.ended.is_set()) == (False, True)
