"""Two pictures beside each other."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import PageRequest
from gallery import access, kinship
from gallery.facts import differences
from gallery.models import Image


@require_safe
def choose(request: PageRequest, image_id: UUID) -> HttpResponse:
    """Which picture to compare one with."""
    one = access.seen_image(request.user, image_id)
    others = kinship.beside(one, request.user)
    return render(request, "gallery/compare_with.html", {"image": one, "name": _name(one), "others": others})


@require_safe
def compare(request: PageRequest, image_id: UUID, other_id: UUID) -> HttpResponse:
    """One picture over another, and where their recipes differ."""
    pair = [access.seen_image(request.user, each) for each in (image_id, other_id)]
    page = {
        "pair": [(each, _name(each)) for each in pair],
        "have_recipes": all(each.recipe for each in pair),
        "are_identical": pair[0].digest == pair[1].digest,
        "differences": differences(pair[0].recipe or {}, pair[1].recipe or {}),
    }
    return render(request, "gallery/compare.html", page)


def _name(image: Image) -> str:
    return image.title or (image.recipe or {}).get("prompt") or _("Source picture")
