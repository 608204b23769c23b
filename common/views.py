"""Health, and the pages of errors that no view could answer."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from common import errors
from common.errors import DomainError
from common.middleware import is_for_programs, refusal
from common.storages import failures
from common.uploads import BodyTooLarge


@csrf_exempt
@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process lives."""
    return JsonResponse({"status": "ok"})


@csrf_exempt
@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Each dependency by name; 503 when one is missing."""
    checks = {"database": _database_answers(), "cache": _cache_answers(), "storage": _storage_answers()}
    ready = all(checks.values())
    members = {name: "ok" if fine else "missing" for name, fine in checks.items()}
    return JsonResponse({"status": "ok" if ready else "unavailable", **members}, status=200 if ready else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _cache_answers() -> bool:
    try:
        cache.set("readyz", "ok", 5)
        return cache.get("readyz") == "ok"
    except OSError:
        return False


def _storage_answers() -> bool:
    try:
        default_storage.exists("readyz")
    except failures():
        return False
    return True


@login_not_required
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refusal(request, errors.NotFound())


@login_not_required
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refusal(request, errors.Forbidden())


@login_not_required
def malformed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig) and not isinstance(exception, BodyTooLarge):
        exception = BodyTooLarge(megabytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20)
    if isinstance(exception, DisallowedHost):
        exception = errors.UnknownHost()
    if isinstance(exception, DomainError):
        return refusal(request, exception)
    return refusal(request, errors.Malformed())


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """A bug: to a browser a page that asks nothing of the database, the session or the reader."""
    error = errors.ServerError()
    if is_for_programs(request.path) or getattr(request, "htmx", False):
        return refusal(request, error)
    return HttpResponse(render_to_string("500.html", {"message": error.message}), status=error.status)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return refusal(request, errors.CsrfFailed())


@csrf_exempt
@login_not_required
def no_such_api(request: HttpRequest, rest: str = "") -> HttpResponse:
    raise Http404
