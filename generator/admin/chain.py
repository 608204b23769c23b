"""The chain of a model as part of its page: ordered by dragging, by buttons, or by numbers."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Field
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.sentences import say
from generator.models import AIModel, FallbackLink

BUTTONS = (
    '<span class="chain-move" hidden><span class="chain-grip" draggable="true" title="{}">⠿</span> '
    '<button type="button" data-move="-1" aria-label="{}">↑</button> '
    '<button type="button" data-move="1" aria-label="{}">↓</button></span>'
)
LABELS = {"next": _("Next model"), "position": _("Position"), "DELETE": _("Remove it from the chain")}


class Chain(forms.BaseInlineFormSet):
    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        """The heads of the columns name the fields for the eye only."""
        super().add_fields(form, index)
        for name, label in LABELS.items():
            if name in form.fields:
                outer: Any = form.fields[name].widget
                getattr(outer, "widget", outer).attrs["aria-label"] = label

    def clean(self) -> None:
        """Raises `ValidationError` for a link to a model that shares no mode with this one."""
        super().clean()
        ours = set(self.instance.modes or [])
        for form in self.forms:
            next_model = form.cleaned_data.get("next") if hasattr(form, "cleaned_data") else None
            if next_model and not form.cleaned_data.get("DELETE") and ours.isdisjoint(next_model.modes):
                raise ValidationError(say("other_mode", model=next_model.label))


class ChainInline(admin.TabularInline):
    """Whoever may change a model may change its chain."""

    model = FallbackLink
    formset = Chain
    fk_name = "model"
    fields = ["next", "position", "move"]
    readonly_fields = ["move"]
    ordering = ["position", "pk"]
    extra = 1
    verbose_name_plural = _("Fallback chain: tried in this order where the model cannot make a picture")

    @admin.display(description=_("Order"))
    def move(self, link: FallbackLink) -> SafeString:
        return format_html(BUTTONS, gettext("Drag"), gettext("Earlier"), gettext("Later"))

    def formfield_for_dbfield(self, db_field: "Field[Any, Any]", request: HttpRequest, **options: Any) -> Any:
        """Without the buttons that lead to another model in the middle of this one."""
        if db_field.name != "next":
            return super().formfield_for_dbfield(db_field, request, **options)
        field: Any = super().formfield_for_dbfield(db_field, request, **options, queryset=_others(request))
        for right in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
            setattr(field.widget, right, False)
        return field

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("generator.view_aimodel") or self._may(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def _may(self, request: HttpRequest) -> bool:
        return request.user.has_perm("generator.change_aimodel")


def _others(request: HttpRequest) -> Any:
    """The other models that share a mode with the one of this page, offered or not; on a new entry all of them."""
    everything = AIModel.objects.order_by("position", "slug")
    match = request.resolver_match
    if match is None or "object_id" not in match.kwargs:
        return everything
    model = AIModel.objects.get(pk=match.kwargs["object_id"])
    chosen = request.POST.getlist("modes") or model.modes
    sharing = [other.pk for other in everything if other != model and not set(other.modes).isdisjoint(chosen)]
    return AIModel.objects.filter(pk__in=sharing).order_by("position", "slug")
