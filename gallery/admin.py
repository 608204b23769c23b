"""The back office of pictures: curators see what is shared or reported, publish it, or take it down.

A private picture and its words are never shown.
"""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import signed_in
from accounts.admin import ReadOnly
from common.errors import DomainError
from gallery import files, showing
from gallery.models import Image, Report, Share
from gallery.services import sharing

PICTURE = '<a href="{}"><img src="{}" width="{}" height="{}" alt="{}"></a>'
SMALL_PICTURE = '<img src="{}?small" width="{}" height="{}" alt="{}" loading="lazy">'
SIDE, SMALL_SIDE = 320, 72


class Curated(ReadOnly):
    """Nothing is written in fields: what changes is an action, for who may change the rows."""

    def has_act_permission(self, request: HttpRequest) -> bool:
        """The right that the actions ask for."""
        return request.user.has_perm(f"gallery.change_{self.opts.model_name}")


class VisibilityFilter(admin.SimpleListFilter):
    """Who sees a picture: all, those with a link, or nobody else."""

    title = _("visibility")
    parameter_name = "visibility"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("unlisted", _("shared by a link")), ("public", _("in the showcase")), ("private", _("private"))]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Image]") -> "QuerySet[Image]":
        if self.value() == "public":
            return queryset.filter(published_at__isnull=False)
        if self.value() in {"unlisted", "private"}:
            return queryset.filter(Q(("has_link", self.value() == "unlisted")), published_at=None)
        return queryset


