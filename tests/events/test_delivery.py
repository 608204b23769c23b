"""What a program receives, and what is written down of it."""

import socket
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import transaction
from django.utils import timezone
from standardwebhooks import WebhookVerificationError

from accounts.models import User
from events import delivery as sending
from events import queries, tasks, types, webhooks
from events.models import Delivery, DeliveryTry, WebhookEndpoint
from tests.events.conftest import Add, Listen, happened, send_due, try_all
from tests.events.receiver import Receiver, silence, status


def only() -> Delivery:
    return Delivery.objects.get()


def seconds_until_next() -> float:
    next_try = only().next_try_at
    assert next_try
    return (next_try - timezone.now()).total_seconds()


class TestArriving:
    def test_a_message_is_believed_by_the_public_library(self, alice: User, listen: Listen, add: Add) -> None:
        receiver = listen()
        _endpoint, secret = add(alice, receiver)
        event = happened(alice)

        send_due()

        assert receiver.believes(secret) == receiver.message()
        assert receiver.message() == {
            "type": "generation.succeeded",
            "timestamp": event.created_at.isoformat().replace("+00:00", "Z"),
            "data": event.data,
        }
        assert receiver.requests[0].startswith("POST /hooks?shop=7 HTTP/1.1")
        assert receiver.headers()["content-type"] == "application/json"
        with pytest.raises(WebhookVerificationError):
            receiver.believes(webhooks.default_secret(user=alice))

    @pytest.mark.parametrize("answer", ["200 OK", "201 Created", "202 Accepted", "204 No Content", "299 Odd"])
    def test_any_2xx_is_enough(self, alice: User, listen: Listen, add: Add, answer: str) -> None:
        receiver = listen(f"HTTP/1.1 {answer}\r\nConnection: close\r\n\r\n".encode())
        add(alice, receiver)
        happened(alice)

        send_due()
        send_due(hurry=True)

        assert len(receiver.requests) == 1
        arrived = only()
        assert (arrived.status, arrived.code, arrived.tries, arrived.next_try_at) == ("delivered", "", 1, None)
        assert arrived.finished_at

    def test_the_log_tells_the_request_the_answer_and_the_time(self, alice: User, listen: Listen, add: Add) -> None:
        receiver = listen(status("500 Broken", body=b"no \x00\x1b[31m\xff<script>" + b"x" * 5000))
        endpoint, secret = add(alice, receiver)
        happened(alice, reference="019f-1")

        send_due()

        told = queries.delivery_as_json(queries.deliveries_of(endpoint).get())
        (tried,) = told["log"]
        assert (told["webhook"], told["generation"], told["type"]) == (str(endpoint.pk), "019f-1", types.SUCCEEDED)
        assert (told["status"], told["code"], told["tries"]) == ("waiting", "receiver_refused", 1)
        assert (tried["status"], tried["code"], tried["url"]) == (500, "receiver_refused", receiver.address)
        assert tried["request"]["webhook-signature"] == receiver.headers()["webhook-signature"]
        assert tried["answer"].startswith("no \ufffd\ufffd[31m\ufffd<script>xxx")
        assert len(tried["answer"].encode()) < 2100
        assert 0 <= tried["seconds"] < 10
        assert secret not in str(told)

    def test_somebody_is_told_only_what_they_chose_and_of_themselves(
        self, alice: User, bob: User, listen: Listen, add: Add
    ) -> None:
        receiver = listen()
        add(alice, receiver, events=["generation.failed"])
        happened(alice, types.SUCCEEDED)
        happened(alice, types.QUEUED)
        happened(bob, types.FAILED)

        send_due()

        assert receiver.requests == []

    def test_an_address_of_one_generation_is_told_with_the_default_secret(self, alice: User, listen: Listen) -> None:
        receiver = listen()
        happened(alice, also_to=receiver.address)

        send_due()

        assert receiver.believes(webhooks.default_secret(user=alice))["type"] == "generation.succeeded"
        assert queries.delivery_as_json(queries.single_deliveries(alice).get())["webhook"] is None

    def test_what_was_rolled_back_is_told_to_nobody(self, alice: User, listen: Listen, add: Add) -> None:
        receiver = listen()
        add(alice, receiver)

        def fail() -> None:
            with transaction.atomic():
                happened(alice)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        send_due()

        assert not Delivery.objects.exists()
        assert receiver.requests == []

    def test_a_longest_due_message_goes_first(self, alice: User, listen: Listen, add: Add) -> None:
        receiver = listen()
        add(alice, receiver)
        for name in ("second", "first"):
            happened(alice, reference=name)
        Delivery.objects.filter(reference="first").update(next_try_at=timezone.now() - timedelta(minutes=1))

        send_due()

        assert [receiver.message(each)["data"]["id"] for each in (0, 1)] == ["first", "second"]


