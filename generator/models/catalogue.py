"""What is offered: models, the chains between them, and styles."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Plan, User, in_french
from common.ids import new_id
from common.sentences import say
from generator import limits
from generator.params import Limits

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
    licence_url = models.URLField(
        _("licence page"), blank=True, help_text=_("Where the licence is read, and accepted where it must be.")
    )
    specialties = models.JSONField(_("specialties"), default=list, blank=True)
    providers = models.JSONField(
        _("providers"),
        default=list,
        blank=True,
        help_text=_("Those that may be called, the first one first. Empty: all that serve it today."),
    )
    time_limit = models.PositiveSmallIntegerField(
        _("time limit"),
        null=True,
        blank=True,
        help_text=_("Seconds a call may take, 30 to 300. Empty: it follows what we measure."),
    )
    disabled_reason = models.CharField(_("why it is not offered"), max_length=200, blank=True)
    disabled_reason_fr = models.CharField(_("why it is not offered, in French"), max_length=200, blank=True)
    checked = models.JSONField(_("last check"), null=True, editable=False)

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
        kept = limits.keeping_faults(
            specialties=self.specialties,
            providers=self.providers,
            time_limit=self.time_limit,
            revision=self.revision,
            repo_id=self.repo_id,
            is_remote=self.backend == "huggingface",
        )
        faults: dict[str, list[str]] = {}
        for name, code, arguments in [*limits.faults(raw), *kept]:
            faults.setdefault(name, []).append(say(code, **arguments))
        if faults:
            raise ValidationError(faults)

    @property
    def why_off(self) -> str:
        """Why it is not offered, in the reader's language; "" where no curator says."""
        return (self.disabled_reason_fr if in_french() else "") or self.disabled_reason

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


class FallbackLink(models.Model):
    """`next` is tried where `model` cannot make a picture; a chain is the links of one model in their order."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    model = models.ForeignKey(AIModel, on_delete=models.CASCADE, related_name="links")
    next = models.ForeignKey(AIModel, on_delete=models.CASCADE, related_name="+", verbose_name=_("next model"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("fallback")
        verbose_name_plural = _("fallback chain")
        constraints = [
            models.UniqueConstraint(fields=["model", "next"], name="one_link_between_two_models"),
            models.CheckConstraint(condition=~Q(model=models.F("next")), name="no_model_falls_back_to_itself"),
        ]

    def __str__(self) -> str:
        return str(self.next)


class Style(Worded):
    """A preset: `prompt` wraps the words (`{prompt}` stands for them), `negative_prompt` is added."""

    prompt = models.CharField(_("prompt"), max_length=400)
    negative_prompt = models.CharField(_("negative prompt"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("style")
        verbose_name_plural = _("styles")
