"""What people may still make, and the books it is computed from."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from common.ids import new_id


class Usage(models.Model):
    """One person's images of one day: `used` are made, `reserved` are promised to unfinished generations."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="usages", verbose_name=_("person")
    )
    day = models.DateField(_("day"), help_text=_("In QUOTA_TIME_ZONE."))
    limit = models.PositiveIntegerField(_("limit"), null=True, help_text=_("Empty: no limit."))
    used = models.IntegerField(_("images made"), default=0)
    reserved = models.IntegerField(_("images promised"), default=0)

    class Meta:
        verbose_name = _("day of use")
        verbose_name_plural = _("days of use")
        constraints = [
            models.UniqueConstraint(fields=["user", "day"], name="one_usage_per_user_and_day"),
            models.CheckConstraint(
                condition=Q(limit=None) | Q(limit__gte=F("used") + F("reserved")), name="usage_within_its_limit"
            ),
            models.CheckConstraint(condition=Q(used__gte=0, reserved__gte=0), name="usage_never_negative"),
        ]

    def __str__(self) -> str:
        return self.day.isoformat()


class LedgerEntry(models.Model):
    """One movement of a quota, never edited. `amount` in images: what was reserved, then minus what was not spent."""

    class Kind(models.TextChoices):
        RESERVE = "reserve", _("reserved")
        SETTLE = "settle", _("settled")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    usage = models.ForeignKey(Usage, on_delete=models.PROTECT, related_name="entries", verbose_name=_("usage"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    reference = models.CharField(_("reference"), max_length=64)
    amount = models.IntegerField(_("images"))
    created_at = models.DateTimeField(_("recorded on"), auto_now_add=True)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "reference", "usage"], name="one_entry_per_kind_reference_and_usage"
            )
        ]
        indexes = [models.Index(fields=["reference"], name="ledger_by_reference")]

    def __str__(self) -> str:
        return self.reference


class ServerSpending(models.Model):
    """The pictures that the server's own Hugging Face token paid, or promised to pay, on one day."""

    day = models.DateField(_("day"), primary_key=True, help_text=_("In QUOTA_TIME_ZONE."))
    images = models.PositiveIntegerField(_("images"), default=0)

    class Meta:
        verbose_name = _("day of the server's token")
        verbose_name_plural = _("days of the server's token")

    def __str__(self) -> str:
        return self.day.isoformat()
