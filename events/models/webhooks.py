"""Addresses of people's programs that are told of events, and what became of each telling."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.ids import new_id


class Signed(models.Model):
    """A secret, encrypted with `TOKEN_ENCRYPTION_KEYS`, and those that it `replaced`, encrypted likewise: a list of
    `{"secret", "until"}`, the newest first, each of which signs too until then, in seconds since 1970."""

    MOST_REPLACED = 5
    """How many sign too at once."""

    secret = models.BinaryField()
    replaced = models.JSONField(default=list)

    class Meta:
        abstract = True


class SigningKey(Signed):
    """Somebody's default secret: it signs what is sent to the `webhook_url` of a single generation."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="signing_key"
    )


class Straggler(models.Model):
    """Somebody one of whose receivers failed, or took long, last at `since`: what they are sent has fewer places
    until one answers at once some minutes later."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    since = models.DateTimeField(auto_now_add=True)


class WebhookEndpoint(Signed):
    """An address of somebody's program, and the names of the events that it is told of.

    Nothing is sent while it is not `enabled`. `disabled_code` says why the studio switched it off ("": its owner did),
    `told_at` when its owner was told so by e-mail.
    """

    URL_MAX = 2000
    DESCRIPTION_MAX = 200
    MOST = 20
    """How many somebody may have."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=URL_MAX)
    description = models.CharField(max_length=DESCRIPTION_MAX, blank=True)
    events = models.JSONField(default=list)
    enabled = models.BooleanField(default=True)
    disabled_code = models.CharField(max_length=40, blank=True)
    disabled_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        indexes = [models.Index(fields=["user", "-created_at", "-id"], name="webhooks_newest_first")]

    def __str__(self) -> str:
        return self.host

    @property
    def host(self) -> str:
        """What of the address others than its owner may see: the path often is a secret."""
        return urlsplit(self.url).hostname or ""


class Delivery(models.Model):
    """One message to one address, until it arrived or was given up. Its id is the `webhook-id`, also when sent again.

    `endpoint` is null for the `webhook_url` of a single generation. `body` is what is sent, byte for byte. It is sent
    when `next_try_at` is past and nobody holds it (`held_until`); `tries` counts since it was last asked for, so that
    redelivering begins anew.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="deliveries")
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, null=True, related_name="deliveries")
    url = models.CharField(max_length=WebhookEndpoint.URL_MAX)
    type = models.CharField(max_length=40)
    reference = models.CharField(max_length=64)
    body = models.TextField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    code = models.CharField(max_length=40, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="waiting", next_try_at__isnull=False, finished_at=None)
                | Q(status__in=["delivered", "failed"], next_try_at=None, finished_at__isnull=False),
                name="delivery_waits_or_is_finished",
            )
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="deliveries_due", condition=Q(status="waiting")),
            models.Index(fields=["user", "held_until"], name="deliveries_held", condition=Q(status="waiting")),
            models.Index(fields=["endpoint", "-created_at", "-id"], name="deliveries_of_an_endpoint"),
            models.Index(fields=["user", "-created_at", "-id"], name="deliveries_of_a_user"),
            models.Index(fields=["created_at"], name="deliveries_by_age"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class DeliveryTry(models.Model):
    """One request of a delivery and what came back: `status` 0 where no answer came, `code` "" where it arrived.

    `request` are the headers we sent, `answer` the beginning of the body that came back, `seconds` of wall-clock time.
    """

    KEPT = 20
    """Of one delivery, the last ones: it can be sent again without end."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="log")
    url = models.CharField(max_length=WebhookEndpoint.URL_MAX)
    request = models.JSONField(default=dict)
    status = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=40, blank=True)
    answer = models.TextField(blank=True)
    started_at = models.DateTimeField()
    seconds = models.FloatField()

    class Meta:
        indexes = [models.Index(fields=["delivery", "id"], name="tries_of_a_delivery")]

    def __str__(self) -> str:
        return str(self.status or self.code)
