"""Who people are, and their plans."""

import secrets
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from common.ids import new_id

CURATORS = "Curators"
"""The group whose rights the back office gives."""

HANDLE_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
LANGUAGES = [("", _("As the browser asks")), ("en", "English"), ("fr", "Français")]


def new_handle() -> str:
    """A random handle, until its owner chooses another."""
    return "u-" + "".join(secrets.choice(HANDLE_ALPHABET) for _ in range(8))


def in_french() -> bool:
    return (get_language() or "").startswith("fr")


class Plan(models.Model):
    """What a person may do: numbers that the operator edits as data."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=60)
    name_fr = models.CharField(_("French name"), max_length=60, blank=True)
    description = models.CharField(_("description"), max_length=300, blank=True)
    description_fr = models.CharField(_("French description"), max_length=300, blank=True)
    price_cents = models.PositiveIntegerField(_("price"), default=0, help_text=_("US cents a month."))
    daily_images = models.PositiveIntegerField(
        _("images a day"), null=True, blank=True, help_text=_("Empty: no limit.")
    )
    max_pixels = models.PositiveIntegerField(
        _("largest picture"), help_text=_("The largest picture, width times height.")
    )
    running_max = models.PositiveIntegerField(_("running at once"), help_text=_("Generations of one person at once."))
    queued_max = models.PositiveIntegerField(_("waiting at most"), help_text=_("Generations of one person waiting."))
    weight = models.PositiveSmallIntegerField(_("weight"), default=1, help_text=_("Share of the queue."))
    server_token = models.BooleanField(
        _("server's token"), default=True, help_text=_("May use the server's Hugging Face token.")
    )
    requests_per_minute = models.PositiveIntegerField(_("requests a minute"), default=120)
    submits_per_minute = models.PositiveIntegerField(_("submits a minute"), default=60)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.CheckConstraint(condition=Q(weight__gte=1), name="plan_weight_at_least_one"),
            models.CheckConstraint(condition=Q(running_max__gte=1), name="plan_runs_at_least_one"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return (self.name_fr if in_french() else "") or self.name

    @property
    def summary(self) -> str:
        """The description in the reader's language."""
        return (self.description_fr if in_french() else "") or self.description

    @property
    def megapixels(self) -> float:
        """The largest picture in units of 1024 x 1024 pixels."""
        return self.max_pixels / 2**20

    @property
    def price(self) -> str:
        """US dollars a month, without needless decimals."""
        return f"{self.price_cents / 100:.2f}".removesuffix(".00")


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> models.QuerySet["User"]:
        """The plan and the token come along: nearly every request asks for them."""
        return super().get_queryset().select_related("plan", "huggingface_token")

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(handle=username)

    def new(self, **fields: Any) -> "User":
        """An account not saved yet: a random handle and the free plan unless told otherwise."""
        if "plan" not in fields:
            fields["plan"] = Plan.objects.get(slug="free")
        return self.model(**{"handle": new_handle(), **fields})

    def create_user(self, email: str | None = None, password: str | None = None, **fields: Any) -> "User":
        """A new account; a missing password means that one must be set by e-mail."""
        user = self.new(email=(email or "").strip().lower() or None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str | None = None, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody with an account. E-mail or handle signs in; `name` is what others see."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(_("e-mail"), null=True, blank=True)
    handle = models.CharField(
        _("handle"),
        max_length=30,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9_-]{3,30}\Z", _("Use 3 to 30 of the letters a-z, digits, - and _."))],
    )
    name = models.CharField(_("name"), max_length=80, blank=True)
    language = models.CharField(_("language"), max_length=5, blank=True, choices=LANGUAGES)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="users", verbose_name=_("plan"))
    is_active = models.BooleanField(_("account is open"), default=True)
    is_staff = models.BooleanField(_("back office"), default=False)
    date_joined = models.DateTimeField(_("joined on"), default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "handle"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_email")]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """What others see: never the e-mail."""
        return self.name or self.handle

    @property
    def initials(self) -> str:
        """One or two capitals for the avatar."""
        words = (self.name or self.handle.removeprefix("u-")).split()
        return "".join(word[0] for word in words[:2]).upper()
