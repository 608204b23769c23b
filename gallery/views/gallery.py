"""The gallery: what somebody looks for in it, and how it goes on."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PageRequest
from accounts.models import User
from gallery import facts, orders, queries, shelves
from gallery.forms import FilterForm, SearchForm
from gallery.models import Image
from gallery.services import searches
from gallery.terms import BadSearch
from gallery.views import undoing
from gallery.views.looking import ENDLESS, Looking, looking, of_text

OFFERED_FROM = 300
"""Newest pictures whose models and styles the filters offer."""


@require_safe
def gallery(request: PageRequest) -> HttpResponse:
    """The pictures that are looked for, a page of them; words and filters that came apart are put together first."""
    seen = looking(request)
    if "with" in request.GET:
        return redirect(of_text(f"{seen.text} {request.GET['with']}".strip(), seen.sort).address)
    return _gallery(request, seen)


@require_safe
def filters(request: PageRequest) -> HttpResponse:
    """What the panel of filters says, as text in the search field."""
    seen = looking(request)
    form = FilterForm(request.GET, **_offered(request.user))
    if seen.problems or not form.is_valid():
        return _gallery(request, seen, form)
    try:
        return redirect(seen.of(form.narrowed(seen.terms)).address)
    except BadSearch as wrong:
        form.refuse(wrong)
        return _gallery(request, seen, form)


@require_POST
def scroll(request: PageRequest) -> HttpResponse:
    """From now on the gallery goes on as somebody scrolls, or in pages again."""
    request.session[ENDLESS] = request.POST.get("endless") == "on"
    return redirect(undoing.next_page(request, looking(request).address))


def counts(user: User, seen: Looking) -> dict[str, Any]:
    """What the head of the gallery says."""
    count = queries.count(user, seen.terms)
    return {"looking": seen, "count": count, "storage": 0 if seen.terms else queries.storage_used(user, among=count)}


def _gallery(request: PageRequest, seen: Looking, form: FilterForm | None = None) -> HttpResponse:
    user = request.user
    offered = _offered(user)
    context = {
        **counts(user, seen),
        "page": _page(request, seen),
        "endless": request.session.get(ENDLESS, False),
        "form": form or FilterForm(initial=FilterForm.told(seen.terms), **offered),
        "filters_open": bool(form),
        "search_form": SearchForm(initial={"name": seen.words or seen.filters, "query": seen.text, "sort": seen.sort}),
        "saved": _saved(user, seen),
        "collections": offered["collections"],
    }
    return render(request, "gallery/gallery.html", context, status=422 if seen.problems or form else 200)


def _page(request: PageRequest, seen: Looking) -> orders.Page[Image]:
    """What is found; of what is no search nothing."""
    if seen.problems:
        return orders.Page([], "", "")
    return queries.gallery(request.user, terms=seen.terms, sort=seen.sort, cursor=request.GET.get("cursor", ""))


def _saved(user: User, seen: Looking) -> list[tuple[Any, str, bool]]:
    """The searches this person keeps: each with its address, and whether it is the one that is seen."""
    rows = [(search, Looking(search.query, search.sort or seen.sort).address) for search in searches.saved(user)]
    return [(search, address, address == seen.address) for search, address in rows]


def _offered(user: User) -> dict[str, list[Any]]:
    """What the filters offer: models and styles of the newest pictures, and the collections this person may fill."""
    newest = Image.objects.owned_by(user).kept().generated().newest_first()
    made = list(newest.values_list("model", "style")[:OFFERED_FROM])
    return {
        "models": _named("model", {model for model, _ in made if model}),
        "styles": _named("style", {style for _, style in made if style}),
        "collections": shelves.collections_for(user),
    }


def _named(member: str, used: set[str]) -> list[tuple[str, str]]:
    """These models or styles with the names that the reader knows them by, in the order of the alphabet."""
    named = facts.all_named(member, used) if used else {}
    return sorted(named.items(), key=lambda each: each[1])
