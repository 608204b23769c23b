"""What the composer opens with: the settings of last time, a recipe, a preset, or something that was pasted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from accounts.models import User
from common.sentences import say
from gallery.models import Image
from generator import pages, queries, reading
from generator import params as rules
from generator.models import AIModel, Generation, Preset
from generator.params import IMAGE_TO_IMAGE, Params
from generator.queries import ModelCard
from generator.reading import Reading

FIELDS = ("mode", "prompt", "model", "style", "width", "height", "seed", "images", "source_image", *rules.ADJUSTABLE)
UNKNOWN_TOLD = 5


@dataclass(frozen=True)
class Start:
    """Values of the composer's fields by name, and a sentence about what was changed or left out."""

    values: dict[str, Any] = field(default_factory=dict)
    said: str = ""


def remembered(user: User, cards: list[ModelCard]) -> dict[str, Any]:
    """The settings and words of this person's last request, its seed apart, as its model takes them now."""
    last = user.generations.select_related("model", "source", "style").order_by("-created_at", "-pk").first()
    return of_generation(last, cards) | {"seed": None} if last else {}


def of_generation(generation: Generation, cards: list[ModelCard]) -> dict[str, Any]:
    """All of a request, its seed too; without a source that is gone."""
    params = generation.params
    source = generation.source
    if params.mode == IMAGE_TO_IMAGE and (source is None or source.deleted_at):
        source, params = None, replace(params, mode=None, source_image=None, strength=None)
    if generation.style and not generation.style.enabled:
        params = replace(params, style=None)
    return _adapted(params, cards, source=source, asked=generation.model).values


def of_image(image: Image, cards: list[ModelCard]) -> dict[str, Any]:
    """The recipe of one's own picture, its source too."""
    return _adapted(pages.wish_of(image), cards, source=image.parent).values


def remix(user: User, image: Image, cards: list[ModelCard]) -> Start:
    """The recipe of a picture that may be somebody else's: their source stays with them."""
    params = pages.wish_of(image)
    if image.owner_id == user.pk or params.mode != IMAGE_TO_IMAGE:
        return _adapted(params, cards, source=image.parent)
    start = _adapted(replace(params, source_image=None), cards)
    return Start(start.values, " ".join(filter(None, [say("remix_without_source"), start.said])))


def from_picture(start: Start, source: Image, cards: list[ModelCard]) -> Start:
    """The same, beginning with one's own picture: on another model where the one asked for takes none."""
    able = [card for card in cards if card.available and IMAGE_TO_IMAGE in card.model.modes]
    card, other = pages.chosen(cards, start.values.get("model")), pages.chosen(able, None)
    if card and other and card.model.slug not in {each.model.slug for each in able}:
        params = Params(**{"prompt": "", **{name: start.values[name] for name in FIELDS if name in start.values}})
        fitting = _adapted(replace(params, model=other.model.slug), able, source=source, asked=card.model).values
        told = say("model_takes_no_picture", model=card.model.name, instead=other.model.name)
        start = Start(start.values | fitting, " ".join(filter(None, [start.said, told])))
    return replace(start, values=start.values | {"mode": IMAGE_TO_IMAGE, "source_image": source.pk})


def of_form(members: Mapping[str, str], cards: list[ModelCard]) -> dict[str, Any]:
    """The settings of a form that was filled in for the model `was`, as another takes them."""
    values = reading.read_form(members).values
    was = AIModel.objects.filter(slug=members["was"]).first()
    return _adapted(Params(**{"prompt": "", **values}), cards, asked=was).values


def of_preset(preset: Preset, cards: list[ModelCard]) -> Start:
    """A preset's settings as their model takes them now; no words and no seed."""
    start = _adapted(Params(prompt="", **preset.settings), cards)
    return Start({name: value for name, value in start.values.items() if name != "prompt"}, start.said)


def of_reading(found: Reading, cards: list[ModelCard]) -> Start:
    """What was pasted, as it can be used here, and what could not be taken over."""
    values, lost = dict(found.values), list(found.left_out)
    wanted = values.pop("model", None)
    card = next((card for card in cards if wanted and _is_called(card.model, wanted)), None)
    if wanted and (card is None or not card.available):
        lost.append("model")
    if card:
        values["model"] = card.model.slug
    if values.get("mode") == IMAGE_TO_IMAGE:
        lost.append("source")
    params = Params(**{"prompt": "", **values})
    return _adapted(params, cards, lost=lost, unknown=found.unknown)


def _adapted(
    params: Params,
    cards: list[ModelCard],
    *,
    source: Image | None = None,
    asked: AIModel | None = None,
    lost: Sequence[str] = (),
    unknown: Sequence[str] = (),
) -> Start:
    """The values of the fields, for the model `asked` for or the one that is used instead of it."""
    card = pages.chosen(cards, params.model)
    if card is None:
        return Start()
    left_out = list(lost)
    model = card.model
    if params.model and params.model != model.slug:
        left_out.append("model")
    if params.style and not asked and not queries.styles().filter(slug=params.style).exists():
        params, left_out = replace(params, style=None), [*left_out, "style"]
    asked = asked or AIModel.objects.filter(slug=params.model).first() or model
    adapted, moved = rules.adapt(params, of=asked.limits, to=model.limits)
    values = {name: getattr(adapted, name) for name in FIELDS if getattr(adapted, name) is not None}
    values["model"] = model.slug
    if _is_usual(adapted, model, source):
        values.pop("width"), values.pop("height")
    left_out += [name for name in moved if name in rules.ADJUSTABLE and getattr(adapted, name) is None]
    return Start(values, _told(list(dict.fromkeys(left_out)), moved, unknown))


def _is_usual(params: Params, model: AIModel, source: Image | None) -> bool:
    """Whether the size is what an empty field gives anyway."""
    usual = (model.default_width, model.default_height)
    if source:
        usual = rules.fit(source.width, source.height, largest=model.max_side, step=model.size_step)
    return (params.width, params.height) == usual


def _is_called(model: AIModel, wanted: str) -> bool:
    return wanted.casefold() in {model.slug.casefold(), model.repo_id.casefold(), model.name.casefold()}


def _told(left_out: list[str], moved: tuple[str, ...], unknown: Sequence[str]) -> str:
    """What was lost and what was moved; of what is unknown here only the first names, as they were written."""
    lost = [*(say(f"setting_{name}") for name in left_out), *unknown[:UNKNOWN_TOLD]]
    if len(unknown) > UNKNOWN_TOLD:
        lost.append("…")
    nearest = [say(f"setting_{name}") for name in moved if name not in left_out]
    told = {"settings_left_out": lost, "settings_moved": nearest}
    return " ".join(say(code, names=", ".join(names)) for code, names in told.items() if names)
