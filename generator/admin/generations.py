"""Styles, and generations without their words and pictures."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from generator import telling
from generator.admin.fields import Row
from generator.models import Attempt, Generation, Style

SHOWN = (
    "model",
    "mode",
    "style",
    "width",
    "height",
    "steps",
    "guidance",
    "scheduler",
    "seed",
    "strength",
    "images",
)


@admin.register(Style)
class StyleAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "enabled", "position"]
    list_editable = ["enabled", "position"]
    search_fields = ["name", "slug"]
    ordering = ["position", "slug"]

    def get_changelist_form(self, request: HttpRequest, **options: Any) -> Any:
        """Fields of a row that say which row it is."""
        return super().get_changelist_form(request, form=Row, **options)


class AttemptInline(admin.TabularInline):
    model = Attempt
    fields = ("model", "provider", "outcome", "told", "paid_by", "started_at", "took")
    readonly_fields = fields
    ordering = ["pk"]
    extra = 0
    can_delete = False

    @admin.display(description=_("seconds"))
    def took(self, attempt: Attempt) -> str:
        return f"{attempt.seconds:.1f}"

    @admin.display(description=_("in words"))
    def told(self, attempt: Attempt) -> str:
        return telling.happened(attempt.code, attempt.facts) if attempt.code else ""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Generation)
class GenerationAdmin(admin.ModelAdmin):
    list_display = ["id", "owner", "status", "model", "mode", "images", "created_at", "finished_at"]
    list_filter = ["status", "model", "mode"]
    list_select_related = ["owner", "model"]
    ordering = ["-created_at", "-pk"]
    show_full_result_count = False
    inlines = [AttemptInline]
    fields = (
        *("id", "owner", "status", "model", "mode", "settings", "images", "queue", "attempt", "worker"),
        *("created_at", "started_at", "finished_at", "deadline", "served_by", "notice", "error"),
    )
    readonly_fields = fields

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """By the filters that are shown alone: a list that could be filtered by its prompts would tell them."""
        return lookup.partition("__")[0] in self.list_filter and super().lookup_allowed(lookup, value, request)

    @admin.display(description=_("Settings"))
    def settings(self, generation: Generation) -> str:
        """The parameters without the words."""
        return ", ".join(f"{name} {generation.request[name]}" for name in SHOWN if name in generation.request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
