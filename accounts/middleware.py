"""The reader's language and the reader's budget, for pages."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from accounts import throttling
from accounts.models import User
from common.middleware import is_for_programs, refusal

Answer = Callable[[HttpRequest], HttpResponse]


class ProfileLanguageMiddleware:
    """On pages the language of the profile wins; the API asks the request first."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_for_programs(request.path) and request.user.is_authenticated and request.user.language:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


class PageBudgetMiddleware:
    """Counts what pages ask and send, tells every answer what is left, and keeps private pages out of caches."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(request.user, User) and response.get("Content-Type", "").startswith("text/html"):
            response.setdefault("Cache-Control", "private, no-store")  # Back after sign-out shows nothing
        budget: throttling.Budget | None = getattr(request, "budget", None)
        if budget is not None:
            for name, value in budget.as_headers().items():
                response[name] = value
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """The refusal of a page, or an address of nothing, that is asked too often; the API counts at its own door."""
        counts_itself = is_for_programs(request.path) and hasattr(view, "cls")
        if counts_itself or request.path in throttling.UNCOUNTED:
            return None
        user = request.user if isinstance(request.user, User) else None
        try:
            throttling.spend(request, user=user, kind=throttling.kind_of(view, request.method, reading="page"))
        except throttling.RateLimited as error:
            return refusal(request, error)
        return None
