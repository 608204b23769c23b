"""How each provider, and each kind of model there, is told what to make; and what it does not obey. Pure.

Names that a kind of model ignores are not sent and are told as not honoured. Ids that no row knows get the provider's
usual words.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.params import IMAGE_TO_IMAGE, Params

Told = dict[str, Any]
SETTINGS = ("negative_prompt", "steps", "guidance", "scheduler", "strength", "seed")
RATIOS = ("1:1", "16:9", "21:9", "3:2", "2:3", "4:5", "5:4", "3:4", "4:3", "9:16", "9:21")
DIFFUSERS = {
    "negative_prompt": "negative_prompt",
    "steps": "num_inference_steps",
    "guidance": "guidance_scale",
    "strength": "strength",
    "seed": "seed",
}


@dataclass(frozen=True)
class Size:
    """How a size is said. Sides that are multiples of `step` from `least` to `most` are kept exactly; where `kept` is
    given, only those sizes are."""

    say: Callable[[int, int], Told]
    step: int = 1
    least: int = 1
    most: int = 100_000
    kept: tuple[tuple[int, int], ...] | None = None

    def is_kept(self, width: int, height: int) -> bool:
        """Whether the picture will have exactly this size."""
        if self.kept is not None:
            return (width, height) in self.kept
        return all(self.least <= side <= self.most and side % self.step == 0 for side in (width, height))


@dataclass(frozen=True)
class Dialect:
    """The words for the models whose id at the provider fits `models`, in `mode` where that is said.

    `names` maps our settings to theirs. The source goes once under each of `one`, and as a list under each of `many`.
    """

    models: str = ""
    mode: str = ""
    names: Mapping[str, str] = field(default_factory=lambda: DIFFUSERS)
    size: Size | None = None
    one: tuple[str, ...] = ()
    many: tuple[str, ...] = ()
    always: Mapping[str, Any] = field(default_factory=dict)

    @property
    def copies(self) -> int:
        """How often the source is in a request."""
        return len(self.one) + len(self.many)

    def speaks_to(self, remote_id: str, mode: str | None) -> bool:
        """Whether these are the words for a model in a mode."""
        return self.mode in {"", mode} and re.search(self.models, remote_id.lower()) is not None

    def say(self, params: Params, *, source: str, lacks: frozenset[str]) -> tuple[Told, list[str]]:
        """The settings in the provider's words, and our names of those that it does not obey."""
        wished = {name: getattr(params, name) for name in SETTINGS if getattr(params, name) not in (None, "")}
        taken = {name: value for name, value in wished.items() if name in self.names and name not in lacks}
        told: Told = {"prompt": params.prompt, **{self.names[name]: value for name, value in taken.items()}}
        told |= self.always
        sides = (params.width or 0, params.height or 0)
        size = None if "size" in lacks else self.size
        told |= size.say(*sides) if size else {}
        if params.mode == IMAGE_TO_IMAGE:
            told |= {**dict.fromkeys(self.one, source), **{name: [source] for name in self.many}}
        ignored = [name for name in wished if name not in taken]
        return told, ignored + ([] if size and size.is_kept(*sides) else ["width", "height"])


LACKS: tuple[tuple[str, frozenset[str]], ...] = (
    (r"flux.1.schnell|flux/schnell|flux-schnell", frozenset({"negative_prompt", "guidance"})),
    (r"kontext", frozenset({"negative_prompt", "strength", "size"})),
    (r"flux.?2", frozenset({"negative_prompt", "strength"})),
    (r"flux", frozenset({"negative_prompt"})),
    (r"z-image", frozenset({"negative_prompt", "guidance"})),
    (r"qwen-image-edit", frozenset({"strength"})),
    (r"glm-image", frozenset({"negative_prompt", "steps", "guidance", "strength", "seed"})),
)
"""What a model has no use for, wherever it runs; the first row that fits the repository's name counts."""


def lacks(repo_id: str) -> frozenset[str]:
    """The settings that this model ignores at every provider."""
    return next((names for pattern, names in LACKS if re.search(pattern, repo_id.lower())), frozenset())


