"""One's tokens for the API, and how a program is connected with one."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import queries, snippets
from accounts.access import own_token, signed_in
from accounts.forms import TokenForm
from accounts.services import tokens as token_service


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens; a POST makes one and shows its secret in the answer, the only time anybody sees it."""
    form = TokenForm(request.POST or None)
    secret, status = _made(request, form)
    page = {
        "form": TokenForm() if secret else form,
        "secret": secret,
        "tokens": queries.tokens(signed_in(request)),
    }
    return render(request, "accounts/tokens.html", page, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """What a program needs: the address, a token and an example; a POST makes the token, shown this once."""
    form = TokenForm(request.POST or None, initial={"name": _("My program")})
    secret, status = _made(request, form)
    page = {
        "form": form,
        "secret": secret,
        "api": snippets.address(),
        "site": settings.PUBLIC_URL,
        "snippets": snippets.snippets(secret=secret),
    }
    return render(request, "accounts/connect.html", page, status=status)


@require_POST
def token_revoke(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """The token opens nothing any more."""
    token = own_token(signed_in(request), token_id)
    if token_service.revoke(user=token.user, token_id=token.pk):
        messages.info(
            request,
            _("The token “%(name)s” is revoked. What used it is turned away from now on.") % {"name": token.name},
        )
    return redirect("tokens")


def _made(request: HttpRequest, form: TokenForm) -> tuple[str, int]:
    """The secret of the token that the form made, "" where it made none, and the status of the page."""
    if request.method != "POST" or not form.is_valid():
        return "", 422 if form.errors else 200
    try:
        _token, secret = token_service.make(
            user=signed_in(request),
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=form.expires_at(),
        )
    except token_service.TooManyTokens as refusal:
        form.add_error(None, refusal.message)
        return "", refusal.status
    return secret, 200
