"""With whom a collection is shared."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import PageRequest
from accounts.models import User
from common.errors import InvalidInput
from gallery import access
from gallery.forms import ShareForm
from gallery.models import Collection
from gallery.services import members as services
from gallery.views import collections, undoing


@require_POST
def share(request: PageRequest, collection_id: UUID) -> HttpResponse:
    """Somebody sees the collection from now on."""
    one = access.own_collection(request.user, collection_id)
    form = ShareForm(request.POST)
    try:
        if form.is_valid():
            member = services.share(collection=one, by=request.user, **form.cleaned_data)
            messages.info(request, _("Shared with %(name)s.") % {"name": member.user.display_name})
            return redirect("collection", one.pk)
    except InvalidInput as refusal:
        form.refuse(refusal)
    return collections.page(request, one, share_form=form, status=422)


@require_POST
def role(request: PageRequest, collection_id: UUID, handle: str) -> HttpResponse:
    """A viewer becomes an editor, or the other way round."""
    one = access.own_collection(request.user, collection_id)
    person = _member(one, handle)
    services.change_role(collection=one, person=person, role=request.POST.get("role", ""))
    return redirect("collection", one.pk)


@require_POST
def remove(request: PageRequest, collection_id: UUID, handle: str) -> HttpResponse:
    """Somebody does not see it any more, with an undo."""
    one = access.own_collection(request.user, collection_id)
    person = _member(one, handle)
    undone_with = services.unshare(collection=one, person=person)
    said = _("Not shared with %(name)s any more.") % {"name": person.display_name}
    undoing.offer(request, said, "collections.share_again", **undone_with)
    return redirect("collection", one.pk)


@require_POST
def leave(request: PageRequest, collection_id: UUID) -> HttpResponse:
    """Leave a collection that somebody shared, with an undo."""
    one = access.seen_collection(request.user, collection_id)
    undone_with = services.leave(collection=one, user=request.user)
    said = _("You left the collection “%(name)s”.") % {"name": one.name}
    undoing.offer(request, said, "collections.share_again", **undone_with)
    return redirect("collections")


def _member(one: Collection, handle: str) -> User:
    """Somebody the collection is shared with. Raises `Http404`."""
    person = User.objects.filter(memberships__collection=one, handle=handle).first()
    if person is None:
        raise Http404
    return person