def without(*names: str, **others: str) -> Mapping[str, str]:
    """The usual names but some, and some in other words."""
    return {ours: theirs for ours, theirs in {**DIFFUSERS, **others}.items() if ours not in names}


def _ratio(width: int, height: int) -> str:
    """The offered shape nearest to a size."""
    wished = math.log(max(1, width) / max(1, height))

    def distance(ratio: str) -> float:
        wide, _, high = ratio.partition(":")
        return abs(math.log(int(wide) / int(high)) - wished)

    return min(RATIOS, key=distance)


def _flux_1(width: int, height: int) -> Told:
    return {"aspect_ratio": _ratio(width, height), "megapixels": "0.25" if width * height < 600_000 else "1"}


def _flux_2(width: int, height: int) -> Told:
    sides = {"width": width, "height": height}
    return {"aspect_ratio": "custom", **{name: min(1440, max(256, side // 32 * 32)) for name, side in sides.items()}}


SIDES = Size(lambda width, height: {"width": width, "height": height})
TARGET = Size(lambda width, height: {"target_size": {"width": width, "height": height}})
IMAGE_SIZE = Size(lambda width, height: {"image_size": {"width": width, "height": height}}, step=16)
IN_ONE_WORD = Size(lambda width, height: {"size": f"{width}x{height}"})
# its older models read the sides, the newer ones the word
WAVESPEED = Size(lambda width, height: {"width": width, "height": height, "size": f"{width}*{height}"})
SHAPE = Size(lambda width, height: {"aspect_ratio": _ratio(width, height)}, kept=((1024, 1024),))
SHAPE_AND_AREA = Size(_flux_1, kept=((1024, 1024), (512, 512)))
CUSTOM = Size(_flux_2, step=32, least=256, most=1440)

PNG = {"output_format": "png"}
LIKE_SOURCE = {**PNG, "aspect_ratio": "match_input_image"}
DIALECTS: Mapping[str, tuple[Dialect, ...]] = {
    "hf-inference": (Dialect(mode=IMAGE_TO_IMAGE, size=TARGET, one=("inputs",)), Dialect(size=SIDES)),
    # its apps read either key
    "fal-ai": (Dialect(size=IMAGE_SIZE, one=("image_url",), many=("image_urls",), always=PNG),),
    "replicate": (
        Dialect("kontext", names=without(guidance="guidance"), one=("input_image",), always=LIKE_SOURCE),
        Dialect("/flux-2", names=without(guidance="guidance"), size=CUSTOM, many=("input_images",), always=PNG),
        Dialect(
            "black-forest-labs/flux-",
            names=without(guidance="guidance", strength="prompt_strength"),
            size=SHAPE_AND_AREA,
            one=("image",),
            always=PNG,
        ),
        Dialect(
            r"stable-diffusion-3",
            names=without(steps="steps", guidance="cfg", strength="prompt_strength"),
            size=SHAPE,
            one=("image",),
            always=PNG,
        ),
        Dialect("qwen-image-edit", names=without(guidance="guidance"), one=("image",), always=LIKE_SOURCE),
        Dialect("qwen-image", names=without(guidance="guidance"), size=SHAPE, one=("image",), always=PNG),
        Dialect("sdxl", names=without(strength="prompt_strength"), size=SIDES, one=("image",)),
        Dialect(
            names=without(strength="prompt_strength"),
            size=SIDES,
            one=("image", "input_image"),
            many=("images", "input_images"),
            always=PNG,
        ),
    ),
    "together": (
        Dialect("kontext", names=without(steps="steps"), size=SIDES, one=("image_url",)),
        Dialect(names=without(steps="steps"), size=SIDES, many=("reference_images",)),
    ),
    "nscale": (Dialect(names=without("steps", "strength"), size=IN_ONE_WORD),),
    "wavespeed": (Dialect(size=WAVESPEED, one=("image",), many=("images",), always=PNG),),
    "zai-org": (Dialect(names={}, size=IN_ONE_WORD),),
}


def of(provider: str, remote_id: str, mode: str | None) -> Dialect:
    """The words for a model at a provider; the last row of a provider fits every model."""
    return next(each for each in DIALECTS[provider] if each.speaks_to(remote_id, mode))
