"""Many deliveries at once: nobody's receiver holds up another one's, and nothing is sent by two."""

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from common.database import release_connection
from events import leases, slots, tasks
from events.delivery import FORGIVEN_AFTER, SLOW_SECONDS
from events.models import Delivery, Straggler
from tests.events.conftest import Add, Listen, happened, send_due
from tests.events.receiver import silence, status
from tests.real.servers import until

pytestmark = pytest.mark.django_db(transaction=True)
People = Callable[..., User]


def at_once(work: Callable[[], Any], *, times: int) -> list[threading.Thread]:
    """So many threads of a worker."""

    def do() -> None:
        try:
            work()
        finally:
            release_connection()

    threads = [threading.Thread(target=do) for _ in range(times)]
    for each in threads:
        each.start()
    return threads


def join(threads: list[threading.Thread]) -> None:
    for each in threads:
        each.join(60)
    assert not any(each.is_alive() for each in threads)


def test_a_message_is_sent_once_however_many_claim_it(person: People, listen: Listen, add: Add) -> None:
    receiver = listen()
    for number in range(6):
        user = person(f"u{number}")
        add(user, receiver)
        for each in range(3):
            happened(user, reference=f"{number}-{each}")

    join(at_once(tasks.run_deliveries, times=8))
    send_due()

    told = [receiver.message(each)["data"]["id"] for each in range(len(receiver.requests))]
    assert sorted(told) == sorted({f"{number}-{each}" for number in range(6) for each in range(3)})
    assert set(Delivery.objects.values_list("status", flat=True)) == {"delivered"}


def test_one_person_has_two_on_their_way_at_most(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    for user in (alice, alice, alice, bob):
        happened(user, also_to="http://8.8.8.8/")

    claimed: list[Delivery | None] = []
    join(at_once(lambda: claimed.append(leases.claim(slow_too=True)), times=8))

    held = [each.user_id for each in claimed if each]
    assert sorted(held) == sorted([alice.pk, alice.pk, bob.pk])
    assert leases.due(most=10) == 0


def test_people_whose_receivers_never_answer_hold_up_nobody_else(person: People, listen: Listen, add: Add) -> None:
    stuck, quick = listen(silence), listen()
    for number in range(6):
        slow = person(f"slow{number}")
        Straggler.objects.create(user=slow)
        for _ in range(4):
            happened(slow, also_to=stuck.address)
    waiting = at_once(tasks.run_deliveries, times=slots.free())
    until(lambda: len(stuck.requests) == 4 == slots.free(), what="half of the slots being taken")
    bob = person("bob")
    add(bob, quick)

    happened(bob)
    send_due()

    assert quick.asked.is_set()
    assert any(each.is_alive() for each in waiting)
    assert Delivery.objects.filter(held_until__gt=timezone.now()).count() <= 4
    stuck.over.set()
    join(waiting)


def test_who_failed_has_fewer_places_until_they_answer_again(person: People, listen: Listen, add: Add) -> None:
    alice = person("alice")
    add(alice, listen(status("500 Broken"), status("200 OK")))
    happened(alice)

    send_due()
    assert Straggler.objects.filter(user=alice).exists()
    happened(alice)
    assert leases.claim(slow_too=False) is None
    Straggler.objects.update(since=timezone.now() - FORGIVEN_AFTER)
    send_due()

    assert not Straggler.objects.exists()


def test_so_has_who_takes_long(person: People, listen: Listen, add: Add) -> None:
    alice = person("alice")

    def late(server: Any, line: Any) -> None:
        server.over.wait(SLOW_SECONDS + 0.1)
        line.sendall(status("200 OK"))

    add(alice, listen(late))
    happened(alice)

    send_due()

    assert Delivery.objects.get().status == "delivered"
    assert Straggler.objects.filter(user=alice).exists()


def test_half_of_the_slots_is_for_those_who_answer() -> None:
    with slots.SlowPlace() as first, slots.SlowPlace(), slots.SlowPlace(), slots.SlowPlace():
        with slots.SlowPlace() as fifth:
            assert (first.won, fifth.won) == (True, False)
        first.give_back()
        with slots.SlowPlace() as next_one:
            assert next_one.won
    with slots.SlowPlace() as last:
        assert last.won


def test_a_process_has_as_many_on_their_way_as_it_has_slots(settings: Any) -> None:
    settings.WEBHOOK_SLOTS = 2
    with slots.one() as first, slots.one() as second, slots.one() as third:
        assert (first, second, third, slots.free()) == (True, True, False, 0)
    assert slots.free() == 2


def test_a_worker_that_stops_leaves_its_messages_to_the_next(
    person: People, listen: Listen, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = listen(silence, status("200 OK"))
    alice = person("alice")
    add(alice, stuck)
    happened(alice)
    monkeypatch.setattr(slots, "_stopping", threading.Event())
    waiting = at_once(tasks.run_deliveries, times=1)
    assert stuck.asked.wait(30)

    slots.end_all()
    join(waiting)

    waited = Delivery.objects.get()
    assert (waited.status, waited.tries, waited.held_until, waited.log.count()) == ("waiting", 0, None, 0)
    assert slots.free() == 0
    monkeypatch.undo()
    send_due()
    assert len(stuck.requests) == 2


def test_the_timekeeper_starts_what_is_due_without_a_broker(person: People, listen: Listen, add: Add) -> None:
    receiver = listen()
    alice = person("alice")
    add(alice, receiver)
    happened(alice)

    tasks.start_due()

    assert receiver.asked.wait(30)
    join([each for each in threading.enumerate() if each.name == "delivery"])
    assert Delivery.objects.get().status == "delivered"


def test_the_timekeeper_starts_nothing_for_the_slow_while_their_places_are_taken(
    person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[dict[str, Any]] = []
    counting = SimpleNamespace(Thread=lambda **wanted: SimpleNamespace(start=lambda: started.append(wanted)))
    monkeypatch.setattr(tasks, "threading", counting)
    slow, quick = person("slow"), person("quick")
    Straggler.objects.create(user=slow)
    for user in (slow, slow, quick):
        happened(user, also_to="http://8.8.8.8/")

    with slots.SlowPlace(), slots.SlowPlace(), slots.SlowPlace():
        tasks.start_due()
        assert len(started) == 3
        with slots.SlowPlace():
            tasks.start_due()

    assert len(started) == 3 + 1


def test_a_receiver_that_is_waited_for_costs_no_database_connection(
    person: People, listen: Listen, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection

    from events import delivery

    alice = person("alice")
    add(alice, listen())
    happened(alice)
    held: list[Any] = []
    real = delivery.http.fetch
    monkeypatch.setattr(delivery.http, "fetch", lambda *a, **m: held.append(connection.connection) or real(*a, **m))

    send_due()

    assert held == [None]
