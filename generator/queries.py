"""What pages, the API and events say about generations and the catalogue. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, When
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import huggingface
from common.sentences import say
from common.times import rfc3339
from gallery.models import Image
from generator import backends, durations, health, telling
from generator.models import AIModel, Attempt, Generation, Output, Preset, Style


def absolute(path: str) -> str:
    """An address as the outside knows it."""
    return f"{settings.PUBLIC_URL}{path}"


def as_json(generation: Generation) -> dict[str, Any]:
    """The one representation of a generation, for the API, events and webhooks; sentences in the active language."""
    page = reverse("generation", args=[generation.pk])
    self_path = f"/api/v1/generations/{generation.pk}"
    return {
        "id": str(generation.pk),
        "status": generation.status,
        "mode": generation.mode,
        "request": _request(generation),
        "progress": progress(generation),
        "queue_position": queue_position(generation),
        "served_by": generation.served_by,
        "attempts": [_attempt(attempt) for attempt in _attempts(generation)],
        "images": [_image(output.image, output.seed) for output in outputs(generation) if output.image],
        "notice": telling.sentence(generation.notice),
        "error": _error(generation.error),
        "metadata": generation.metadata,
        "created_at": _stamp(generation.created_at),
        "started_at": _stamp(generation.started_at),
        "finished_at": _stamp(generation.finished_at),
        "urls": {
            "self": absolute(self_path),
            "cancel": absolute(f"{self_path}/cancel"),
            "events": absolute(f"{self_path}/events"),
            "page": absolute(page),
        },
    }


def for_json(generations: "QuerySet[Generation]") -> "QuerySet[Generation]":
    """With all that `as_json` reads, so that a list costs the same number of queries whatever its length."""
    waiting = Generation.objects.filter(queue=OuterRef("queue"), status=Generation.Status.QUEUED)
    before = Q(turn__lt=OuterRef("turn")) | Q(turn=OuterRef("turn"), created_at__lt=OuterRef("created_at"))
    count = waiting.filter(before).order_by().values("queue").annotate(count=Count("pk")).values("count")
    rows = generations.annotate(places_before=Case(When(status=Generation.Status.QUEUED, then=Subquery(count))))
    return rows.select_related("model").prefetch_related("attempts__model", "outputs__image")


def _request(generation: Generation) -> dict[str, Any]:
    """What was asked for; of the original its id, whatever it was named by."""
    if "remix_of" not in generation.request:
        return generation.request
    original = str(generation.remix_of_id) if generation.remix_of_id else None
    return {**generation.request, "remix_of": original}


def _stamp(time: datetime | None) -> str | None:
    return rfc3339(time) if time else None


def outputs(generation: Generation) -> list[Output]:
    """The outputs that have an image, in order. What nobody claimed yet has none."""
    if not generation.attempt:
        return []
    rows = generation.outputs.all()
    if "outputs" not in getattr(generation, "_prefetched_objects_cache", {}):
        rows = rows.select_related("image")
    return sorted((row for row in rows if row.image), key=lambda row: row.index)


def progress(generation: Generation) -> dict[str, Any] | None:
    """Steps of the picture being made, and elapsed and expected seconds; None unless it runs."""
    elapsed = generation.elapsed(timezone.now())
    if generation.status != Generation.Status.RUNNING or elapsed is None:
        return None
    expected = durations.usual(generation.model) * generation.images
    return {
        "step": generation.step,
        "steps": generation.steps,
        "elapsed": round(max(elapsed, 0.0), 1),
        "expected": round(expected, 1),
    }


def queue_position(generation: Generation) -> int | None:
    """How many queued ones have a smaller turn; None unless it is queued."""
    if generation.status != Generation.Status.QUEUED:
        return None
    if hasattr(generation, "places_before"):
        return generation.places_before or 0
    return ahead(generation.queue, turn=generation.turn, created_at=generation.created_at)


def ahead(queue: str, *, turn: float, created_at: datetime) -> int:
    """Queued generations that come before this turn."""
    before = Q(turn__lt=turn) | Q(turn=turn, created_at__lt=created_at)
    return Generation.objects.filter(before, queue=queue, status=Generation.Status.QUEUED).count()


@dataclass(frozen=True)
class ModelCard:
    """A model as one person may use it.

    `unavailable_code` is a code with a sentence, or None; `health` is answers, troubled or unavailable; `usual_seconds`
    a picture takes.
    """

    model: AIModel
    unavailable_code: str | None
    health: str
    usual_seconds: float

    @property
    def available(self) -> bool:
        return self.unavailable_code is None

    @property
    def reason(self) -> str:
        """Why it cannot be used, in the active language."""
        if self.unavailable_code == "not_in_plan":
            return say("not_in_plan", model=self.model.label)
        return say(self.unavailable_code) if self.unavailable_code else ""


def unavailable_code(model: AIModel, *, no_provider: str = "") -> str | None:
    """Why a model that was read `as_seen_by` somebody cannot be used by them; None if it can.

    `no_provider` is `huggingface.refusal` of this person.
    """
    if not model.enabled:
        return "disabled"
    if model.backend not in backends.BACKENDS:
        return "no_backend"
    if model.backend == "huggingface" and no_provider:
        return no_provider
    return None if model.in_plan else "not_in_plan"  # type: ignore[attr-defined]


def usable(user: User) -> list[AIModel]:
    """The models that this person can use now, in catalogue order."""
    refusal = huggingface.refusal(user)
    models = AIModel.objects.offered().as_seen_by(user)
    return [model for model in models if unavailable_code(model, no_provider=refusal) is None]


def catalogue(user: User) -> list[ModelCard]:
    """The enabled models in catalogue order, as this person may use them."""
    return model_cards(list(AIModel.objects.offered().as_seen_by(user)), user)


def model_cards(models: list[AIModel], user: User) -> list[ModelCard]:
    """The cards of models that were read `as_seen_by` this person."""
    refusal = huggingface.refusal(user)
    states, seconds = health.states(models), durations.usual_of(models)
    codes = [unavailable_code(model, no_provider=refusal) for model in models]
    return [
        ModelCard(model, code, "unavailable" if code else states[model.pk], seconds[model.pk])
        for model, code in zip(models, codes, strict=True)
    ]


def model_as_json(card: ModelCard) -> dict[str, Any]:
    model = card.model
    return {
        "slug": model.slug,
        "repo_id": model.repo_id,
        "name": model.label,
        "description": model.summary,
        "backend": model.backend,
        "modes": model.modes,
        "parameters": {name: _parameter(spec) for name, spec in model.parameters.items()},
        "max_side": model.max_side,
        "size_step": model.size_step,
        "available": card.available,
        "unavailable_code": card.unavailable_code,
        "health": card.health,
        "usual_seconds": card.usual_seconds,
    }


def styles() -> "QuerySet[Style]":
    """The styles on offer, in their order."""
    return Style.objects.filter(enabled=True).order_by("position", "slug")


def style_as_json(style: Style) -> dict[str, Any]:
    return {"slug": style.slug, "name": style.label, "description": style.summary}


def presets(user: User) -> "QuerySet[Preset]":
    """This person's presets by name."""
    return user.presets.order_by("name", "pk")


