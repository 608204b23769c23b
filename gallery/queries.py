"""Pictures as they are shown: one as JSON, many as a page."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import Sum
from django.urls import reverse
from django.utils.text import slugify

from common.errors import InvalidInput
from common.times import rfc3339
from gallery import finding, orders
from gallery.finding import SORTS
from gallery.models import Image, ImageQuerySet
from gallery.terms import Terms

PAGE_SIZE = 12
EVERYTHING = Terms()
STORAGE_KNOWN = 300
"""Seconds for which the sum of the bytes of very many pictures is remembered."""
SUMMED_AT_ONCE = 5_000
"""Up to so many pictures in somebody's gallery their bytes are summed each time: that takes some milliseconds."""
NAME_LENGTH = 60
NAME_BYTES = 180
"""With a number, a seed and an ending a name stays under the 255 bytes that file systems take."""
EXTENSIONS = {"png": "png", "jpeg": "jpg", "webp": "webp", "svg": "svg"}
TOLD_FROM_RECIPE = ("model", "seed", "prompt")


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


def seen_as_json(images: Collection[Image], user: Any, base_url: str) -> list[dict[str, Any]]:
    """The same for somebody who sees them in collections: what an owner alone notes of them is left out, and so are
    links and the sources that they do not see. One query, whatever their number."""
    sources = {each.parent_id for each in images if each.parent_id and each.owner_id != user.pk}
    rows = Image.objects.visible_to(user).filter(pk__in=sources).values_list("pk", flat=True)
    seen = set(rows) if sources else set()
    return [
        as_json(each, base_url) if each.owner_id == user.pk else _as_others_see(each, seen, base_url) for each in images
    ]


def filename(image: Image, format: str = "", *, with_recipe: bool = True) -> str:
    """A name to save the picture under, readable in its own script: the words and the seed, in letters, digits and
    hyphens only; without its recipe the title alone."""
    words = image.title or (with_recipe and (image.recipe or {}).get("prompt")) or ""
    slug = slugify(words[: 4 * NAME_LENGTH], allow_unicode=True)[:NAME_LENGTH]
    stem = slug.encode()[:NAME_BYTES].decode(errors="ignore").strip("-_")
    seed = "" if image.seed is None or not with_recipe else f"-{image.seed}"
    return f"{stem or 'picture'}{seed}.{EXTENSIONS[format or image.format]}"


def gallery(
    user: Any, *, terms: Terms = EVERYTHING, sort: str = "newest", cursor: str = "", size: int = PAGE_SIZE
) -> orders.Page[Image]:
    """A page of what this person made and keeps, and of which the terms hold. Raises `InvalidInput`."""
    return orders.page(made_by(user, terms=terms), cursor=cursor, sort=_one_of_sorts(sort), size=size)


def count(user: Any, terms: Terms = EVERYTHING) -> int:
    """How many `gallery` has on all its pages."""
    return made_by(user, terms=terms).count()


def storage_used(user: Any, *, among: int) -> int:
    """Bytes of all that this person keeps, uploads and trash included; where their gallery has very many pictures
    (`among`), as they were at most five minutes ago."""

    def summed() -> int:
        return Image.objects.owned_by(user).aggregate(sum=Sum("bytes"))["sum"] or 0

    if among <= SUMMED_AT_ONCE:
        return summed()
    return int(cache.get_or_set(_storage_key(user), summed, STORAGE_KNOWN) or 0)


def forget_storage(user: Any) -> None:
    """Count their bytes anew: some are gone."""
    cache.delete(_storage_key(user))


def made_by(user: Any, *, terms: Terms = EVERYTHING) -> ImageQuerySet:
    """What this person made and keeps, and of which the terms hold."""
    return finding.matching(Image.objects.owned_by(user).kept().generated(), terms, user=user)


def neighbours(image: Image, terms: Terms = EVERYTHING, sort: str = "newest") -> tuple[Image | None, Image | None]:
    """The ones before and after an image in its owner's gallery, or in a search there; only their ids are read."""
    beside = Image.objects.filter(owner=image.owner_id, origin=image.origin).kept().only("pk")
    found = finding.matching(beside, terms, user=image.owner)
    order = orders.ORDERS[_one_of_sorts(sort)]
    return order.before(found, order.of(image), image.pk).first(), order.after(found, order.of(image), image.pk).first()


def _as_others_see(image: Image, seen: set[UUID], base_url: str) -> dict[str, Any]:
    """To who is not its owner; `seen` are the sources that they may look at."""
    told = as_json(image, base_url)
    visibility = told["visibility"] if told["visibility"] == "public" else "private"
    parent = told["parent"] if image.parent_id in seen else None
    return {**told, "tags": [], "favourite": False, "visibility": visibility, "parent": parent}


def _storage_key(user: Any) -> str:
    return f"gallery.storage.{user.pk}"


def _one_of_sorts(sort: str) -> str:
    if sort not in SORTS:
        raise InvalidInput([("sort", "not_a_choice", {"choices": ", ".join(SORTS)})])
    return sort
