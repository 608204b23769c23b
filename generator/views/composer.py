"""The studio: the composer, and what is and was made."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PageRequest
from accounts.models import User
from accounts.throttling import submits
from common.errors import InvalidInput
from common.texts import is_clean
from gallery.access import own_image
from gallery.models import Image
from gallery.services import images
from generator import access, composing, offers, pages, queries, reading, remixing, reuse, services
from generator.composing import Start
from generator.forms import GenerateForm
from generator.models import Generation
from generator.queries import ModelCard
from generator.views import rows

HINT_READS = 1000


@require_safe
def studio(request: PageRequest) -> HttpResponse:
    """The composer, and what is and was made."""
    cards = queries.catalogue(request.user)
    opening = _opening(request.user, request.GET, cards)
    card = pages.chosen(cards, opening.values.get("model"))
    form = GenerateForm(initial=opening.values, model=card.model) if card else None
    is_plain = not set(request.GET) - {"source"}
    told = {"said": opening.said, "is_plain": is_plain, "back_to_words": "words" in request.GET}
    return render(request, "generator/studio.html", page(request, cards, card, form, is_remembered=is_plain) | told)


@submits
@require_POST
def make(request: PageRequest) -> HttpResponse:
    """Begin what the composer asks for, or offer it where it is there already; without JavaScript also only change the
    model, or keep a preset whose name somebody wrote before they pressed Enter."""
    if "entered" in request.POST and request.POST.get("preset_name") and not request.htmx:
        return redirect("presets", preserve_request=True)
    cards = queries.catalogue(request.user)
    card = pages.chosen(cards, request.POST.get("model"))
    if card is None:
        raise services.NoModel
    if "use_model" in request.POST:
        form = GenerateForm(initial=request.POST.dict(), model=card.model)
        return render(request, "generator/studio.html", page(request, cards, card, form))
    form = GenerateForm(request.POST, request.FILES, model=card.model)
    generation = _submitted(request, form)
    if generation is None:
        return _refused(request, cards, card, form)
    if generation.is_done:
        return _offered(request, cards, card, form, generation)
    if request.htmx:
        return rows.answer(request, changed=True, has_begun=True)
    return redirect("generation", generation.pk)


@require_safe
def hint(request: PageRequest) -> HttpResponse:
    """The words of a prompt that the model does not know, and pictures of nearly the same words."""
    card = pages.chosen(queries.catalogue(request.user), request.GET.get("model"))
    prompt = request.GET.get("prompt", "")[:HINT_READS]
    words = pages.unknown(prompt, card.model) if card else []
    near = reuse.alike(user=request.user, prompt=prompt)
    return render(request, "generator/hint_answer.html", {"unknown_words": words, "alike": near})


def page(
    request: PageRequest,
    cards: list[ModelCard],
    card: ModelCard | None,
    form: GenerateForm | None,
    *,
    is_remembered: bool = False,
) -> dict[str, Any]:
    """What the studio shows."""
    stands = form and card and pages.composer(request.user, form, cards, card, is_remembered=is_remembered)
    return {
        "composer": stands,
        "form": form,
        "running": rows.shown(request),
        "pictures": pages.pictures(request.user),
        "prompts_to_try": pages.PROMPTS_TO_TRY,
        "presets": queries.presets(request.user),
    }


def _opening(user: User, asked: QueryDict, cards: list[ModelCard]) -> Start:
    """What the composer opens with: a recipe that the address names, or the settings of last time, and over them what
    else it names."""
    start = _recipe(user, asked, cards) or Start(_kept(user, asked, cards))
    values = start.values | {name: asked[name] for name in ("prompt", "model", "style", "remix_of") if name in asked}
    if preset := asked.get("preset"):
        settings = composing.of_preset(access.own_preset(user, _id(preset)), cards)
        seed = reading.read_form({"seed": asked.get("seed", "")}).values
        values, start = values | settings.values | seed, replace(start, said=settings.said)
    start = replace(start, values=values)
    source = asked.get("source")
    return composing.from_picture(start, own_image(user, source), cards) if source else start


def _recipe(user: User, asked: QueryDict, cards: list[ModelCard]) -> Start | None:
    """A picture's recipe, or the settings of an earlier request. Raises `Http404`."""
    if vary := asked.get("vary"):
        return Start(composing.of_image(own_image(user, vary), cards))
    if wanted := asked.get("remix"):
        image = remixing.remixable(user, wanted)
        if image is None:
            raise Http404
        start = composing.remix(user, image, cards)
        return replace(start, values=start.values | {"remix_of": wanted})
    if settings := asked.get("settings"):
        return Start(composing.of_generation(access.own_generation(user, settings), cards))
    return None


def _kept(user: User, asked: QueryDict, cards: list[ModelCard]) -> dict[str, Any]:
    """The settings of last time, or those of the form where one is on the page; with the words of a request."""
    said = {name: str(value) for name, value in asked.items()}
    if is_clean(said.get("was", "\0")):
        kept = composing.of_form(said, cards)
    elif "fresh" in asked or "model" in asked:
        kept = {}
    else:
        kept = composing.remembered(user, cards)
    if words := asked.get("words"):
        kept["prompt"] = access.own_generation(user, words).params.prompt
    return kept


def _id(text: str) -> UUID:
    """Raises `Http404` for what is none."""
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


def _submitted(request: PageRequest, form: GenerateForm) -> Generation | None:
    """The generation, or the finished one that made exactly this before; None where the form says why not.

    An upload that led to nothing is removed.
    """
    if not form.is_valid():
        return None
    upload: Image | None = None
    found: Generation | None = None
    try:
        if form.brings_picture():
            upload = images.keep_upload(owner=request.user, file=form.cleaned_data["source"])
        params = form.to_params(source_image=str(upload.pk) if upload else None)
        if "again" not in request.POST:
            found = services.reusable(user=request.user, params=params)
        found = found or services.submit(user=request.user, params=params)
    except InvalidInput as refusal:
        form.refuse(refusal)
    finally:
        if upload and (found is None or found.is_done):
            images.discard_upload(image=upload)
    return found


def _offered(
    request: PageRequest, cards: list[ModelCard], card: ModelCard, form: GenerateForm, made: Generation
) -> HttpResponse:
    """The pictures that are there already. A source that came as a file is named: no page can bring a file again."""
    offer = offers.of(made, images=form.cleaned_data["images"])
    if request.htmx:
        response = render(request, "generator/offer.html", {"offer": offer})
        response["HX-Retarget"], response["HX-Reswap"] = "#offer", "outerHTML"
        return response
    source = {"source_image": made.source_id} if form.brings_picture() else {}
    kept = GenerateForm(initial=request.POST.dict() | source, model=card.model)
    return render(request, "generator/studio.html", page(request, cards, card, kept) | {"offer": offer})


def _refused(request: PageRequest, cards: list[ModelCard], card: ModelCard, form: GenerateForm) -> HttpResponse:
    template = "generator/composer.html" if request.htmx else "generator/studio.html"
    response = render(request, template, page(request, cards, card, form), status=422)
    response["HX-Retarget"], response["HX-Reswap"] = "#composer", "outerHTML"
    return response