def recent_images(user: User, *, most: int) -> list[Image]:
    """The newest generated pictures that are not in the trash."""
    return list(Image.objects.owned_by(user).kept().generated().newest_first()[:most])


def _parameter(spec: dict[str, Any]) -> dict[str, Any]:
    return {name: spec.get(name) for name in ("min", "max", "step", "default", "choices")}


def _attempts(generation: Generation) -> list[Attempt]:
    if not generation.attempt:
        return []
    rows = generation.attempts.all()
    if "attempts" not in getattr(generation, "_prefetched_objects_cache", {}):
        rows = rows.select_related("model")
    return sorted(rows, key=lambda row: (row.started_at, row.pk))  # keys follow the workers' clocks


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "model": attempt.model.slug,
        "backend": attempt.model.backend,
        "provider": attempt.provider or None,
        "outcome": attempt.outcome,
        "code": attempt.code,
        "sent": attempt.sent,
        "seconds": round(attempt.seconds, 2),
    }


def _image(image: Image, seed: int) -> dict[str, Any]:
    base = f"/api/v1/images/{image.pk}"
    return {
        "id": str(image.pk),
        "url": absolute(f"{base}/file"),
        "thumbnail_url": absolute(f"{base}/thumbnail"),
        "width": image.width,
        "height": image.height,
        "format": image.format,
        "bytes": image.bytes,
        "seed": seed,
    }


def _error(error: dict[str, Any] | None) -> dict[str, str] | None:
    return {"code": error["code"], "detail": telling.sentence(error) or ""} if error else None
