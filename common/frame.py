"""What belongs to every page and to none: the app's manifest, its worker, the page without a network, accessibility."""

from email.utils import parseaddr

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from common.colours import PAPER

HOUR = 3600
ICONS = (("icon-192.png", 192, "any"), ("icon-512.png", 512, "any"), ("icon-maskable-512.png", 512, "maskable"))


@login_not_required
@require_safe
@cache_control(public=True, max_age=HOUR)
def manifest(request: HttpRequest) -> HttpResponse:
    """What a browser needs to install the studio, in the language that the address names, else in the reader's."""
    wanted = request.GET.get("language", "")
    language = wanted if wanted in dict(settings.LANGUAGES) else get_language()
    with override(language):
        return JsonResponse(_manifest(), content_type="application/manifest+json")


def _manifest() -> dict[str, object]:
    studio, gallery = reverse("studio"), reverse("gallery")
    return {
        "id": studio,
        "name": "Training Edge AI",
        "short_name": "Edge AI",
        "description": _("A studio that makes pictures from words, and a gallery that keeps them with their recipes."),
        "lang": get_language(),
        "dir": "ltr",
        "start_url": studio,
        "scope": "/",
        "display": "standalone",
        "theme_color": PAPER["light"],
        "background_color": PAPER["light"],
        "categories": ["graphics", "photo"],
        "icons": [_icon(*icon) for icon in ICONS],
        "shortcuts": [
            {"name": _("Studio"), "url": studio, "icons": [_icon(*ICONS[0])]},
            {"name": _("Gallery"), "url": gallery, "icons": [_icon(*ICONS[0])]},
        ],
    }


def _icon(name: str, side: int, purpose: str) -> dict[str, str]:
    return {"src": static(f"icons/{name}"), "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}


@login_not_required
@require_safe
@cache_control(public=True, max_age=HOUR)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker that shows `offline` where there is no network; served from the root, so that it covers every page."""
    return render(request, "service-worker.js", content_type="text/javascript")


@login_not_required
@require_safe
@cache_control(public=True, max_age=HOUR)
def offline(request: HttpRequest) -> HttpResponse:
    """A page that names nobody: browsers keep it for when the studio cannot be reached."""
    return render(request, "offline.html")


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The statement of accessibility, and whom to tell what is in the way."""
    return render(request, "accessibility.html", {"operator": parseaddr(settings.DEFAULT_FROM_EMAIL)[1]})
