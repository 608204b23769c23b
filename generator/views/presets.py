"""Settings under a name: kept, taken, renamed, deleted and brought back."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import PageRequest
from common.errors import InvalidInput
from gallery import facts
from generator import access, pages, queries
from generator import presets as services
from generator.forms import GenerateForm
from generator.services import NoModel
from generator.views import composer

REMEMBERED = "presets_deleted"
KEPT = 10


@require_http_methods(["GET", "HEAD", "POST"])
def presets(request: PageRequest) -> HttpResponse:
    """All of mine; a POST of the composer keeps its settings under a name."""
    if request.method == "POST":
        return _save(request)
    mine = queries.presets(request.user)
    styles = facts.all_named("style", {preset.settings.get("style") or "" for preset in mine})
    named = [(preset, styles[preset.settings.get("style") or ""]) for preset in mine]
    return render(request, "generator/presets.html", {"presets": named})


@require_POST
def rename(request: PageRequest, preset_id: UUID) -> HttpResponse:
    """Another name."""
    preset = access.own_preset(request.user, preset_id)
    try:
        services.rename(preset=preset, name=request.POST.get("name", ""))
    except InvalidInput as refusal:
        messages.info(request, _words(refusal))
    return redirect("presets")


@require_POST
def delete(request: PageRequest, preset_id: UUID) -> HttpResponse:
    """Remove it, and offer to bring it back."""
    gone = services.delete(preset=access.own_preset(request.user, preset_id))
    request.session[REMEMBERED] = [*request.session.get(REMEMBERED, []), gone][-KEPT:]
    said = _("The preset %(name)s is deleted.") % {"name": gone["name"]}
    messages.info(request, said, extra_tags=reverse("preset_restore", args=[gone["id"]]))
    return redirect("presets")


@require_POST
def restore(request: PageRequest, preset_id: UUID) -> HttpResponse:
    """Bring back what was deleted a moment ago. Raises `Http404` for what is forgotten."""
    gone = request.session.get(REMEMBERED, [])
    found = next((each for each in gone if each["id"] == str(preset_id)), None)
    if found is None:
        raise Http404
    try:
        services.restore(user=request.user, **found)
        request.session[REMEMBERED] = [each for each in gone if each is not found]
        messages.info(request, _("Undone."))
    except InvalidInput as refusal:
        messages.info(request, _words(refusal))
    return redirect("presets")


def _save(request: PageRequest) -> HttpResponse:
    cards = queries.catalogue(request.user)
    card = pages.chosen(cards, request.POST.get("model"))
    if card is None:
        raise NoModel
    form = GenerateForm(request.POST, model=card.model)
    refused = ""
    try:
        if form.is_valid():
            params = form.to_params()
            services.save(user=request.user, name=request.POST.get("preset_name", ""), params=params, model=card.model)
        else:
            refused = " ".join(str(error) for errors in form.errors.values() for error in errors)
    except InvalidInput as refusal:
        refused = _words(refusal)
    return _saved(request, cards, card, refused)


def _saved(request: PageRequest, cards: list[queries.ModelCard], card: queries.ModelCard, refused: str) -> HttpResponse:
    """The chips with the new one, or why it could not be kept."""
    status = 422 if refused else 200
    preset_page = {"presets": queries.presets(request.user), "preset_refused": refused}
    if refused:
        preset_page["preset_name"] = request.POST.get("preset_name", "")
    if request.htmx:
        response = render(request, "generator/preset_chips.html", preset_page, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#presets", "outerHTML"
        return response
    form = GenerateForm(initial=request.POST.dict(), model=card.model)
    page = composer.page(request, cards, card, form)
    return render(request, "generator/studio.html", page | preset_page, status=status)


def _words(refusal: InvalidInput) -> str:
    return " ".join(error["message"] for error in refusal.as_members())
