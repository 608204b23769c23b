"""The studio's pages."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PageRequest
from accounts.models import User
from accounts.throttling import submits
from common.errors import InvalidInput
from gallery.access import own_image
from gallery.facts import facts
from gallery.models import Image
from gallery.services import images
from generator import access, pages, queries, services
from generator.forms import GenerateForm
from generator.models import Generation
from generator.params import IMAGE_TO_IMAGE
from generator.queries import ModelCard

PUT_AWAY = "put_away"
PUT_AWAY_KEPT = 50
HINT_READS = 1000


@require_safe
def studio(request: PageRequest) -> HttpResponse:
    """The composer, and what is and was made."""
    start = _start(request.user, request.GET)
    cards = queries.catalogue(request.user)
    card = pages.chosen(cards, start.get("model"))
    form = GenerateForm(initial=start, model=card.model) if card else None
    return render(request, "generator/studio.html", _page(request, cards, card, form))


@submits
@require_POST
def make(request: PageRequest) -> HttpResponse:
    """Begin what the composer asks for; without JavaScript also only change the model."""
    cards = queries.catalogue(request.user)
    card = pages.chosen(cards, request.POST.get("model"))
    if card is None:
        raise services.NoModel
    if "use_model" in request.POST:
        form = GenerateForm(initial=request.POST.dict(), model=card.model)
        return render(request, "generator/studio.html", _page(request, cards, card, form))
    form = GenerateForm(request.POST, request.FILES, model=card.model)
    generation = _submitted(request, form)
    if generation is None:
        return _refused(request, cards, card, form)
    return _running(request, changed=True) if request.htmx else redirect("generation", generation.pk)


@require_safe
def running(request: PageRequest) -> HttpResponse:
    """The rows of what is being made, with all that changed since the page last asked."""
    return _running(request, changed=False)


@require_safe
def hint(request: PageRequest) -> HttpResponse:
    """The words of a prompt that the model does not know."""
    card = pages.chosen(queries.catalogue(request.user), request.GET.get("model"))
    words = pages.unknown(request.GET.get("prompt", "")[:HINT_READS], card.model) if card else []
    return render(request, "generator/hint.html", {"unknown_words": words})


@require_safe
def generation(request: PageRequest, generation_id: UUID) -> HttpResponse:
    """One generation, from its place in the queue to its pictures."""
    one = access.own_generation(request.user, generation_id)
    page = {
        "job": pages.job(one),
        "generation": one,
        "outputs": queries.outputs(one),
        "facts": facts(one.request),
    }
    return render(request, "generator/generation.html", page)


@require_POST
def cancel(request: PageRequest, generation_id: UUID) -> HttpResponse:
    """Stop it."""
    one = services.cancel(generation=access.own_generation(request.user, generation_id))
    return _running(request, changed=True) if request.htmx else redirect("generation", one.pk)


@submits
@require_POST
def again(request: PageRequest, generation_id: UUID) -> HttpResponse:
    """The same recipe once more."""
    one = access.own_generation(request.user, generation_id)
    rerun = partial(services.rerun, user=request.user, generation=one)
    return _again(request, rerun, otherwise=reverse("generation", args=[one.pk]))


@submits
@require_POST
def image_again(request: PageRequest, image_id: UUID) -> HttpResponse:
    """This very picture once more."""
    image = own_image(request.user, image_id)
    submit = partial(services.submit, user=request.user, params=pages.wish_of(image))
    return _again(request, submit, otherwise=reverse("image", args=[image.pk]))


@require_POST
def put_away(request: PageRequest, generation_id: UUID) -> HttpResponse:
    """Show the end of this generation under the stage no longer."""
    one = access.own_generation(request.user, generation_id)
    request.session[PUT_AWAY] = [*request.session.get(PUT_AWAY, []), str(one.pk)][-PUT_AWAY_KEPT:]
    return _running(request, changed=True) if request.htmx else redirect("studio")


def _start(user: User, asked: QueryDict) -> dict[str, Any]:
    """What the composer opens with: a picture's recipe, a picture as the source, or words."""
    start: dict[str, Any] = {}
    if vary := asked.get("vary"):
        start = {name: value for name, value in vars(pages.wish_of(own_image(user, vary))).items() if value is not None}
    if source := asked.get("source"):
        start |= {"mode": IMAGE_TO_IMAGE, "source_image": own_image(user, source).pk}
    return start | {name: asked[name] for name in ("prompt", "model", "style") if name in asked}


def _again(request: PageRequest, make_again: Callable[[], Generation], *, otherwise: str) -> HttpResponse:
    """Make it; where its recipe cannot be used any more, say why on the page `otherwise`."""
    try:
        return redirect("generation", make_again().pk)
    except InvalidInput as refusal:
        messages.info(request, " ".join(error["message"] for error in refusal.as_members()))
        return redirect(otherwise)


def _submitted(request: PageRequest, form: GenerateForm) -> Generation | None:
    """The generation; None where the form says why not. An upload that led to nothing is removed."""
    if not form.is_valid():
        return None
    upload: Image | None = None
    born: Generation | None = None
    try:
        if form.brings_picture():
            upload = images.keep_upload(owner=request.user, file=form.cleaned_data["source"])
        params = form.to_params(source_image=str(upload.pk) if upload else None)
        born = services.submit(user=request.user, params=params)
    except InvalidInput as refusal:
        form.refuse(refusal)
    finally:
        if upload and born is None:
            images.discard_upload(image=upload)
    return born


def _refused(request: PageRequest, cards: list[ModelCard], card: ModelCard, form: GenerateForm) -> HttpResponse:
    template = "generator/composer.html" if request.htmx else "generator/studio.html"
    response = render(request, template, _page(request, cards, card, form), status=422)
    response["HX-Retarget"], response["HX-Reswap"] = "#composer", "outerHTML"
    return response


def _page(
    request: PageRequest, cards: list[ModelCard], card: ModelCard | None, form: GenerateForm | None
) -> dict[str, Any]:
    return {
        "composer": pages.composer(request.user, form, cards, card) if form and card else None,
        "form": form,
        "running": _rows(request),
        "pictures": pages.pictures(request.user),
        "prompts_to_try": pages.PROMPTS_TO_TRY,
    }


def _running(request: PageRequest, *, changed: bool) -> HttpResponse:
    sent = request.POST if request.method == "POST" else request.GET
    rows = _rows(request)
    page = {"running": rows, "moved": changed or rows.state != sent.get("state")}
    if pages.latest(request.user) != sent.get("latest"):
        page |= {"pictures": pages.pictures(request.user), "prompts_to_try": pages.PROMPTS_TO_TRY}
    return render(request, "generator/running_answer.html", page)


def _rows(request: PageRequest) -> pages.Running:
    return pages.running(request.user, put_away=request.session.get(PUT_AWAY, []))
