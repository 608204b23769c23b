"""What the frame of every page shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts import queries

THEME_COOKIE = "theme"
THEMES = ("light", "dark", "system")


def header(request: HttpRequest) -> dict[str, Any]:
    """The quota of who is signed in (asked for only where it is shown), the theme, and who may sign up."""
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "usage": SimpleLazyObject(lambda: queries.usage(user)) if signed_in else None,
        "theme": theme if theme in {"light", "dark"} else "",
        "signup_mode": settings.SIGNUP,
    }
