"""The gallery's pages."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PageRequest
from common.errors import InvalidInput
from gallery import access, queries
from gallery.facts import facts
from gallery.forms import ImageForm
from gallery.models import Image
from gallery.services import images
from gallery.sweeper import TRASH_KEPT

VARIATIONS_SHOWN = 8


@require_safe
def gallery(request: PageRequest) -> HttpResponse:
    """All pictures, newest first."""
    page = queries.page(request.user, cursor=request.GET.get("cursor", ""))
    count = Image.objects.visible_to(request.user).kept().generated().count()
    return render(request, "gallery/gallery.html", {"page": page, "count": count})


@require_safe
def image(request: PageRequest, image_id: UUID) -> HttpResponse:
    """One picture with its recipe."""
    one = access.own_image(request.user, image_id)
    return render(request, "gallery/image.html", _page(one, ImageForm(initial={"title": one.title})))


@require_safe
def trash(request: PageRequest) -> HttpResponse:
    """What was deleted, and the day on which each is gone."""
    page = queries.page(request.user, cursor=request.GET.get("cursor", ""), trash=True)
    leaving = [(one, one.deleted_at + TRASH_KEPT) for one in page.images if one.deleted_at]
    return render(request, "gallery/trash.html", {"page": page, "leaving": leaving})


@require_POST
def image_change(request: PageRequest, image_id: UUID) -> HttpResponse:
    """Title or favourite."""
    one = access.own_image(request.user, image_id)
    form = ImageForm(request.POST)
    try:
        if form.is_valid():
            one = images.change(image=one, **form.changes())
    except InvalidInput as refusal:
        form.refuse(refusal)
    if form.errors:
        return render(request, "gallery/image.html", _page(one, form), status=422)
    if request.htmx:
        return render(request, "gallery/star.html", {"image": one})
    return redirect(_next(request, reverse("image", args=[one.pk])))


@require_POST
def image_trash(request: PageRequest, image_id: UUID) -> HttpResponse:
    """Into the trash, with an undo."""
    one = images.trash(image=access.own_image(request.user, image_id))
    messages.info(request, _("The picture is in the trash."), extra_tags=reverse("image_restore", args=[one.pk]))
    return redirect(_next(request, reverse("gallery")))


@require_POST
def image_restore(request: PageRequest, image_id: UUID) -> HttpResponse:
    """Back from the trash."""
    images.restore(image=access.own_image(request.user, image_id))
    messages.info(request, _("The picture is back in your gallery."))
    return redirect(_next(request, reverse("gallery")))


def _page(one: Image, form: ImageForm) -> dict[str, object]:
    newer, older = queries.neighbours(one)
    return {
        "image": one,
        "name": one.title or (one.recipe or {}).get("prompt") or _("Source picture"),
        "form": form,
        "facts": facts(one.recipe or {}),
        "newer": newer,
        "older": older,
        "variations": one.variations.kept().newest_first()[:VARIATIONS_SHOWN],
    }


def _next(request: PageRequest, otherwise: str) -> str:
    """Where the form wants to go, if that is a page of ours."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else otherwise
