"""Searches that somebody keeps under a name."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import PageRequest
from common.errors import InvalidInput
from gallery import access
from gallery.forms import SearchForm
from gallery.services import searches
from gallery.views import undoing
from gallery.views.looking import of_text


@require_POST
def save(request: PageRequest) -> HttpResponse:
    """Keep the search that is seen."""
    form = SearchForm(request.POST)
    try:
        if form.is_valid():
            kept = searches.save(user=request.user, **form.cleaned_data)
            messages.info(request, _("The search “%(name)s” is kept.") % {"name": kept.name})
            return redirect(of_text(kept.query, kept.sort).address)
    except InvalidInput as refusal:
        form.refuse(refusal)
    return render(request, "gallery/search_form.html", {"form": form}, status=422)


@require_POST
def rename(request: PageRequest, search_id: UUID) -> HttpResponse:
    """Another name for a search."""
    kept = access.own_search(request.user, search_id)
    form = SearchForm(request.POST)
    try:
        if form.is_valid():
            searches.rename(search=kept, name=form.cleaned_data["name"])
            return redirect(of_text(kept.query, kept.sort).address)
    except InvalidInput as refusal:
        form.refuse(refusal)
    return render(request, "gallery/search_form.html", {"form": form, "search": kept}, status=422)


@require_POST
def forget(request: PageRequest, search_id: UUID) -> HttpResponse:
    """Keep a search no longer, with an undo."""
    kept = access.own_search(request.user, search_id)
    undoing.offer(
        request,
        _("The search “%(name)s” is no longer kept.") % {"name": kept.name},
        "searches.restore",
        **searches.forget(search=kept),
    )
    return redirect(undoing.next_page(request, of_text(kept.query, kept.sort).address))
