"""To whom an owner shows a picture."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import PageRequest
from common.errors import InvalidInput
from gallery import access, showing
from gallery.forms import LinkChangeForm, LinkForm
from gallery.models import Image, Share
from gallery.services import sharing
from gallery.views import undoing


@require_http_methods(["GET", "HEAD", "POST"])
def panel(request: PageRequest, image_id: UUID) -> HttpResponse:
    """The links to a picture and its place in the showcase; a POST makes a link."""
    image = access.own_image(request.user, image_id)
    form = LinkForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            sharing.share(image=image, **form.settings())
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            messages.info(request, _("The link is made. Copy it and send it to whom you like."))
            return redirect("image_share", image_id)
    return _panel(request, image, form=form)


@require_POST
def change(request: PageRequest, share_id: UUID) -> HttpResponse:
    """Another last day, another password, or the recipe shown or not."""
    share = access.own_share(request.user, share_id)
    form = LinkChangeForm(request.POST, prefix=str(share.pk))
    if form.is_valid():
        try:
            sharing.change(share=share, **form.settings())
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            messages.info(request, _("The link is changed."))
            return redirect("image_share", share.image_id)
    return _panel(request, share.image, form=LinkForm(), changing=form)


@require_POST
def revoke(request: PageRequest, share_id: UUID) -> HttpResponse:
    """The link opens nothing any more, with an undo."""
    share = sharing.revoke(share=access.own_share(request.user, share_id))
    undoing.offer(request, _("The link is revoked. It opens nothing any more."), "sharing.restore", ids=[str(share.pk)])
    return redirect("image_share", share.image_id)


@require_POST
def in_showcase(request: PageRequest, image_id: UUID) -> HttpResponse:
    """Whether the showcase shows the recipe; or out of it, with an undo."""
    image = access.own_image(request.user, image_id)
    if "withdraw" in request.POST and image.published_at:
        known = {"published_at": image.published_at.isoformat(), "at": timezone.now().isoformat()}
        sharing.withdraw(image=image)
        said = _("The picture is out of the showcase.")
        undoing.offer(request, said, "sharing.publish_again", id=str(image.pk), **known)
    elif "recipe_shown" in request.POST:
        shown = request.POST["recipe_shown"] == "true"
        sharing.show_recipe(image=image, shown=shown)
        messages.info(request, _("The showcase shows the recipe.") if shown else _("The showcase hides the recipe."))
    return redirect("image_share", image_id)


def _panel(
    request: PageRequest, image: Image, *, form: LinkForm, changing: LinkChangeForm | None = None
) -> HttpResponse:
    wrong = form.errors or (changing and changing.errors)
    links = [_link(share, changing) for share in showing.links(image)]
    image.has_link = not all(link["is_over"] for link in links)  # type: ignore[attr-defined]
    seen_through = showing.seen_through(image).filter(deleted_at=None).order_by("name", "pk")
    page = {
        "image": image,
        "name": showing.name(image, recipe_shown=True),
        "visibility": image.visibility,
        "collections": [] if image.deleted_at else seen_through,
        "form": form,
        "links": links,
        "base_url": settings.PUBLIC_URL,
    }
    return render(request, "gallery/share.html", page, status=422 if wrong else 200)


def _link(share: Share, changing: LinkChangeForm | None) -> dict[str, Any]:
    """A link with the form that changes it."""
    prefix = str(share.pk)
    form = changing if changing and changing.prefix == prefix else None
    return {
        "share": share,
        "is_over": share.expires_at is not None and share.expires_at <= timezone.now(),
        "form": form or LinkChangeForm(prefix=prefix, initial={"recipe_shown": share.recipe_shown}),
    }
