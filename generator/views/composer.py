"""The studio: the composer, and what is and was made."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PageRequest
from accounts.models import User
from accounts.throttling import submits
from common.errors import InvalidInput
from gallery.access import own_image
from gallery.models import Image
from gallery.services import images
from generator import offers, pages, queries, reuse, services
from generator.forms import GenerateForm
from generator.models import Generation
from generator.params import IMAGE_TO_IMAGE
from generator.queries import ModelCard
from generator.views import rows

HINT_READS = 1000


@require_safe
def studio(request: PageRequest) -> HttpResponse:
    """The composer, and what is and was made."""
    start = _start(request.user, request.GET)
    cards = queries.catalogue(request.user)
    card = pages.chosen(cards, start.get("model"))
    form = GenerateForm(initial=start, model=card.model) if card else None
    return render(request, "generator/studio.html", page(request, cards, card, form))


@submits
@require_POST
def make(request: PageRequest) -> HttpResponse:
    """Begin what the composer asks for, or offer it where it is there already; without JavaScript also only change the
    model."""
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
    request: PageRequest, cards: list[ModelCard], card: ModelCard | None, form: GenerateForm | None
) -> dict[str, Any]:
    """What the studio shows."""
    return {
        "composer": pages.composer(request.user, form, cards, card) if form and card else None,
        "form": form,
        "running": rows.shown(request),
        "pictures": pages.pictures(request.user),
        "prompts_to_try": pages.PROMPTS_TO_TRY,
    }


def _start(user: User, asked: QueryDict) -> dict[str, Any]:
    """What the composer opens with: a picture's recipe, a picture as the source, or words."""
    start: dict[str, Any] = {}
    if vary := asked.get("vary"):
        start = {name: value for name, value in vars(pages.wish_of(own_image(user, vary))).items() if value is not None}
    if source := asked.get("source"):
        start |= {"mode": IMAGE_TO_IMAGE, "source_image": own_image(user, source).pk}
    return start | {name: asked[name] for name in ("prompt", "model", "style") if name in asked}


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
