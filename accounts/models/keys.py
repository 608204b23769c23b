"""Keys that open something: of programs, of newcomers, and people's own at Hugging Face."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from common.ids import new_id


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def working(self) -> "ApiTokenQuerySet":
        """Neither revoked nor expired; whether their account is closed is not asked."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None)

    def ended_before(self, moment: datetime) -> "ApiTokenQuerySet":
        """Revoked or expired by then."""
        return self.filter(Q(revoked_at__lte=moment) | Q(expires_at__lte=moment))


class ApiToken(models.Model):
    """A named, revocable key for REST clients. Only its SHA-256 is kept; `start` is shown to tell it apart."""

    NAME_MAX = 80
    ENDED_KEPT = timedelta(days=30)
    """How long one that was revoked or has expired is still told of."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=NAME_MAX)
    start = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_from = models.GenericIPAddressField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    @property
    def works(self) -> bool:
        """Whether it opens what its scopes say, as long as its account is not closed."""
        return self.revoked_at is None and not self.has_expired

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()


class Invitation(models.Model):
    """A key that lets one person sign up within 14 days. Only its SHA-256 is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    email = models.EmailField(
        _("e-mail"), blank=True, help_text=_("Only this address may use it; empty: anybody with the link.")
    )
    created_by = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="invitations",
        verbose_name=_("invited by"),
    )
    created_at = models.DateTimeField(_("made on"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires on"), editable=False)
    used_at = models.DateTimeField(_("used on"), null=True, editable=False)
    used_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, editable=False, related_name="+", verbose_name=_("used by")
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return self.email or str(_("Anybody with the link"))


class HuggingFaceToken(models.Model):
    """A person's own token, encrypted with `TOKEN_ENCRYPTION_KEYS`; only `last_four` is ever shown.

    `code` names what is wrong with it ("" for nothing); `account` is the SHA-256 of the token, cut to 24 hexadecimal
    digits: it tells accounts apart without telling the token.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="huggingface_token")
    secret = models.BinaryField()
    account = models.CharField(max_length=24)
    last_four = models.CharField(max_length=4)
    name = models.CharField(max_length=100, blank=True)
    code = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True)
