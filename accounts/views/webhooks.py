"""One's webhooks: which programs are told of what, and the secrets that sign it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import posted, throttling
from accounts.access import own_delivery, own_webhook, signed_in
from accounts.forms import WebhookForm
from common.errors import DomainError
from events import queries
from events import webhooks as service
from events.models import WebhookEndpoint
from events.signing import RotatedTooOften


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def all_webhooks(request: HttpRequest) -> HttpResponse:
    """The webhooks; a POST adds one and shows its secret in the answer, the only time anybody sees it."""
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _list(request, form=form, status=422 if form.errors else 200)
    try:
        made, secret = service.add(user=signed_in(request), **form.cleaned_data)
    except DomainError as refused:
        form.refuse(refused)
        return _list(request, form=form, status=refused.status)
    return _page(request, made, secret=secret)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one_webhook(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """One webhook and what was sent to it; a POST changes it."""
    found = own_webhook(signed_in(request), webhook_id)
    if request.method != "POST":
        return _page(request, found)
    form = WebhookForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form=form, status=422)
    try:
        service.change(endpoint=found, **form.cleaned_data)
    except DomainError as refused:
        form.refuse(refused)
        return _page(request, found, form=form, status=refused.status)
    messages.info(request, _("The webhook is saved."))
    return redirect("webhook", found.pk)


@require_POST
def switch(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """On with `enabled=1`, else off."""
    found = own_webhook(signed_in(request), webhook_id)
    on = request.POST.get("enabled") == "1"
    service.change(endpoint=found, enabled=on)
    said = _("The webhook is on: it is told of what happens from now on.") if on else _("The webhook is off.")
    messages.info(request, said)
    return redirect("webhook", found.pk)


@never_cache
@require_POST
def rotate(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """A new secret, shown in this answer only."""
    found = own_webhook(signed_in(request), webhook_id)
    try:
        secret = service.rotate(endpoint=found)
    except RotatedTooOften as refused:
        messages.error(request, refused.message)
        return _page(request, found, status=refused.status)
    return _page(request, found, secret=secret)


@throttling.asks_elsewhere
@require_POST
def test(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Send a message that means nothing, and show what becomes of it."""
    found = own_webhook(signed_in(request), webhook_id)
    try:
        sent = service.send_test(endpoint=found)
    except DomainError as refused:
        messages.error(request, refused.message)
        return redirect("webhook", found.pk)
    return redirect("delivery", sent.pk)


@require_POST
def delete(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Forget the webhook and what was sent to it."""
    service.remove(endpoint=own_webhook(signed_in(request), webhook_id))
    messages.info(request, _("The webhook is deleted. Nothing more is sent to it."))
    return redirect("webhooks")


@never_cache
@require_POST
def secret_of_account(request: HttpRequest) -> HttpResponse:
    """The default secret, shown in this answer only; `do=rotate` makes a new one first."""
    asked = service.rotate_default if request.POST.get("do") == "rotate" else service.default_secret
    try:
        secret = asked(user=signed_in(request))
    except DomainError as refused:
        messages.error(request, refused.message)
        return _list(request, form=WebhookForm(), status=refused.status)
    return _list(request, form=WebhookForm(), default_secret=secret)


def _list(request: HttpRequest, *, form: WebhookForm, status: int = 200, default_secret: str = "") -> HttpResponse:
    user = signed_in(request)
    page = {
        "form": form,
        "webhooks": queries.webhooks_of(user),
        "most": WebhookEndpoint.MOST,
        "default_secret": default_secret,
        "singles": queries.single_deliveries(user).exists(),
    }
    return render(request, "accounts/webhooks/webhooks.html", page, status=status)


def _page(
    request: HttpRequest,
    found: WebhookEndpoint,
    *,
    form: WebhookForm | None = None,
    secret: str = "",
    status: int = 200,
) -> HttpResponse:
    user = signed_in(request)
    before = request.GET.get("before")
    page: dict[str, Any] = {
        "webhook": found,
        "reason": posted.why_off(found),
        "form": form or WebhookForm(initial={name: getattr(found, name) for name in WebhookForm.base_fields}),
        "secret": secret,
        "log": posted.page(queries.deliveries_of(found), before=own_delivery(user, before) if before else None),
    }
    return render(request, "accounts/webhooks/webhook.html", page, status=status)
