"""The trash: what was thrown away, and how it comes back or goes for good."""

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PageRequest
from accounts.models import User
from gallery import orders, queries
from gallery.models import Image, ImageQuerySet
from gallery.services import selection
from gallery.sweeper import TRASH_KEPT
from gallery.views import undoing
from gallery.views.selection import chosen


@require_safe
def trash(request: PageRequest) -> HttpResponse:
    """What was thrown away, the latest first, and the day on which each is gone."""
    cursor = request.GET.get("cursor", "")
    page = orders.page(_lying(request.user), sort="deleted", size=queries.PAGE_SIZE, cursor=cursor)
    leaving = [(one, one.deleted_at + TRASH_KEPT) for one in page.rows if one.deleted_at]
    return render(request, "gallery/trash.html", {"page": page, "leaving": leaving, **_size(request.user)})


@require_POST
def restore(request: PageRequest) -> HttpResponse:
    """The ticked pictures back into the gallery, or all of the trash."""
    ids = None if "all" in request.POST else chosen(request)
    if ids == []:
        messages.info(request, _("Select some pictures first."))
        return redirect("trash")
    back = selection.restore(user=request.user, ids=ids)
    said = ngettext("{count} picture is back.", "{count} pictures are back.", len(back)).format(count=len(back))
    if 0 < len(back) <= selection.MOST:
        undoing.offer(request, said, "trash", ids=back)
    else:
        messages.info(request, said)
    return redirect(undoing.next_page(request, reverse("trash")))


@require_http_methods(["GET", "HEAD", "POST"])
def empty(request: PageRequest) -> HttpResponse:
    """Ask whether all of it shall go for good, and do it."""
    if request.method != "POST":
        return render(request, "gallery/trash_empty.html", _size(request.user))
    gone = selection.empty_trash(user=request.user)
    queries.forget_storage(request.user)
    said = ngettext("{count} picture is gone for good.", "{count} pictures are gone for good.", gone)
    messages.info(request, said.format(count=gone))
    return redirect("trash")


def _lying(user: User) -> ImageQuerySet:
    return Image.objects.owned_by(user).filter(deleted_at__isnull=False)


def _size(user: User) -> dict[str, int]:
    size = _lying(user).aggregate(count=Count("pk"), bytes=Sum("bytes"))
    return {"count": size["count"], "bytes": size["bytes"] or 0}
