"""The form of a catalogue entry, and what the Hub can fill in of it."""

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.utils.text import format_lazy, slugify
from django.utils.translation import gettext_lazy as _

from generator import limits
from generator.admin.fields import Commas, Settings, Ticks
from generator.backends.huggingface.hub import Entry
from generator.params import IMAGE_TO_IMAGE, TEXT_TO_IMAGE

MODES = [(TEXT_TO_IMAGE, _("text to image")), (IMAGE_TO_IMAGE, _("image to image"))]
SPECIALTIES = [
    ("portrait", _("portrait")),
    ("landscape", _("landscape")),
    ("architecture", _("architecture")),
    ("product", _("product")),
    ("illustration", _("illustration")),
    ("text", _("text in the picture")),
    ("editing", _("editing")),
]
FIELDSETS: list[tuple[Any, Any]] = [
    (None, {"fields": ["name", "name_fr", "slug", "description", "description_fr"]}),
    (_("Who runs it"), {"fields": ["backend", "repo_id", "revision", "providers", "time_limit"]}),
    (
        _("What it can do"),
        {
            "fields": [
                *["modes", "specialties", ("max_side", "size_step"), ("default_width", "default_height")],
                *["parameters", "default_seconds"],
            ]
        },
    ),
    (
        _("Who may use it"),
        {"fields": ["enabled", "disabled_reason", "disabled_reason_fr", "is_default", "position", "plans"]},
    ),
    (_("Licence"), {"fields": ["licence", "licence_url"]}),
]
USUAL = {"max_side": 1024, "size_step": 16, "default_width": 1024, "default_height": 1024, "default_seconds": 10}
PARAMETERS = _(
    "The settings it takes, as JSON. Of steps, guidance and strength: min, max, step, default. Of scheduler: choices, "
    "default. Of negative_prompt: default. What is missing here is not offered."
)
PROVIDERS = format_lazy(
    _("With commas between them, the first one first. Empty: all that serve it today. Possible: {names}."),
    names=", ".join(limits.PROVIDERS),
)


class EntryForm(forms.ModelForm):
    """An entry as curators write it."""

    modes = Ticks(words=MODES, label=_("Modes"))
    specialties = Ticks(words=SPECIALTIES, label=_("Specialties"), required=False)
    providers = Commas(label=_("Providers"), required=False, help_text=PROVIDERS, widget=AdminTextInputWidget)
    parameters = Settings(label=_("Parameters"), required=False, initial=dict, help_text=PARAMETERS)


@dataclass(frozen=True)
class Filled:
    """What the Hub fills in of a new entry, and what a curator should know about it."""

    values: dict[str, Any]
    warnings: list[str] = field(default_factory=list)


def fill(entry: Entry) -> Filled:
    """A new entry from what the Hub knows; sizes are only the usual ones."""
    known = [each for each in entry.served if each.provider in limits.PROVIDERS]
    name = entry.repo_id.rpartition("/")[2]
    values = {
        **USUAL,
        "repo_id": entry.repo_id,
        "name": name,
        "slug": slugify(name.replace(".", "-"))[:80],
        "backend": "huggingface",
        "modes": ",".join(entry.modes),
        "licence": entry.licence,
        "licence_url": entry.licence_url,
        "revision": entry.revision,
    }
    warnings = []
    if not known:
        warnings.append(str(_("No provider serves this model today. Nobody could use it.")))
    if not entry.modes:
        warnings.append(str(_("The Hub does not say that this model makes pictures.")))
    if entry.gated:
        warnings.append(str(_("Its licence must be accepted once, by the owner of each token, on the licence page.")))
    return Filled(values, warnings)


def served_by(entry: Entry) -> str:
    """The providers that serve it today, with their state where it is not a good one."""
    return ", ".join(
        each.provider if each.status == "live" else f"{each.provider} ({each.status})" for each in entry.served
    )