class TestFailing:
    def test_it_is_sent_again_under_the_same_id_with_a_fresh_signature(
        self, alice: User, listen: Listen, add: Add
    ) -> None:
        receiver = listen(status("500 Broken"), status("200 OK"))
        _endpoint, secret = add(alice, receiver)
        happened(alice)

        send_due()
        assert 4 < seconds_until_next() <= 6
        send_due()
        assert len(receiver.requests) == 1
        send_due(hurry=True)

        assert receiver.headers(0)["webhook-id"] == receiver.headers(1)["webhook-id"]
        assert receiver.body(0) == receiver.body(1)
        assert receiver.believes(secret, 1)
        assert (only().status, only().tries, only().log.count()) == ("delivered", 2, 2)

    def test_after_the_eighth_try_it_is_given_up_and_the_webhook_goes_off(
        self, alice: User, listen: Listen, add: Add
    ) -> None:
        receiver = listen(status("500 Broken"))
        endpoint, _ = add(alice, receiver)
        happened(alice, reference="first")

        try_all(7)
        happened(alice, reference="second")
        endpoint.refresh_from_db()
        assert endpoint.enabled
        Delivery.objects.filter(reference="first").update(next_try_at=timezone.now() - timedelta(minutes=1))
        tasks.delivery.take_turn()

        endpoint.refresh_from_db()
        assert (endpoint.enabled, endpoint.disabled_code) == (False, "never_arrived")
        given_up, waited = Delivery.objects.order_by("reference")
        assert (given_up.status, given_up.code, given_up.tries) == ("failed", "receiver_refused", 8)
        assert (waited.status, waited.code) == ("failed", "webhook_disabled")
        send_due(hurry=True)
        assert len(receiver.requests) == 8

    def test_a_test_that_never_arrives_leaves_the_webhook_on(self, alice: User, listen: Listen, add: Add) -> None:
        receiver = listen(status("500 Broken"))
        endpoint, _ = add(alice, receiver)
        webhooks.send_test(endpoint=endpoint)

        try_all(9)

        endpoint.refresh_from_db()
        assert endpoint.enabled
        assert (only().status, only().code, len(receiver.requests)) == ("failed", "receiver_refused", 8)

    def test_what_never_arrives_leaves_a_webhook_on_where_others_arrived_meanwhile(
        self, alice: User, listen: Listen, add: Add
    ) -> None:
        broken = [status("500 Broken")]
        endpoint, _ = add(alice, listen(*broken * 4, status("200 OK"), *broken))
        happened(alice, reference="odd")
        try_all(4)
        Delivery.objects.update(next_try_at=timezone.now() + timedelta(hours=9))
        happened(alice, reference="fine")
        send_due()
        try_all(4)

        endpoint.refresh_from_db()
        assert endpoint.enabled
        assert [each.status for each in Delivery.objects.order_by("reference")] == ["delivered", "failed"]
        webhooks.redeliver(delivery=Delivery.objects.get(reference="odd"))
        try_all(8)
        endpoint.refresh_from_db()
        assert (endpoint.enabled, endpoint.disabled_code) == (False, "never_arrived")

    def test_a_test_that_is_answered_with_410_switches_it_off(self, alice: User, listen: Listen, add: Add) -> None:
        endpoint, _ = add(alice, listen(status("410 Gone")))
        webhooks.send_test(endpoint=endpoint)

        send_due()

        endpoint.refresh_from_db()
        assert (endpoint.enabled, endpoint.disabled_code) == (False, "receiver_gone")

    def test_an_address_of_one_generation_is_given_up_without_more(self, alice: User, listen: Listen) -> None:
        receiver = listen(status("404 Not Found"))
        happened(alice, also_to=receiver.address)

        try_all(9)

        assert (only().status, only().code, len(receiver.requests)) == ("failed", "receiver_refused", 8)

    def test_410_switches_it_off_at_once(self, alice: User, listen: Listen, add: Add) -> None:
        endpoint, _ = add(alice, listen(status("410 Gone")))
        happened(alice)

        send_due()

        endpoint.refresh_from_db()
        assert (endpoint.enabled, endpoint.disabled_code) == (False, "receiver_gone")
        assert (only().status, only().code) == ("failed", "receiver_gone")
        assert (only().log.get().status, only().log.get().code) == (410, "receiver_gone")

    @pytest.mark.parametrize(
        ("answer", "least", "most"),
        [
            (status("503 Busy", "Retry-After: 900"), 895, 901),
            (status("429 Slow down", "Retry-After: 1"), 4, 7),
            (status("503 Busy", "Retry-After: 9999999"), 86000, 86401),
            (status("500 Broken", "Retry-After: 900"), 4, 7),
        ],
    )
    def test_who_asks_for_time_gets_a_day_at_most(
        self, alice: User, listen: Listen, add: Add, answer: bytes, least: float, most: float
    ) -> None:
        add(alice, listen(answer))
        happened(alice)

        send_due()

        assert least < seconds_until_next() < most

    def test_a_redirect_is_not_followed(self, alice: User, listen: Listen, add: Add) -> None:
        other = listen()
        receiver = listen(status("307 Elsewhere", f"Location: {other.url}/"))
        add(alice, receiver)
        happened(alice)

        send_due()

        assert other.requests == []
        assert (only().status, only().code) == ("waiting", "receiver_redirects")
        assert (only().log.get().status, only().log.get().code) == (307, "receiver_redirects")

    @pytest.mark.parametrize(
        ("answer", "code"),
        [(b"", "receiver_broken"), (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "receiver_broken"),
         (b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"x" * 70_000 + b"\r\n\r\n", "receiver_broken")],
    )  # fmt: skip
    def test_noise_is_no_answer(self, alice: User, listen: Listen, add: Add, answer: bytes, code: str) -> None:
        add(alice, listen(answer))
        happened(alice)

        send_due()

        assert (only().status, only().code) == ("waiting", code)
        tried = only().log.get()
        assert (tried.status, tried.code) == (0, code)

    def test_where_nobody_listens_it_is_tried_again(self, alice: User, settings: Any) -> None:
        settings.WEBHOOK_ALLOW_PRIVATE = True
        with Receiver() as gone:
            url = gone.address
        happened(alice, also_to=url)

        send_due()

        assert (only().status, only().code) == ("waiting", "receiver_unreachable")

    def test_silence_ends(self, alice: User, listen: Listen, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sending, "SECONDS", 0.3)
        receiver = listen(silence)
        add(alice, receiver)
        happened(alice)

        send_due()

        assert (only().status, only().code) == ("waiting", "receiver_late")

    @pytest.mark.parametrize(
        "beginning",
        [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n",
         b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"],
    )  # fmt: skip
    def test_a_yes_counts_although_its_body_drips(
        self, alice: User, listen: Listen, add: Add, beginning: bytes
    ) -> None:
        def drip(server: Any, line: Any) -> None:
            line.sendall(beginning)
            server.drip(line, b"x")

        add(alice, listen(drip))
        happened(alice)
        began = monotonic()

        send_due()

        assert only().status == "delivered"
        assert monotonic() - began < sending.SECONDS

    def test_a_yes_counts_although_its_body_never_ends(self, alice: User, listen: Listen, add: Add) -> None:
        def flood(_server: Any, line: Any) -> None:
            line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                line.sendall(b"x" * 65536)

        add(alice, listen(flood))
        happened(alice)

        send_due()

        assert only().status == "delivered"
        assert only().log.get().answer == "x" * 2048

    def test_a_header_that_drips_is_late(
        self, alice: User, listen: Listen, add: Add, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def drip(server: Any, line: Any) -> None:
            line.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            server.drip(line, b"x")

        monkeypatch.setattr(sending, "SECONDS", 0.3)
        add(alice, listen(drip))
        happened(alice)

        send_due()

        assert (only().status, only().code) == ("waiting", "receiver_late")


class TestPrivateNetworks:
    def test_a_private_address_is_not_connected_to(self, alice: User, listen: Listen, settings: Any) -> None:
        receiver = listen()
        happened(alice, also_to=receiver.address)
        settings.WEBHOOK_ALLOW_PRIVATE = False

        send_due()

        assert receiver.connections == 0
        assert (only().status, only().code) == ("waiting", "private_address")

    def test_a_name_that_was_public_when_it_was_made_is_looked_at_again(
        self, alice: User, listen: Listen, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        receiver = listen()
        settings.WEBHOOK_ALLOW_PRIVATE = False
        real, leads_to = socket.getaddrinfo, ["8.8.8.8"]
        monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *rest, **more: real(leads_to[0], *rest, **more))
        webhooks.add(user=alice, url=f"http://rebound.example:{receiver.port}/", events=["generation.succeeded"])
        happened(alice)
        leads_to[0] = "127.0.0.1"

        send_due()

        assert receiver.connections == 0
        assert only().code == "private_address"


class TestSurviving:
    def test_a_secret_that_no_key_opens_fails_the_message_and_says_so(
        self, alice: User, listen: Listen, add: Add, settings: Any
    ) -> None:
        receiver = listen()
        add(alice, receiver)
        happened(alice)
        settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

        send_due()

        assert (only().status, only().code) == ("failed", "secret_unreadable")
        assert receiver.requests == []

    @pytest.mark.parametrize("gone", ["endpoint", "person", "delivery"])
    def test_what_is_deleted_while_it_is_on_its_way_is_forgotten(
        self, alice: User, bob: User, listen: Listen, add: Add, gone: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        receiver = listen()
        endpoint, _ = add(alice, receiver)
        happened(alice)
        real = sending.http.fetch

        def fetch_and_lose(*args: Any, **more: Any) -> Any:
            answer = real(*args, **more)
            delete = {"endpoint": lambda: webhooks.remove(endpoint=endpoint), "person": alice.delete}
            delete.get(gone, Delivery.objects.all().delete)()
            return answer

        monkeypatch.setattr(sending.http, "fetch", fetch_and_lose)
        send_due()

        assert len(receiver.requests) == 1
        assert not Delivery.objects.exists()
        assert not DeliveryTry.objects.exists()

    def test_what_was_switched_off_while_it_was_on_its_way_is_logged_and_stays_failed(
        self, alice: User, listen: Listen, add: Add, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        endpoint, _ = add(alice, listen())
        happened(alice)
        real = sending.http.fetch

        def fetch_and_switch_off(*args: Any, **more: Any) -> Any:
            answer = real(*args, **more)
            webhooks.change(endpoint=endpoint, enabled=False)
            return answer

        monkeypatch.setattr(sending.http, "fetch", fetch_and_switch_off)
        send_due()

        assert (only().status, only().code, only().log.count()) == ("failed", "webhook_disabled", 1)

    def test_one_that_is_held_is_sent_by_nobody_else_until_its_lease_ran_out(
        self, alice: User, listen: Listen, add: Add
    ) -> None:
        receiver = listen()
        add(alice, receiver)
        happened(alice)
        Delivery.objects.update(held_until=timezone.now() + timedelta(seconds=20))

        send_due()
        assert receiver.requests == []
        Delivery.objects.update(held_until=timezone.now() - timedelta(seconds=1))
        send_due()

        assert len(receiver.requests) == 1

    def test_a_message_for_a_webhook_that_went_off_meanwhile_is_not_sent(
        self, alice: User, listen: Listen, add: Add
    ) -> None:
        receiver = listen()
        add(alice, receiver)
        happened(alice)
        WebhookEndpoint.objects.update(enabled=False)

        send_due()

        assert (only().status, only().code, receiver.requests) == ("failed", "webhook_disabled", [])

    def test_deliveries_are_kept_thirty_days(self, alice: User, listen: Listen, add: Add) -> None:
        add(alice, listen())
        for days in (29, 31):
            happened(alice, reference=str(days))
        send_due()
        for days in (29, 31):
            created = timezone.now() - timedelta(days=days)
            Delivery.objects.filter(reference=str(days)).update(created_at=created)

        tasks.purge()

        assert only().reference == "29"
        assert DeliveryTry.objects.count() == 1
