"""What this person asked for before, and the pictures they can begin with: pages, and sheets over the studio."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import PageRequest
from generator import access, earlier

READS = 200
"""Characters of a search that are read."""


@require_safe
def history(request: PageRequest) -> HttpResponse:
    """The prompts of before, or those with some words in them; from one of the generations backwards."""
    words = request.GET.get("q", "")[:READS]
    wanted = request.GET.get("before")
    before = access.own_generation(request.user, wanted) if wanted else None
    page = {"page": earlier.prompts(request.user, words=words, before=before), "q": words, "before": before}
    return render(request, "generator/history_list.html" if request.htmx else "generator/history.html", page)


@require_safe
def pictures(request: PageRequest) -> HttpResponse:
    """The newest pictures to take as a source, or those with some words in them."""
    words = request.GET.get("q", "")[:READS]
    page = {"images": earlier.pictures(request.user, words=words), "q": words}
    return render(request, "generator/picker_list.html" if request.htmx else "generator/picker.html", page)
