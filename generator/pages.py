"""What the studio's pages show: values for templates, read once."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import times
from gallery.models import Image
from generator import durations, enhance, forecast, queries, remixing, reuse, telling
from generator.backends.builtin.vocabulary import unknown_words
from generator.forms import MODES, GenerateForm, style_choices
from generator.models import AIModel, Generation
from generator.params import IMAGES_MAX, Params
from generator.queries import ModelCard

ASKED = ("mode", "negative_prompt", "model", "style", "width", "height", "steps", "guidance", "scheduler", "seed")
NO_STYLE = "none"
STYLES_IN_SIGHT = 5
JOBS_SHOWN = 10
ENDINGS_SHOWN = 3
ENDINGS_KEPT = timedelta(hours=24)
RECENT_SHOWN = 12
PROMPTS_TO_TRY = (
    _("a red mug on a yellow background, studio lighting"),
    _("a white boat at sunset"),
    _("a brown dog on the grass"),
)


@dataclass(frozen=True)
class Job:
    """One generation as a row: `done` of `whole` fill its bar, `place` counts those before it in the queue, `left` says
    how long until its end, and `again_in` until it is tried again, each "" where that cannot be told."""

    generation: Generation
    picture: int
    done: int
    whole: int
    seconds: int | None
    place: int | None
    again_in: str
    left: str
    sentence: str

    @property
    def images(self) -> list[UUID]:
        """The ids of its pictures so far."""
        return [output.image_id for output in self.generation.outputs.all() if output.image_id]

    @property
    def prompt(self) -> str:
        return str(self.generation.request["prompt"])

    @property
    def before(self) -> int:
        """How many of its pictures are there already."""
        return self.picture - 1

    @property
    def every(self) -> str:
        """How often a page asks for it: seldom only while others come before it."""
        return "2s" if self.place or self.again_in else "500ms"


@dataclass(frozen=True)
class Running:
    """All that is being made, and what ended without a picture and was not put away yet."""

    jobs: list[Job]
    more: int
    endings: list[Job]

    @property
    def every(self) -> str:
        """How often the page asks again; "" when nothing is unfinished."""
        return min((job.every for job in self.jobs), key=("500ms", "2s").index, default="")

    @property
    def state(self) -> str:
        """Changes when a generation comes, moves or goes."""
        shown = [*self.jobs, *self.endings]
        return "-".join(f"{job.generation.pk.hex[-8:]}{job.generation.status[0]}{job.picture}" for job in shown)


@dataclass(frozen=True)
class Cost:
    """The price of a number of images, and about how many seconds they take."""

    images: int
    seconds: int


@dataclass(frozen=True)
class Choice:
    """One of several: `taken` where the model does it, `sample` is the file of its picture, if there is one."""

    value: str
    label: str
    chosen: bool
    taken: bool = True
    sample: str = ""


@dataclass(frozen=True)
class Composer:
    """What the composer shows beside its fields."""

    card: ModelCard
    cards: list[ModelCard]
    costs: list[Cost]
    modes: list[Choice]
    styles: list[Choice]
    unknown_words: list[str]
    can_improve: bool
    alike: list[Image]
    source: Image | None
    remix_of: Image | None

    @property
    def folded_style_chosen(self) -> bool:
        return any(style.chosen for style in self.styles[STYLES_IN_SIGHT:])


@dataclass(frozen=True)
class Pictures:
    """The newest picture for the stage, those before it, and how many the gallery has."""

    newest: Image | None
    recent: list[Image]
    count: int


def running(user: User, *, put_away: Iterable[str] = ()) -> Running:
    """The rows under the stage; `put_away` are the ids of endings that are not shown any more."""
    open_ones = list(_open(user))
    shown = open_ones[:JOBS_SHOWN]
    return Running(
        [job(one) for one in shown], len(open_ones) - len(shown), [job(one) for one in _ended(user, put_away)]
    )


def job(generation: Generation) -> Job:
    """The row of one generation, its outputs prefetched."""
    made = sum(output.image_id is not None for output in generation.outputs.all())
    elapsed = generation.elapsed(timezone.now())
    done, whole = _filled(generation, made, elapsed)
    return Job(
        generation=generation,
        picture=min(made + 1, generation.images),
        done=done,
        whole=whole,
        seconds=None if elapsed is None else max(0, round(elapsed)),
        place=_place(generation),
        again_in=times.span(_again_in(generation)),
        left=times.span(forecast.seconds_left(generation, done=done, whole=whole, elapsed=elapsed)),
        sentence=telling.sentence(generation.error or generation.notice) or _last_words(generation),
    )


def composer(
    user: User, form: GenerateForm, cards: list[ModelCard], card: ModelCard, *, is_remembered: bool = False
) -> Composer:
    """All that stands around the fields of `form`. What is remembered is known to be like what was made."""
    style, prompt = str(form["style"].value() or ""), str(form["prompt"].value() or "")
    return Composer(
        card=card,
        cards=cards,
        costs=costs(card),
        modes=_modes(card.model, str(form["mode"].value() or "")),
        styles=[
            Choice(slug, label, chosen=slug == style, sample=_sample(slug or NO_STYLE))
            for slug, label in style_choices(list(queries.styles()))
        ],
        unknown_words=unknown(prompt, card.model),
        can_improve=enhance.is_possible(user),
        alike=[] if is_remembered else reuse.alike(user=user, prompt=prompt),
        source=_source(user, form["source_image"].value()),
        remix_of=_remix_of(user, form["remix_of"].value()),
    )


def pictures(user: User) -> Pictures:
    """The stage and the recent pictures."""
    images = queries.recent_images(user, most=RECENT_SHOWN + 1)
    if not images:
        return Pictures(None, [], 0)
    return Pictures(images[0], images[1:], Image.objects.owned_by(user).kept().generated().count())


def latest(user: User) -> str:
    """The id of the newest picture; "" when there is none."""
    return next((str(image.pk) for image in queries.recent_images(user, most=1)), "")


def chosen(cards: list[ModelCard], slug: str | None) -> ModelCard | None:
    """The card asked for, the default one, or the first that can be used; None in an empty catalogue."""
    usable = [card for card in cards if card.available] or cards
    wanted = [card for card in usable if card.model.slug == slug]
    defaults = [card for card in usable if card.model.is_default]
    return next(iter([*wanted, *defaults, *usable]), None)


def costs(card: ModelCard) -> list[Cost]:
    """What 1 to 4 images of this model cost."""
    return [Cost(images, max(1, math.ceil(images * card.usual_seconds))) for images in range(1, IMAGES_MAX + 1)]


def unknown(prompt: str, model: AIModel) -> list[str]:
    """The words of a prompt that the built-in model does not know; other models know all."""
    return unknown_words(prompt) if model.backend == "builtin" else []


def wish_of(image: Image) -> Params:
    """The request that makes this very image again."""
    recipe: dict[str, Any] = image.recipe or {}
    asked: dict[str, Any] = {name: recipe.get(name) for name in (*ASKED, "strength")}
    source = str(image.parent_id) if image.parent_id else None
    return Params(prompt=recipe.get("prompt", ""), source_image=source, **asked)


def _sample(style: str) -> str:
    return f"{style}.webp" if style in _pictured_styles() else ""


@cache
def _pictured_styles() -> frozenset[str]:
    return frozenset(path.stem for path in (settings.BASE_DIR / "static" / "styles").glob("*.webp"))


def _modes(model: AIModel, mode: str) -> list[Choice]:
    wanted = mode if mode in model.modes else model.modes[0]
    return [Choice(value, str(label), value == wanted, value in model.modes) for value, label in MODES]


def _source(user: User, image_id: Any) -> Image | None:
    try:
        return Image.objects.owned_by(user).kept().filter(pk=image_id).first() if image_id else None
    except ValidationError:
        return None


def _remix_of(user: User, wanted: Any) -> Image | None:
    return remixing.remixable(user, str(wanted)) if wanted else None


def _open(user: User) -> Any:
    rows = user.generations.filter(finished_at=None).select_related("model", "source")
    return forecast.with_queue(rows).prefetch_related("outputs").order_by("created_at", "pk")


def _ended(user: User, put_away: Iterable[str]) -> Any:
    without_picture = Q(status__in=[Generation.Status.FAILED, Generation.Status.CANCELLED])
    rows = user.generations.filter(
        without_picture | Q(notice__isnull=False), finished_at__gte=timezone.now() - ENDINGS_KEPT
    ).exclude(pk__in=[UUID(one) for one in put_away])
    newest = rows.select_related("model", "source").prefetch_related("outputs").order_by("-finished_at", "-pk")
    return newest[:ENDINGS_SHOWN]


def _again_in(generation: Generation) -> int | None:
    """Seconds until another try, rounded up; None where it waits for its turn alone."""
    if generation.status != Generation.Status.QUEUED or generation.not_before is None:
        return None
    left = (generation.not_before - timezone.now()).total_seconds()
    return math.ceil(left) if left > 0 else None


def _last_words(generation: Generation) -> str:
    """Why it waits for another try."""
    if _again_in(generation) is None:
        return ""
    last = generation.attempts.exclude(code="").order_by("-started_at", "-pk").first()
    return telling.happened(last.code, last.facts) if last else ""


def _place(generation: Generation) -> int | None:
    if generation.status != Generation.Status.QUEUED:
        return None
    return (generation.ahead or 0) if hasattr(generation, "ahead") else queries.queue_position(generation)


def _filled(generation: Generation, made: int, elapsed: float | None) -> tuple[int, int]:
    if generation.steps:
        return made * generation.steps + (generation.step or 0), generation.images * generation.steps
    expected = durations.usual(generation.model) * generation.images
    if elapsed is None or expected <= 0:
        return 0, 1
    return min(round(elapsed * 10), round(expected * 9.5)), max(1, round(expected * 10))
