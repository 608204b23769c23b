"""A recipe as a reader sees it: one label and one value a line."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LABELS = (
    ("model", _("Model")),
    ("style", _("Style")),
    ("negative_prompt", _("Negative prompt")),
    ("seed", _("Seed")),
    ("steps", _("Steps")),
    ("guidance", _("Guidance")),
    ("scheduler", _("Scheduler")),
    ("strength", _("Strength")),
    ("images", pgettext_lazy("how many", "Pictures")),
)
WORDS = {"negative_prompt"}


@dataclass(frozen=True)
class Fact:
    """A label, its value, and whether the value is a number or a name rather than words."""

    label: Any
    value: str
    is_code: bool = True


def facts(recipe: Mapping[str, Any]) -> list[Fact]:
    """The lines of a recipe or a request; what is null or empty is left out."""
    said = [(name, label) for name, label in LABELS if recipe.get(name) not in (None, "")]
    return [Fact(label, str(recipe[name]), name not in WORDS) for name, label in said]
