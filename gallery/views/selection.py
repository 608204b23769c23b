"""What is done with many pictures at once: each says what it did, and how to undo it."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import PageRequest
from common.errors import DomainError, InvalidInput
from gallery import access, archive, shelves
from gallery.models import Image
from gallery.services import collections, selection
from gallery.views import undoing
from gallery.views.gallery import counts
from gallery.views.looking import ENDLESS, looking

COMPARED = 2


class TooManySelected(DomainError):
    """More pictures than are acted on at once."""

    code = "too_many_selected"
    status = 422


class Unusable(DomainError):
    """What was written beside a button is refused; its first problem is said."""

    status = 422

    def __init__(self, refusal: InvalidInput) -> None:
        _field, self.code, arguments = refusal.errors[0]
        super().__init__(**arguments)


@require_POST
def selected(request: PageRequest) -> HttpResponseBase:
    """Do what the pressed button says with the ticked pictures.

    Raises `Http404` where one of them is not this person's, `TooManySelected`, `Unusable`, and what the services raise.
    """
    ids = chosen(request)
    action = ACTIONS.get(_asked(request))
    if action is None:
        raise Http404
    if not ids:
        messages.info(request, _("Select some pictures first."))
        return _answer(request)
    try:
        return action(request, ids)
    except InvalidInput as refusal:
        raise Unusable(refusal) from refusal


def chosen(request: PageRequest) -> list[str]:
    """The ids of the ticked pictures, each once, all of them this person's. Raises `Http404`, `TooManySelected`."""
    sent = dict.fromkeys(request.POST.getlist("ids"))
    if len(sent) > selection.MOST:
        raise TooManySelected(most=selection.MOST)
    try:
        ids = list(dict.fromkeys(str(UUID(each)) for each in sent))
    except ValueError as error:
        raise Http404 from error
    if Image.objects.owned_by(request.user).filter(pk__in=ids).count() != len(ids):
        raise Http404
    return ids


def trash(request: PageRequest, ids: list[str]) -> HttpResponse:
    """Into the trash."""
    gone = selection.trash(user=request.user, ids=ids)
    said = ngettext("{count} picture is in the trash.", "{count} pictures are in the trash.", len(gone))
    _offer(request, said, gone, "restore")
    if request.session.get(ENDLESS):
        return _answer(request, gone=ids)
    return redirect(_back(request))


def tag(request: PageRequest, ids: list[str]) -> HttpResponse:
    """One more tag for each, or several."""
    name, *others = names = _tags(request)
    if others:
        tagged, number = _each_of(request, ids, names, selection.tag)
        said = ngettext("{count} picture got {tags} tags.", "{count} pictures got {tags} tags.", number)
        return _tagged(request, said.format(count=number, tags=len(names)), "selection.untag_each", tagged)
    new = selection.tag(user=request.user, ids=ids, tag=name)
    said = ngettext("{count} picture got the tag “{tag}”.", "{count} pictures got the tag “{tag}”.", len(new))
    _offer(request, said, new, "selection.untag", tag=name)
    return _answer(request)


def untag(request: PageRequest, ids: list[str]) -> HttpResponse:
    """A tag off each, or several."""
    name, *others = names = _tags(request)
    if others:
        tagged, number = _each_of(request, ids, names, selection.untag)
        said = ngettext("{count} picture lost {tags} tags.", "{count} pictures lost {tags} tags.", number)
        return _tagged(request, said.format(count=number, tags=len(names)), "selection.tag_each", tagged)
    bare = selection.untag(user=request.user, ids=ids, tag=name)
    said = ngettext("{count} picture lost the tag “{tag}”.", "{count} pictures lost the tag “{tag}”.", len(bare))
    _offer(request, said, bare, "selection.tag", tag=name)
    return _answer(request)


def favourite(request: PageRequest, ids: list[str]) -> HttpResponse:
    """Favourites all of them, or none where all of them were."""
    changed = selection.favourite(user=request.user, ids=ids, favourite=True)
    said = ngettext("{count} picture is a favourite.", "{count} pictures are favourites.", len(changed))
    stars = bool(changed)
    if not stars:
        changed = selection.favourite(user=request.user, ids=ids, favourite=False)
        said = ngettext("{count} picture is no favourite.", "{count} pictures are no favourites.", len(changed))
    _offer(request, said, changed, "selection.favourite", favourite=not stars)
    return _answer(request, changed=changed)


