"""What a generation may be asked: one set of rules for every door. Pure Python, no Django."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from common import texts
from common.texts import Problem

TEXT_TO_IMAGE = "text-to-image"
IMAGE_TO_IMAGE = "image-to-image"
MODES = (TEXT_TO_IMAGE, IMAGE_TO_IMAGE)
SCHEDULERS = ("euler_a", "ddim", "dpmpp_2m")
PROMPT_MAX = 1000
IMAGES_MAX = 4
SEED_MAX = 2**32 - 1
SIDE_MIN = 64
ADJUSTABLE = ("steps", "guidance", "scheduler", "strength", "negative_prompt")

"""A field, the code of what is wrong with it, and the arguments of its sentence."""


class InvalidParams(Exception):
    """The params break rules: `problems` names each field and why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(", ".join(f"{name}: {code}" for name, code, _ in problems))
        self.problems = problems


@dataclass(frozen=True)
class Params:
    """A wish for pictures. `None` means: not said, take the model's default.

    Sizes are in pixels, `seed` is 0 to 2^32 - 1, `strength` 0 to 1, `images` 1 to 4. `source_image` is the id of
    an image its owner may use, `collection` of one they may change; `remix_of` is the id of an image whose recipe this
    began with, or the key of a link to one.
    """

    prompt: str
    mode: str | None = None
    negative_prompt: str | None = None
    model: str | None = None
    style: str | None = None
    width: int | None = None
    height: int | None = None
    steps: int | None = None
    guidance: float | None = None
    scheduler: str | None = None
    seed: int | None = None
    strength: float | None = None
    images: int = 1
    source_image: str | None = None
    collection: str | None = None
    remix_of: str | None = None
    fallback: bool = True

    def as_request(self) -> dict[str, Any]:
        """The members of a request as the API shows them; what the model does not take is left out."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Limits:
    """What one model takes.

    `parameters` maps a name of `ADJUSTABLE` to `{"min", "max", "step", "default"}` or `{"choices", "default"}`;
    a name that is missing is not taken. Sizes in pixels.
    """

    modes: tuple[str, ...]
    max_side: int
    size_step: int
    default_width: int
    default_height: int
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def check(params: Params, limits: Limits, *, source_size: tuple[int, int] | None = None) -> Params:
    """The params completed with the model's defaults (all but the seed).

    `source_size` is the width and height of the source, if there is one. Raises `InvalidParams`.
    """
    mode = params.mode or (IMAGE_TO_IMAGE if source_size else TEXT_TO_IMAGE)
    problems = [
        *_mode_problems(mode, limits, has_source=source_size is not None),
        *text_problems("prompt", params.prompt, required=True),
        *text_problems("negative_prompt", params.negative_prompt or "", required=False),
        *_count_problems(params),
        *_size_problems(params, limits),
        *(problem for name in ADJUSTABLE for problem in _adjustable_problems(name, params, limits, mode)),
    ]
    if problems:
        raise InvalidParams(problems)
    return _completed(params, limits, mode, source_size)


def adapt(params: Params, *, of: Limits, to: Limits) -> tuple[Params, tuple[str, ...]]:
    """Completed params of one model as another takes them, and the names of the settings that had to change.

    What it does not take is left out and what is out of its range is moved to the nearest value it takes. A value that
    is nothing but the first model's default becomes the other's default, and counts as no change.
    """
    mode = params.mode or TEXT_TO_IMAGE
    moved: dict[str, Any] = {}
    changed: list[str] = []
    for name in ADJUSTABLE:
        value, usual = getattr(params, name), of.parameters.get(name, {}).get("default")
        spec = to.parameters.get(name) if name != "strength" or mode == IMAGE_TO_IMAGE else None
        unsaid = value in (None, "") or value == usual
        moved[name] = (spec or {}).get("default") if unsaid else _nearest(value, spec)
        if not unsaid and moved[name] != value:
            changed.append(name)
    width, height = params.width or to.default_width, params.height or to.default_height
    size = _within(width, height, to)
    if size != (width, height):
        changed.append("size")
    return replace(params, width=size[0], height=size[1], **moved), tuple(changed)


def fit(width: int, height: int, *, largest: int, step: int) -> tuple[int, int]:
    """The size of a picture made from a source of `width` x `height`: its shape, scaled down and never up to
    `largest`, each side rounded to the nearest `step` (and at least one step, at least `SIDE_MIN`)."""
    scale = min(1.0, largest / max(width, height))
    smallest = max(step, math.ceil(SIDE_MIN / step) * step)
    top = largest // step * step

    def side(value: int) -> int:
        return min(top, max(smallest, int(value * scale / step + 0.5) * step))

    return side(width), side(height)


def _mode_problems(mode: str, limits: Limits, *, has_source: bool) -> list[Problem]:
    if mode not in MODES:
        return [("mode", "not_a_choice", {"choices": ", ".join(MODES)})]
    if mode not in limits.modes:
        return [("mode", "mode_not_taken", {"modes": ", ".join(limits.modes)})]
    if mode == IMAGE_TO_IMAGE and not has_source:
        return [("source_image", "source_needed", {})]
    if mode == TEXT_TO_IMAGE and has_source:
        return [("source_image", "source_not_taken", {})]
    return []


def text_problems(name: str, text: str, *, required: bool) -> list[Problem]:
    """What is wrong with a prompt: nothing in it, more than 1,000 characters, or control characters."""
    if required and not text.strip():
        return [(name, "required", {})]
    return texts.problems(name, text, most=PROMPT_MAX)


def _count_problems(params: Params) -> list[Problem]:
    problems: list[Problem] = []
    if not 1 <= params.images <= IMAGES_MAX:
        problems.append(("images", "out_of_range", {"min": 1, "max": IMAGES_MAX}))
    if params.seed is not None and not 0 <= params.seed <= SEED_MAX:
        problems.append(("seed", "out_of_range", {"min": 0, "max": SEED_MAX}))
    return problems


def _size_problems(params: Params, limits: Limits) -> list[Problem]:
    problems: list[Problem] = []
    arguments = {"step": limits.size_step, "smallest": SIDE_MIN, "largest": limits.max_side}
    for name in ("width", "height"):
        value = getattr(params, name)
        if value is not None and (value % limits.size_step or not SIDE_MIN <= value <= limits.max_side):
            problems.append((name, "size", arguments))
    if (params.width is None) != (params.height is None) and not problems:
        missing = "height" if params.height is None else "width"
        problems.append((missing, "both_sides", {}))
    return problems


def _adjustable_problems(name: str, params: Params, limits: Limits, mode: str) -> list[Problem]:
    value = getattr(params, name)
    if value is None or value == "":
        return []
    if name not in limits.parameters or (name == "strength" and mode != IMAGE_TO_IMAGE):
        return [(name, "not_taken", {})]
    spec = limits.parameters[name]
    if "choices" in spec:
        taken = value in spec["choices"]
        return [] if taken else [(name, "not_a_choice", {"choices": ", ".join(spec["choices"])})]
    if "min" in spec and not spec["min"] <= value <= spec["max"]:
        return [(name, "out_of_range", {"min": spec["min"], "max": spec["max"]})]
    return []


def _completed(params: Params, limits: Limits, mode: str, source_size: tuple[int, int] | None) -> Params:
    width, height = params.width, params.height
    if width is None or height is None:
        width, height = limits.default_width, limits.default_height
        if source_size:
            width, height = fit(*source_size, largest=limits.max_side, step=limits.size_step)
    taken: dict[str, Any] = {
        name: getattr(params, name) if getattr(params, name) not in (None, "") else spec.get("default")
        for name, spec in limits.parameters.items()
        if name != "strength" or mode == IMAGE_TO_IMAGE
    }
    return replace(params, mode=mode, width=width, height=height, **taken)


def _nearest(value: Any, spec: Mapping[str, Any] | None) -> Any:
    if spec is None:
        return None
    if "choices" in spec:
        return value if value in spec["choices"] else spec["default"]
    return min(max(value, spec["min"]), spec["max"]) if "min" in spec else value


def _within(width: int, height: int, limits: Limits) -> tuple[int, int]:
    """The nearest size that a model makes, never of more pixels than asked."""
    largest, step = limits.max_side, limits.size_step
    fitted = fit(width, height, largest=largest, step=step)
    if fitted[0] * fitted[1] <= width * height:
        return fitted
    scale = min(1.0, largest / max(width, height))
    smallest = max(step, math.ceil(SIDE_MIN / step) * step)
    across, down = (max(smallest, int(side * scale) // step * step) for side in (width, height))
    return across, down
