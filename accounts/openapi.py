"""How the OpenAPI document describes our credentials."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class TokenScheme(OpenApiAuthenticationExtension):
    """A token of the account page."""

    target_class = "accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token made on the account page or with `manage.py create_token`. "
            "`Authorization: Token <token>` works too.",
        }


class SessionScheme(OpenApiAuthenticationExtension):
    """The session of our own pages."""

    target_class = "accounts.authentication.BrowserSession"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "The session of our own pages; what changes something also needs the CSRF token.",
        }
