"""People, plans, invitations, and the quota's books for curators. No prompts, no pictures."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models, transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import signed_in
from accounts.models import Invitation, LedgerEntry, Plan, ServerSpending, Usage, User
from accounts.services import plans, signup
from common.sentences import what_happened
from events.models import DeliveryTry, WebhookEndpoint

PRIVILEGES = ("is_staff", "is_superuser", "groups")


class ReadOnly(admin.ModelAdmin):
    """To look at, for whoever has the right to view it."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """A curator changes plans and closes accounts of people; only a superuser touches staff or gives rights."""

    list_display = ["handle", "email", "name", "plan", "is_active", "is_staff", "date_joined"]
    list_filter = ["plan", "is_active", "is_staff"]
    list_select_related = ["plan"]
    search_fields = ["email", "handle", "name"]
    ordering = ["-date_joined", "-pk"]
    fields = ["email", "handle", "name", "language", "plan", "is_active", *PRIVILEGES, "date_joined", "last_login"]
    readonly_fields = ["email", "handle", "date_joined", "last_login"]
    formfield_overrides = {models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        own = [] if request.user.is_superuser else [*PRIVILEGES]
        return [*self.readonly_fields, *own]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """A list that could be filtered by the password's hash would tell it, letter by letter."""
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is not None and (obj.is_staff or obj.is_superuser) and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Another plan goes through the service that also moves today's limit."""
        own = [name for name in form.changed_data if name not in {"plan", "groups"}]
        with transaction.atomic():
            if own:
                obj.save(update_fields=own)
            if "plan" in form.changed_data:
                plans.change(user=obj, plan=obj.plan)


@admin.register(Plan)
class PlanAdmin(admin.ModelAdmin):
    """Numbers of a plan. A new daily number counts from tomorrow for who made a picture today."""

    list_display = ["slug", "name", "daily_images", "max_pixels", "running_max", "queued_max", "weight"]
    ordering = ["position", "slug"]

    def get_readonly_fields(self, request: HttpRequest, obj: Plan | None = None) -> list[str]:
        return ["slug"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Plan | None = None) -> bool:
        """The plan of newcomers stays."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.slug != "free")


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):
    """Its link is shown once, when it is made."""

    list_display = ["__str__", "created_by", "created_at", "expires_at", "used_at", "used_by"]
    list_select_related = ["created_by", "used_by"]
    ordering = ["-created_at", "-pk"]
    fields = ["email"]

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        made, key = signup.invite(by=signed_in(request), email=obj.email)
        obj.pk = made.pk
        obj.refresh_from_db()
        messages.success(
            request, _("Give this link to the person; it is not shown again: %(link)s") % {"link": signup.link(key)}
        )


@admin.register(Usage)
class UsageAdmin(ReadOnly):
    list_display = ["user", "day", "limit", "used", "reserved"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__handle"]
    date_hierarchy = "day"
    ordering = ["-day", "-pk"]


@admin.register(ServerSpending)
class ServerSpendingAdmin(ReadOnly):
    list_display = ["day", "images"]
    date_hierarchy = "day"
    ordering = ["-day"]


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnly):
    list_display = ["created_at", "person", "day", "kind", "amount", "reference"]
    list_select_related = ["usage__user"]
    list_filter = ["kind"]
    search_fields = ["reference", "usage__user__email", "usage__user__handle"]
    ordering = ["-created_at", "-pk"]

    @admin.display(description=_("person"))
    def person(self, entry: LedgerEntry) -> str:
        return str(entry.usage.user or "")

    @admin.display(description=_("day"))
    def day(self, entry: LedgerEntry) -> str:
        return entry.usage.day.isoformat()


@admin.register(WebhookEndpoint)
class WebhookAdmin(ReadOnly):
    """Where programs are told, without what they are told, the secret, or more of the address than its host."""

    list_display = ["handle", "host", "enabled", "why_off", "failed_tries", "created_at"]
    list_filter = ["enabled", "disabled_code"]
    list_select_related = ["user"]
    search_fields = ["user__handle"]
    search_help_text = _("The start of the owner's handle.")
    show_full_result_count = False
    ordering = ["-created_at", "-pk"]
    fields = ["handle", "host", "enabled", "why_off", "disabled_at", "failed_tries", "created_at"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[WebhookEndpoint]":
        """With `failed`: how many tries of the last day were not answered with a 2xx."""
        tries = DeliveryTry.objects.filter(
            delivery__endpoint=OuterRef("pk"), started_at__gte=timezone.now() - timedelta(days=1)
        ).exclude(status__range=(200, 299))
        counted = tries.order_by().values("delivery__endpoint").annotate(amount=Count("pk")).values("amount")
        return super().get_queryset(request).annotate(failed=Coalesce(Subquery(counted), 0))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.filter(user__handle__startswith=search_term.strip().lower()), False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """By the filters that are shown alone: a list that could be filtered by its addresses would tell them."""
        return lookup.partition("__")[0] in {"enabled", "disabled_code"}

    @admin.display(description=_("owner"), ordering="user__handle")
    def handle(self, webhook: WebhookEndpoint) -> str:
        return webhook.user.handle

    @admin.display(description=_("host"))
    def host(self, webhook: WebhookEndpoint) -> str:
        return webhook.host

    @admin.display(description=_("why it is off"))
    def why_off(self, webhook: WebhookEndpoint) -> str:
        return what_happened(webhook.disabled_code) if webhook.disabled_code else ""

    @admin.display(description=_("failed tries in a day"))
    def failed_tries(self, webhook: WebhookEndpoint) -> int:
        return webhook.failed  # type: ignore[attr-defined]
