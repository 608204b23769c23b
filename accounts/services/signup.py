"""Who may make an account, and accounts made from the command line."""

import hashlib
import secrets
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Invitation, User
from common.errors import DomainError

LIFETIME = timedelta(days=14)


class InvitationUsed(DomainError):
    """Somebody else was faster with the same invitation, or it ran out a moment ago."""

    code = "invitation_used"
    status = 409


class EmailTaken(DomainError):
    """Two sign-ups with one e-mail at the same moment: the second is refused."""

    code = "email_taken"
    status = 409


@transaction.atomic
def invite(*, by: User, email: str = "") -> tuple[Invitation, str]:
    """An invitation and its key, which nobody sees again: for one person, within 14 days."""
    key = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        digest=_digest_of(key),
        email=email.strip().lower(),
        created_by=by,
        expires_at=timezone.now() + LIFETIME,
    )
    return invitation, key


def link(key: str) -> str:
    """The absolute address that an invited person opens."""
    return f"{settings.PUBLIC_URL}{reverse('account_signup')}?{urlencode({'invitation': key})}"


def open_invitation(key: str) -> Invitation | None:
    """The invitation of `key` if it can still be used."""
    return Invitation.objects.filter(_usable(), digest=_digest_of(key)).first()


def still_open(invitation_id: UUID) -> Invitation | None:
    """The invitation if it can still be used."""
    return Invitation.objects.filter(_usable(), pk=invitation_id).first()


@transaction.atomic
def accept(*, invitation: Invitation, user: User) -> None:
    """Use the invitation up. Raises `InvitationUsed`."""
    if not Invitation.objects.filter(_usable(), pk=invitation.pk).update(used_at=timezone.now(), used_by=user):
        raise InvitationUsed


@transaction.atomic
def ensure_account(*, email: str) -> tuple[User, bool]:
    """The account of this e-mail and whether it was made now; the e-mail counts as confirmed."""
    email = email.strip().lower()
    user = User.objects.filter(email__iexact=email).first()
    made = user is None
    if user is None:
        user = User.objects.create_user(email)
    EmailAddress.objects.update_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
    return user, made


def _usable() -> Q:
    return Q(used_at=None, expires_at__gt=timezone.now())


def _digest_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
