"""A recipe that is pasted, or that a picture file carries, fills in the composer."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.access import PageRequest
from common.sentences import say
from gallery import provenance
from generator import composing, pages, queries, reading
from generator.forms import GenerateForm
from generator.reading import Reading, Unreadable
from generator.services import NoModel
from generator.views import composer

MEGABYTES = 20
"""Of a file that is read."""


@require_POST
def recipe(request: PageRequest) -> HttpResponse:
    """The composer as the recipe says, or why there is none."""
    cards = queries.catalogue(request.user)
    try:
        start = composing.of_reading(_read(request), cards)
    except Unreadable as none:
        return _refused(request, cards, say(none.code, megabytes=MEGABYTES))
    card = _card(cards, start.values.get("model"))
    form = GenerateForm(initial=start.values, model=card.model)
    said = " ".join(filter(None, [say("recipe_read"), start.said]))
    page = composer.page(request, cards, card, form) | {"said": said}
    template = "generator/composer.html" if request.htmx else "generator/studio.html"
    return render(request, template, page)


def _read(request: PageRequest) -> Reading:
    """Raises `Unreadable`."""
    file = request.FILES.get("recipe_file")
    if not file:
        return reading.read(request.POST.get("recipe", ""))
    if (file.size or 0) > MEGABYTES * 2**20:
        raise Unreadable("recipe_file_too_big")
    content = file.read()
    found = provenance.texts(content)
    if found.recipe_json:
        return reading.read_members(found.recipe_json)
    if found.parameters:
        return reading.read(found.parameters)
    try:
        return reading.read(content[: reading.MOST * 4].decode())
    except UnicodeDecodeError as error:
        raise Unreadable("recipe_missing_in_file") from error


def _refused(request: PageRequest, cards: list[queries.ModelCard], sentence: str) -> HttpResponse:
    sheet = {"recipe_refused": sentence, "recipe_text": request.POST.get("recipe", "")[: reading.MOST]}
    if request.htmx:
        response = render(request, "generator/recipe_form.html", sheet, status=422)
        response["HX-Retarget"], response["HX-Reswap"] = "#recipe-form", "outerHTML"
        return response
    start: dict[str, Any] = composing.remembered(request.user, cards)
    card = _card(cards, start.get("model"))
    page = composer.page(request, cards, card, GenerateForm(initial=start, model=card.model))
    return render(request, "generator/studio.html", page | sheet, status=422)


def _card(cards: list[queries.ModelCard], slug: str | None) -> queries.ModelCard:
    card = pages.chosen(cards, slug)
    if card is None:
        raise NoModel
    return card
