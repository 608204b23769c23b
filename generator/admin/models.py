"""The catalogue for curators: what a model may do, its chain, how it does, and checks."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from common.errors import DomainError
from generator import catalogue, curating, health, limits, spending
from generator.admin import entry, panel
from generator.admin.chain import ChainInline
from generator.admin.fields import Row
from generator.backends.base import BackendError
from generator.models import AIModel, Breaker

LISTS = ("modes", "specialties")


@admin.register(AIModel)
class AIModelAdmin(admin.ModelAdmin):
    """A curator of models also orders chains, starts checks and reopens what failed."""

    form = entry.EntryForm
    fieldsets = entry.FIELDSETS
    inlines = [ChainInline]
    list_display = ["name", "backend", "enabled", "state", "success", "checked_at", "position"]
    list_editable = ["enabled", "position"]
    list_filter = ["backend", "enabled"]
    search_fields = ["name", "slug", "repo_id"]
    ordering = ["position", "slug"]
    formfield_overrides = {
        models.URLField: {"assume_scheme": "https"},
        models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple},
    }

    class Media:
        js = [forms.Script("js/chain.js", defer=True)]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[AIModel]":
        return health.with_day(super().get_queryset(request))

    def get_changelist_form(self, request: HttpRequest, **options: Any) -> Any:
        """Fields of a row that say which row it is."""
        return super().get_changelist_form(request, form=Row, **options)

    def get_readonly_fields(self, request: HttpRequest, obj: AIModel | None = None) -> list[str]:
        """The slug stays: programs, and the next release of the catalogue, know the entry by it."""
        return ["slug"] if obj else []

    @admin.display(description=_("health"))
    def state(self, model: AIModel) -> str:
        return panel.state(model, calls=model.day_calls or 0)  # type: ignore[attr-defined]

    @admin.display(description=_("success of the day"))
    def success(self, model: AIModel) -> str:
        calls, pictures = model.day_calls, model.day_pictures  # type: ignore[attr-defined]
        return panel.percent((pictures or 0) / calls if calls else None)

    @admin.display(description=_("last check"))
    def checked_at(self, model: AIModel) -> str:
        found = [each.at for each in (health.picture_check(model), health.lookup(model)) if each]
        return gettext("%(time)s ago") % {"time": timesince(max(found), depth=1)} if found else "–"

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What the address says, with its lists apart."""
        initial: dict[str, Any] = dict(super().get_changeform_initial_data(request))
        return {name: value.split(",") if name in LISTS else value for name, value in initial.items()}

    def save_model(self, request: HttpRequest, obj: AIModel, form: Any, change: bool) -> None:
        """Only what was changed: a check may have written its result meanwhile."""
        if not change:
            obj.save()
            return
        columns = {column.name for column in AIModel._meta.concrete_fields}
        obj.save(update_fields=[name for name in form.changed_data if name in columns])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        catalogue.number_chain(form.instance)

    def get_urls(self) -> list[URLPattern]:
        def door(view: Any) -> Any:
            return self.admin_site.admin_view(view)

        return [
            path("look-up/", door(require_GET(self.look_up)), name="generator_aimodel_look_up"),
            path("spending/", door(require_GET(self.spent)), name="generator_aimodel_spending"),
            path("<uuid:pk>/check/", door(require_POST(self.check_now)), name="generator_aimodel_check"),
            path("<uuid:pk>/reopen/<uuid:breaker>/", door(require_POST(self.reopen)), name="generator_aimodel_reopen"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        model = self.get_object(request, object_id)
        shown = {"panel": panel.panel(model)} if model and self.has_view_permission(request, model) else {}
        return super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})

    def check_now(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Have a worker make a small picture with the model."""
        model = self._changeable(request, pk)
        try:
            curating.check(model=model)
        except DomainError as refusal:
            messages.error(request, refusal.message)
        return redirect("admin:generator_aimodel_change", pk)

    def reopen(self, request: HttpRequest, pk: UUID, breaker: UUID) -> HttpResponse:
        """Let calls through again that a breaker of the model keeps back."""
        model = self._changeable(request, pk)
        found = Breaker.objects.filter(pk=breaker, repo_id=model.repo_id).first()
        if found:  # otherwise its time was over: it is open to calls already
            curating.reopen(breaker=found)
        messages.success(request, gettext("It is open to calls again."))
        return redirect("admin:generator_aimodel_change", pk)

    def look_up(self, request: HttpRequest) -> HttpResponse:
        """A new entry with what the Hub knows of a repository filled in."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        repo_id = request.GET.get("repo_id", "").strip()
        could_be = limits.REPOSITORY.fullmatch(repo_id)  # PostgreSQL knows no text with NUL in it
        if known := AIModel.objects.filter(repo_id__iexact=repo_id).first() if could_be else None:
            messages.info(request, gettext("This model is in the catalogue already."))
            return redirect("admin:generator_aimodel_change", known.pk)
        try:
            found = curating.look_up(repo_id=repo_id)
        except BackendError as failure:
            messages.error(request, panel.sentence(failure.code, failure.facts))
            return redirect(f"{reverse('admin:generator_aimodel_add')}?{urlencode({'repo_id': repo_id[:200]})}")
        filled = entry.fill(found)
        for warning in filled.warnings:
            messages.warning(request, warning)
        if found.served:
            messages.info(request, gettext("Served today by: %(names)s.") % {"names": entry.served_by(found)})
        return redirect(f"{reverse('admin:generator_aimodel_add')}?{urlencode(filled.values)}")

    def spent(self, request: HttpRequest) -> HttpResponse:
        """What pictures of providers were paid, by day and model."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("What was spent"),
            "opts": self.opts,
            "lines": spending.lines(),
            "today": spending.of_today(),
        }
        return TemplateResponse(request, "admin/generator/aimodel/spending.html", context)

    def _changeable(self, request: HttpRequest, pk: UUID) -> AIModel:
        model = get_object_or_404(AIModel, pk=pk)
        if not self.has_change_permission(request, model):
            raise PermissionDenied
        return model
