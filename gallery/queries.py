"""Pictures as they are shown: one as JSON, many as a page."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.text import slugify

from common.errors import InvalidInput
from common.times import rfc3339
from gallery.models import Image, ImageQuerySet

PAGE_SIZE = 12
NAME_LENGTH = 60
EXTENSIONS = {"png": "png", "jpeg": "jpg", "webp": "webp"}
TOLD_FROM_RECIPE = ("model", "seed", "prompt")


@dataclass(frozen=True)
class Page:
    """Images of one person, newest first; `newer` and `older` are cursors of the pages beside it, or ""."""

    images: list[Image]
    newer: str
    older: str


def as_json(image: Image, base_url: str) -> dict[str, Any]:
    """The one representation of an image, for the API and for events; `base_url` has no slash at its end."""
    return {
        "id": str(image.pk),
        "origin": str(image.origin),
        "title": image.title,
        "tags": image.tags,
        "favourite": image.favourite,
        "visibility": image.visibility,
        "url": base_url + reverse("api_image_file", args=[image.pk]),
        "thumbnail_url": base_url + reverse("api_image_thumbnail", args=[image.pk]),
        "width": image.width,
        "height": image.height,
        "format": image.format,
        "bytes": image.bytes,
        "digest": image.digest,
        **{name: (image.recipe or {}).get(name) for name in TOLD_FROM_RECIPE},
        "parent": str(image.parent_id) if image.parent_id else None,
        "created_at": rfc3339(image.created_at),
        "deleted_at": rfc3339(image.deleted_at) if image.deleted_at else None,
    }


def filename(image: Image, format: str = "") -> str:
    """A name to save the picture under, readable in its own script: letters, digits and hyphens only."""
    words = image.title or (image.recipe or {}).get("prompt", "")
    stem = slugify(words[: 4 * NAME_LENGTH], allow_unicode=True)[:NAME_LENGTH].strip("-_")
    return f"{stem or 'picture'}.{EXTENSIONS[format or image.format]}"


def page(user: Any, *, cursor: str = "", size: int = PAGE_SIZE, trash: bool = False) -> Page:
    """The generated images of one person (or their trash, uploads included), `size` at most, at `cursor`.

    Takes the same time at any depth. Raises `InvalidInput` on `cursor` for one that no page gave.
    """
    images = Image.objects.visible_to(user)
    images = images.filter(deleted_at__isnull=False) if trash else images.kept().generated()
    if not cursor:
        rows = list(images.newest_first()[: size + 1])
        return Page(rows[:size], "", _cursor("older", rows[size - 1]) if len(rows) > size else "")
    direction, at, pk = _parsed(cursor)
    if direction == "older":
        rows = list(_older(images, at, pk)[: size + 1])
        shown, more_newer, more_older = rows[:size], True, len(rows) > size
    else:
        rows = list(_newer(images, at, pk)[: size + 1])
        shown, more_newer, more_older = rows[:size][::-1], len(rows) > size, True
    return Page(
        shown,
        _cursor("newer", shown[0]) if shown and more_newer else "",
        _cursor("older", shown[-1]) if shown and more_older else "",
    )


def neighbours(image: Image) -> tuple[Image | None, Image | None]:
    """The next newer and the next older one beside an image of the gallery."""
    beside = Image.objects.filter(owner=image.owner_id, origin=image.origin).kept().only("pk")
    return _newer(beside, image.created_at, image.pk).first(), _older(beside, image.created_at, image.pk).first()


def _older(images: ImageQuerySet, at: datetime, pk: UUID) -> ImageQuerySet:
    return images.filter(Q(created_at__lt=at) | Q(pk__lt=pk), created_at__lte=at).newest_first()


def _newer(images: ImageQuerySet, at: datetime, pk: UUID) -> ImageQuerySet:
    beyond = images.filter(Q(created_at__gt=at) | Q(pk__gt=pk), created_at__gte=at)
    return beyond.order_by("created_at", "pk")


def _cursor(direction: str, image: Image) -> str:
    return f"{direction}_{image.created_at.astimezone(UTC):%Y%m%dT%H%M%S%f}_{image.pk.hex}"


def _parsed(cursor: str) -> tuple[str, datetime, UUID]:
    try:
        direction, at, pk = cursor.split("_")
        if direction not in ("older", "newer"):
            raise ValueError(direction)
        return direction, datetime.strptime(at, "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC), UUID(pk)
    except ValueError as error:
        raise InvalidInput([("cursor", "bad_cursor", {})]) from error
