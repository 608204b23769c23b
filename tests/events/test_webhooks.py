"""Making, changing and removing webhooks, and where they may lead."""

import socket
import threading
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from common.errors import InvalidInput, NotFound
from events import addresses, queries, types, webhooks
from events.models import Delivery, WebhookEndpoint
from tests.events.conftest import Add, Listen, happened, send_due, try_all
from tests.events.receiver import status
from tests.hostile import hostile

OPEN = "https://93.184.216.34/hooks"
ZONES = ("::1%lo", "::1%25lo", "::ffff:127.0.0.1%lo", "fe80::1%25eth0", "2606:4700::1111%eth0")


def wrong(**fields: Any) -> dict[str, str]:
    """The code of each field that is refused."""
    with pytest.raises(InvalidInput) as refused:
        webhooks.add(**{"url": OPEN, "events": ["generation.failed"], **fields})
    assert refused.value.as_members()
    return {name: code for name, code, _ in refused.value.errors}


class TestMaking:
    def test_a_webhook_is_on_and_its_secret_is_told_once(self, alice: User) -> None:
        endpoint, secret = webhooks.add(
            user=alice, url=OPEN, events=["generation.failed", "generation.succeeded"], description=hostile("shop", 200)
        )

        shown = queries.webhook_as_json(endpoint)
        assert secret.startswith("whsec_")
        assert secret not in str(shown)
        assert (shown["id"], shown["url"], shown["enabled"]) == (str(endpoint.pk), OPEN, True)
        assert shown["events"] == ["generation.succeeded", "generation.failed"]
        assert set(shown) == {"id", "url", "events", "enabled", "description", "created_at"}

    @pytest.mark.parametrize(
        ("events", "code"),
        [
            ([], "no_event"),
            (["generation.started"], "unknown_event"),
            ([types.TEST], "unknown_event"),
            ([hostile("generation.failed")], "unknown_event"),
            (["generation.failed", "generation.failed"], "event_twice"),
        ],
    )
    def test_it_names_events_that_are_told_each_once(self, alice: User, events: list[str], code: str) -> None:
        assert wrong(user=alice, events=events) == {"events": code}

    def test_a_description_has_a_length_and_no_control_characters(self, alice: User) -> None:
        assert wrong(user=alice, description="x" * 201) == {"description": "too_long"}
        assert wrong(user=alice, description="a\x00b") == {"description": "control_characters"}

    def test_nobody_has_more_than_twenty(self, alice: User, bob: User) -> None:
        for _ in range(WebhookEndpoint.MOST):
            webhooks.add(user=alice, url=OPEN, events=["generation.failed"])

        with pytest.raises(webhooks.TooManyWebhooks) as refused:
            webhooks.add(user=alice, url=OPEN, events=["generation.failed"])

        assert (refused.value.status, "20" in refused.value.message) == (409, True)
        assert webhooks.add(user=bob, url=OPEN, events=["generation.failed"])


