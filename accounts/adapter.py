"""How allauth makes accounts here: who may sign up, the random handle, our sentences."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import throttling
from accounts.models import Invitation, User, new_handle
from accounts.services import signup

SESSION_KEY = "invitation"


class AccountAdapter(DefaultAccountAdapter):
    """Allauth's rules, with `SIGNUP` in front."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_taken": _("There is an account with this e-mail already. Sign in, or reset its password."),
        "email_password_mismatch": _("This e-mail and this password do not belong together. Try again."),
        "username_password_mismatch": _("This handle and this password do not belong together. Try again."),
        "too_many_login_attempts": _("Too many failed attempts. Wait five minutes and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """`SIGNUP` says who may; an invitation in the link is remembered for the whole sign-up."""
        if settings.SIGNUP != "invite":
            return settings.SIGNUP == "open"
        key = request.GET.get("invitation")
        if key and (invitation := signup.open_invitation(key)):
            request.session[SESSION_KEY] = str(invitation.pk)
        return invitation_of(request) is not None

    def new_user(self, request: HttpRequest) -> User:
        """Somebody on the free plan."""
        return User.objects.new()

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Nobody is asked for a handle; allauth has just emptied it for want of an answer."""
        user.handle = user.handle or new_handle()

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Account and used-up invitation come to be together. Raises `EmailTaken`, `InvitationUsed`."""
        try:
            with transaction.atomic():
                saved = super().save_user(request, user, form, commit=commit)
                _use_invitation(request, saved)
        except IntegrityError as error:
            raise signup.EmailTaken from error
        return saved

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Every link of a letter is under `PUBLIC_URL`, whatever host the request named."""
        links = {name: _public(value) for name, value in context.items() if name.endswith("_url")}
        super().send_mail(template_prefix, email, {**context, **links, "public_url": settings.PUBLIC_URL})

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that our own budgets count by."""
        return throttling.client_address(request)


def invitation_of(request: HttpRequest) -> Invitation | None:
    """The invitation that opened this browser's sign-up, while it can be used."""
    remembered = request.session.get(SESSION_KEY)
    return signup.still_open(UUID(remembered)) if remembered else None


def _public(url: str) -> str:
    parts = urlsplit(url)
    return settings.PUBLIC_URL + parts.path + (f"?{parts.query}" if parts.query else "")


def _use_invitation(request: HttpRequest, user: User) -> None:
    if settings.SIGNUP != "invite":
        return
    invitation = invitation_of(request)
    if invitation is None:
        raise signup.InvitationUsed
    signup.accept(invitation=invitation, user=user)
    del request.session[SESSION_KEY]
