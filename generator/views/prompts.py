"""Better words in the studio: asked for, and taken or left."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.access import PageRequest
from accounts.throttling import improves_words
from common.errors import DomainError, InvalidInput
from generator import enhance, pages, queries, services
from generator.forms import GenerateForm, unix
from generator.views import composer


@improves_words
@require_POST
def improve(request: PageRequest) -> HttpResponse:
    """Better words beside one's own, or why there are none."""
    found: dict[str, Any] = {}
    status = 200
    try:
        found["proposal"] = enhance.propose(user=request.user, prompt=unix(request.POST.get("prompt")))
    except DomainError as refusal:
        found["unimproved"], status = _sentence(refusal), refusal.status
    if not request.htmx:
        return _studio(request, request.POST.dict(), found, status=status)
    response = render(request, "generator/proposal.html", found, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = "#proposal", "outerHTML"
    return response


@require_POST
def choose(request: PageRequest) -> HttpResponse:
    """Take the proposed words, as they were edited, or keep one's own."""
    filled = request.POST.dict()
    if filled.get("choice") == "theirs":
        filled["prompt"] = unix(filled.get("proposal"))
    return _studio(request, filled, {"back_to_words": True})


def _studio(request: PageRequest, filled: dict[str, Any], more: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The studio as it was filled in; for htmx only its words."""
    cards = queries.catalogue(request.user)
    card = pages.chosen(cards, filled.get("model"))
    if card is None:
        raise services.NoModel
    form = GenerateForm(initial=filled, model=card.model)
    if request.htmx:
        words = {"form": form, "composer": pages.composer(request.user, form, cards, card)}
        return render(request, "generator/prompt.html", words | more, status=status)
    page = composer.page(request, cards, card, form)
    return render(request, "generator/studio.html", page | more, status=status)


def _sentence(refusal: DomainError) -> str:
    """What is wrong with the field itself, where that is known."""
    if isinstance(refusal, InvalidInput):
        return " ".join(error["message"] for error in refusal.as_members())
    return refusal.message