def collect(request: PageRequest, ids: list[str]) -> HttpResponse:
    """Into the collection of the pressed button, or into a new one of the name that was written."""
    user, wanted = request.user, request.POST.get("collection", "")
    chosen = access.edited_collection(user, wanted) if wanted else None
    rows = {str(image.pk): image for image in Image.objects.owned_by(user).filter(pk__in=ids)}
    listed = [rows[pk] for pk in ids if pk in rows]
    name = request.POST.get("name", "")
    collection, new = collections.collect(user=user, images=listed, collection=chosen, name=name)
    said = ngettext("{count} picture went into “{name}”.", "{count} pictures went into “{name}”.", len(new))
    words = {"name": collection.name}
    _offer(request, said, new, "collections.take_out", words, collection=str(collection.pk))
    return _answer(request, collections=shelves.collections_for(user))


def download(request: PageRequest, ids: list[str], *, recipes: bool = True) -> StreamingHttpResponse:
    """All of them in one archive, in the order they were listed; without `recipes` no file has one."""
    listed = [UUID(each) for each in ids]
    return archive.response(request, listed, user=request.user, name=_("pictures"), recipes=recipes)


def compare(request: PageRequest, ids: list[str]) -> HttpResponse:
    """Two of them over each other."""
    if len(ids) != COMPARED:
        messages.info(request, _("Select two pictures to compare them."))
        return _answer(request)
    return redirect("compare", *ids)


ACTIONS: dict[str, Callable[[PageRequest, list[str]], HttpResponseBase]] = {
    "trash": trash,
    "tag": tag,
    "untag": untag,
    "favourite": favourite,
    "collect": collect,
    "download": download,
    "download_without_recipes": partial(download, recipes=False),
    "compare": compare,
}


def _tags(request: PageRequest) -> list[str]:
    """What was written between commas, each once; a tag that is empty where there is none."""
    written = (name.strip() for name in request.POST.get("tag", "").split(","))
    return list(dict.fromkeys(name for name in written if name)) or [""]


@transaction.atomic
def _each_of(
    request: PageRequest, ids: list[str], names: list[str], do: Callable[..., list[str]]
) -> tuple[dict[str, list[str]], int]:
    """With every tag or, where one is refused, with none: of each the pictures that changed, and how many all are."""
    tagged = {each: changed for each in names if (changed := do(user=request.user, ids=ids, tag=each))}
    return tagged, len({pk for changed in tagged.values() for pk in changed})


def _tagged(request: PageRequest, said: str, way: str, tagged: dict[str, list[str]]) -> HttpResponse:
    """Say what came of several tags; what changed nothing has no undo."""
    if tagged:
        undoing.offer(request, said, way, tagged=tagged)
    else:
        messages.info(request, said)
    return _answer(request)


def _asked(request: PageRequest) -> str:
    """The pressed button; where somebody pressed Enter, what they wrote tells which."""
    named = request.POST.get("collection") or request.POST.get("name")
    tagged = request.POST.get("tag")
    return request.POST.get("do") or ("collect" if named and not tagged else "tag")


def _offer(
    request: PageRequest, said: str, changed: list[str], way: str, words: dict[str, str] | None = None, **arguments: Any
) -> None:
    """Say it; what changed nothing has no undo."""
    words = words or {name: value for name, value in arguments.items() if isinstance(value, str)}
    said = said.format(count=len(changed), **words)
    if changed:
        undoing.offer(request, said, way, ids=changed, **arguments)
    else:
        messages.info(request, said)


def _back(request: PageRequest) -> str:
    return undoing.next_page(request, looking(request).address)


def _answer(
    request: PageRequest, *, changed: Sequence[str] = (), gone: Sequence[str] = (), **context: Any
) -> HttpResponse:
    """For htmx only what became different, so that the selection and the place stay; otherwise the page again."""
    if not request.htmx:
        return redirect(_back(request))
    stars = Image.objects.owned_by(request.user).filter(pk__in=changed)
    context |= {"stars": stars, "gone": gone, **counts(request.user, looking(request))}
    response = render(request, "gallery/selected.html", context)
    response["HX-Reswap"] = "none"
    return response
