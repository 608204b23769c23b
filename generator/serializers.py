"""The shape of generations in the API: what comes in."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from rest_framework import serializers

from common.drf import StrictSerializer
from common.errors import DomainError, InvalidInput
from common.fields import (
    SAYING,
    StrictBoolean,
    StrictChar,
    StrictChoice,
    StrictFloat,
    StrictId,
    StrictInteger,
    StrictObject,
)
from common.strict_json import strict_loads
from common.texts import Problem, shown
from events.addresses import URL_PATTERN
from events.models import WebhookEndpoint
from generator.limits import BOUNDS, SIDE_MAX
from generator.params import IMAGES_MAX, MODES, PROMPT_MAX, SCHEDULERS, SEED_MAX, SIDE_MIN, Params

METADATA_KILOBYTES = 16
NOT_PARAMS = {"dry_run", "metadata", "reuse", "webhook_url"}
TYPED = (StrictInteger, StrictFloat, StrictBoolean, StrictObject)


SIDES: dict[str, Any] = {"min_value": SIDE_MIN, "max_value": SIDE_MAX}


def _bounds(name: str) -> dict[str, Any]:
    """What any model may take, for the document."""
    least, most = BOUNDS[name]
    return {"min_value": least, "max_value": most}


class GenerationIn(StrictSerializer):
    """A wish for pictures; only `prompt` is required. What the model takes is in its entry of the catalogue."""

    prompt = StrictChar(min_length=1, max_length=PROMPT_MAX, pattern=SAYING, help_text="What shall be in it.")
    mode = StrictChoice(
        choices=[*MODES, ""],
        required=False,
        help_text="With a source the second, otherwise the first, unless told.",
    )
    negative_prompt = StrictChar(required=False, max_length=PROMPT_MAX, help_text="What should not be in it.")
    model = StrictChar(required=False, max_length=200, help_text="A slug or a repo id; left out: the default.")
    style = StrictChar(required=False, max_length=80, help_text="The slug of a style.")  # type: ignore[assignment]
    width = StrictInteger(
        required=False,
        **SIDES,
        help_text="Pixels, a multiple of the model's step, to its longest side; together with `height`.",
    )
    height = StrictInteger(required=False, **SIDES, help_text="Pixels, the same.")
    steps = StrictInteger(required=False, **_bounds("steps"), help_text="The model's own range is narrower.")
    guidance = StrictFloat(required=False, **_bounds("guidance"), help_text="The same.")
    scheduler = StrictChoice(choices=[*SCHEDULERS, ""], required=False)
    seed = StrictInteger(required=False, min_value=0, max_value=SEED_MAX, help_text="Left out: drawn at random.")
    strength = StrictFloat(
        required=False, **_bounds("strength"), help_text="How far from the source; image-to-image only."
    )
    images = StrictInteger(required=False, min_value=1, max_value=IMAGES_MAX, help_text="1 unless told.")
    source_image = StrictId(required=False, help_text="The id of an image of mine.")
    collection = StrictId(
        required=False, help_text="The id of a collection that I may change; the pictures are put into it."
    )
    remix_of = StrictChar(
        required=False,
        max_length=36,
        help_text="The id of an image whose recipe this began with: mine, shared with me or in the showcase; or "
        "the key of a link that shows its recipe.",
    )
    fallback = StrictBoolean(required=False, help_text="false: no other model instead. true unless told.")
    reuse = StrictBoolean(
        required=False, help_text="true: with a `seed`, the picture I have of the same recipe, if there is one."
    )
    dry_run = StrictBoolean(required=False, help_text="true: say what it would cost, and make nothing.")
    webhook_url = StrictChar(
        required=False,
        min_length=len("http://x"),
        max_length=WebhookEndpoint.URL_MAX,
        pattern=URL_PATTERN,
        help_text="An address of the open internet that is told how it ends, signed with the account's default secret.",
    )
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

    prompt = StrictChar(min_length=1, max_length=PROMPT_MAX, pattern=SAYING)


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
