"""People who run the back office."""

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from accounts.models import CURATORS, User
from accounts.services import signup

RIGHTS = (
    "accounts.view_user",
    "accounts.change_user",
    "accounts.view_plan",
    "accounts.change_plan",
    "accounts.view_usage",
    "accounts.view_ledgerentry",
    "accounts.view_serverspending",
    "accounts.view_invitation",
    "accounts.add_invitation",
    "accounts.delete_invitation",
    "events.view_webhookendpoint",
    "generator.view_aimodel",
    "generator.add_aimodel",
    "generator.change_aimodel",
    "generator.view_style",
    "generator.add_style",
    "generator.change_style",
    "generator.view_generation",
    "generator.view_attempt",
    "gallery.view_image",
    "gallery.change_image",
    "gallery.view_report",
    "gallery.change_report",
)
"""What the group may do; `make` gives what is missing, and leaves what the operator added."""


@transaction.atomic
def make(*, email: str) -> tuple[User, bool]:
    """Give the account of this e-mail the back office; it is made where there is none (the second value says so)."""
    user, made = signup.ensure_account(email=email)
    user.groups.add(_group())
    User.objects.filter(pk=user.pk).update(is_staff=True)
    user.is_staff = True
    return user, made


def password_link(user: User) -> str:
    """An absolute address that lets `user` choose a password, once."""
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    return f"{settings.PUBLIC_URL}{path}"


def _group() -> Group:
    group, _made = Group.objects.get_or_create(name=CURATORS)
    group.permissions.add(*Permission.objects.filter(_named(RIGHTS)))
    return group


def _named(rights: tuple[str, ...]) -> Q:
    named = Q()
    for right in rights:
        app, codename = right.split(".")
        named |= Q(content_type__app_label=app, codename=codename)
    return named
