"""Collections: the list, one of them, its order and what is in it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.access import PageRequest
from common.errors import InvalidInput
from gallery import access, shelves
from gallery import archive as archives
from gallery.forms import CollectionForm, RefusableForm, ShareForm
from gallery.models import Collection, Image
from gallery.services import collections as services
from gallery.services import searches
from gallery.services.searches import Smart
from gallery.views import undoing
from gallery.views.looking import Within

MOVES = ("first", "earlier", "later", "last", "place")
SHOWN = (*shelves.SHOWN, "searches")
SEARCHES_SHOWN = 5
SEARCHES_A_PAGE = 12


@require_safe
def collections(request: PageRequest) -> HttpResponse:
    """The collections that they see, theirs and those shared with them."""
    return _shelf(request, CollectionForm())


@require_POST
def create(request: PageRequest) -> HttpResponse:
    """A new collection, empty."""
    form = CollectionForm(request.POST)
    made = _tried(form, lambda: services.create(user=request.user, **form.cleaned_data))
    if made is None:
        return _shelf(request, form, status=422)
    return redirect("collection", made.pk)


@require_safe
def collection(request: PageRequest, collection_id: UUID) -> HttpResponse:
    """One collection, a page of its pictures in order."""
    one = access.seen_collection(request.user, collection_id)
    return page(request, one)


@require_POST
def change(request: PageRequest, collection_id: UUID) -> HttpResponse:
    """Name and description."""
    one = access.own_collection(request.user, collection_id)
    form = CollectionForm(request.POST)
    if _tried(form, lambda: services.change(collection=one, **form.cleaned_data)) is None:
        one.refresh_from_db()
        return page(request, one, form=form, status=422)
    return redirect("collection", one.pk)


@require_POST
def cover(request: PageRequest, collection_id: UUID) -> HttpResponse:
    """The picture that stands for the collection; none chosen: its first."""
    one = access.own_collection(request.user, collection_id)
    chosen = None if "clear" in request.POST else _in(one, request.POST.get("image", ""))
    services.change(collection=one, cover=chosen)
    undoing.remind(request)
    messages.info(request, _("This picture is the cover now.") if chosen else _("The first picture is the cover now."))
    return redirect(undoing.next_page(request, reverse("collection", args=[one.pk])))


@require_POST
def delete(request: PageRequest, collection_id: UUID) -> HttpResponse:
    """Away with it, with an undo; its pictures stay in the gallery."""
    one = access.own_collection(request.user, collection_id)
    services.delete(user=request.user, collection=one)
    said = _("The collection is deleted. Its pictures are still in the gallery.")
    undoing.offer(request, said, "collections.restore", collection=str(one.pk))
    return redirect("collections")


@require_POST
def move(request: PageRequest, collection_id: UUID) -> HttpResponse:
    """A picture to another place: right after the picture `after` ("" is before all), or `to` one of `MOVES`, of which
    "place" is the one of the number `place`."""
    one = access.edited_collection(request.user, collection_id)
    image = _in(one, request.POST.get("image", ""))
    to, after = request.POST.get("to", ""), request.POST.get("after", "")
    if to and to not in MOVES:
        raise InvalidInput([("to", "not_a_choice", {"choices": ", ".join(MOVES)})])
    back = undoing.next_page(request, reverse("collection", args=[one.pk])) + f"#more-{image.pk}"
    if to or not request.htmx:
        undoing.remind(request)
    if to == "place":
        _put_at(request, one, image)
        return redirect(back)
    beside = shelves.place_beside(one, image, to) if to else _in(one, after).pk if after else None
    services.move(collection=one, image=image, after=beside)
    return HttpResponse(status=204) if request.htmx and not to else redirect(back)


@require_POST
def take_out(request: PageRequest, collection_id: UUID) -> HttpResponse:
    """Pictures out of the collection, with an undo; they stay in the gallery of their owner."""
    one = access.seen_collection(request.user, collection_id)
    image = _in(one, request.POST.get("image", ""))
    if image.owner_id != request.user.pk:
        access.edited_collection(request.user, collection_id)
    places = services.take_out(user=request.user, collection=one, images=[image])
    said = _("The picture is out of the collection “%(name)s”.") % {"name": one.name}
    undoing.offer(request, said, "collections.put_back", collection=str(one.pk), places=places)
    return redirect(undoing.next_page(request, reverse("collection", args=[one.pk])))


@require_POST
def image_collect(request: PageRequest, image_id: UUID) -> HttpResponse:
    """One of their pictures into a collection, or into a new one where `name` is given."""
    image = access.own_image(request.user, image_id)
    name = request.POST.get("name", "").strip()
    chosen = None if name else access.edited_collection(request.user, request.POST.get("collection", ""))
    one, added = services.collect(user=request.user, images=[image], collection=chosen, name=name)
    said = ngettext(
        "%(count)s picture is in “%(name)s” now.", "%(count)s pictures are in “%(name)s” now.", len(added)
    ) % {"count": len(added), "name": one.name}
    if added:
        undoing.offer(request, said, "collections.take_out", collection=str(one.pk), ids=added)
    return redirect(undoing.next_page(request, reverse("image", args=[image.pk])))


@require_GET
def archive(request: PageRequest, collection_id: UUID) -> StreamingHttpResponse:
    """All of it as a ZIP; with `?recipes=0` the recipes are left out."""
    one = access.seen_collection(request.user, collection_id)
    recipes = request.GET.get("recipes", "1") != "0"
    return archives.response(request, shelves.image_ids(one), user=request.user, name=one.name, recipes=recipes)


def page(
    request: PageRequest,
    one: Collection,
    *,
    form: RefusableForm | None = None,
    share_form: RefusableForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a collection, with the forms as they stand."""
    role = shelves.role_of(one, request.user)
    shown = shelves.contents(one, cursor=request.GET.get("cursor", ""))
    context: dict[str, Any] = {
        "collection": shelves.with_looks(Collection.objects.filter(pk=one.pk)).get(),
        "page": shown,
        "start": (shown.newer and shelves.image_before(one, shown.rows[0])) or "",
        "role": role,
        "may_edit": role != "viewer",
        "walk": Within(one).query,
    }
    if role == shelves.OWNER:
        context["form"] = form or CollectionForm(initial={"name": one.name, "description": one.description})
        context["share_form"] = share_form or ShareForm()
        context["members"] = one.members.select_related("user").order_by("created_at", "pk")
    return render(request, "gallery/collections/collection.html", context, status=status)


