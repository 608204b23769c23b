"""A picture as others see it, through a link or in the showcase: looking, liking, reporting."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.throttling import RateLimited, spend_try
from common.errors import InvalidInput
from gallery import access, previews, showing
from gallery.forms import ReportForm, UnlockForm
from gallery.models import Share
from gallery.services import sharing
from gallery.showing import Door


@login_not_required
@require_safe
def shared(request: HttpRequest, key: str) -> HttpResponse:
    """The picture of a link; where a password is asked for, the question."""
    share = access.live_share(key)
    if not access.is_open(request, share):
        return _locked(request, share, UnlockForm())
    if request.method == "GET" and share.image.owner_id != request.user.pk:
        sharing.count_view(share=share)
    return _unlisted(_page(request, showing.by_link(share)))


@login_not_required
@require_safe
def published(request: HttpRequest, image_id: UUID) -> HttpResponse:
    """A picture of the showcase."""
    image = access.published_image(image_id)
    return _page(request, showing.in_showcase(image))


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unlock(request: HttpRequest, key: str) -> HttpResponse:
    """Try a password, five a minute for a link and an address; who comes back without one is asked again."""
    share = access.live_share(key)
    if request.method != "POST":
        return redirect("shared", key)
    form = UnlockForm(request.POST)
    try:
        spend_try(request, kind="unlock", at=key)
    except RateLimited as refusal:
        form.add_error("password", refusal.message)
        return _locked(request, share, form, refusal)
    if form.is_valid() and not sharing.opens(share=share, password=form.cleaned_data["password"]):
        form.add_error("password", _("This is not the password of this link. Ask who sent it to you."))
    if form.errors:
        return _locked(request, share, form)
    access.remember_open(request, share)
    return redirect("shared", key)


@login_not_required
@require_POST
def shared_like(request: HttpRequest, key: str) -> HttpResponse:
    """Like the picture of a link, or no more."""
    share = access.opened_share(request, key)
    return _like(request, showing.by_link(share))


@login_not_required
@require_POST
def published_like(request: HttpRequest, image_id: UUID) -> HttpResponse:
    """Like a picture of the showcase, or no more."""
    image = access.published_image(image_id)
    return _like(request, showing.in_showcase(image))


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def shared_report(request: HttpRequest, key: str) -> HttpResponse:
    """Say why the picture of a link should not be there."""
    share = access.opened_share(request, key)
    return _unlisted(_report(request, showing.by_link(share)))


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def published_report(request: HttpRequest, image_id: UUID) -> HttpResponse:
    """Say why a picture of the showcase should not be there."""
    image = access.published_image(image_id)
    return _report(request, showing.in_showcase(image))


def _page(request: HttpRequest, door: Door) -> HttpResponse:
    width, height = previews.size(door.image)
    page = {
        **_seen(request, door),
        "base_url": settings.PUBLIC_URL,
        "preview": {"address": door.to("preview"), "width": width, "height": height},
    }
    return render(request, "gallery/shown.html", page)


def _like(request: HttpRequest, door: Door) -> HttpResponse:
    reader = _reader(request)
    if reader is None:
        return redirect_to_login(door.to())
    change = sharing.unlike if request.POST.get("liked") == "false" else sharing.like
    change(user=reader, image=door.image)
    if getattr(request, "htmx", False):
        return render(request, "gallery/like.html", _seen(request, door))
    return redirect(door.to())


def _report(request: HttpRequest, door: Door) -> HttpResponse:
    form = ReportForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        spend_try(request, kind="report")
        try:
            sharing.report(image=door.image, reporter=_reader(request), **form.cleaned_data)
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            messages.info(request, _("Thank you. A curator will look at this picture."))
            return redirect(door.to())
    page = {**_seen(request, door), "form": form}
    return render(request, "gallery/report.html", page, status=422 if form.errors else 200)


def _seen(request: HttpRequest, door: Door) -> dict[str, object]:
    reader = _reader(request)
    return {
        "shown": showing.shown(door=door, reader=reader),
        "page": door.to(),
        "address": {name: door.to(name) for name in ("file", "like", "report")},
        "thumbnail": door.to("thumbnail", 640),
        "remix": door.remix,
        "is_listed": door.name == "published",
        "is_mine": reader is not None and reader.pk == door.image.owner_id,
    }


def _locked(request: HttpRequest, share: Share, form: UnlockForm, refusal: RateLimited | None = None) -> HttpResponse:
    status = refusal.status if refusal else 422 if form.errors else 200
    response = render(request, "gallery/locked.html", {"form": form, "key": share.key}, status=status)
    if refusal:
        response["Retry-After"] = str(refusal.extra["retry_after"])
    return _unlisted(response)


def _unlisted(response: HttpResponse) -> HttpResponse:
    """Not for search engines, nor for the caches of anybody else."""
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "private, no-cache"
    return response


def _reader(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
