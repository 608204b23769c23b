"""Whose webhook was switched off is told by e-mail, once, in their language."""

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from accounts.models import User
from events import tasks, telling, webhooks
from events.models import WebhookEndpoint
from tests.events.conftest import Add, Listen, happened, send_due
from tests.events.receiver import status


@pytest.fixture
def off(alice: User, listen: Listen, add: Add) -> WebhookEndpoint:
    """A webhook of Alice's that the studio has switched off."""
    endpoint, _ = add(alice, listen(status("410 Gone")))
    happened(alice)
    send_due()
    endpoint.refresh_from_db()
    assert not endpoint.enabled
    return endpoint


class Down(EmailBackend):
    """A mail server that is down."""

    def send_messages(self, messages: Any) -> int:
        raise smtplib.SMTPServerDisconnected


def test_its_owner_is_told_what_happened_and_what_to_do(off: WebhookEndpoint) -> None:
    tasks.tell_owner(endpoint_id=str(off.pk))
    tasks.tell_owner(endpoint_id=str(off.pk))

    (told,) = mail.outbox
    assert told.to == ["alice@example.org"]
    assert told.subject == "One of your webhooks was switched off"
    assert "127.0.0.1" in told.body
    assert "410" in told.body
    assert f"/account/webhooks/{off.pk}/" in told.body
    assert "shop=7" not in told.body
    off.refresh_from_db()
    assert off.told_at


def test_a_mail_server_that_is_down_delays_it(off: WebhookEndpoint, settings: Any) -> None:
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{Down.__module__}.{Down.__name__}"
    tasks.tell_owner(endpoint_id=str(off.pk))
    assert mail.outbox == []

    settings.EMAIL_BACKEND = working
    tasks.tell_owners()
    assert mail.outbox == []
    WebhookEndpoint.objects.update(disabled_at=timezone.now() - timedelta(minutes=6))
    tasks.tell_owners()
    tasks.tell_owners()

    assert len(mail.outbox) == 1


def test_who_has_no_address_is_told_on_the_page_only(off: WebhookEndpoint, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(email=None)

    tasks.tell_owner(endpoint_id=str(off.pk))

    assert mail.outbox == []
    assert not telling.untold().exists()


def test_who_switched_it_off_or_on_themselves_is_told_nothing(off: WebhookEndpoint) -> None:
    webhooks.change(endpoint=off, enabled=True)
    tasks.tell_owner(endpoint_id=str(off.pk))
    webhooks.change(endpoint=off, enabled=False)
    tasks.tell_owner(endpoint_id=str(off.pk))

    assert mail.outbox == []


def test_a_webhook_that_is_gone_by_then_is_no_matter(off: WebhookEndpoint) -> None:
    webhooks.remove(endpoint=off)

    tasks.tell_owner(endpoint_id=str(off.pk))

    assert mail.outbox == []
