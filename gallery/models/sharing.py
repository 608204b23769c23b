"""Who else sees a picture, and what they say of it."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from common.ids import new_id
from gallery.models.images import Image


class ShareQuerySet(models.QuerySet["Share"]):
    def alive(self, now: datetime) -> "ShareQuerySet":
        """Links that open: not revoked, not run out, of a picture that is not in the trash and whose owner's account is
        not closed."""
        unexpired = Q(expires_at=None) | Q(expires_at__gt=now)
        return self.filter(unexpired, revoked_at=None, image__deleted_at=None, image__owner__is_active=True)

    def remixable(self, name: str, now: datetime) -> "Share | None":
        """The link of this `remix_name`, with its image, if it opens and shows its recipe."""
        key = name.partition(".")[0]
        share = self.alive(now).filter(key=key, recipe_shown=True).select_related("image").first()
        return share if share and constant_time_compare(name, share.remix_name) else None


class Share(models.Model):
    """An unlisted link to one image: `key` is 128 random bits in URL-safe base64, `password` a Django hash or "".

    `views` counts how often the page was opened by others than its owner.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="shares")
    key = models.CharField(max_length=22, unique=True)
    password = models.CharField(max_length=128, blank=True)
    recipe_shown = models.BooleanField(default=True)
    views = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ShareQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def proof(self) -> str:
        """Tells who gave the password that the link has now: it changes with the password."""
        return salted_hmac("gallery.share", f"{self.pk}{self.password}", algorithm="sha256").hexdigest()

    @property
    def remix_name(self) -> str:
        """What names the link to the studio: its key, and behind it the proof where there is a password."""
        return f"{self.key}.{self.proof}" if self.password else self.key


class Like(models.Model):
    """Somebody likes a picture that they were shown."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="likes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="likes")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["image", "user"], name="a_like_once_of_an_image")]

    def __str__(self) -> str:
        return str(self.pk)


class Report(models.Model):
    """Somebody says that a shared picture should not be there; a curator closes it."""

    class Reason(models.TextChoices):
        OFFENSIVE = "offensive", _("It is offensive or hurts somebody")
        RIGHTS = "rights", _("It uses a brand, a work or a face without right")
        MISLEADING = "misleading", _("It passes for something that it is not")
        OTHER = "other", _("Something else")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="reports", verbose_name=_("image"))
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("reporter")
    )
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    words = models.CharField(_("words"), max_length=1000, blank=True)
    created_at = models.DateTimeField(_("reported on"), auto_now_add=True)
    closed_at = models.DateTimeField(_("closed on"), null=True)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        indexes = [models.Index(fields=["-created_at"], name="open_reports", condition=Q(closed_at=None))]

    def __str__(self) -> str:
        return self.get_reason_display()
