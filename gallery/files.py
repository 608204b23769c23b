"""Pictures as bytes, for the pages and the API.

A plain response and no stream: under ASGI a synchronous stream is collected into memory all the same.
"""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from accounts.throttling import spend, spend_try
from gallery import access, export, previews, queries, storage
from gallery.models import THUMBNAIL_SIZES, Image

MEDIA_TYPES = {"svg": "image/svg+xml"}
log = logging.getLogger(__name__)


@require_safe
def image_file(request: HttpRequest, image_id: UUID) -> HttpResponse:
    """The picture for a page, in any format and size; `?download` saves it under a readable name."""
    image = access.seen_image(request.user, image_id)
    asked = export.wanted(export.with_preset(request.GET, image), image)
    return serve(
        request,
        image,
        download="download" in request.GET,
        format=asked.format,
        exact=asked.size,
        with_recipe=asked.with_recipe,
    )


@require_safe
def image_thumbnail(request: HttpRequest, image_id: UUID, size: int) -> HttpResponse:
    """The thumbnail for a page."""
    return serve(request, access.seen_image(request.user, image_id), size)


@login_not_required
@require_safe
def shared_file(request: HttpRequest, key: str) -> HttpResponse:
    """The picture of a link, for as long as it opens; where its recipe is hidden the file has none."""
    share = access.opened_share(request, key)
    return _apart(_shown_file(request, share.image, recipe_shown=share.recipe_shown))


@login_not_required
@require_safe
def shared_thumbnail(request: HttpRequest, key: str, size: int) -> HttpResponse:
    """The thumbnail of a link, for as long as it opens."""
    share = access.opened_share(request, key)
    return _apart(serve(request, share.image, size, with_recipe=share.recipe_shown))


@login_not_required
@require_safe
def shared_preview(request: HttpRequest, key: str) -> HttpResponse:
    """What messengers show of a link, for as long as it opens."""
    return _apart(_preview(request, access.opened_share(request, key).image))


@login_not_required
@require_safe
def published_file(request: HttpRequest, image_id: UUID) -> HttpResponse:
    """A picture of the showcase."""
    image = access.published_image(image_id)
    return _shown_file(request, image, recipe_shown=image.recipe_shown)


@login_not_required
@require_safe
def published_thumbnail(request: HttpRequest, image_id: UUID, size: int) -> HttpResponse:
    """A thumbnail of the showcase."""
    image = access.published_image(image_id)
    return serve(request, image, size, with_recipe=image.recipe_shown)


@login_not_required
@require_safe
def published_preview(request: HttpRequest, image_id: UUID) -> HttpResponse:
    """What messengers show of a picture of the showcase."""
    return _preview(request, access.published_image(image_id))


def serve(
    request: Any,
    image: Image,
    size: int | None = None,
    download: bool = False,
    format: str = "",
    *,
    exact: export.Size | None = None,
    with_recipe: bool = True,
) -> HttpResponse:
    """The file, or its thumbnail of `size` pixels, to somebody who was let through; `exact` and `with_recipe` as
    `export.content` takes them.

    An uploaded file and an SVG are always attachments in a sandbox: an `<img>` shows them, a tab does not open them.
    Raises `Http404`, `RateLimited` and what `export.content` raises.
    """
    if size is not None and size not in THUMBNAIL_SIZES:
        raise Http404
    format = "webp" if size else format or image.format
    version = str(size) if size else _version(image, format, exact, with_recipe)
    etag = f'"{image.digest}{"-" if version else ""}{version}"'
    response = get_conditional_response(request, etag=etag)
    response = response or _picture(request, image, size, format, exact=exact, with_recipe=with_recipe)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    is_boxed = image.origin == Image.Origin.UPLOADED or format == "svg"
    response["Content-Disposition"] = _disposition(
        image, format, attachment=download or is_boxed, with_recipe=with_recipe
    )
    if is_boxed:
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def media_type(format: str) -> str:
    """The Content-Type of a format."""
    return MEDIA_TYPES.get(format, f"image/{format}")


def _shown_file(request: HttpRequest, image: Image, *, recipe_shown: bool) -> HttpResponse:
    return serve(request, image, download="download" in request.GET, with_recipe=recipe_shown)


def _preview(request: HttpRequest, image: Image) -> HttpResponse:
    etag = f'"{image.digest}-preview"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        spend_try(request, kind="preview")
        response = HttpResponse(_bytes(image, lambda: previews.content(image)), content_type="image/jpeg")
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def _apart(response: HttpResponse) -> HttpResponse:
    """Not for search engines, and without a word of where it was asked from."""
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _version(image: Image, format: str, exact: export.Size | None, with_recipe: bool) -> str:
    """What tells this file of the image from its others; "" for the stored one."""
    parts = [] if format == image.format else [format]
    if exact:
        parts.append(f"{exact.width}x{exact.height}{exact.fit}{exact.background[1:]}")
    return "-".join(parts if with_recipe else [*parts, "bare"])


def _picture(
    request: Any, image: Image, size: int | None, format: str, *, exact: export.Size | None, with_recipe: bool
) -> HttpResponse:
    if not size and (exact or format != image.format):
        user = request.user if request.user.is_authenticated else None
        spend(request, user=user, kind="trace" if format == "svg" else "request")

    def read() -> bytes:
        if size:
            return storage.read(image, size)
        return export.content(image, format, size=exact, with_recipe=with_recipe)

    content = _bytes(image, read)
    return HttpResponse(content, content_type=media_type(format))


def _bytes(image: Image, read: Callable[[], bytes]) -> bytes:
    try:
        return read()
    except FileNotFoundError as error:
        log.exception("The bytes of image %s are gone", image.pk)
        raise Http404 from error


def _disposition(image: Image, format: str, *, attachment: bool, with_recipe: bool) -> str:
    """Inline or attachment with the name twice (RFC 6266): in ASCII for old programs, then as it is."""
    name = queries.filename(image, format, with_recipe=with_recipe)
    stem, _, extension = name.rpartition(".")
    plain = f"{slugify(stem) or 'picture'}.{extension}"
    kind = "attachment" if attachment else "inline"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
