"""One's own Hugging Face token, which pays for what one makes."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import queries, throttling, whoami
from accounts.access import signed_in
from accounts.forms import HuggingFaceForm
from accounts.services import huggingface as huggingface_service
from common.errors import DomainError, InvalidInput

TOKENS_URL = "https://huggingface.co/settings/tokens"
BILLING_URL = "https://huggingface.co/settings/billing"


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
