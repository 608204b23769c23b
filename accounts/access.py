"""Who asks, once a door has let them in."""

from typing import Any

from django.core.exceptions import PermissionDenied

from accounts.models import User


def signed_in(request: Any) -> User:
    """The person of a request that passed the sign-in. Raises `PermissionDenied` for a stranger."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
