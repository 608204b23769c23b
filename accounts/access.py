"""Who asks, once a door has let them in."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django_htmx.middleware import HtmxDetails

from accounts.models import ApiToken, User
from events import queries
from events.models import Delivery, WebhookEndpoint


class PageRequest(HttpRequest):
    """A page's request, once the middlewares have let somebody in and read htmx's headers."""

    user: User
    htmx: HtmxDetails


def own_token(user: User, token_id: UUID) -> ApiToken:
    """This person's token. Raises `Http404`."""
    return get_object_or_404(ApiToken, pk=token_id, user=user)


def own_webhook(user: User, webhook_id: UUID | str) -> WebhookEndpoint:
    """This person's webhook. Raises `Http404`."""
    return get_object_or_404(user.webhooks, pk=_id(webhook_id))


def own_delivery(user: User, delivery_id: UUID | str) -> Delivery:
    """What was sent for this person, with its webhook and its tries. Raises `Http404`."""
    return get_object_or_404(queries.with_log(user.deliveries.select_related("endpoint")), pk=_id(delivery_id))


def signed_in(request: Any) -> User:
    """The person of a request that passed the sign-in. Raises `PermissionDenied` for a stranger."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _id(text: UUID | str) -> UUID:
    try:
        return UUID(str(text))
    except ValueError as error:
        raise Http404 from error
