"""Secrets of webhooks, and what they sign (Standard Webhooks)."""

import base64
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from standardwebhooks import Webhook

from common import ciphers
from common.errors import DomainError, NotFound
from events.models import SigningKey, WebhookEndpoint
from events.models.webhooks import Signed

PREFIX = "whsec_"
SECRET_BYTES = 32
BOTH_SIGN = timedelta(hours=24)
"""How long a secret signs too after it was replaced."""


class SecretUnreadable(DomainError):
    """No key of `TOKEN_ENCRYPTION_KEYS` opens the secret any more."""

    code = "secret_unreadable"
    status = 409


class RotatedTooOften(DomainError):
    """As many secrets as may sign beside the newest do: one more would cut off receivers that have the oldest."""

    code = "rotated_too_often"
    status = 409


def new_secret() -> str:
    """A fresh secret, as its owner is shown it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def secret_of(row: Signed) -> str:
    """The secret in the clear. Raises `SecretUnreadable`."""
    try:
        return ciphers.open_up(row.secret)
    except ciphers.Unreadable as error:
        raise SecretUnreadable from error


def default_key(user_id: UUID) -> SigningKey:
    """Somebody's default secret, made when it is first wanted."""
    key, _made = SigningKey.objects.get_or_create(user_id=user_id, defaults={"secret": ciphers.close(new_secret())})
    return key


def replace_secret(rows: Any) -> str:
    """Give the one row of a queryset a new secret, which is returned; each old one signs too for `BOTH_SIGN`.

    Raises `RotatedTooOften`, and `NotFound` where there is no row any more.
    """
    secret, now = new_secret(), timezone.now()
    with transaction.atomic():
        row = rows.select_for_update(no_key=True).first()
        if row is None:
            raise NotFound
        replaced = _signing_too(row, at=now)
        if len(replaced) >= row.MOST_REPLACED:
            raise RotatedTooOften(most=row.MOST_REPLACED)
        old = {"secret": bytes(row.secret).decode(errors="replace"), "until": (now + BOTH_SIGN).timestamp()}
        rows.update(secret=ciphers.close(secret), replaced=[old, *replaced])
    return secret


def signatures(row: Signed, *, message_id: str, at: datetime, body: str) -> str:
    """The header `webhook-signature`: one signature, and one more for each secret that was replaced within a day.

    Raises `SecretUnreadable`.
    """
    old = [each["secret"].encode() for each in _signing_too(row, at=at)]
    valid = [secret_of(row), *(ciphers.open_up(each) for each in old if ciphers.opens(each))]
    return " ".join(Webhook(secret).sign(message_id, at, body) for secret in valid)


def _signing_too(row: Signed, *, at: datetime) -> list[dict[str, Any]]:
    return [each for each in row.replaced if at.timestamp() < each["until"]]


def encrypt_anew() -> tuple[int, int]:
    """Encrypt every secret with the first key: how many were, and how many no key opens."""
    encrypted = unreadable = 0
    for model in (WebhookEndpoint, SigningKey):
        for row in model.objects.order_by("pk").iterator():
            try:
                anew = ciphers.close_anew(row.secret)
            except ciphers.Unreadable:
                unreadable += 1
                continue
            old = [(each["secret"].encode(), each["until"]) for each in row.replaced]
            replaced = [
                {"secret": ciphers.close_anew(closed).decode(), "until": until}
                for closed, until in old
                if ciphers.opens(closed)
            ]
            unchanged = model.objects.filter(pk=row.pk, secret=row.secret)
            encrypted += unchanged.update(secret=anew, replaced=replaced)
    return encrypted, unreadable
