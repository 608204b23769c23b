"""Hostile receivers and hostile owners of webhooks: what they cannot learn, keep or hold up."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from events import leases, services, tasks, telling, webhooks
from events.models import Delivery, Straggler, WebhookEndpoint
from tests.events.conftest import Add, Listen, happened, send_due
from tests.events.receiver import status

People = Callable[..., User]


def test_a_secret_in_the_address_stands_in_no_log(
    alice: User, listen: Listen, add: Add, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver = listen(b"HTTP/1.1 200 OK\r\nX-Broken\r\n folded\r\n: nothing\r\nConnection: close\r\n\r\nyes")
    add(alice, receiver, url=f"{receiver.url}/T0K3N/hooks?key=S3CR3T")
    happened(alice)

    send_due()

    assert len(receiver.requests) == 1
    assert "T0K3N" not in caplog.text
    assert "S3CR3T" not in caplog.text


def test_a_message_that_is_sent_again_and_again_keeps_a_log_that_ends(alice: User, listen: Listen, add: Add) -> None:
    add(alice, listen(status("200 OK", body=b"x" * 4000)))
    happened(alice)
    sent = Delivery.objects.get()

    for _ in range(40):
        webhooks.redeliver(delivery=sent)
        send_due()

    assert sent.log.count() == 20


def test_nothing_is_sent_for_a_closed_account(alice: User, listen: Listen, add: Add) -> None:
    receiver = listen()
    add(alice, receiver)
    happened(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)

    send_due()

    assert receiver.requests == []


def test_whose_backlog_is_long_does_not_keep_others_waiting(person: People, listen: Listen, add: Add) -> None:
    receiver = listen()
    for name in ("alice", "carol"):
        add(person(name), receiver)
        for number in range(10):
            happened(User.objects.get(handle=name), reference=f"{name}-{number}")
    bob = person("bob")
    add(bob, receiver)
    happened(bob, reference="bob")

    send_due()

    told = [receiver.message(each)["data"]["id"] for each in range(len(receiver.requests))]
    assert told[:6] == ["alice-0", "carol-0", "bob", "alice-1", "carol-1", "alice-2"]
    assert len(told) == 21


def test_a_quick_receiver_beside_a_slow_one_wins_back_no_places(person: People, listen: Listen, add: Add) -> None:
    alice = person("alice")
    quick, broken = listen(), listen(status("500 Broken"))
    add(alice, broken)
    happened(alice)
    send_due()

    happened(alice, also_to=quick.address)
    send_due()

    assert len(quick.requests) == 1
    assert Straggler.objects.filter(user=alice).exists()


def test_a_clock_that_is_ahead_delays_no_message(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(hours=1))

    happened(alice, also_to="http://8.8.8.8/")

    assert leases.due(most=10) == 1


def test_what_waits_for_one_person_has_an_end(
    alice: User, listen: Listen, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "WAITING_MOST", 2)
    receiver = listen()
    add(alice, receiver)
    for number in range(3):
        happened(alice, reference=str(number))
    send_due()

    lost = Delivery.objects.get(status="failed")

    assert (lost.reference, lost.code, lost.tries) == ("2", "too_many_waiting", 0)
    assert len(receiver.requests) == 2
    webhooks.redeliver(delivery=lost)
    send_due()
    assert receiver.message()["data"]["id"] == "2"
    happened(alice, reference="3")
    assert Delivery.objects.get(reference="3").status == "waiting"


def test_somebody_gets_few_emails_however_often_their_webhooks_go_off(
    alice: User, listen: Listen, add: Add, mailoutbox: list[Any]
) -> None:
    receiver = listen(status("410 Gone"))
    for number in range(telling.AN_HOUR + 3):
        endpoint, _ = add(alice, receiver)
        happened(alice, reference=str(number))
        send_due()
        telling.tell(endpoint.pk)
        if number < telling.AN_HOUR:
            webhooks.remove(endpoint=endpoint)

    assert len(mailoutbox) == telling.AN_HOUR
    assert WebhookEndpoint.objects.filter(told_at=None, enabled=False).count() == 3


@pytest.mark.parametrize("host", ["169.254.169.254", "[::ffff:169.254.169.254]", "[fd00:ec2::254]", "168.63.129.16"])
def test_where_clouds_tell_secrets_is_private_whatever_an_operator_allows(
    host: str, alice: User, settings: Any
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    url = f"http://{host}/latest/meta-data/"
    happened(alice, also_to=url)

    send_due()

    assert webhooks.check_url(url) == [("url", "private_address", {})]
    assert Delivery.objects.get().code == "private_address"


def test_of_what_was_sent_for_one_person_the_newest_are_kept(
    alice: User, bob: User, listen: Listen, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "KEPT_OF_ONE", 3)
    receiver = listen()
    add(alice, receiver)
    add(bob, receiver)
    for number in range(5):
        happened(alice, reference=str(number))
    happened(bob, reference="bob")
    send_due()
    happened(alice, reference="waits")

    tasks.purge()

    kept = Delivery.objects.order_by("pk").values_list("reference", flat=True)
    assert list(kept) == ["2", "3", "4", "bob", "waits"]
