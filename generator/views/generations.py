"""One generation, and its recipe once more."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from accounts.access import PageRequest
from accounts.throttling import submits
from common.errors import InvalidInput
from gallery.access import own_image
from gallery.facts import facts
from generator import access, news, pages, queries, services, story
from generator.models import Generation
from generator.views import rows


@require_safe
def generation(request: PageRequest, generation_id: UUID) -> HttpResponse:
    """One generation, from its place in the queue to its pictures; a page that saw it `open` is told of its end."""
    one = access.own_generation(request.user, generation_id)
    page = {
        "job": pages.job(one),
        "generation": one,
        "outputs": queries.outputs(one),
        "facts": facts(one.request),
        "chapters": story.chapters(one) if one.attempt else [],
    }
    response = render(request, "generator/generation.html", page)
    endings = news.of_one(one) if request.htmx and "open" in request.GET else []
    return trigger_client_event(response, "ended", news.as_event(endings)) if endings else response


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


@submits
@require_POST
def image_variations(request: PageRequest, image_id: UUID) -> HttpResponse:
    """Four more of this picture, with the seeds after its own."""
    image = own_image(request.user, image_id)
    submit = partial(services.vary, user=request.user, params=pages.wish_of(image))
    otherwise = reverse("image", args=[image.pk])
    answer = _again(request, submit, otherwise=otherwise)
    if not request.htmx:
        return answer
    has_begun = answer["Location"] != otherwise
    return rows.answer(request, changed=True) if has_begun else HttpResponseClientRedirect(otherwise)


def _again(request: PageRequest, make_again: Callable[[], Generation], *, otherwise: str) -> HttpResponse:
    """Make it; where its recipe cannot be used any more, say why on the page `otherwise`."""
    try:
        return redirect("generation", make_again().pk)
    except InvalidInput as refusal:
        messages.info(request, " ".join(error["message"] for error in refusal.as_members()))
        return redirect(otherwise)
