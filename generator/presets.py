"""The promises of presets: settings of the composer that a person keeps under a name."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from common.errors import DomainError, InvalidInput
from common.texts import is_clean
from generator import params as rules
from generator import queries
from generator.models import AIModel, Preset
from generator.params import InvalidParams, Params

NAME_MAX = 100
MOST = 50
KEPT = ("mode", "model", "style", "width", "height", "images", *rules.ADJUSTABLE)


class TooManyPresets(DomainError):
    """There is no room for another."""

    code = "too_many_presets"
    status = 409


class NameTaken(InvalidInput):
    """This person has a preset of that name."""

    def __init__(self) -> None:
        super().__init__([("name", "preset_name_taken", {})])


def save(*, user: User, name: str, params: Params, model: AIModel) -> Preset:
    """Keep the settings of a wish, without its words, seed and source. Raises `InvalidInput`, `TooManyPresets`."""
    settings = {field: value for field, value in params.as_request().items() if field in KEPT}
    _check(replace(params, prompt="x", seed=None, source_image=None), model)
    return _add(user, name=_named(name), settings=settings)


def rename(*, preset: Preset, name: str) -> Preset:
    """Raises `InvalidInput`."""
    preset.name = _named(name)
    try:
        with transaction.atomic():
            Preset.objects.filter(pk=preset.pk).update(name=preset.name)
    except IntegrityError as error:
        raise NameTaken from error
    return preset


@transaction.atomic
def delete(*, preset: Preset) -> dict[str, Any]:
    """Remove it; what `restore` needs to bring it back, as plain JSON."""
    Preset.objects.filter(pk=preset.pk).delete()
    return {"id": str(preset.pk), "name": preset.name, "settings": preset.settings}


def restore(*, user: User, id: str, name: str, settings: dict[str, Any]) -> Preset:
    """Bring back what `delete` removed. Raises `NameTaken`, `TooManyPresets`."""
    return _add(user, id=UUID(id), name=name, settings=settings)


def _add(user: User, **fields: Any) -> Preset:
    try:
        with transaction.atomic():
            User.objects.select_for_update(no_key=True, of=("self",)).get(pk=user.pk)
            if user.presets.count() >= MOST:
                raise TooManyPresets(most=MOST)
            return Preset.objects.create(owner=user, **fields)
    except IntegrityError as error:
        raise NameTaken from error


def _named(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= NAME_MAX or not is_clean(name) or "\n" in name:
        raise InvalidInput([("name", "preset_name_wrong", {"most": NAME_MAX})])
    return name


def _check(params: Params, model: AIModel) -> None:
    size = (model.default_width, model.default_height) if params.mode == rules.IMAGE_TO_IMAGE else None
    try:
        rules.check(params, model.limits, source_size=size)
    except InvalidParams as invalid:
        raise InvalidInput(invalid.problems) from invalid
    if params.style and not queries.styles().filter(slug=params.style).exists():
        raise InvalidInput([("style", "unknown_style", {})])
