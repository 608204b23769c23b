"""What is closed to calls for a while, and the way to open it again."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin import ReadOnly
from generator import curating, telling
from generator.models import Breaker


@admin.register(Breaker)
class BreakerAdmin(ReadOnly):
    """Curators of models look at these and reopen them; nothing else can be changed."""

    list_display = ["subject", "whose", "told", "failures", "failed_at", "open_until", "is_open"]
    list_display_links = None
    list_filter = ["provider"]
    search_fields = ["repo_id", "provider"]
    ordering = ["-failed_at", "-pk"]
    actions = ["reopen"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("generator.view_aimodel")

    def has_reopen_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("generator.change_aimodel")

    @admin.display(description=_("What"))
    def subject(self, breaker: Breaker) -> str:
        named = " · ".join(part for part in (breaker.repo_id, breaker.provider) if part)
        return named or str(_("everything"))

    @admin.display(description=_("For whom"))
    def whose(self, breaker: Breaker) -> str:
        return str(_("one account") if breaker.account else _("everybody"))

    @admin.display(description=_("Why"))
    def told(self, breaker: Breaker) -> str:
        return telling.happened(breaker.code, {})

    @admin.display(description=_("Closed now"), boolean=True)
    def is_open(self, breaker: Breaker) -> bool:
        return breaker.open_until is not None and breaker.open_until > timezone.now()

    @admin.action(description=_("Reopen now"), permissions=["reopen"])
    def reopen(self, request: HttpRequest, chosen: "QuerySet[Breaker]") -> None:
        breakers = list(chosen)
        for breaker in breakers:
            curating.reopen(breaker=breaker)
        count = len(breakers)
        self.message_user(
            request, ngettext("%(count)d is open to calls again.", "%(count)d are open to calls again.", count)
            % {"count": count},
        )  # fmt: skip
