"""What the frame of every page shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts import queries
from accounts.models import User
from common.colours import PAPER

THEME_COOKIE = "theme"
THEMES = ("light", "dark", "system")


def header(request: HttpRequest) -> dict[str, Any]:
    """The quota of who is signed in (asked for only where it is shown), the theme ("" is the system's), the sign-up."""
    user = getattr(request, "user", None)
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    theme = chosen if chosen in PAPER else ""
    return {
        "usage": SimpleLazyObject(lambda: queries.usage(user)) if isinstance(user, User) else None,
        "theme": theme,
        "paper": {system: PAPER[theme or system] for system in PAPER},
        "signup_mode": settings.SIGNUP,
    }
