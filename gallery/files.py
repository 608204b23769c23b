"""Pictures as bytes, for the pages and the API.

A plain response and no stream: under ASGI a synchronous stream is collected into memory all the same.
"""

import logging
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from gallery import export, queries, storage
from gallery.access import own_image
from gallery.models import THUMBNAIL_SIZES, Image

log = logging.getLogger(__name__)


@require_safe
def image_file(request: HttpRequest, image_id: UUID) -> HttpResponse:
    """The picture for a page; `?download` saves it under a readable name."""
    return serve(request, own_image(request.user, image_id), download="download" in request.GET)


@require_safe
def image_thumbnail(request: HttpRequest, image_id: UUID, size: int) -> HttpResponse:
    """The thumbnail for a page."""
    return serve(request, own_image(request.user, image_id), size)


def serve(
    request: Any, image: Image, size: int | None = None, download: bool = False, format: str = ""
) -> HttpResponse:
    """The file, or its thumbnail of `size` pixels, to somebody who was let through.

    An uploaded file is always an attachment in a sandbox: an `<img>` shows it, a tab does not open it.
    Raises `Http404`.
    """
    if size is not None and size not in THUMBNAIL_SIZES:
        raise Http404
    format = "webp" if size else format or image.format
    version = str(size or "") if format == image.format or size else format
    etag = f'"{image.digest}{"-" if version else ""}{version}"'
    response = get_conditional_response(request, etag=etag) or _picture(image, size, format)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    uploaded = image.origin == Image.Origin.UPLOADED
    response["Content-Disposition"] = _disposition(image, format, attachment=download or uploaded)
    if uploaded:
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _picture(image: Image, size: int | None, format: str) -> HttpResponse:
    try:
        content = storage.read(image, size) if size else export.content(image, format)
    except FileNotFoundError as error:
        log.exception("The bytes of image %s are gone", image.pk)
        raise Http404 from error
    return HttpResponse(content, content_type=f"image/{format}")


def _disposition(image: Image, format: str, *, attachment: bool) -> str:
    """Inline or attachment with the name twice (RFC 6266): in ASCII for old programs, then as it is."""
    name = queries.filename(image, format)
    stem, _, extension = name.rpartition(".")
    plain = f"{slugify(stem) or 'picture'}.{extension}"
    kind = "attachment" if attachment else "inline"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
