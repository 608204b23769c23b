"""A recipe as a reader sees it: one label and one value a line; and where two of them differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LABELS = (
    ("model", _("Model")),
    ("provider", _("Provider")),
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
COMPARED = (("prompt", _("Prompt")), *LABELS, ("width", _("Width")), ("height", _("Height")))
WORDS = {"prompt", "negative_prompt"}


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


def facts(recipe: Mapping[str, Any]) -> list[Fact]:
    """The lines of a recipe or a request; what is null or empty is left out."""
    said = [(name, label, _value(recipe, name)) for name, label in LABELS]
    return [Fact(label, value, name not in WORDS) for name, label, value in said if value]


def differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Difference]:
    """The lines in which two recipes differ."""
    both = [(name, label, _value(first, name), _value(second, name)) for name, label in COMPARED]
    return [Difference(label, one, other, name not in WORDS) for name, label, one, other in both if one != other]


def _value(recipe: Mapping[str, Any], name: str) -> str:
    value = recipe.get(name)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {version}" for key, version in value.items())
    return "" if value is None else str(value)
