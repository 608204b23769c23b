"""Who asks, once a door has let them in."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class PageRequest(HttpRequest):
    """A page's request, once the middlewares have let somebody in and read htmx's headers."""

    user: User
    htmx: HtmxDetails


def signed_in(request: Any) -> User:
    """The person of a request that passed the sign-in. Raises `PermissionDenied` for a stranger."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
