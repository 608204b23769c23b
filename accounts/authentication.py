"""Who asks, and what their token may do. Closed by default: a route says which scope each method needs."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.utils import translation
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission

from accounts import throttling
from accounts.models import ApiToken, User
from accounts.services import tokens
from common.drf import only_methods
from common.errors import CsrfFailed, DomainError

LONGEST = 200
SCHEMES = {"bearer", "token"}

View = TypeVar("View", bound=Callable[..., Any])


class BadToken(DomainError):
    """The credentials that came open nothing."""

    code = "bad_token"
    status = 401


class InsufficientScope(DomainError):
    """The token is good, but not for this."""

    code = "insufficient_scope"
    status = 403


def needs(**scopes: str) -> Callable[[View], View]:
    """Opens an API view: the scope that a token needs, by method (HEAD as GET). Stands above `@api_view`."""

    def opened(view: View) -> View:
        view.cls.scopes = scopes  # type: ignore[attr-defined]
        view.cls.options = only_methods  # type: ignore[attr-defined]
        if "GET" in scopes and "head" not in view.cls.http_method_names:  # type: ignore[attr-defined]
            view.cls.http_method_names = [*view.cls.http_method_names, "head"]  # type: ignore[attr-defined]
        return view

    return opened


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>` or `Token <token>`."""

    def authenticate(self, request: Any) -> tuple[User, ApiToken] | None:
        """The owner and the token; None where another scheme was sent. Raises `BadToken`."""
        scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() not in SCHEMES:
            return None
        address = throttling.client_address(request)
        token = tokens.find(secret, address=address) if secret.isascii() and len(secret) <= LONGEST else None
        if token is None:
            throttling.spend(request, user=None, kind="request")
            raise BadToken
        _speak_to(token.user, request)
        return token.user, token

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"


class BrowserSession(SessionAuthentication):
    """The session of our own pages, with CSRF."""

    def authenticate(self, request: Any) -> tuple[Any, None] | None:
        """The signed-in user. Raises `CsrfFailed`."""
        signed_in = super().authenticate(request)
        if signed_in is not None:
            _speak_to(signed_in[0], request)
        return signed_in

    def enforce_csrf(self, request: Any) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise CsrfFailed from error


class HasScope(BasePermission):
    """Signed in, and the token (where it is one) has the scope that the view needs for this method."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """False where the view was never opened by `needs`. Raises `NotAuthenticated`, `InsufficientScope`."""
        if request.user is None:
            throttling.spend(request, user=None, kind="request")
            raise NotAuthenticated
        if request.method not in view.allowed_methods:
            return True
        scope = _scope_for(request.method, getattr(view, "scopes", {}))
        if scope is not None and request.auth is not None and scope not in request.auth.scopes:
            throttling.spend(request, user=request.user, kind="request")
            raise InsufficientScope(scope=scope)
        return scope is not None


def _scope_for(method: str, scopes: dict[str, str]) -> str | None:
    if method == "OPTIONS" and scopes:
        return "read"
    return scopes.get("GET" if method == "HEAD" else method)


def _speak_to(user: User, request: Any) -> None:
    """The profile's language counts where the request asks for none."""
    if user.language and "HTTP_ACCEPT_LANGUAGE" not in request.META:
        translation.activate(user.language)
