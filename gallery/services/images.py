"""What happens to pictures: kept, changed, thrown away, brought back."""

from typing import IO, Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from common import pictures, texts
from common.database import release_connection
from common.errors import DomainError, InvalidInput
from gallery import folding, storage
from gallery.models import Image
from gallery.storage import Stored

TITLE_MAX = 200
TAG_MAX = 50
TAGS_MAX = 20


class ImageGone(DomainError):
    """The trash was emptied while somebody looked at it."""

    code = "not_found"
    status = 404


FILTERED = ("model", "mode", "style", "seed", "steps", "guidance")
"""What the filters of the gallery read; it stands in the recipe too."""


@transaction.atomic(savepoint=False)
def add_image(
    *,
    owner: User,
    stored: Stored,
    recipe: dict[str, Any],
    parent: Image | None = None,
    remix_of_id: UUID | None = None,
) -> Image:
    """A picture we made becomes its owner's image; `parent` is the source it was made from, `remix_of_id` the picture
    whose recipe it began with."""
    filtered = {name: recipe[name] for name in FILTERED if recipe[name] is not None}
    return Image.objects.create(
        owner=owner,
        origin=Image.Origin.GENERATED,
        recipe=recipe,
        parent=parent,
        remix_of_id=remix_of_id,
        search_text=folding.search_text(title="", prompt=recipe["prompt"], tags=[]),
        **filtered,
        **vars(stored),
    )


def keep_upload(*, owner: User, file: IO[bytes] | bytes) -> Image:
    """A picture somebody sent becomes their own uploaded image: upright, without metadata, unmarked.

    Raises `InvalidInput` on `source` for what is no picture we take, `StorageFull`; then nothing is kept.
    """
    release_connection()
    try:
        with pictures.room():
            stored = storage.store_upload(owner_id=owner.pk, image=pictures.flatten(pictures.decode(file)))
    except pictures.NotAPicture as error:
        limit = {"megapixels": pictures.MAX_PIXELS // 1_000_000}
        arguments = limit if error.code == "source_too_large" else {}
        raise InvalidInput([("source", error.code, arguments)]) from error
    return _add_upload(owner, stored)


@transaction.atomic
def _add_upload(owner: User, stored: Stored) -> Image:
    return Image.objects.create(owner=owner, origin=Image.Origin.UPLOADED, **vars(stored))


@transaction.atomic
def discard_upload(*, image: Image) -> None:
    """Remove an upload whose generation was refused, row and bytes; a generated image is never removed so."""
    removed, _ = Image.objects.filter(pk=image.pk, origin=Image.Origin.UPLOADED).delete()
    if removed:
        transaction.on_commit(lambda: storage.forget(image.path))


@transaction.atomic
def change(
    *, image: Image, title: str | None = None, tags: list[str] | None = None, favourite: bool | None = None
) -> Image:
    """Change what is not None. Outer space is cut off; a tag that is given twice is kept once.

    Raises `InvalidInput`: titles to 200 characters, 20 tags of 1 to 50.
    """
    fields: dict[str, Any] = {}
    problems: list[texts.Problem] = []
    if title is not None:
        fields["title"] = title.strip()
        problems += texts.problems("title", fields["title"], most=TITLE_MAX)
    if tags is not None:
        fields["tags"] = list(dict.fromkeys(tag.strip() for tag in tags))
        problems += _tag_problems(fields["tags"])
    if favourite is not None:
        fields["favourite"] = favourite
    if problems:
        raise InvalidInput(problems)
    if {"title", "tags"} & fields.keys():
        fields["search_text"] = _search_text(image, fields)
    return _updated(image, **fields)


@transaction.atomic
def trash(*, image: Image) -> Image:
    """Into the trash, for 30 days; what is in it already keeps its day."""
    now = timezone.now()
    if Image.objects.filter(pk=image.pk, deleted_at=None).update(deleted_at=now):
        image.deleted_at = now
    return image


@transaction.atomic
def restore(*, image: Image) -> Image:
    """Back out of the trash; what is not in it stays as it is. Raises `ImageGone` once it was emptied."""
    return _updated(image, deleted_at=None)


def _search_text(image: Image, changed: dict[str, Any]) -> str:
    """With the title or tags as they will be; the row is locked, so that what somebody else changes is not lost."""
    row = Image.objects.select_for_update().filter(pk=image.pk).first()
    if row is None:
        raise ImageGone
    title, tags = changed.get("title", row.title), changed.get("tags", row.tags)
    return folding.search_text(title=title, prompt=(row.recipe or {}).get("prompt", ""), tags=tags)


def _updated(image: Image, **fields: Any) -> Image:
    if fields and not Image.objects.filter(pk=image.pk).update(**fields):
        raise ImageGone
    for name, value in fields.items():
        setattr(image, name, value)
    return image


def _tag_problems(tags: list[str]) -> list[texts.Problem]:
    if len(tags) > TAGS_MAX:
        return [("tags", "too_many", {"most": TAGS_MAX})]
    problems: list[texts.Problem] = []
    for tag in tags:
        problems += texts.problems("tags", tag, most=TAG_MAX) if tag else [("tags", "tag_empty", {})]
    return problems
