"""One translator of refusals for pages: a toast for htmx, a page for browsers; JSON where JSON was asked for."""

import json
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from common import cures, errors
from common.database import disk_is_full
from common.errors import DomainError
from common.uploads import UploadFull

FOR_PROGRAMS = ("/api/", "/download/", "/healthz", "/readyz")
ABOUT_PROGRAMS = "/api/docs/"
"""Pages for people all the same."""
FAULTS: dict[str, type[DomainError]] = {
    kind.code: kind
    for kind in (
        *(errors.AddressTooLong, errors.BodyTooSlow, errors.HeadTooLarge, errors.Malformed, errors.NotFound),
        *(errors.RepeatedHeader, errors.WrongEncoding),
    )
}


class FaultMiddleware:
    """Refuses, in the reader's language, what the door of the process found: see `common.asgi.BodyCap`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        fault = getattr(request, "scope", {}).get("fault")
        if not fault:
            return self.get_response(request)
        response = refusal(request, FAULTS[fault]())
        response["Content-Length"] = str(len(response.content))
        return response


class DomainErrorMiddleware:
    """Answers a refusal that a page's view let pass."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The answer to a `DomainError` and to a full disk; None leaves every other exception loud."""
        if disk_is_full(exception):
            exception = UploadFull()
        return refusal(request, exception) if isinstance(exception, DomainError) else None


def is_for_programs(path: str) -> bool:
    """Whether this address answers programs: with problem documents, and budgets counted at its own door, if at all.

    What is at no address because it begins with a / too many answers them too.
    """
    path = f"/{path.lstrip('/')}"
    return path.startswith(FOR_PROGRAMS) and not path.startswith(ABOUT_PROGRAMS)


def refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The page, toast or problem document of one refusal, with its headers."""
    if is_for_programs(request.path):
        return problem(error)
    if getattr(request, "htmx", False):
        response = render(request, "components/toast.html", {"message": error.message, "code": error.code})
        response.status_code = error.status
        response["HX-Retarget"] = "#toasts"
        response["HX-Reswap"] = "beforeend"
        response["HX-Reselect"] = ".toast-card"
    else:
        response = render(
            request,
            "error.html",
            {"status": error.status, "code": error.code, "message": error.message},
            status=error.status,
        )
    return _with_headers(response, error)


def problem(error: DomainError) -> HttpResponse:
    """One refusal as `application/problem+json` (RFC 9457)."""
    text = json.dumps(_members(error), ensure_ascii=False)
    response = HttpResponse(text, status=error.status, content_type="application/problem+json")
    if error.status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return _with_headers(response, error)


def _with_headers(response: HttpResponse, error: DomainError) -> HttpResponse:
    if retry := error.extra.get("retry_after"):
        response["Retry-After"] = str(retry)
    return response


def _members(error: DomainError) -> dict[str, object]:
    members: dict[str, object] = {
        "type": cures.kind(error.code, studio=settings.PUBLIC_URL),
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": error.message,
        "code": error.code,
        **error.extra,
    }
    if errors := getattr(error, "as_members", None):
        members["errors"] = errors()
    return members
