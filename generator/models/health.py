"""What failed so that nobody should call it for a while: one memory for all workers."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.ids import new_id


class Breaker(models.Model):
    """A run of failures of what `account`, `repo_id` and `provider` name together ("" stands for any).

    It is open while `open_until` lies ahead. After that one caller at a time may probe, until `probe_until`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.CharField(_("account"), max_length=24, blank=True)
    repo_id = models.CharField(_("repository"), max_length=200, blank=True)
    provider = models.CharField(_("provider"), max_length=40, blank=True)
    code = models.CharField(_("code"), max_length=40)
    failures = models.PositiveSmallIntegerField(_("failures"), default=0)
    failed_at = models.DateTimeField(_("last failure"))
    open_until = models.DateTimeField(_("closed to calls until"), null=True)
    probe_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("circuit breaker")
        verbose_name_plural = _("circuit breakers")
        constraints = [
            models.UniqueConstraint(fields=["account", "repo_id", "provider"], name="one_breaker_per_subject"),
        ]

    def __str__(self) -> str:
        return " · ".join(part for part in (self.repo_id, self.provider) if part) or self.code