def _put_at(request: PageRequest, one: Collection, image: Image) -> None:
    """The picture at the place that was written, or why not."""
    place = request.POST.get("place", "").strip()
    try:
        services.move(collection=one, image=image, after=shelves.beside_place(one, image, place))
    except shelves.NoSuchPlace as refusal:
        messages.info(request, refusal.message)
    else:
        messages.info(request, _("The picture is at place %(place)s now.") % {"place": int(place)})


def _shelf(request: PageRequest, form: RefusableForm, status: int = 200) -> HttpResponse:
    show, cursor = request.GET.get("show", "all"), request.GET.get("cursor", "")
    if show not in SHOWN:
        raise InvalidInput([("show", "not_a_choice", {"choices": ", ".join(SHOWN)})])
    kept = searches.smart(request.user) if show == "searches" or (show == "all" and not cursor) else []
    shown, turning = _some(kept, cursor) if show == "searches" else (kept[:SEARCHES_SHOWN], {})
    context = {
        "page": None if show == "searches" else shelves.shelf(request.user, show=show, cursor=cursor),
        "searches": shown,
        "turning": turning,
        "more_searches": show == "all" and len(kept) > SEARCHES_SHOWN,
        "show": show,
        "form": form,
    }
    return render(request, "gallery/collections/collections.html", context, status=status)


def _some(kept: list[Smart], cursor: str) -> tuple[list[Smart], dict[str, str]]:
    """A page of the searches and the cursors of those beside it: what each finds is looked up whenever it is shown.

    Raises `InvalidInput`.
    """
    if cursor and not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 4):
        raise InvalidInput([("cursor", "bad_cursor", {})])
    start, most = int(cursor or 0), SEARCHES_A_PAGE
    newer = str(max(0, start - most)) if start else ""
    return kept[start : start + most], {"newer": newer, "older": str(start + most) if kept[start + most :] else ""}


def _in(one: Collection, image_id: str) -> Image:
    """A picture of this collection. Raises `Http404`."""
    try:
        return Image.objects.get(entries__collection=one, pk=UUID(image_id))
    except (Image.DoesNotExist, ValueError) as error:
        raise Http404 from error


def _tried(form: RefusableForm, act: Any) -> Any:
    """What the service gave; None where it or the form refused, which the form then says."""
    try:
        return act() if form.is_valid() else None
    except InvalidInput as refusal:
        form.refuse(refusal)
        return None
