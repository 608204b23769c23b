"""Collections: made, changed, filled, ordered, thrown away, brought back."""

from collections.abc import Iterable, Sequence
from types import EllipsisType
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max, Min, Q
from django.utils import timezone

from accounts.models import User
from common import texts
from common.errors import DomainError, InvalidInput
from gallery.models import Collection, CollectionImage, Image

NAME_MAX = 100
DESCRIPTION_MAX = 1000
COLLECTIONS_MAX = 1_000
IMAGES_MAX = 10_000
BATCH = 500
RENUMBER = """
    UPDATE gallery_collectionimage SET position = places.place
    FROM (SELECT id, row_number() OVER (ORDER BY position, id) AS place
          FROM gallery_collectionimage WHERE collection_id = %s) AS places
    WHERE gallery_collectionimage.id = places.id
"""
Place = tuple[str, float]
"""An image's id and its position."""


class CollectionGone(DomainError):
    """It was thrown away, or the picture was taken out of it, while somebody looked at it."""

    code = "not_found"
    status = 404


class TooManyCollections(DomainError):
    """A person has all the collections they may have."""

    code = "too_many_collections"
    status = 409


class CollectionFull(DomainError):
    """The collection has no room for so many more pictures."""

    code = "collection_full"
    status = 409


@transaction.atomic
def create(*, user: User, name: str, description: str = "") -> Collection:
    """A new empty collection. Raises `InvalidInput`: names of 1 to 100 characters, descriptions to 1,000;
    `TooManyCollections` beyond 1,000."""
    fields = _checked(name=name, description=description)
    _room_for_one(user)
    return Collection.objects.create(owner=user, **fields)


@transaction.atomic
def change(
    *,
    collection: Collection,
    name: str | None = None,
    description: str | None = None,
    cover: Image | EllipsisType | None = ...,
) -> Collection:
    """Change what was given; without a cover (None) the first picture is one.

    Raises `InvalidInput` as `create` does, and on `cover` for a picture that is not in it; `CollectionGone`.
    """
    fields: dict[str, Any] = _checked(name=name, description=description)
    if isinstance(cover, Image) and not collection.entries.filter(image=cover).exists():
        raise InvalidInput([("cover", "not_in_collection", {})])
    if cover is not ...:
        fields["cover"] = cover
    _update(collection, **fields)
    for field, value in fields.items():
        setattr(collection, field, value)
    return collection


@transaction.atomic
def delete(*, user: User, collection: Collection) -> None:
    """Nobody sees it any more, for 30 days, then it is gone; its pictures stay where they were."""
    Collection.objects.owned_by(user).filter(pk=collection.pk).update(deleted_at=timezone.now())


@transaction.atomic
def restore(*, user: User, collection: str) -> list[str]:
    """The undo of a deletion with members and order; its id. Raises `CollectionGone`, `TooManyCollections`."""
    _room_for_one(user)
    if not Collection.objects.filter(owner=user, pk=collection).update(deleted_at=None):
        raise CollectionGone
    return [collection]


@transaction.atomic
def add(*, user: User, collection: Collection, images: Iterable[Image]) -> list[str]:
    """This person's own pictures at the end, in the order given; the ids of those that were not in it before.

    What is in the trash is left out. Raises `CollectionFull` beyond 10,000, `CollectionGone` for who may not fill it.
    """
    lock(collection)
    if not Collection.objects.edited_by(user).filter(pk=collection.pk).exists():
        raise CollectionGone
    wanted = [image.pk for image in images]
    mine = set(Image.objects.owned_by(user).kept().filter(pk__in=wanted).values_list("pk", flat=True))
    mine -= set(collection.entries.filter(image_id__in=wanted).values_list("image_id", flat=True))
    new = [pk for pk in dict.fromkeys(wanted) if pk in mine]
    last = collection.entries.aggregate(last=Max("position"))["last"] or 0.0
    _insert(collection, [(pk, last + place) for place, pk in enumerate(new, start=1)])
    return [str(pk) for pk in new]


@transaction.atomic
def collect(
    *, user: User, images: Iterable[Image], collection: Collection | None, name: str = ""
) -> tuple[Collection, list[str]]:
    """Pictures into the collection, or where it is None into a new one of this name: which one, and what `add` gave.

    Raises what `create` and `add` raise.
    """
    into = collection or create(user=user, name=name)
    return into, add(user=user, collection=into, images=images)


@transaction.atomic
def put(*, user: User, collection: Collection, image: Image, after: UUID | EllipsisType | None = ...) -> None:
    """The picture is in the collection, right after another one, first (None) or, unless told, where it was or last.

    The same again changes nothing. Raises `CollectionGone` for somebody else's picture that is not in it,
    `CollectionFull`, and `InvalidInput` as `move` does.
    """
    lock(collection)
    is_in_it = collection.entries.filter(image=image).exists()
    if not is_in_it and not add(user=user, collection=collection, images=[image]):
        raise CollectionGone
    if after is not ...:
        move(collection=collection, image=image, after=after)


@transaction.atomic
def take_out(*, user: User, collection: Collection, images: Iterable[Image]) -> list[Place]:
    """Pictures out of the collection, by an editor any, by a viewer their own; where they were, for `put_back`.

    A cover that leaves is none any more. Raises `CollectionGone`.
    """
    lock(collection)
    return _remove(user, collection, [image.pk for image in images])


@transaction.atomic
def undo_add(*, user: User, collection: str, ids: Sequence[str]) -> list[Place]:
    """Take out again what was just added, as far as it is in it. Raises `CollectionGone` for who does not see it."""
    row = _held(user, collection)
    return _remove(user, row, ids)


