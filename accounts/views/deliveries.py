"""What was sent to one's programs."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import posted, throttling
from accounts.access import own_delivery, signed_in
from common.errors import DomainError
from events import queries
from events import webhooks as service


@never_cache
@require_safe
def singles(request: HttpRequest) -> HttpResponse:
    """What was sent to the `webhook_url` of single generations."""
    user = signed_in(request)
    before = request.GET.get("before")
    log = posted.page(queries.single_deliveries(user), before=own_delivery(user, before) if before else None)
    return render(request, "accounts/webhooks/singles.html", {"log": log})


@never_cache
@require_safe
def delivery(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """One delivery with its tries."""
    found = own_delivery(signed_in(request), delivery_id)
    page = {
        "delivery": found,
        "reason": posted.what_went_wrong(found),
        "tries": posted.tries(found),
        "is_soon": posted.is_soon(found),
        "body": posted.readable(found.body),
    }
    return render(request, "accounts/webhooks/delivery.html", page)


@throttling.asks_elsewhere
@require_POST
def redeliver(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Send it again now, and show what becomes of it."""
    found = own_delivery(signed_in(request), delivery_id)
    try:
        service.redeliver(delivery=found)
    except DomainError as refused:
        messages.error(request, refused.message)
    else:
        messages.info(request, _("It is sent again."))
    return redirect("delivery", found.pk)
