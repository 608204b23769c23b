"""A toast that says what was done and offers to undo it, once, for as long as the session remembers it."""

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import PageRequest
from accounts.models import User
from common.ids import new_id
from gallery.services import collections, members, searches, selection, sharing

REMEMBERED = "undo"
KEPT, KEPT_BYTES = 10, 400_000
"""Offers of a session, and bytes of them: the oldest make room, whatever many ids they name."""
OPEN = 600
"""Seconds for which what else somebody does shows an offer again."""
SHOWN = 4
"""Toasts on a page."""
UNDONE = "undone"
"""Marks the toast that comes where the offer stood."""

WAYS: dict[str, Callable[..., Any]] = {
    "restore": selection.restore,
    "trash": selection.trash,
    "selection.tag": selection.tag,
    "selection.untag": selection.untag,
    "selection.tag_each": selection.tag_each,
    "selection.untag_each": selection.untag_each,
    "selection.favourite": selection.favourite,
    "collections.restore": collections.restore,
    "collections.take_out": collections.undo_add,
    "collections.put_back": collections.put_back,
    "collections.share_again": members.share_again,
    "sharing.restore": sharing.restore,
    "sharing.publish_again": sharing.publish_again,
    "searches.restore": searches.restore,
}
"""What an offer may name: services that take `user` and the offer's arguments, all of them plain JSON.

They give what came back, or how much; None where they do all of it or raise.
"""


def offer(request: PageRequest, said: str, way: str, **arguments: Any) -> None:
    """A toast with the sentence `said`, and a button that calls `WAYS[way]` with the arguments."""
    remind(request)
    offered = {"id": str(new_id()), "way": way, "arguments": arguments, "said": said, "at": int(time.time())}
    kept = [*request.session.get(REMEMBERED, []), offered][-KEPT:]
    while len(kept) > 1 and len(json.dumps(kept)) > KEPT_BYTES:
        kept = kept[1:]
    request.session[REMEMBERED] = kept
    messages.info(request, said, extra_tags=_address(offered))


def remind(request: PageRequest) -> None:
    """The offers that are still open stand on the next page too, the newest last; htmx leaves them where they are."""
    if request.htmx:
        return
    for waiting in messages.get_messages(request):
        if not (waiting.extra_tags or "").startswith("/"):
            messages.add_message(request, waiting.level, waiting.message, waiting.extra_tags or "")
    since = time.time() - OPEN
    still = [each for each in request.session.get(REMEMBERED, []) if each.get("at", 0) > since]
    for each in still[1 - SHOWN :]:
        messages.info(request, each["said"], extra_tags=_address(each))


@require_POST
def undo(request: PageRequest, offer_id: UUID) -> HttpResponse:
    """Do the opposite of what a toast told. Raises `Http404` for what was undone already or is forgotten."""
    remembered = request.session.get(REMEMBERED, [])
    found = next((each for each in remembered if each["id"] == str(offer_id)), None)
    if found is None:
        raise Http404
    request.session[REMEMBERED] = [each for each in remembered if each is not found]
    remind(request)
    messages.info(request, _undo(request.user, found), extra_tags=UNDONE)
    return redirect(next_page(request, reverse("gallery")))


def next_page(request: PageRequest, otherwise: str) -> str:
    """Where the form wants to go, if that is a page of ours (a word without a slash would be the name of a view)."""
    wanted, hosts, is_secure = request.POST.get("next", ""), {request.get_host()}, request.is_secure()
    is_ours = "/" in wanted and url_has_allowed_host_and_scheme(wanted, hosts, require_https=is_secure)
    return wanted if is_ours else otherwise


def _address(offered: dict[str, Any]) -> str:
    return reverse("undo", args=[offered["id"]])


def _undo(user: User, offered: dict[str, Any]) -> str:
    """Do it; the sentence on what came of it."""
    arguments = offered["arguments"]
    came = WAYS[offered["way"]](user=user, **arguments)
    match came:
        case None:
            return _("Undone.")
        case members.Undone(back=back, of=whole):
            pass
        case _:
            back = came if isinstance(came, int) else len(came)
            tagged = {pk for ids in arguments.get("tagged", {}).values() for pk in ids}
            whole = len(arguments.get("ids") or arguments.get("places") or tagged or [offered])
            if not back:
                return _("This cannot be undone any more.")
    if back >= whole:
        return _("Undone.")
    said = ngettext("Undone for %(back)s of %(whole)s picture.", "Undone for %(back)s of %(whole)s pictures.", whole)
    return said % {"back": back, "whole": whole}