@transaction.atomic
def put_back(*, user: User, collection: str, places: Sequence[Place]) -> list[str]:
    """Pictures back to the places they were taken from, while their owner still takes part; the ids of those that came.

    An editor puts back any, a viewer their own. Raises `CollectionGone`, `CollectionFull`.
    """
    row = _held(user, collection)
    return fill(collection=row, images=_movable(user, row), places=places)


@transaction.atomic
def move(*, collection: Collection, image: Image, after: UUID | None) -> float:
    """The picture right after another one of the collection, or first (None); its new position.

    Of two people who move at once both succeed, one after the other. Raises `InvalidInput` on `after` for a picture
    that is not in it; `CollectionGone`.
    """
    lock(collection)
    moved = collection.entries.filter(image=image).first()
    if moved is None:
        raise CollectionGone
    if after == image.pk:
        return moved.position
    position = _between(collection, moved, after)
    CollectionImage.objects.filter(pk=moved.pk).update(position=position)
    _update(collection)
    return position


def fill(*, collection: Collection, images: Any, places: Sequence[Place]) -> list[str]:
    """Those of `images` that `places` names and that are not in it, at those positions, for whoever holds its lock;
    their ids. Raises `CollectionFull`."""
    wanted = {UUID(str(pk)): float(position) for pk, position in places}
    known = set(images.filter(pk__in=wanted).values_list("pk", flat=True))
    known -= set(collection.entries.filter(image_id__in=wanted).values_list("image_id", flat=True))
    back = [(pk, position) for pk, position in wanted.items() if pk in known]
    _insert(collection, back)
    return [str(pk) for pk, _ in back]


def lock(collection: Collection) -> None:
    """Whoever else fills, orders or shares it waits for the end of this transaction. Raises `CollectionGone`."""
    rows = Collection.objects.kept().select_for_update(no_key=True).filter(pk=collection.pk)
    if rows.values_list("pk", flat=True).first() is None:
        raise CollectionGone


def remove(collection: Collection, images: Any) -> list[Place]:
    """Take those images out, for whoever holds the lock; where they were. A cover that leaves is none any more."""
    entries = collection.entries.filter(image__in=images)
    places = [(str(pk), position) for pk, position in entries.values_list("image_id", "position")]
    entries.delete()
    Collection.objects.filter(pk=collection.pk, cover__in=[pk for pk, _ in places]).update(cover=None)
    _update(collection)
    return places


def _room_for_one(user: User) -> None:
    """Two requests of one person count one after the other. Raises `TooManyCollections`."""
    User.objects.select_for_update(no_key=True, of=("self",)).get(pk=user.pk)
    if Collection.objects.owned_by(user).count() >= COLLECTIONS_MAX:
        raise TooManyCollections(most=COLLECTIONS_MAX)


def _remove(user: User, collection: Collection, ids: Sequence[Any]) -> list[Place]:
    return remove(collection, _movable(user, collection).filter(pk__in=ids))


def _movable(user: User, collection: Collection) -> Any:
    """The pictures of those who take part that this person may put in and take out: an editor all, a viewer theirs."""
    if not Collection.objects.edited_by(user).filter(pk=collection.pk).exists():
        return Image.objects.owned_by(user)
    members = collection.members.values("user")
    return Image.objects.filter(Q(owner=collection.owner_id) | Q(owner__in=members))


def _held(user: User, pk: str) -> Collection:
    row = Collection.objects.visible_to(user).filter(pk=pk).first()
    if row is None:
        raise CollectionGone
    lock(row)
    return row


def _update(collection: Collection, **fields: Any) -> None:
    if not Collection.objects.kept().filter(pk=collection.pk).update(changed_at=timezone.now(), **fields):
        raise CollectionGone


def _insert(collection: Collection, places: Sequence[tuple[UUID, float]]) -> None:
    if collection.entries.count() + len(places) > IMAGES_MAX:
        raise CollectionFull(most=IMAGES_MAX)
    rows = [CollectionImage(collection=collection, image_id=pk, position=position) for pk, position in places]
    CollectionImage.objects.bulk_create(rows, batch_size=BATCH)
    if rows:
        _update(collection)


def _between(collection: Collection, moved: CollectionImage, after: UUID | None) -> float:
    """A position right behind `after`, or before all; where no number is left there, all are numbered anew."""
    others = collection.entries.exclude(pk=moved.pk).order_by("position", "pk")
    if after is None:
        first = others.aggregate(first=Min("position"))["first"]
        return float(first) - 1 if first is not None else moved.position
    before = others.filter(image=after).first()
    if before is None:
        raise InvalidInput([("after", "not_in_collection", {})])
    behind = Q(position=before.position, pk__gt=before.pk) | Q(position__gt=before.position)
    next_one = others.filter(behind).first()
    if next_one is None:
        return before.position + 1
    middle = (before.position + next_one.position) / 2
    if before.position < middle < next_one.position:
        return middle
    _renumber(collection)
    return _between(collection, moved, after)


def _renumber(collection: Collection) -> None:
    """The same order in whole numbers, in one statement: ten thousand rows one by one take seconds."""
    pk = Collection._meta.pk.get_db_prep_value(collection.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(RENUMBER, [pk])


def _checked(*, name: str | None, description: str | None) -> dict[str, Any]:
    """The texts that were given, without outer space; a name is one line. Raises `InvalidInput`."""
    fields: dict[str, str] = {}
    problems: list[texts.Problem] = []
    if name is not None:
        fields["name"] = " ".join(name.split()) if texts.is_clean(name) else name
        problems += texts.problems("name", fields["name"], most=NAME_MAX)
        problems += [] if fields["name"] else [("name", "required", {})]
    if description is not None:
        fields["description"] = description.strip().replace("\r\n", "\n")
        problems += texts.problems("description", fields["description"], most=DESCRIPTION_MAX)
    if problems:
        raise InvalidInput(problems)
    return fields
