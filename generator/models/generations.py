"""A wish for pictures, from its acceptance to its end."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.ids import new_id
from events.models import WebhookEndpoint
from gallery.models import Collection, Image
from generator.models.catalogue import AIModel, Style
from generator.params import Params


class Generation(models.Model):
    """One request, its place in the queue, its lease and its end.

    queued -> running -> succeeded | failed | cancelled, running -> queued (try again later, lease ran out),
    queued -> cancelled, queued -> failed (past its deadline).
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    FINAL = (Status.SUCCEEDED, Status.FAILED, Status.CANCELLED)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="generations", verbose_name=_("owner")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.QUEUED)
    model = models.ForeignKey(AIModel, on_delete=models.PROTECT, related_name="generations", verbose_name=_("model"))
    mode = models.CharField(_("mode"), max_length=20)
    request = models.JSONField()
    style = models.ForeignKey(Style, on_delete=models.PROTECT, null=True, related_name="+")
    source = models.ForeignKey(Image, on_delete=models.SET_NULL, null=True, related_name="+")
    remix_of = models.ForeignKey(Image, on_delete=models.SET_NULL, null=True, related_name="+")
    collection = models.ForeignKey(Collection, on_delete=models.SET_NULL, null=True, related_name="+")
    images = models.PositiveSmallIntegerField(_("images"))
    metadata = models.JSONField(default=dict)
    webhook_url = models.CharField(max_length=WebhookEndpoint.URL_MAX, blank=True)

    queue = models.CharField(_("queue"), max_length=10)
    turn = models.FloatField()
    finish = models.FloatField()
    not_before = models.DateTimeField(null=True)
    worker = models.CharField(_("worker"), max_length=64, blank=True)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    lease_until = models.DateTimeField(null=True)
    deadline = models.DateTimeField(_("deadline"), null=True)
    step = models.PositiveSmallIntegerField(null=True)
    steps = models.PositiveSmallIntegerField(null=True)

    served_by = models.JSONField(_("served by"), null=True)
    notice = models.JSONField(_("notice"), null=True)
    error = models.JSONField(_("error"), null=True)
    recipe_digest = models.CharField(max_length=64, blank=True)

    created_at = models.DateTimeField(_("asked on"), auto_now_add=True)
    started_at = models.DateTimeField(_("started on"), null=True)
    finished_at = models.DateTimeField(_("finished on"), null=True)

    class Meta:
        verbose_name = _("generation")
        verbose_name_plural = _("generations")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running"], finished_at=None)
                | Q(status__in=["succeeded", "failed", "cancelled"], finished_at__isnull=False),
                name="finished_exactly_when_final",
            ),
        ]
        indexes = [
            models.Index(fields=["queue", "turn", "created_at"], name="queued_by_turn", condition=Q(status="queued")),
            models.Index(fields=["owner"], name="running_of_an_owner", condition=Q(status="running")),
            models.Index(fields=["queue", "-turn"], name="started_by_turn", condition=Q(started_at__isnull=False)),
            models.Index(fields=["owner", "queue", "-finish"], name="last_finish_of_an_owner"),
            models.Index(fields=["owner", "-created_at", "-id"], name="generations_newest_first"),
            models.Index(fields=["owner", "recipe_digest"], name="same_recipe_of_an_owner"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_done(self) -> bool:
        return self.status in self.FINAL

    @property
    def params(self) -> Params:
        """The request as params, completed with defaults and seed."""
        return Params(**self.request)

    def elapsed(self, now: datetime) -> float | None:
        """Seconds from the first claim to the end, or to `now`."""
        if self.started_at is None:
            return None
        return ((self.finished_at or now) - self.started_at).total_seconds()


class RequestKey(models.Model):
    """The idempotency key of a request whose answer was this generation, made or found; `digest` names its body."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="request_keys")
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="one_answer_per_idempotency_key")]

    def __str__(self) -> str:
        return str(self.pk)


class Attempt(models.Model):
    """One call of one model through one backend: when, how long, what came back. `seconds` of wall-clock time.

    `sent` is what was really sent, `facts` the arguments of the code's sentence, `paid_by` whose token it was.
    """

    class Outcome(models.TextChoices):
        OK = "ok", _("picture made")
        TRY_AGAIN = "try_again", _("try again")
        NEXT_MODEL = "next_model", _("next model")
        STOP = "stop", _("stop")

    class PaidBy(models.TextChoices):
        NOBODY = "", _("nobody")
        OWNER = "owner", _("the person's own token")
        SERVER = "server", _("the server's token")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="attempts")
    model = models.ForeignKey(AIModel, on_delete=models.PROTECT, related_name="attempts", verbose_name=_("model"))
    provider = models.CharField(_("provider"), max_length=40, blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices)
    code = models.CharField(_("code"), max_length=40, blank=True)
    facts = models.JSONField(default=dict)
    sent = models.JSONField(default=dict)
    paid_by = models.CharField(_("paid by"), max_length=6, blank=True, choices=PaidBy.choices)
    started_at = models.DateTimeField(_("started on"))
    seconds = models.FloatField(_("seconds"))

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        indexes = [models.Index(fields=["model", "-started_at"], name="attempts_of_a_model")]

    def __str__(self) -> str:
        return self.get_outcome_display()


class Output(models.Model):
    """The place of one image of a generation: its seed from the start, its image once it exists.

    `job` names what a provider still makes for it: `{"model", "provider", "account", "ticket"}`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="outputs")
    index = models.PositiveSmallIntegerField()
    seed = models.BigIntegerField()
    job = models.JSONField(null=True)
    image = models.OneToOneField(Image, on_delete=models.SET_NULL, null=True, related_name="output")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation", "index"], name="one_output_per_index"),
        ]
