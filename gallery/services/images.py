"""What happens to pictures: kept, changed, thrown away, brought back."""

from typing import IO, Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from common import pictures
from common.database import release_connection
from common.errors import DomainError, InvalidInput
from common.texts import is_clean
from gallery import storage
from gallery.models import Image
from gallery.storage import Stored

TITLE_MAX = 200
TAG_MAX = 50
TAGS_MAX = 20
Problem = tuple[str, str, dict[str, Any]]


class ImageGone(DomainError):
    """The trash was emptied while somebody looked at it."""

    code = "not_found"
    status = 404


@transaction.atomic(savepoint=False)
def add_image(*, owner: User, stored: Stored, recipe: dict[str, Any], parent: Image | None = None) -> Image:
    """A picture we made becomes its owner's image; `parent` is the source it was made from."""
    return Image.objects.create(
        owner=owner, origin=Image.Origin.GENERATED, recipe=recipe, parent=parent, **vars(stored)
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
    problems: list[Problem] = []
    if title is not None:
        fields["title"] = title.strip()
        problems += _title_problems(fields["title"])
    if tags is not None:
        fields["tags"] = list(dict.fromkeys(tag.strip() for tag in tags))
        problems += _tag_problems(fields["tags"])
    if favourite is not None:
        fields["favourite"] = favourite
    if problems:
        raise InvalidInput(problems)
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


def _updated(image: Image, **fields: Any) -> Image:
    if fields and not Image.objects.filter(pk=image.pk).update(**fields):
        raise ImageGone
    for name, value in fields.items():
        setattr(image, name, value)
    return image


def _title_problems(title: str) -> list[Problem]:
    if len(title) > TITLE_MAX:
        return [("title", "too_long", {"most": TITLE_MAX, "length": len(title)})]
    return [] if is_clean(title) else [("title", "control_characters", {})]


def _tag_problems(tags: list[str]) -> list[Problem]:
    if len(tags) > TAGS_MAX:
        return [("tags", "too_many", {"most": TAGS_MAX})]
    problems: list[Problem] = []
    for tag in tags:
        if not tag:
            problems.append(("tags", "tag_empty", {}))
        elif len(tag) > TAG_MAX:
            problems.append(("tags", "too_long", {"most": TAG_MAX, "length": len(tag)}))
        elif not is_clean(tag):
            problems.append(("tags", "control_characters", {}))
    return problems
