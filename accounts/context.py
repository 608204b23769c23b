"""What the frame of every page shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts import queries
from accounts.models import User

THEME_COOKIE = "theme"
THEMES = ("light", "dark", "system")


def header(request: HttpRequest) -> dict[str, Any]:
    """The quota of who is signed in (asked for only where it is shown), the theme, and who may sign up."""
    user = getattr(request, "user", None)
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "usage": SimpleLazyObject(lambda: queries.usage(user)) if isinstance(user, User) else None,
        "theme": theme if theme in {"light", "dark"} else "",
        "signup_mode": settings.SIGNUP,
    }