class TestAddresses:
    @pytest.mark.parametrize(
        "url", [OPEN, "http://8.8.8.8:8080/a?b=c", "https://[2606:4700::1111]/", "https://ü.example/"]
    )
    def test_the_open_internet_is_taken(self, url: str) -> None:
        assert addresses.check_url(url) == []

    @pytest.mark.parametrize(
        ("url", "code"),
        [
            ("", "not_a_webhook_address"),
            ("example.org", "not_a_webhook_address"),
            ("ftp://8.8.8.8/", "not_a_webhook_address"),
            ("javascript:alert(1)", "not_a_webhook_address"),
            ("https://", "not_a_webhook_address"),
            ("https:///path", "not_a_webhook_address"),
            ("https://8.8.8.8:0/", "not_a_webhook_address"),
            ("https://8.8.8.8:99999/", "not_a_webhook_address"),
            ("https://8.8.8.8:x/", "not_a_webhook_address"),
            ("https://[::1/", "not_a_webhook_address"),
            *[(f"http://[{host}]/", "not_a_webhook_address") for host in ZONES],
            ("http://127.0.0.1%25lo/", "not_a_webhook_address"),
            ("https://a..b/", "not_a_webhook_address"),
            ("https://" + "a" * 70 + ".example/", "not_a_webhook_address"),
            ("https://8.8.8.8/a b", "not_a_webhook_address"),
            ("https://8.8.8.8/\n", "not_a_webhook_address"),
            ("https://8.8.8.8/\x00", "not_a_webhook_address"),
            ("https://8.8.8.8\\@127.0.0.1/", "not_a_webhook_address"),
            ("https://8.8.8.8/\ud800", "not_a_webhook_address"),
            ("https://8.8.8.8/\u2028", "not_a_webhook_address"),
            ("https://me:secret@8.8.8.8/", "address_with_user"),
            ("https://@8.8.8.8/", "address_with_user"),
            ("https://8.8.8.8/#top", "address_with_fragment"),
            ("https://8.8.8.8/" + "x" * 2000, "too_long"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_posted_to_is_not(self, url: str, code: str) -> None:
        assert addresses.check_url(url) == [("url", code, addresses.check_url(url)[0][2])]
        assert addresses.check_url(url)[0][1] == code

    @pytest.mark.parametrize(
        "host",
        ["127.0.0.1", "localhost", "LOCALHOST", "2130706433", "0x7f000001", "127.1", "0", "[::1]", "[::ffff:10.0.0.1]",
         "10.1.2.3", "192.168.0.1", "169.254.169.254", "100.100.100.200", "[fd00:ec2::254]", "127.0.0.1."],
    )  # fmt: skip
    def test_a_private_network_is_not_reached_by_any_of_its_names(self, host: str) -> None:
        assert addresses.check_url(f"http://{host}/") == [("url", "private_address", {})]

    def test_one_private_address_among_those_of_a_name_is_enough(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = socket.getaddrinfo
        both = lambda _host, *rest, **more: real("8.8.8.8", *rest, **more) + real("10.0.0.1", *rest, **more)  # noqa: E731
        monkeypatch.setattr(socket, "getaddrinfo", both)

        assert addresses.check_url("http://both.example/") == [("url", "private_address", {})]

    def test_an_operator_can_allow_them(self, settings: Any) -> None:
        settings.WEBHOOK_ALLOW_PRIVATE = True

        assert addresses.check_url("http://127.0.0.1:9000/") == []

    def test_a_name_that_nobody_answers_for_holds_up_its_owner_only_a_while(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        over = threading.Event()
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(30) and [])
        monkeypatch.setattr(addresses, "LOOK_UP_SECONDS", 0.1)

        assert addresses.check_url("http://slow.example/") == []
        assert not over.is_set()
        over.set()

    def test_a_refused_address_is_refused_on_its_field(self, alice: User) -> None:
        assert wrong(user=alice, url="http://127.0.0.1/", events=[]) == {"url": "private_address", "events": "no_event"}


class TestChanging:
    def test_what_is_not_named_stays(self, alice: User) -> None:
        endpoint, _ = webhooks.add(user=alice, url=OPEN, events=["generation.failed"], description="shop")

        changed = webhooks.change(endpoint=endpoint, events=["generation.cancelled"])

        assert (changed.url, changed.events, changed.description) == (OPEN, ["generation.cancelled"], "shop")

    def test_what_waits_goes_to_the_new_address(self, alice: User, listen: Listen, add: Add) -> None:
        old, new = listen(status("500 Broken")), listen()
        endpoint, secret = add(alice, old)
        happened(alice)
        send_due()

        webhooks.change(endpoint=endpoint, url=new.address)
        send_due(hurry=True)

        assert new.believes(secret)["type"] == "generation.succeeded"

    def test_switched_off_nothing_is_sent_and_what_waited_has_failed(
        self, alice: User, listen: Listen, add: Add
    ) -> None:
        receiver = listen()
        endpoint, _ = add(alice, receiver)
        happened(alice)

        webhooks.change(endpoint=endpoint, enabled=False)
        happened(alice)
        send_due()

        assert receiver.requests == []
        waited = Delivery.objects.get()
        assert (waited.status, waited.code) == ("failed", "webhook_disabled")
        endpoint.refresh_from_db()
        assert endpoint.disabled_code == ""

    def test_switched_on_again_it_is_told_of_what_comes_and_what_failed_can_be_sent(
        self, alice: User, listen: Listen, add: Add
    ) -> None:
        receiver = listen()
        endpoint, _ = add(alice, receiver)
        happened(alice, reference="before")
        webhooks.change(endpoint=endpoint, enabled=False)

        webhooks.change(endpoint=endpoint, enabled=True)
        happened(alice, reference="after")
        webhooks.redeliver(delivery=Delivery.objects.get(reference="before"))
        send_due()

        assert {receiver.message(each)["data"]["id"] for each in (0, 1)} == {"before", "after"}

    def test_switching_on_forgets_why_it_was_off(self, alice: User, listen: Listen, add: Add) -> None:
        endpoint, _ = add(alice, listen(status("410 Gone")))
        happened(alice)
        send_due()
        WebhookEndpoint.objects.update(told_at=timezone.now())
        endpoint.refresh_from_db()
        assert endpoint.disabled_code == "receiver_gone"

        changed = webhooks.change(endpoint=endpoint, enabled=True)

        assert (changed.enabled, changed.disabled_code, changed.disabled_at, changed.told_at) == (True, "", None, None)

    def test_a_removed_one_takes_its_log_along(self, alice: User, listen: Listen, add: Add) -> None:
        receiver = listen(status("500 Broken"))
        endpoint, _ = add(alice, receiver)
        happened(alice)
        send_due()

        webhooks.remove(endpoint=endpoint)
        send_due(hurry=True)

        assert not Delivery.objects.exists()
        assert len(receiver.requests) == 1

    def test_whatever_is_wanted_of_a_removed_one_it_is_not_there(self, alice: User, listen: Listen, add: Add) -> None:
        endpoint, _ = add(alice, listen())
        happened(alice)
        sent = Delivery.objects.get()
        webhooks.remove(endpoint=WebhookEndpoint.objects.get())

        for wish in (
            lambda: webhooks.change(endpoint=endpoint, enabled=False),
            lambda: webhooks.rotate(endpoint=endpoint),
            lambda: webhooks.send_test(endpoint=endpoint),
            lambda: webhooks.redeliver(delivery=sent),
        ):
            with pytest.raises(NotFound):
                wish()
        webhooks.remove(endpoint=endpoint)

    def test_what_was_for_one_generation_and_is_gone_is_not_sent_again(self, alice: User) -> None:
        happened(alice, also_to="http://8.8.8.8/")
        sent = Delivery.objects.get()
        Delivery.objects.all().delete()

        with pytest.raises(NotFound):
            webhooks.redeliver(delivery=sent)


class TestTrying:
    def test_a_test_message_arrives_signed(self, alice: User, listen: Listen, add: Add) -> None:
        receiver = listen()
        endpoint, secret = add(alice, receiver)

        delivery = webhooks.send_test(endpoint=endpoint)
        send_due()

        assert receiver.believes(secret)["type"] == "webhook.test"
        delivery.refresh_from_db()
        assert queries.delivery_as_json(delivery)["generation"] is None
        assert delivery.status == "delivered"

    def test_nothing_is_sent_to_one_that_is_off(self, alice: User, listen: Listen, add: Add) -> None:
        endpoint, _ = add(alice, listen())
        happened(alice)
        webhooks.change(endpoint=endpoint, enabled=False)

        for refused in (
            lambda: webhooks.send_test(endpoint=endpoint),
            lambda: webhooks.redeliver(delivery=Delivery.objects.get()),
        ):
            with pytest.raises(webhooks.WebhookDisabled):
                refused()

    def test_sent_again_it_has_its_id_and_all_its_tries(self, alice: User, listen: Listen) -> None:
        receiver = listen(status("500 Broken"))
        happened(alice, also_to=receiver.address)
        try_all()
        delivery = Delivery.objects.get()
        assert (delivery.status, delivery.tries) == ("failed", 8)

        webhooks.redeliver(delivery=delivery)
        assert (delivery.status, delivery.tries, delivery.code) == ("waiting", 0, "")
        try_all()

        delivery.refresh_from_db()
        assert (delivery.status, delivery.tries) == ("failed", 8)
        assert len({receiver.headers(each)["webhook-id"] for each in range(16)}) == 1
        assert delivery.log.count() == 16

    def test_a_new_secret_signs_beside_the_old_one(self, alice: User, listen: Listen, add: Add) -> None:
        receiver = listen()
        endpoint, old = add(alice, receiver)

        new = webhooks.rotate(endpoint=endpoint)
        happened(alice)
        send_due()

        assert new != old
        assert receiver.believes(old) == receiver.believes(new)
