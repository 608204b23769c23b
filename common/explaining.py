"""The pages that explain every code: what happened, why, and what the author of a program does about it."""

import re
from http import HTTPStatus
from itertools import zip_longest
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from common import cures, errors
from common.cures import Cure
from common.sentences import template

LITERAL = re.compile(r"`([^`]+)`|\{(\w+)\}")
"""What is code in a text, and the place of an argument in a sentence."""


@login_not_required
@require_safe
def every_code(request: HttpRequest) -> HttpResponse:
    """Every code that the API answers, on one page."""
    statuses = errors.statuses()
    groups = [_group(group, statuses) for group in cures.GROUPS if cures.of(group)]
    return render(request, "api_errors.html", {"groups": groups})


@login_not_required
@require_safe
def one_code(request: HttpRequest, code: str) -> HttpResponse:
    """Leads to the entry of one code: the `type` of a problem. Raises `Http404` for another word."""
    if not (name := cures.anchor(code)):
        raise Http404
    return redirect(f"{reverse('api_errors')}#{name}")


def _group(group: str, statuses: dict[str, set[int]]) -> dict[str, Any]:
    title, told = cures.TITLES[group]
    entries = [_entry(each, statuses) for each in cures.of(group)]
    return {"id": f"group-{group}", "title": title, "told": _marked(str(told)), "entries": entries}


def _entry(cure: Cure, statuses: dict[str, set[int]]) -> dict[str, Any]:
    found = sorted(statuses.get(cure.code, ())) if cure.group == cures.REQUESTS else []
    return {
        "id": cures.anchor(cure.code, group=cure.group),
        "code": cure.code,
        "statuses": [(status, HTTPStatus(status).phrase) for status in found],
        "sentence": _marked(template(cure.code)),
        "cause": _marked(str(cure.cause)),
        "cure": _marked(str(cure.cure)),
    }


def _marked(text: str) -> SafeString:
    """The text with its code and its arguments marked as such."""
    words, codes, arguments = (LITERAL.split(text)[start::3] for start in range(3))
    return format_html_join("", "{}", ((_part(*part),) for part in zip_longest(words, codes, arguments)))


def _part(words: str, code: str | None, argument: str | None) -> SafeString:
    if code:
        return format_html("{}<code>{}</code>", words, code)
    return format_html('{}<var lang="en">{}</var>', words, argument) if argument else format_html("{}", words)
