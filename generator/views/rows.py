"""The rows of what is being made, and of what ended without a picture."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from accounts.access import PageRequest
from generator import access, news, pages, services

PUT_AWAY = "put_away"
PUT_AWAY_KEPT = 50


@require_safe
def running(request: PageRequest) -> HttpResponse:
    """The rows of what is being made, with all that changed since the page last asked."""
    return answer(request, changed=False)


@require_POST
def cancel(request: PageRequest, generation_id: UUID) -> HttpResponse:
    """Stop it."""
    one = services.cancel(generation=access.own_generation(request.user, generation_id))
    return answer(request, changed=True) if request.htmx else redirect("generation", one.pk)


@require_POST
def put_away(request: PageRequest, generation_id: UUID) -> HttpResponse:
    """Show the end of this generation under the stage no longer."""
    one = access.own_generation(request.user, generation_id)
    request.session[PUT_AWAY] = [*request.session.get(PUT_AWAY, []), str(one.pk)][-PUT_AWAY_KEPT:]
    return answer(request, changed=True) if request.htmx else redirect("studio")


def answer(request: PageRequest, *, changed: bool, has_begun: bool = False) -> HttpResponse:
    """The rows, and with them what they changed elsewhere on the page.

    Once the composer's wish `has_begun`, what it was offered instead goes.
    """
    sent = request.POST if request.method == "POST" else request.GET
    rows = shown(request)
    page = {"running": rows, "moved": changed or rows.state != sent.get("state"), "has_begun": has_begun}
    if pages.latest(request.user) != sent.get("latest"):
        page |= {"pictures": pages.pictures(request.user), "prompts_to_try": pages.PROMPTS_TO_TRY}
    endings = [] if changed else news.since(request.user, state=sent.get("state", ""), open_now=_open(rows))
    response = render(request, "generator/running_answer.html", page | {"endings": endings})
    return trigger_client_event(response, "ended", news.as_event(endings)) if endings else response


def shown(request: PageRequest) -> pages.Running:
    """What somebody has not put away yet."""
    return pages.running(request.user, put_away=request.session.get(PUT_AWAY, []))


def _open(rows: pages.Running) -> set[str]:
    return {job.generation.pk.hex[-8:] for job in rows.jobs}
