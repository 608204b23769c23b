"""Every refusal in the shape of the dialect that was spoken, whoever found it."""

import json
import re
from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

ORIGINAL = re.compile(r"/api/(?:generate|models|delete(?:/.*)?)|/download/.*", re.DOTALL)


class OriginalShapeMiddleware:
    """What the original design's addresses refuse becomes `{"success": false, "error": sentence}`; a browser that looks
    for a page at `/download` without credentials is sent to sign in. Stands outside of all that can refuse."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or not ORIGINAL.fullmatch(request.path):
            return response
        if response.status_code == 401 and _is_a_browser(request):
            return redirect_to_login(request.get_full_path())
        if response.get("Content-Type") == "application/problem+json":
            _reshape(response)
        return response


def _is_a_browser(request: HttpRequest) -> bool:
    """Whether somebody looks for a page at `/download`, rather than a program for a file."""
    looks = request.method in {"GET", "HEAD"} and request.path.startswith("/download/")
    return looks and "Authorization" not in request.headers and "text/html" in request.headers.get("Accept", "")


def _reshape(response: HttpResponse) -> None:
    problem = json.loads(response.content)
    faults = [f"{fault['field']}: {fault['message']}" for fault in problem.get("errors", [])]
    body = {"success": False, "error": " ".join([problem["detail"], *faults])}
    response.content = json.dumps(body, ensure_ascii=False).encode()
    response["Content-Type"] = "application/json"
    if "Content-Length" in response:
        response["Content-Length"] = str(len(response.content))
