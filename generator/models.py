"""A wish for pictures, from its acceptance to its end."""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Plan, User, in_french
from common.ids import new_id
from common.sentences import say
from gallery.models import Image
from generator import limits
from generator.params import Limits, Params

QUEUE_OF = {"builtin": "local", "diffusers": "local", "huggingface": "provider"}
"""The kind of slot that a backend takes."""


class Worded(models.Model):
    """A catalogue entry with words in both languages; `shipped` keeps the values it came with."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(_("short name"), unique=True, max_length=80)
    name = models.CharField(_("name"), max_length=80)
    name_fr = models.CharField(_("French name"), max_length=80, blank=True)
    description = models.CharField(_("description"), max_length=400, blank=True)
    description_fr = models.CharField(_("French description"), max_length=400, blank=True)
    enabled = models.BooleanField(_("offered"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    shipped = models.JSONField(default=dict, editable=False)

    class Meta:
        abstract = True

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


class AIModelQuerySet(models.QuerySet["AIModel"]):
    def as_seen_by(self, user: User) -> "AIModelQuerySet":
        """Each with `in_plan`: whether this person's plan includes it."""
        plans = AIModel.plans.through.objects.filter(aimodel=OuterRef("pk"))
        return self.annotate(in_plan=~Exists(plans) | Exists(plans.filter(plan=user.plan_id)))

    def offered(self) -> "AIModelQuerySet":
        """What is switched on, in catalogue order."""
        return self.filter(enabled=True).order_by("position", "slug")


class AIModel(Worded):
    """An entry of the catalogue: what it can do, its limits and defaults, who may use it. Sizes in pixels."""

    repo_id = models.CharField(_("repository"), max_length=200, unique=True)
    revision = models.CharField(_("revision"), max_length=80, blank=True)
    backend = models.CharField(_("backend"), max_length=20, choices=[(name, name) for name in QUEUE_OF])
    modes = models.JSONField(_("modes"), default=list)
    parameters = models.JSONField(_("parameters"), default=dict)
    max_side = models.PositiveIntegerField(_("longest side"))
    size_step = models.PositiveIntegerField(_("size step"))
    default_width = models.PositiveIntegerField(_("usual width"))
    default_height = models.PositiveIntegerField(_("usual height"))
    default_seconds = models.FloatField(
        _("usual seconds"), help_text=_("Seconds a picture usually takes, until we have measured.")
    )
    is_default = models.BooleanField(_("default model"), default=False)
    plans = models.ManyToManyField(
        Plan, blank=True, help_text=_("Who may use it; none chosen: everybody."), verbose_name=_("plans")
    )
    licence = models.CharField(_("licence"), max_length=80, blank=True)

    objects = AIModelQuerySet.as_manager()

    class Meta:
        verbose_name = _("model")
        verbose_name_plural = _("models")
        constraints = [
            models.UniqueConstraint(fields=["is_default"], name="one_default_model", condition=Q(is_default=True))
        ]

    def clean(self) -> None:
        """Raises `ValidationError` for limits that no wish could fulfil."""
        sizes = (self.max_side, self.size_step, self.default_width, self.default_height)
        if None in sizes:
            return  # the form says already which one is missing
        raw = Limits(self.modes, *sizes, self.parameters)
        faults: dict[str, list[str]] = {}
        for name, code, arguments in limits.faults(raw):
            faults.setdefault(name, []).append(say(code, **arguments))
        if faults:
            raise ValidationError(faults)

    @property
    def queue(self) -> str:
        return QUEUE_OF[self.backend]

    @property
    def limits(self) -> Limits:
        return Limits(
            modes=tuple(self.modes),
            max_side=self.max_side,
            size_step=self.size_step,
            default_width=self.default_width,
            default_height=self.default_height,
            parameters=self.parameters,
        )


class Style(Worded):
    """A preset: `prompt` wraps the words (`{prompt}` stands for them), `negative_prompt` is added."""

    prompt = models.CharField(_("prompt"), max_length=400)
    negative_prompt = models.CharField(_("negative prompt"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("style")
        verbose_name_plural = _("styles")


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
    images = models.PositiveSmallIntegerField(_("images"))
    metadata = models.JSONField(default=dict)

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
    idempotency_key = models.CharField(max_length=255, null=True)
    idempotency_digest = models.CharField(max_length=64, blank=True)

    created_at = models.DateTimeField(_("asked on"), auto_now_add=True)
    started_at = models.DateTimeField(_("started on"), null=True)
    finished_at = models.DateTimeField(_("finished on"), null=True)

    class Meta:
        verbose_name = _("generation")
        verbose_name_plural = _("generations")
        constraints = [
            models.UniqueConstraint(fields=["owner", "idempotency_key"], name="one_generation_per_idempotency_key"),
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


class Attempt(models.Model):
    """One call of one model through one backend: when, how long, what came back. `seconds` of wall-clock time."""

    class Outcome(models.TextChoices):
        OK = "ok", _("picture made")
        TRY_AGAIN = "try_again", _("try again")
        NEXT_MODEL = "next_model", _("next model")
        STOP = "stop", _("stop")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="attempts")
    model = models.ForeignKey(AIModel, on_delete=models.PROTECT, related_name="attempts", verbose_name=_("model"))
    provider = models.CharField(_("provider"), max_length=40, blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices)
    code = models.CharField(_("code"), max_length=40, blank=True)
    sent = models.JSONField(default=dict)
    started_at = models.DateTimeField(_("started on"))
    seconds = models.FloatField(_("seconds"))

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        indexes = [models.Index(fields=["model", "-started_at"], name="attempts_of_a_model")]

    def __str__(self) -> str:
        return self.get_outcome_display()


class Output(models.Model):
    """The place of one image of a generation: its seed from the start, its image once it exists."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="outputs")
    index = models.PositiveSmallIntegerField()
    seed = models.BigIntegerField()
    image = models.OneToOneField(Image, on_delete=models.SET_NULL, null=True, related_name="output")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation", "index"], name="one_output_per_index"),
        ]
