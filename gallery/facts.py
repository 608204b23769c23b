"""A recipe as a reader sees it: one label and one value a line; and where two of them differ."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gallery import folding

LABELS = (
    ("model", _("Model")),
    ("provider", _("Provider")),
    ("mode", _("Made from")),
    ("style", _("Style")),
    ("negative_prompt", _("Negative prompt")),
    ("seed", _("Seed")),
    ("steps", _("Steps")),
    ("guidance", _("Guidance")),
    ("scheduler", _("Scheduler")),
    ("strength", _("Strength")),
    ("software", _("Software")),
    ("images", pgettext_lazy("how many", "Pictures")),
)
FURTHER = (
    ("full_prompt", _("Prompt as the model was told")),
    ("full_negative_prompt", _("Negative prompt as the model was told")),
    ("backend", _("Backend")),
    ("repo_id", _("Repository")),
    ("revision", _("Weights")),
    ("source_digest", _("SHA-256 of the source")),
)
COMPARED = (("prompt", _("Prompt")), *LABELS, ("width", _("Width")), ("height", _("Height")))
WORDS = {"prompt", "negative_prompt", "full_prompt", "full_negative_prompt", "mode", "model", "style"}
TOLD = {"full_prompt": "prompt", "full_negative_prompt": "negative_prompt"}
"""What is told only where it is not what was asked."""

MODES = {"text-to-image": (_("Words"),), "image-to-image": (_("A picture"),)}
Names = Mapping[str, Sequence[Any]]
NAMED: dict[str, Callable[[], Names]] = {"mode": lambda: MODES}


@dataclass(frozen=True)
class Fact:
    """A label, its value, and whether the value is a number or a name rather than words."""

    label: Any
    value: str
    is_code: bool = True


@dataclass(frozen=True)
class Difference:
    """What two recipes say differently; "" where one says nothing."""

    label: Any
    first: str
    second: str
    is_code: bool = True


def name_with(member: str, names: Callable[[], Names]) -> None:
    """From now on what a recipe says in `member` is told by its names: of each value the reader's first, then others.

    Whoever makes the recipes registers them when the apps are ready.
    """
    NAMED[member] = names


def names_of(member: str) -> Names:
    """The values of a member of recipes that have names; none where nobody registered any."""
    return NAMED[member]() if member in NAMED else {}


def all_named(member: str, values: Iterable[str]) -> dict[str, str]:
    """What the reader calls each of these values of recipes: its name, or else itself."""
    names = names_of(member)
    return {value: str(next(iter(names.get(value, ())), value)) for value in values}


def named(member: str, value: str) -> str:
    """The same of one value."""
    return all_named(member, [value])[value]


def values_called(member: str, part: str) -> list[str]:
    """The values that have a name in which these folded letters begin a word."""
    wanted = f" {folding.fold(part)}"
    called = names_of(member).items()
    return [value for value, names in called if any(wanted in f" {folding.fold(str(name))}" for name in names)]


def facts(recipe: Mapping[str, Any]) -> list[Fact]:
    """The lines of a recipe or a request; what is null or empty is left out."""
    return _lines(recipe, LABELS)


def further(recipe: Mapping[str, Any]) -> list[Fact]:
    """The lines that few people look for, and those that are long."""
    said = {name: value for name, value in recipe.items() if name not in TOLD or value != recipe.get(TOLD[name])}
    return _lines(said, FURTHER)


def differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Difference]:
    """The lines in which two recipes differ."""
    both = [(name, label, _value(first, name), _value(second, name)) for name, label in COMPARED]
    return [Difference(label, one, other, name not in WORDS) for name, label, one, other in both if one != other]


def _lines(recipe: Mapping[str, Any], labels: Sequence[tuple[str, Any]]) -> list[Fact]:
    said = [(name, label, _value(recipe, name)) for name, label in labels]
    return [Fact(label, value, name not in WORDS) for name, label, value in said if value]


def _value(recipe: Mapping[str, Any], name: str) -> str:
    value = recipe.get(name)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {version}" for key, version in value.items())
    return named(name, str(value)) if value not in (None, "") else ""
