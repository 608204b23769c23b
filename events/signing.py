"""Secrets of webhooks, and what they sign (Standard Webhooks)."""

import base64
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
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
    """Give the one row of a queryset a new secret, which is returned; the old one signs too for `BOTH_SIGN`.

    Raises `NotFound` where there is none any more.
    """
    secret = new_secret()
    until = timezone.now() + BOTH_SIGN
    if not rows.update(previous_secret=F("secret"), previous_until=until, secret=ciphers.close(secret)):
        raise NotFound
    return secret


def signatures(row: Signed, *, message_id: str, at: datetime, body: str) -> str:
    """The header `webhook-signature`: one signature, or two after a rotation. Raises `SecretUnreadable`."""
    valid = [secret_of(row)]
    if row.previous_secret and row.previous_until and at < row.previous_until:
        valid += [ciphers.open_up(row.previous_secret)] if ciphers.opens(row.previous_secret) else []
    return " ".join(Webhook(secret).sign(message_id, at, body) for secret in valid)


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
            previous = row.previous_secret
            if previous is not None:
                previous = ciphers.close_anew(previous) if ciphers.opens(previous) else None
            unchanged = model.objects.filter(pk=row.pk, secret=row.secret)
            encrypted += unchanged.update(secret=anew, previous_secret=previous)
    return encrypted, unreadable
