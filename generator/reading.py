"""A recipe that somebody pastes: our JSON, a request of the API, or the text that AUTOMATIC1111 and its likes write.

Pure. It takes what has the right type and lies within what any model could take; whether a model takes it is not asked.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from common.texts import is_clean
from generator.params import IMAGES_MAX, MODES, SEED_MAX

MOST = 20_000
"""Characters."""
NAME_MOST = 200
SIDE_MOST = 100_000
STEPS_MOST = 10_000
SAMPLERS = {
    "euler_a": "euler_a",
    "euler a": "euler_a",
    "euler ancestral": "euler_a",
    "ddim": "ddim",
    "dpmpp_2m": "dpmpp_2m",
    "dpm++ 2m": "dpmpp_2m",
}
SCHEDULE = re.compile(r" (?:karras|exponential|automatic|simple|normal)\Z")
LAST_LINE = re.compile(r"Steps: ?\d")
SIZE = re.compile(r"(\d{1,5}) ?[x×] ?(\d{1,5})\Z")
WHOLE = re.compile(r"-?\d{1,20}\Z")
DECIMAL = re.compile(r"-?\d{1,20}(?:\.\d{1,20})?\Z")
NEGATIVE = "Negative prompt:"
LABEL = re.compile(r"\w[\w /.-]*\Z")
LABEL_MOST = 40


class Unreadable(Exception):
    """There is no recipe in it; `code` says why: `recipe_too_long` or `recipe_missing`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Reading:
    """Members of `Params` by name, and the names of those that were there but could not be read.

    `model` is a slug, a repository or whatever the text calls it; `unknown` are the text's own names, of letters
    and digits and at most 40 of them, for what is no member at all.
    """

    values: dict[str, Any]
    left_out: tuple[str, ...]
    unknown: tuple[str, ...] = ()


def read(text: str) -> Reading:
    """The recipe in a text of at most 20,000 characters. Raises `Unreadable`."""
    if len(text) > MOST:
        raise Unreadable("recipe_too_long")
    text = text.replace("\r\n", "\n").strip()
    if text.startswith("{"):
        return read_members(_json(text))
    return _read_lines(text)


def read_members(members: dict[str, Any]) -> Reading:
    """The recipe in an object: a recipe, a request, or what holds one as `request` or `recipe`. Raises `Unreadable`."""
    for inside in ("request", "recipe"):
        if isinstance(members.get(inside), dict):
            members = members[inside]
    if not isinstance(members.get("prompt"), str):
        raise Unreadable("recipe_missing")
    given = {name: members[name] for name in READERS if members.get(name) not in (None, "")}
    if "model" not in given and isinstance(members.get("repo_id"), str):
        given["model"] = members["repo_id"]
    return _taken(given, READERS)


def read_form(members: Mapping[str, str]) -> Reading:
    """The settings in a form, where every value is text; what is empty was not said."""
    given = {name: members[name] for name in READERS if members.get(name)}
    return _taken(given, {**READERS, **WRITTEN})


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("recipe_missing") from error
    return found if isinstance(found, dict) else {}


def _read_lines(text: str) -> Reading:
    lines = text.split("\n")
    last = next((place for place in reversed(range(len(lines))) if LAST_LINE.match(lines[place])), None)
    if last is None:
        raise Unreadable("recipe_missing")
    said = dict(_pairs(lines[last]))
    words = "\n".join(lines[:last])
    prompt, _, negative = words.partition(f"\n{NEGATIVE}") if not words.startswith(NEGATIVE) else ("", "", words[16:])
    given: dict[str, Any] = {name: said[label] for label, name in LABELS.items() if said.get(label)}
    given |= {"prompt": prompt.strip()} | ({"negative_prompt": negative.strip()} if negative.strip() else {})
    if "size" in given:
        given.pop("size")
        sides = SIZE.match(said["Size"])
        given |= {"width": sides[1], "height": sides[2]} if sides else {"width": "", "height": ""}
    strange = [label[:LABEL_MOST] for label in said if _is_unknown(label) and said[label]]
    return replace(_taken(given, {**READERS, **WRITTEN}), unknown=tuple(dict.fromkeys(strange)))


def _is_unknown(label: str) -> bool:
    return bool(LABEL.match(label)) and label not in LABELS and label not in HARMLESS


def _pairs(line: str) -> Iterator[tuple[str, str]]:
    """`Name: value` between commas; a value in quotes may hold commas."""
    start, quoted, slash = 0, False, False
    ends = []
    for place, letter in enumerate(line):
        if letter == '"' and not slash:
            quoted = not quoted
        slash = letter == "\\" and not slash
        if letter == "," and not quoted:
            ends.append(place)
    for end in [*ends, len(line)]:
        name, colon, value = line[start:end].partition(":")
        start = end + 1
        if colon:
            yield name.strip(), value.strip().strip('"')


def _taken(given: dict[str, Any], readers: dict[str, Callable[[Any], Any]]) -> Reading:
    read = {name: readers[name](value) for name, value in given.items()}
    values = {name: value for name, value in read.items() if value is not None}
    lost = [SHOWN_AS.get(name, name) for name, value in read.items() if value is None]
    return Reading(values, tuple(dict.fromkeys(lost)))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and is_clean(value) else None


def _name(value: Any) -> str | None:
    return value if isinstance(value, str) and len(value) <= NAME_MOST and is_clean(value) else None


def _sampler(value: Any) -> str | None:
    return SAMPLERS.get(SCHEDULE.sub("", value.strip().lower())) if _name(value) else None


def _mode(value: Any) -> str | None:
    return value if value in MODES else None


def _whole(low: int, high: int) -> Callable[[Any], int | None]:
    def read(value: Any) -> int | None:
        whole = int(value) if isinstance(value, float) and value.is_integer() else value
        return whole if isinstance(whole, int) and not isinstance(whole, bool) and low <= whole <= high else None

    return read


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= STEPS_MOST and math.isfinite(value) else None


def _written(pattern: re.Pattern[str], kind: type, read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: read(kind(value)) if pattern.match(value) else None


READERS: dict[str, Callable[[Any], Any]] = {
    "prompt": _text,
    "mode": _mode,
    "negative_prompt": _text,
    "model": _name,
    "style": _name,
    "width": _whole(1, SIDE_MOST),
    "height": _whole(1, SIDE_MOST),
    "steps": _whole(1, STEPS_MOST),
    "guidance": _number,
    "scheduler": _sampler,
    "seed": _whole(0, SEED_MAX),
    "strength": _number,
    "images": _whole(1, IMAGES_MAX),
}
WRITTEN: dict[str, Callable[[Any], Any]] = {
    **{name: _written(WHOLE, int, READERS[name]) for name in ("width", "height", "steps", "seed", "images")},
    **{name: _written(DECIMAL, float, _number) for name in ("guidance", "strength")},
}
"""The same where every value is text."""
LABELS = {
    "Steps": "steps",
    "Sampler": "scheduler",
    "CFG scale": "guidance",
    "Seed": "seed",
    "Size": "size",
    "Model": "model",
    "Denoising strength": "strength",
}
HARMLESS = {"Version", "Model hash", "VAE hash", "Hashes"}
"""Labels of what another label names too, or of nothing that a picture shows."""
SHOWN_AS = {"width": "size", "height": "size"}
