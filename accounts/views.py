"""Pages about oneself."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import chart, queries, throttling, whoami
from accounts.access import signed_in
from accounts.context import THEME_COOKIE, THEMES
from accounts.forms import HuggingFaceForm, ProfileForm, TokenForm
from accounts.models import User
from accounts.services import huggingface as huggingface_service
from accounts.services import profile
from accounts.services import tokens as token_service
from common.errors import DomainError, InvalidInput
from common.middleware import refusal

TOKENS_URL = "https://huggingface.co/settings/tokens"
BILLING_URL = "https://huggingface.co/settings/billing"
YEAR = 365 * 24 * 3600


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Plan, usage and profile; a POST changes the profile."""
    user = User.objects.select_related("plan").get(pk=signed_in(request).pk)
    form = ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        profile.change(user=User.objects.get(pk=user.pk), **form.cleaned_data)
        messages.info(request, _("Your profile is saved."))
        return _with_language(redirect("account"), form.cleaned_data["language"])
    usage = queries.usage(user)
    page = {
        "form": form,
        "plan": user.plan,
        "plans": queries.plans(),
        "today": usage,
        "bars": chart.bars(usage.days),
        "total": sum(each.images for each in usage.days),
    }
    return render(request, "accounts/account.html", page, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens; a POST makes one and shows its secret in the answer, the only time anybody sees it."""
    form = TokenForm(request.POST or None)
    secret = ""
    if request.method == "POST" and form.is_valid():
        _token, secret = token_service.make(
            user=signed_in(request),
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=form.expires_at(),
        )
        form = TokenForm()
    page = {"form": form, "secret": secret, "tokens": queries.tokens(signed_in(request))}
    return render(request, "accounts/tokens.html", page, status=422 if form.errors else 200)


@require_POST
def token_revoke(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """The token opens nothing any more."""
    if token_service.revoke(user=signed_in(request), token_id=token_id):
        messages.info(request, _("The token is revoked. What used it is turned away from now on."))
    return redirect("tokens")


@throttling.asks_elsewhere
@require_http_methods(["GET", "HEAD", "POST"])
def huggingface(request: HttpRequest) -> HttpResponse:
    """Whose Hugging Face token pays; a POST enters one's own."""
    user = signed_in(request)
    form = HuggingFaceForm(request.POST if request.method == "POST" else None)
    status = 422 if form.errors else 200
    if form.is_valid():
        refused = _keep(request, form)
        if refused is None:
            return redirect("huggingface")
        status = refused.status
    page = {
        "form": form,
        "token": queries.own_token(user),
        "payer": queries.payer(user),
        "left": huggingface_service.server_pictures_left(),
        "tokens_url": TOKENS_URL,
        "billing_url": BILLING_URL,
    }
    return render(request, "accounts/huggingface.html", page, status=status)


def _keep(request: HttpRequest, form: HuggingFaceForm) -> DomainError | None:
    """Keep the token of the form, or put on it why not."""
    try:
        huggingface_service.keep(user=signed_in(request), secret=form.cleaned_data["token"])
    except (InvalidInput, whoami.HubSilent) as refused:
        form.refuse(refused)
        return refused
    messages.info(request, _("The token is kept. From now on it pays for what you make."))
    return None


@throttling.asks_elsewhere
@require_POST
def huggingface_check(request: HttpRequest) -> HttpResponse:
    """Ask Hugging Face about one's token again."""
    try:
        huggingface_service.check(user=signed_in(request))
    except (huggingface_service.TokenUnreadable, whoami.HubSilent) as refused:
        messages.error(request, refused.message)
    return redirect("huggingface")


@require_POST
def huggingface_remove(request: HttpRequest) -> HttpResponse:
    """Forget one's token."""
    if huggingface_service.remove(user=signed_in(request)):
        messages.info(request, _("The token is removed here. It still exists at Hugging Face: delete it there too."))
    return redirect("huggingface")


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language, for this browser and, signed in, for the profile."""
    code = request.POST.get("language", "")
    if code not in dict(settings.LANGUAGES):
        return _back(request)
    if request.user.is_authenticated:
        profile.change(user=request.user, language=code)
    return _with_language(_back(request), code)


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Choose light, dark, or what the system says."""
    chosen = request.POST.get("theme", "")
    response = _back(request)
    if chosen in THEMES:
        response.set_cookie(THEME_COOKIE, chosen, max_age=YEAR, samesite="Lax", secure=settings.SECURE)
    return response


@login_not_required
def too_many(request: HttpRequest) -> HttpResponse:
    """What allauth shows somebody who signs in or up too often in a minute."""
    return refusal(request, throttling.RateLimited(throttling.PERIOD))


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """To the page it came from, if that is one of ours."""
    wanted = request.POST.get("next") or request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(wanted if ours else resolve_url(settings.LOGIN_REDIRECT_URL))


def _with_language(response: HttpResponse, code: str) -> HttpResponse:
    """The cookie speaks for strangers; without a choice the browser's own wish counts again."""
    if code:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=YEAR,
            samesite="Lax",
            secure=settings.LANGUAGE_COOKIE_SECURE,
        )
    else:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
    return response