@admin.register(Image)
class ImageAdmin(Curated):
    list_display = ["small", "id", "handle", "created_at", "size", "seen_by", "published_at"]
    list_display_links = ["id"]
    list_filter = [VisibilityFilter, "origin"]
    list_select_related = ["owner"]
    ordering = ["-created_at", "-pk"]
    search_fields = ["owner__handle"]
    search_help_text = _("The id of a picture, or the start of its owner's handle.")
    show_full_result_count = False
    actions = ["publish", "withdraw"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Image]":
        """Each also knows whether a link opens it to everybody, and whether the showcase shows it."""
        opening = Share.objects.alive(timezone.now()).filter(image=OuterRef("pk"), password="")
        listed = Image.objects.published().filter(pk=OuterRef("pk"))
        return Image.objects.with_visibility().annotate(has_open_link=Exists(opening), is_listed=Exists(listed))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = search_term.strip()
        try:
            return queryset.filter(pk=UUID(term)), False
        except ValueError:
            return queryset.filter(owner__handle__startswith=term.lower()), False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """By the filters that are shown alone: a list that could be filtered by its prompts would tell them."""
        return lookup in {"origin", "origin__exact", "visibility"}

    def get_fields(self, request: HttpRequest, obj: Image | None = None) -> Any:
        """The picture and its title only where somebody else sees them already, or where one was reported."""
        told = ["picture", "words"] if obj and may_be_shown(obj) else []
        return [*told, "id", "owner", "origin", "created_at", "size", "format", "seen_by", "published_at"]

    @admin.display(description=_("picture"))
    def small(self, image: Image) -> SafeString | str:
        """Only what everybody may see, by a link without a password or in the showcase."""
        if not any(getattr(image, known, False) for known in ("has_open_link", "is_listed")):
            return ""
        address = reverse("admin:gallery_image_picture", args=[image.pk])
        sides = _sides(image, SMALL_SIDE)
        return format_html(SMALL_PICTURE, address, *sides, showing.name(image, recipe_shown=False))

    @admin.display(description=_("owner"), ordering="owner__handle")
    def handle(self, image: Image) -> str:
        return image.owner.handle

    @admin.display(description=_("size"))
    def size(self, image: Image) -> str:
        return f"{image.width}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}{image.height}"

    @admin.display(description=_("visibility"))
    def seen_by(self, image: Image) -> str:
        return {
            "private": gettext("private"),
            "unlisted": gettext("unlisted: by a link"),
            "public": gettext("public: in the showcase"),
        }[image.visibility]

    @admin.display(description=_("picture"))
    def picture(self, image: Image) -> SafeString:
        return thumbnail(image)

    @admin.display(description=_("words"))
    def words(self, image: Image) -> str:
        return words_of(image)

    @admin.action(description=_("Publish in the showcase"), permissions=["act"])
    def publish(self, request: HttpRequest, chosen: "QuerySet[Image]") -> None:
        published, refused = 0, ""
        for image in chosen:
            try:
                sharing.publish(image=image, by=signed_in(request))
            except DomainError as refusal:
                refused = refusal.message
            else:
                published += 1
                self.log_change(request, image, gettext("Published"))
        self.message_user(
            request,
            ngettext("%(count)d picture is in the showcase.", "%(count)d pictures are in the showcase.", published)
            % {"count": published},
        )
        if refused:
            self.message_user(request, refused, "WARNING")

    @admin.action(description=_("Withdraw from the showcase"), permissions=["act"])
    def withdraw(self, request: HttpRequest, chosen: "QuerySet[Image]") -> None:
        withdrawn = [image for image in chosen if image.published_at]
        for image in withdrawn:
            sharing.withdraw(image=image)
            self.log_change(request, image, gettext("Withdrawn"))
        count = len(withdrawn)
        self.message_user(
            request,
            ngettext("%(count)d picture is withdrawn.", "%(count)d pictures are withdrawn.", count) % {"count": count},
        )

    def get_urls(self) -> list[URLPattern]:
        door = self.admin_site.admin_view(require_safe(self.bytes_of))
        decide = self.admin_site.admin_view(require_POST(self.decide))
        return [
            path("<uuid:pk>/picture/", door, name="gallery_image_picture"),
            path("<uuid:pk>/decide/", decide, name="gallery_image_decide"),
            *super().get_urls(),
        ]

    def decide(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """One of the two actions, from the page of a picture. Raises `Http404` for who may not act."""
        chosen = self.get_queryset(request).filter(pk=pk)
        if not self.has_act_permission(request) or not chosen:
            raise Http404
        (self.withdraw if "withdraw" in request.POST else self.publish)(request, chosen)
        return redirect(_page_of(pk))

    def bytes_of(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The picture as bytes, under the same rule as on the page. Raises `Http404`."""
        image = self.get_queryset(request).filter(pk=pk).first()
        if image is None or not may_be_shown(image) or not self.has_view_permission(request, image):
            raise Http404
        return files.serve(request, image, 320 if "small" in request.GET else 640)


@admin.register(Report)
class ReportAdmin(Curated):
    """The open ones come first."""

    list_display = ["created_at", "reason", "picture_id", "maker", "reporter", "closed_at"]
    list_filter = ["reason", ("closed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["image__owner", "reporter"]
    ordering = [F("closed_at").desc(nulls_first=True), "-created_at", "-pk"]
    show_full_result_count = False
    fields = ("picture", "reason", "words", "maker", "reporter", "created_at", "closed_at")
    actions = ["close", "take_down"]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """By the filters that are shown alone."""
        return lookup in {"reason", "reason__exact", "closed_at__isempty"}

    @admin.display(description=_("image"))
    def picture_id(self, report: Report) -> SafeString:
        return format_html('<a href="{}">{}</a>', _page_of(report.image_id), report.image_id)

    @admin.display(description=_("owner"))
    def maker(self, report: Report) -> str:
        return report.image.owner.handle

    @admin.display(description=_("picture"))
    def picture(self, report: Report) -> SafeString | str:
        return thumbnail(report.image) if may_be_shown(report.image) else gettext("Nobody else sees it any more.")

    @admin.action(description=_("Close: nothing is wrong"), permissions=["act"])
    def close(self, request: HttpRequest, chosen: "QuerySet[Report]") -> None:
        closed = [report for report in chosen if sharing.close(report=report)]
        for report in closed:
            self.log_change(request, report, gettext("Closed"))
        self._say(request, len(closed))

    @admin.action(description=_("Take the picture down and close"), permissions=["act"])
    def take_down(self, request: HttpRequest, chosen: "QuerySet[Report]") -> None:
        reports = list(chosen.select_related("image"))
        for report in reports:
            sharing.take_down(report=report)
            said = gettext("Taken down: withdrawn, every link revoked, out of shared collections")
            self.log_change(request, report, said)
        self._say(request, len(reports))

    def get_urls(self) -> list[URLPattern]:
        door = self.admin_site.admin_view(require_POST(self.decide))
        return [path("<uuid:pk>/decide/", door, name="gallery_report_decide"), *super().get_urls()]

    def decide(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """One of the two actions, from the page of a report. Raises `Http404` for who may not act."""
        chosen = Report.objects.filter(pk=pk)
        if not self.has_act_permission(request) or not chosen:
            raise Http404
        (self.take_down if "take_down" in request.POST else self.close)(request, chosen)
        return redirect("admin:gallery_report_changelist")

    def _say(self, request: HttpRequest, count: int) -> None:
        said = ngettext("%(count)d report is closed.", "%(count)d reports are closed.", count)
        self.message_user(request, said % {"count": count})


def may_be_shown(image: Image) -> bool:
    """Whether a curator may look at it: it is shared, in the showcase, or an open report is about it."""
    is_seen = image.deleted_at is None and image.visibility != "private"
    return is_seen or image.reports.filter(closed_at=None).exists()


def thumbnail(image: Image) -> SafeString:
    """The picture at 320 pixels, leading to a larger one."""
    address = reverse("admin:gallery_image_picture", args=[image.pk])
    return format_html(PICTURE, address, address, *_sides(image, SIDE), words_of(image))


def words_of(image: Image) -> str:
    """What it is called, with its prompt only where a living link or the showcase shows that."""
    linked = Share.objects.alive(timezone.now()).filter(image=image, recipe_shown=True)
    listed = Image.objects.published().filter(pk=image.pk, recipe_shown=True)
    return showing.name(image, recipe_shown=linked.exists() or listed.exists())


def _sides(image: Image, most: int) -> tuple[int, int]:
    """Its width and height in a square of `most` pixels."""
    scale = min(1.0, most / max(image.width, image.height))
    return round(image.width * scale), round(image.height * scale)


def _page_of(pk: Any) -> str:
    return reverse("admin:gallery_image_change", args=[pk])
