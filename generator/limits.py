"""Whether the limits of a catalogue entry make sense, so that no edit of a curator can break a submit. Pure Python."""

import math
import re
from collections.abc import Mapping
from typing import Any

from common.texts import Problem
from generator.params import ADJUSTABLE, MODES, SCHEDULERS, SIDE_MIN, Limits

SIDE_MAX = 8192
SECONDS_LEAST, SECONDS_MOST = 30, 300
SPECIALTIES = ("portrait", "landscape", "architecture", "product", "illustration", "text", "editing")
PROVIDERS = ("hf-inference", "fal-ai", "replicate", "together", "nscale", "wavespeed", "zai-org")
REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
REVISION = re.compile(r"[\w.-]+(/[\w.-]+)*", re.ASCII)
BOUNDS = {"steps": (1, 150), "guidance": (0, 30), "strength": (0, 1)}


def faults(limits: Limits) -> list[Problem]:
    """What is wrong with an entry: its field, a code and the arguments of its sentence."""
    return [*_mode_faults(limits.modes), *_size_faults(limits), *_parameter_faults(limits.parameters)]


def keeping_faults(
    *, specialties: Any, providers: Any, time_limit: int | None, revision: str, repo_id: str, is_remote: bool
) -> list[Problem]:
    """What is wrong with the other things a curator writes about an entry; `time_limit` in seconds."""
    problems: list[Problem] = [
        *_list_faults("specialties", specialties, SPECIALTIES),
        *_list_faults("providers", providers, PROVIDERS),
    ]
    if time_limit is not None and not SECONDS_LEAST <= time_limit <= SECONDS_MOST:
        problems.append(("time_limit", "out_of_range", {"min": SECONDS_LEAST, "max": SECONDS_MOST}))
    if revision and not REVISION.fullmatch(revision):
        problems.append(("revision", "revision_wrong", {}))
    if is_remote and not REPOSITORY.fullmatch(repo_id):
        problems.append(("repo_id", "repo_id_wrong", {}))
    return problems


def _list_faults(field: str, values: Any, choices: tuple[str, ...]) -> list[Problem]:
    if not isinstance(values, list | tuple):
        return [(field, "not_among", {"name": str(values), "choices": ", ".join(choices)})]
    strange = [str(value) for value in values if value not in choices]
    if strange:
        return [(field, "not_among", {"name": ", ".join(strange), "choices": ", ".join(choices)})]
    return [(field, "named_twice", {})] if len(set(values)) < len(values) else []


def _mode_faults(modes: Any) -> list[Problem]:
    fine = bool(modes) and all(mode in MODES for mode in modes)
    return [] if fine else [("modes", "modes_wrong", {"choices": ", ".join(MODES)})]


def _size_faults(limits: Limits) -> list[Problem]:
    if not SIDE_MIN <= limits.max_side <= SIDE_MAX:
        return [("max_side", "out_of_range", {"min": SIDE_MIN, "max": SIDE_MAX})]
    if not 1 <= limits.size_step <= SIDE_MIN:
        return [("size_step", "out_of_range", {"min": 1, "max": SIDE_MIN})]
    arguments = {"step": limits.size_step, "smallest": SIDE_MIN, "largest": limits.max_side}
    sides = {"default_width": limits.default_width, "default_height": limits.default_height}
    return [
        (name, "size", arguments)
        for name, side in sides.items()
        if side % limits.size_step or not SIDE_MIN <= side <= limits.max_side
    ]


def _parameter_faults(parameters: Any) -> list[Problem]:
    if not isinstance(parameters, Mapping):
        return [("parameters", "not_an_object", {})]
    wrong = [name for name, spec in parameters.items() if not (name in ADJUSTABLE and _is_sound(name, spec))]
    return [("parameters", "parameter_wrong", {"name": name}) for name in wrong]


def _is_sound(name: str, spec: Any) -> bool:
    if not isinstance(spec, Mapping):
        return False
    if name == "negative_prompt":
        return isinstance(spec.get("default", ""), str)
    if name == "scheduler":
        choices = spec.get("choices")
        return isinstance(choices, list) and set(choices) <= set(SCHEDULERS) and spec.get("default") in choices
    numbers: list[Any] = [spec.get("min"), spec.get("default"), spec.get("max")]
    if not all(_is_number(number, whole=name == "steps") for number in numbers):
        return False
    low, high = BOUNDS[name]
    return sorted([low, *numbers, high]) == [low, *numbers, high]


def _is_number(value: Any, *, whole: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and not (whole and isinstance(value, float))
