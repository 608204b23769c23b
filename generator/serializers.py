"""The shape of generations in the API: what comes in."""

import json
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from rest_framework import serializers

from common.drf import StrictBoolean, StrictChar, StrictFloat, StrictInteger, StrictObject, StrictSerializer
from common.errors import DomainError, InvalidInput
from common.strict_json import strict_loads
from common.texts import shown
from generator.params import IMAGES_MAX, MODES, PROMPT_MAX, SEED_MAX, Params, Problem

METADATA_KILOBYTES = 16
NOT_PARAMS = {"dry_run", "metadata", "reuse"}
TYPED = (StrictInteger, StrictFloat, StrictBoolean, StrictObject)


class GenerationIn(StrictSerializer):
    """A wish for pictures; only `prompt` is required. What the model takes is in its entry of the catalogue."""

    prompt = StrictChar(help_text=f"1 to {PROMPT_MAX} characters.")
    mode = StrictChar(
        required=False, help_text=f"{' or '.join(MODES)}; with a source the second, otherwise the first, unless told."
    )
    negative_prompt = StrictChar(required=False, help_text=f"What should not be in it, to {PROMPT_MAX} characters.")
    model = StrictChar(required=False, help_text="A slug or a repo id; left out: the default.")
    style = StrictChar(required=False, help_text="The slug of a style.")  # type: ignore[assignment]
    width = StrictInteger(required=False, help_text="Pixels, a multiple of the model's step; together with `height`.")
    height = StrictInteger(required=False, help_text="Pixels.")
    steps = StrictInteger(required=False)
    guidance = StrictFloat(required=False)
    scheduler = StrictChar(required=False)
    seed = StrictInteger(required=False, help_text=f"0 to {SEED_MAX}; left out: drawn at random.")
    strength = StrictFloat(required=False, help_text="0 to 1: how far from the source; image-to-image only.")
    images = StrictInteger(required=False, help_text=f"1 to {IMAGES_MAX}, 1 unless told.")
    source_image = StrictChar(required=False, help_text="The id of an image of mine.")
    fallback = StrictBoolean(required=False, help_text="false: no other model instead. true unless told.")
    reuse = StrictBoolean(
        required=False, help_text="true: with a `seed`, the picture I have of the same recipe, if there is one."
    )
    dry_run = StrictBoolean(required=False, help_text="true: say what it would cost, and make nothing.")
    metadata = StrictObject(
        most=METADATA_KILOBYTES,
        required=False,
        help_text=f"Anything of yours, to {METADATA_KILOBYTES} kB; it comes back with the generation.",
    )


class GenerationForm(GenerationIn):
    """The same as a form, with the source picture as a file. Numbers are written as in JSON, `metadata` as JSON."""

    source = serializers.FileField(  # type: ignore[assignment]
        required=False, help_text="A JPEG, PNG, WebP or GIF of at most 64 megapixels, instead of `source_image`."
    )


class PromptIn(StrictSerializer):
    """Words to improve."""

    prompt = StrictChar(help_text=f"1 to {PROMPT_MAX} characters.")


def validated(body: Any) -> tuple[dict[str, Any], UploadedFile | None]:
    """The members of a JSON body or a form, and the picture that the form brought. Raises `InvalidInput`."""
    if not isinstance(body, MultiValueDict):
        return GenerationIn(data=body).validated(), None
    _refuse_repeated(body)
    members = {name: _typed(name, value) for name, value in body.items()}
    source = members.pop("source", None)
    if source is not None and not isinstance(source, UploadedFile):
        raise InvalidInput([("source", "not_a_file", {})])
    if source is not None and "source_image" in members:
        raise InvalidInput([("source_image", "two_sources", {})])
    return GenerationIn(data=members).validated(), source


def to_params(members: dict[str, Any], *, source_image: str | None = None) -> Params:
    """The wish in validated members; `source_image` is the id of the picture that came along."""
    wishes = {name: value for name, value in members.items() if name not in NOT_PARAMS}
    if source_image:
        wishes["source_image"] = source_image
    return Params(**wishes)


def _refuse_repeated(form: MultiValueDict[str, Any]) -> None:
    repeated: list[Problem] = [(shown(name), "repeated", {}) for name, values in form.lists() if len(values) > 1]
    if repeated:
        raise InvalidInput(repeated)


def _typed(name: str, value: Any) -> Any:
    """A form knows only texts: what JSON would have said, where the member is no text; what is not JSON stays."""
    if not isinstance(value, str) or not isinstance(GenerationIn().fields.get(name), TYPED):
        return value
    try:
        return strict_loads(value.encode("utf-8", "replace"))
    except DomainError:
        return value


def canonical(members: dict[str, Any]) -> bytes:
    """The same bytes for the same members, whatever their order."""
    return json.dumps(members, sort_keys=True).encode()
