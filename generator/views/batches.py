"""Lists of prompts: brought, read, queued, watched and put away."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from accounts.access import PageRequest
from accounts.throttling import submits
from common.errors import InvalidInput
from common.texts import shown
from generator import access, lines, listing, news
from generator import batches as services
from generator.models import Batch

CSV = "text/csv; charset=utf-8"
BYTE_ORDER_MARK = "\ufeff"


@submits
@require_http_methods(["GET", "HEAD", "POST"])
def batches(request: PageRequest) -> HttpResponse:
    """The lists so far; a POST reads another one and shows what is in it."""
    wrong: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            name, found = _read(request)
            return redirect("batch", services.keep(user=request.user, name=name, lines=found).pk)
        except InvalidInput as refusal:
            wrong = {error["field"]: [error["message"]] for error in refusal.as_members()}
    page = {"batches": listing.batches(request.user), "wrong": wrong, "lines": request.POST.get("lines", "")}
    limits = {"most": lines.LINES_MAX, "kilobytes": lines.BYTES_MAX // 1024, "columns": list(lines.COLUMNS)}
    return render(request, "generator/batches.html", page | limits, status=422 if wrong else 200)


@require_safe
def batch(request: PageRequest, batch_id: UUID) -> HttpResponse:
    """Every line of a list and what became of it."""
    sheet = listing.sheet(access.own_batch(request.user, batch_id), request.user)
    response = render(request, "generator/batch.html", {"sheet": sheet})
    if request.GET.get("open", "0") != "0" and request.htmx and not sheet.open:
        address = reverse("batch", args=[batch_id])
        ending = news.of_list(sheet.batch.name, made=sheet.made, failed=sheet.failed, address=address)
        return trigger_client_event(response, "ended", news.as_event([ending]))
    return response


@submits
@require_POST
def queue(request: PageRequest, batch_id: UUID) -> HttpResponse:
    """Queue what waits for it."""
    one = access.own_batch(request.user, batch_id)
    if stopped := services.queue(user=request.user, batch=one):
        messages.info(request, f"{stopped.message} {_('The other lines wait here.')}")
    return redirect("batch", one.pk)


@submits
@require_POST
def check(request: PageRequest, batch_id: UUID) -> HttpResponse:
    """Read the lines with problems once more."""
    one = access.own_batch(request.user, batch_id)
    mended = services.check_again(user=request.user, batch=one)
    left = one.lines.filter(generation=None).exclude(problems=[]).count()
    messages.info(request, _mended(mended, left))
    return redirect("batch", one.pk)


@require_POST
def cancel(request: PageRequest, batch_id: UUID) -> HttpResponse:
    """Stop what is not finished."""
    one = access.own_batch(request.user, batch_id)
    services.cancel(batch=one)
    return redirect("batch", one.pk)


@require_POST
def delete(request: PageRequest, batch_id: UUID) -> HttpResponse:
    """Put the list away, with an undo."""
    one = access.own_batch(request.user, batch_id)
    services.delete(batch=one)
    messages.info(request, _("The list is deleted. Its pictures stay."), extra_tags=_restoring(one))
    return redirect("batches")


@require_POST
def restore(request: PageRequest, batch_id: UUID) -> HttpResponse:
    """Bring a deleted list back."""
    one = access.deleted_batch(request.user, batch_id)
    services.restore(batch=one)
    return redirect("batch", one.pk)


@require_safe
def results(request: PageRequest, batch_id: UUID) -> HttpResponse:
    """What became of each line, as CSV."""
    one = access.own_batch(request.user, batch_id)
    text = listing.results(listing.sheet(one, request.user))
    return _file(f"{slugify(one.name.removesuffix('.csv'))[:60] or 'prompts'}-results.csv", text)


@require_safe
def example(request: PageRequest) -> HttpResponse:
    """A file to begin with."""
    return _file("prompts.csv", listing.example())


def _read(request: PageRequest) -> tuple[str, list[lines.Line]]:
    """The name and the lines of what was sent. Raises `InvalidInput`."""
    file: Any = request.FILES.get("file")
    text = request.POST.get("lines", "")
    if file and text.strip():
        raise InvalidInput([("lines", "file_or_lines", {})])
    try:
        if file:
            found = lines.read(file.read(lines.BYTES_MAX + 1))
            return shown(file.name, most=services.NAME_MAX), found
        found = lines.read_prompts(text)
        return shown(str(found[0].wish["prompt"]).replace("\n", " "), most=60), found
    except lines.Unreadable as refusal:
        raise InvalidInput([("file" if file else "lines", refusal.code, refusal.arguments)]) from refusal


def _mended(mended: int, left: int) -> str:
    """What reading the problems again brought."""
    can = ngettext("{count} line can be queued now.", "{count} lines can be queued now.", mended)
    still = ngettext("{count} line still has a problem.", "{count} lines still have problems.", left)
    said = [(can, mended)] if mended or not left else []
    said += [(still, left)] if left else []
    return " ".join(words.format(count=count) for words, count in said)


def _file(name: str, text: str) -> HttpResponse:
    """A CSV file that spreadsheets read as UTF-8."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(BYTE_ORDER_MARK + text, content_type=CSV, headers=headers)


def _restoring(batch: Batch) -> str:
    return reverse("batch_restore", args=[batch.pk])
