"""Keys for REST clients: shown once, kept as a SHA-256."""

import hashlib
import ipaddress
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import ApiToken, User
from common.errors import DomainError, InvalidInput

PREFIX = "tea_"
SCOPES = ("read", "generate", "manage")
USED_EVERY = timedelta(minutes=1)
WORKING_MAX = 50
"""Tokens that one person may have at the same time, the ended ones not counted."""


class TooManyTokens(DomainError):
    """Nobody needs that many keys; each is one more to lose."""

    code = "too_many_tokens"
    status = 409


@transaction.atomic
def make(*, user: User, name: str, scopes: Sequence[str], expires_at: datetime | None = None) -> tuple[ApiToken, str]:
    """A new token and its secret, which nobody sees again. Raises `InvalidInput`, `TooManyTokens`.

    What ended more than 30 days ago is forgotten with it.
    """
    name = name.strip()
    _refuse_bad(name, scopes, expires_at)
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    ApiToken.objects.filter(user=user).ended_before(timezone.now() - ApiToken.ENDED_KEPT).delete()
    if ApiToken.objects.filter(user=user).working().count() >= WORKING_MAX:
        raise TooManyTokens(most=WORKING_MAX)
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        start=secret[:12],
        digest=digest_of(secret),
        scopes=[scope for scope in SCOPES if scope in scopes],
        expires_at=expires_at,
    )
    return token, secret


@transaction.atomic
def revoke(*, user: User, token_id: UUID) -> bool:
    """The token opens nothing any more; False when this person has no such working token."""
    working = ApiToken.objects.filter(user=user, pk=token_id).working()
    return bool(working.update(revoked_at=timezone.now()))


def find(secret: str, *, address: str = "") -> ApiToken | None:
    """The working token of `secret` with its user and plan, its account not closed; it was used from `address` now."""
    now = timezone.now()
    token = (
        ApiToken.objects.select_related("user__plan", "user__huggingface_token")
        .working()
        .filter(digest=digest_of(secret), user__is_active=True)
        .first()
    )
    if token is not None and (token.last_used_at is None or token.last_used_at < now - USED_EVERY):
        _note_use(token, now, address)
    return token


def still_works(token_id: UUID) -> bool:
    """Whether a token that opened something longer ago would open it now."""
    return ApiToken.objects.working().filter(pk=token_id, user__is_active=True).exists()


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _note_use(token: ApiToken, now: datetime, address: str) -> None:
    """At most one write a minute, whatever the number of requests; what is no address is not kept."""
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_EVERY)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now, last_used_from=_ip(address))


def _ip(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def _refuse_bad(name: str, scopes: Sequence[str], expires_at: datetime | None) -> None:
    errors: list[tuple[str, str, dict[str, object]]] = []
    if not name:
        errors.append(("name", "required", {}))
    if len(name) > ApiToken.NAME_MAX:
        errors.append(("name", "too_long", {"length": len(name), "most": ApiToken.NAME_MAX}))
    if not scopes:
        errors.append(("scopes", "required", {}))
    if not set(scopes) <= set(SCOPES):
        errors.append(("scopes", "not_a_choice", {"choices": ", ".join(SCOPES)}))
    if expires_at is not None and expires_at <= timezone.now():
        errors.append(("expires_at", "in_the_past", {}))
    if errors:
        raise InvalidInput(errors)
