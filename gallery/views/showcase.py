"""What the studio shows the world."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gallery import orders, queries, showing

QUERY_MAX = 300


@login_not_required
@require_safe
def showcase(request: HttpRequest) -> HttpResponse:
    """Published pictures, the last one first; `q` looks in their titles and shown prompts."""
    words = request.GET.get("q", "")[:QUERY_MAX]
    found = showing.showcase(words=words)
    page = orders.page(found, sort="published", size=queries.PAGE_SIZE, cursor=request.GET.get("cursor", ""))
    tiles = [(image, showing.name(image, recipe_shown=image.recipe_shown)) for image in page.rows]
    shown = {"page": page, "tiles": tiles, "words": words, "base_url": settings.PUBLIC_URL}
    return render(request, "gallery/showcase.html", shown)
