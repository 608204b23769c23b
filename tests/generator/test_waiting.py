"""Waiting for the end of a generation holds a thread and no database connection."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from events import waiting
from events.waiting import wait_for_end
from generator import services
from generator.models import Generation
from tests.real.servers import until

Ask = Callable[..., Generation]
pytestmark = pytest.mark.django_db(transaction=True)


def waiter(reference: str, answers: list[bool | None], *, seconds: float, who: str = "alice") -> threading.Thread:
    def wait() -> None:
        answers.append(wait_for_end(reference, who=who, seconds=seconds))
        answers.append(connection.connection is None)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_who_waits_is_told_at_the_end(alice: User, ask: Ask) -> None:
    generation = ask(alice)
    answers: list[bool | None] = []
    thread = waiter(str(generation.pk), answers, seconds=20)

    services.cancel(generation=generation)
    thread.join()

    assert answers == [True, True]


def test_what_has_ended_already_is_told_at_once(alice: User, ask: Ask) -> None:
    generation = ask(alice)
    services.cancel(generation=generation)

    assert wait_for_end(str(generation.pk), who="alice", seconds=20) is True


def test_who_waited_long_enough_is_told_so(alice: User, ask: Ask) -> None:
    assert wait_for_end(str(ask(alice).pk), who="alice", seconds=0.2) is False


def test_more_than_may_wait_are_not_kept_waiting(alice: User, ask: Ask, settings: Any) -> None:
    settings.MAX_WAITING = 0
    an_hour = 3600

    assert wait_for_end(str(ask(alice).pk), who="alice", seconds=an_hour) is None


def test_a_watcher_that_died_is_followed_by_another(alice: User, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    died = threading.Thread(target=lambda: None)
    died.start()
    died.join()
    monkeypatch.setattr(waiting, "_watcher", died)
    generation = ask(alice)
    services.cancel(generation=generation)

    assert wait_for_end(str(generation.pk), who="alice", seconds=20) is True


def test_one_person_leaves_places_to_others(alice: User, ask: Ask, settings: Any) -> None:
    settings.MAX_WAITING = 8
    generation = ask(alice)
    answers: list[bool | None] = []
    threads = [waiter(str(generation.pk), answers, seconds=60) for _ in range(2)]
    until(lambda: waiting._places["alice"] == 2, what="Alice waiting twice")
    an_hour = 3600

    third = wait_for_end(str(generation.pk), who="alice", seconds=an_hour)
    threads.append(waiter(str(generation.pk), answers, seconds=60, who="bob"))
    until(lambda: waiting._places["bob"] == 1, what="Bob waiting")

    assert third is None
    services.cancel(generation=generation)
    for each in threads:
        each.join()
    assert answers == [True] * 6
    assert not waiting._places
