"""The composer: the shape of a wish, with only the settings that the chosen model takes."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.errors import InvalidInput
from generator.models import AIModel, Style
from generator.params import (
    ADJUSTABLE,
    IMAGE_TO_IMAGE,
    IMAGES_MAX,
    PROMPT_MAX,
    SEED_MAX,
    SIDE_MIN,
    TEXT_TO_IMAGE,
    Params,
)

MODES = [(TEXT_TO_IMAGE, _("From words")), (IMAGE_TO_IMAGE, _("From a picture"))]
LABELS = {
    "steps": _("Steps"),
    "guidance": _("Guidance"),
    "strength": _("Strength"),
    "scheduler": _("Scheduler"),
    "negative_prompt": _("Negative prompt"),
}
WHOLE = {"steps"}
SHOWN_ELSEWHERE = {"source_image": "source", "remix_of": ""}
ACCEPTED = "image/jpeg,image/png,image/webp,image/gif"


class Slider(forms.NumberInput):
    input_type = "range"


class GenerateForm(forms.Form):
    """What somebody asks of `model`; the rules are `params.check`'s."""

    mode = forms.ChoiceField(choices=MODES, widget=forms.RadioSelect, required=False, initial=TEXT_TO_IMAGE)
    prompt = forms.CharField(required=False, strip=False, label=_("Prompt"), widget=forms.Textarea)
    model = forms.CharField(required=False)
    style = forms.CharField(required=False, label=_("Style"))
    source = forms.FileField(
        required=False,
        allow_empty_file=True,
        label=_("Source picture"),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )
    source_image = forms.UUIDField(required=False, widget=forms.HiddenInput)
    remix_of = forms.CharField(required=False, widget=forms.HiddenInput)
    seed = forms.IntegerField(required=False, label=_("Seed"))
    images = forms.TypedChoiceField(
        coerce=int,
        required=False,
        empty_value=1,  # type: ignore[arg-type]
        initial=1,
        label=_("Pictures"),
        choices=[(count, str(count)) for count in range(1, IMAGES_MAX + 1)],
        widget=forms.RadioSelect,
    )
    width = forms.IntegerField(required=False, label=_("Width"))
    height = forms.IntegerField(required=False, label=_("Height"))

    def __init__(self, *args: Any, model: AIModel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ai_model = model
        for name in ADJUSTABLE:
            if name in model.parameters:
                self.fields[name] = _adjustable(name, model.parameters[name])
        self._say_shapes()

    def brings_picture(self) -> bool:
        """Whether a file came that the mode asks for."""
        return bool(self.cleaned_data["source"]) and self.cleaned_data["mode"] == IMAGE_TO_IMAGE

    def to_params(self, *, source_image: str | None = None) -> Params:
        """The wish; `source_image` is the id of an upload that this form brought."""
        said = self.cleaned_data
        from_picture = said["mode"] == IMAGE_TO_IMAGE
        taken = self._not_taken() | {name: said[name] for name in ADJUSTABLE if name in self.fields}
        if not from_picture:
            taken.pop("strength", None)
        if "negative_prompt" in taken:
            taken["negative_prompt"] = unix(taken["negative_prompt"]) or None
        kept = str(said["source_image"]) if said["source_image"] else None
        return Params(
            prompt=unix(said["prompt"]),
            mode=said["mode"] or None,
            model=said["model"] or None,
            style=said["style"] or None,
            width=said["width"],
            height=said["height"],
            seed=said["seed"],
            images=said["images"],
            source_image=(source_image or kept) if from_picture else None,
            remix_of=said["remix_of"] or None,
            **taken,
        )

    def refuse(self, refusal: InvalidInput) -> None:
        """Put each sentence of a refusal on its field; what has no field stands above the form."""
        for error in refusal.as_members():
            name = SHOWN_ELSEWHERE.get(error["field"], error["field"])
            self.add_error(name if name in self.fields else None, error["message"])

    def _not_taken(self) -> dict[str, Any]:
        """What was sent although this model does not take it: the rules refuse it by name."""
        sent: Mapping[str, Any] = self.data
        return {name: sent[name] for name in ADJUSTABLE if name not in self.fields and sent.get(name)}

    def _say_shapes(self) -> None:
        model = self.ai_model
        side = {"min": SIDE_MIN, "max": model.max_side, "step": model.size_step, "inputmode": "numeric"}
        self.fields["width"].widget.attrs.update(side, placeholder=model.default_width)
        self.fields["height"].widget.attrs.update(side, placeholder=model.default_height)
        seed = {"min": 0, "max": SEED_MAX, "step": 1, "placeholder": _("random"), "autocomplete": "off"}
        self.fields["seed"].widget.attrs.update(seed)
        self.fields["prompt"].widget.attrs.update(
            rows=3, dir="auto", spellcheck="true", placeholder=_("Describe a picture")
        )


def style_choices(styles: list[Style]) -> list[tuple[str, str]]:
    """Slug and label of each, the absence of a style first."""
    return [("", str(_("No style"))), *((style.slug, style.label) for style in styles)]


def _adjustable(name: str, spec: Mapping[str, Any]) -> forms.Field:
    common: dict[str, Any] = {"required": False, "label": LABELS[name]}
    if name == "negative_prompt":
        area = forms.Textarea(attrs={"rows": 2, "dir": "auto", "data-most": PROMPT_MAX})
        return forms.CharField(strip=False, widget=area, **common)
    common["initial"] = spec.get("default")
    if "choices" in spec:
        choices = forms.Select(choices=[(choice, choice) for choice in spec["choices"]])
        return forms.CharField(widget=choices, **common)
    slider = Slider(attrs={"min": spec["min"], "max": spec["max"], "step": spec.get("step", 1)})
    if name in WHOLE:
        return forms.IntegerField(widget=slider, **common)
    return forms.FloatField(widget=slider, **common)


def unix(text: str | None) -> str:
    """The text with LF only. A form sends lines ending in CR LF; a prompt has LF."""
    return (text or "").replace("\r\n", "\n")
