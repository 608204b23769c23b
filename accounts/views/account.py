"""Plan, usage and profile."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import chart, queries, throttling
from accounts.access import signed_in
from accounts.forms import ProfileForm
from accounts.models import User
from accounts.services import profile
from accounts.views.preferences import with_language
from common.middleware import refusal


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Plan, usage and profile; a POST changes the profile."""
    user = User.objects.select_related("plan").get(pk=signed_in(request).pk)
    form = ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        profile.change(user=User.objects.get(pk=user.pk), **form.cleaned_data)
        messages.info(request, _("Your profile is saved."))
        return with_language(redirect("account"), form.cleaned_data["language"])
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


@login_not_required
def too_many(request: HttpRequest) -> HttpResponse:
    """What allauth shows somebody who signs in or up too often in a minute."""
    return refusal(request, throttling.RateLimited(throttling.PERIOD))
