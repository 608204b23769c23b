"""The same request sent twice, by its idempotency key, is made once."""

from collections.abc import Callable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from common.errors import DomainError
from generator.models import Generation

KEY_KEPT = timedelta(days=1)
"""How long an idempotency key answers its generation."""


class KeyReused(DomainError):
    """The same idempotency key came with another body."""

    code = "key_reused"
    status = 409


def submit(*, user: User, key: str, digest: str, submit_new: Callable[..., Generation]) -> tuple[Generation, bool]:
    """The generation of this idempotency key, and whether it was made now.

    `digest` names the body. Of two simultaneous posts one is born, the other answers it. Raises `KeyReused`.
    """
    if existing := of_key(user=user, key=key, digest=digest):
        return existing, False
    try:
        with transaction.atomic():
            _forget_old(user, key)
            return submit_new(idempotency_key=key, idempotency_digest=digest), True
    except (IntegrityError, DomainError):
        existing = of_key(user=user, key=key, digest=digest)
        if existing is None:
            raise
        return existing, False


def of_key(*, user: User, key: str, digest: str) -> Generation | None:
    """The generation that was made with this idempotency key within a day. Raises `KeyReused`."""
    rows = user.generations.filter(idempotency_key=key, created_at__gt=timezone.now() - KEY_KEPT)
    existing = rows.select_related("model", "owner").first()
    if existing and existing.idempotency_digest != digest:
        raise KeyReused
    return existing


def _forget_old(user: User, key: str) -> None:
    """A key older than a day is free again, even before the sweep."""
    old = user.generations.filter(idempotency_key=key, created_at__lte=timezone.now() - KEY_KEPT)
    old.update(idempotency_key=None, idempotency_digest="")
