"""The pages of one picture."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PageRequest
from common.errors import InvalidInput
from gallery import access, export, kinship, provenance, queries, shelves, showing
from gallery.facts import facts, further
from gallery.forms import ImageForm
from gallery.models import Image
from gallery.services import images
from gallery.views import undoing
from gallery.views.looking import Within, looking


@require_safe
def image(request: PageRequest, image_id: UUID) -> HttpResponse:
    """One picture with its recipe, to its owner or to somebody it is shared with."""
    one = access.seen_image(request.user, image_id)
    return render(request, "gallery/image.html", _page(request, one, ImageForm(initial={"title": one.title})))


@require_POST
def image_change(request: PageRequest, image_id: UUID) -> HttpResponse:
    """Title, tags or favourite."""
    one = access.own_image(request.user, image_id)
    form = ImageForm(request.POST)
    tags = one.tags
    try:
        if form.is_valid():
            one = images.change(image=one, **form.changes(one))
    except InvalidInput as refusal:
        form.refuse(refusal)
    if form.errors:
        return render(request, "gallery/image.html", _page(request, one, form), status=422)
    if request.htmx:
        return render(request, "gallery/star.html", {"image": one})
    _offer_lost(request, one, tags)
    return redirect(undoing.next_page(request, reverse("image", args=[one.pk])))


@require_POST
def image_trash(request: PageRequest, image_id: UUID) -> HttpResponse:
    """Into the trash, with an undo."""
    one = images.trash(image=access.own_image(request.user, image_id))
    undoing.offer(request, _("The picture is in the trash."), "restore", ids=[str(one.pk)])
    return redirect(undoing.next_page(request, reverse("gallery")))


@require_POST
def image_restore(request: PageRequest, image_id: UUID) -> HttpResponse:
    """Back from the trash."""
    images.restore(image=access.own_image(request.user, image_id))
    messages.info(request, _("The picture is back in your gallery."))
    return redirect(undoing.next_page(request, reverse("gallery")))


def _offer_lost(request: PageRequest, one: Image, tags: list[str]) -> None:
    """An undo for the tag that the picture had and was to lose."""
    lost = request.POST.get("without_tag", "")
    if lost in tags and lost not in one.tags:
        said = ngettext("{count} picture lost the tag “{tag}”.", "{count} pictures lost the tag “{tag}”.", 1)
        undoing.offer(request, said.format(count=1, tag=lost), "selection.tag", ids=[str(one.pk)], tag=lost)


def _page(request: PageRequest, one: Image, form: ImageForm) -> dict[str, Any]:
    recipe = one.recipe or {}
    return {
        "image": one,
        "is_own": one.owner_id == request.user.pk,
        "name": one.title or recipe.get("prompt") or _("Source picture"),
        "form": form,
        "facts": facts(recipe),
        "further": further(recipe),
        "recipe_text": provenance.recipe_json(recipe, indent=2) if recipe else "",
        "formats": export.formats_of(one),
        "sides": (export.SIDE_MIN, export.SIDE_MAX),
        "shown": showing.shown(door=showing.Door("image", str(one.pk), one, True, str(one.pk)), reader=request.user),
        "family": kinship.family(one, request.user),
        **_walk(request, one),
        **(_own_parts(request, one) if one.owner_id == request.user.pk else {}),
    }


def _walk(request: PageRequest, one: Image) -> dict[str, Any]:
    """The neighbours in the collection they came from, or else, for its owner, in the search."""
    within = _within(request)
    beside = shelves.neighbours(within.collection, one) if within else None
    if within and beside:
        return {"search": within, "within": within, "newer": beside[0], "older": beside[1]}
    if one.owner_id != request.user.pk:
        return {}
    search = looking(request)
    newer, older = queries.neighbours(one, search.terms, search.sort)
    return {"search": search, "newer": newer, "older": older}


def _within(request: PageRequest) -> Within | None:
    """The collection that the address names, where they see it; an old link still leads to the picture."""
    try:
        return Within(access.seen_collection(request.user, request.GET["in"])) if "in" in request.GET else None
    except Http404:
        return None


def _own_parts(request: PageRequest, one: Image) -> dict[str, Any]:
    """What only the owner is offered: tags, collections."""
    return {"known_tags": kinship.tags_of(request.user), **shelves.chips(one, request.user)}
