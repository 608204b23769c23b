"""Collections as they are shown: as a list, as one page of pictures, as the chips beside one picture."""

import re
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce

from common.errors import DomainError
from common.times import rfc3339
from gallery import orders
from gallery.models import Collection, CollectionImage, Image, Member

PAGE_SIZE = 24
CHOICES_SHOWN = 100
SHOWN = ("all", "mine", "shared")
OWNER = "owner"
PLACED = orders.ORDERS["placed"]
PLACE = re.compile(r"\d{1,6}", re.ASCII)


class NoSuchPlace(DomainError):
    """The collection has no place of this number."""

    code = "no_such_place"
    status = 422


def shelf(user: Any, *, show: str = "all", cursor: str = "", size: int = PAGE_SIZE) -> orders.Page[Collection]:
    """The collections that this person sees, newest first, with what their tiles show.

    `show` is one of `SHOWN`. Raises `InvalidInput` on `cursor` for one that no page gave.
    """
    rows = Collection.objects.owned_by(user) if show == "mine" else Collection.objects.visible_to(user)
    rows = rows.exclude(owner=user) if show == "shared" else rows
    return orders.page(with_looks(rows), sort="newest", size=size, cursor=cursor)


def contents(collection: Collection, *, cursor: str = "", size: int = PAGE_SIZE) -> orders.Page[CollectionImage]:
    """The pictures of a collection in its order, the trash left out.

    Takes the same time at any depth. Raises `InvalidInput` on `cursor` for one that no page gave.
    """
    rows = in_order(collection).select_related("image__owner")
    return orders.page(rows, sort="placed", size=size, cursor=cursor)


def in_order(collection: Collection) -> QuerySet[CollectionImage]:
    """The entries whose pictures are not in the trash, in the collection's order."""
    return CollectionImage.objects.filter(collection=collection, image__deleted_at=None).order_by("position", "pk")


def image_ids(collection: Collection) -> list[UUID]:
    """All its pictures in order, the trash left out."""
    return list(in_order(collection).values_list("image_id", flat=True))


def with_looks(collections: QuerySet[Collection]) -> QuerySet[Collection]:
    """Each collection with its owner, `image_count`, whether it `is_shared`, and `shown_cover`: the id of its cover,
    or of its first image."""
    entries = CollectionImage.objects.filter(collection=OuterRef("pk"), image__deleted_at=None)
    chosen = entries.filter(image=OuterRef("cover")).values("image")
    first = entries.order_by("position", "pk").values("image")[:1]
    count = entries.order_by().values("collection").annotate(count=Count("pk")).values("count")
    return collections.select_related("owner").annotate(
        shown_cover=Coalesce(Subquery(chosen), Subquery(first), output_field=UUIDField()),
        image_count=Coalesce(Subquery(count), 0),
        is_shared=Exists(Member.objects.filter(collection=OuterRef("pk"))),
    )


def image_before(collection: Collection, entry: CollectionImage) -> UUID | None:
    """Which picture stands before this entry; None where it is the first."""
    rows = PLACED.before(in_order(collection), entry.position, entry.pk)
    return rows.values_list("image_id", flat=True).first()


def neighbours(collection: Collection, image: Image) -> tuple[Image | None, Image | None] | None:
    """The pictures before and after one in a collection, of which only the ids are read; None where it is not in it."""
    entry = CollectionImage.objects.filter(collection=collection, image=image).first()
    if entry is None:
        return None
    beside = in_order(collection).select_related("image").only("image__id")
    before = PLACED.before(beside, entry.position, entry.pk).first()
    after = PLACED.after(beside, entry.position, entry.pk).first()
    return before.image if before else None, after.image if after else None


def with_members(collections: QuerySet[Collection]) -> QuerySet[Collection]:
    """Each collection knows whom it is shared with, without another query."""
    members = Member.objects.select_related("user").order_by("created_at", "pk")
    return collections.prefetch_related(Prefetch("members", members))


def as_json(collection: Collection, user: Any) -> dict[str, Any]:
    """A collection of `with_members(with_looks(...))` as the API tells it to somebody who sees it."""
    roles = {member.user_id: str(member.role) for member in collection.members.all()}
    role = OWNER if collection.owner_id == user.pk else roles.get(user.pk, str(Member.Role.VIEWER))
    cover = getattr(collection, "shown_cover")  # noqa: B009
    return {
        "id": str(collection.pk),
        "name": collection.name,
        "description": collection.description,
        "cover": str(cover) if cover else None,
        "images": getattr(collection, "image_count"),  # noqa: B009
        "role": role,
        "owner": collection.owner.handle,
        "members": [_member(each) for each in collection.members.all()] if role == OWNER else None,
        "created_at": rfc3339(collection.created_at),
    }


def place_beside(collection: Collection, image: Image, to: str) -> UUID | None:
    """After which picture this one stands once it moved `to` "first", "earlier", "later" or "last"; None: before all.

    Its own id where it cannot move that way.
    """
    entry = CollectionImage.objects.filter(collection=collection, image=image).first()
    if to == "first" or entry is None:
        return None
    if to == "last":
        return _others(collection, image).reverse().values_list("image_id", flat=True).first()
    towards = PLACED.after if to == "later" else PLACED.before
    nearest = towards(in_order(collection), entry.position, entry.pk).values_list("image_id", flat=True)[:2]
    if to == "later":
        return nearest[0] if nearest else image.pk
    return nearest[1] if len(nearest) == 2 else None


def beside_place(collection: Collection, image: Image, place: str) -> UUID | None:
    """After which picture this one stands once it is at a place from 1; None: before all. Raises `NoSuchPlace`."""
    others = _others(collection, image)
    most = others.count() + 1
    if not PLACE.fullmatch(place) or not 1 <= int(place) <= most:
        raise NoSuchPlace(most=most)
    return PLACED.sorted(others).values_list("image_id", flat=True)[int(place) - 2] if int(place) > 1 else None


def role_of(collection: Collection, user: Any) -> str:
    """What this person is to a collection that they see: `owner`, `editor` or `viewer`."""
    if collection.owner_id == user.pk:
        return OWNER
    return str(Member.objects.values_list("role", flat=True).get(collection=collection, user=user))


def collections_of(image: Image, user: Any) -> list[Collection]:
    """The collections with this picture in them that this person sees, by name."""
    return list(Collection.objects.visible_to(user).filter(entries__image=image).order_by("name", "pk"))


def collections_for(user: Any) -> list[Collection]:
    """Collections that this person may add to, those changed last first, as many as a list can show."""
    return list(Collection.objects.edited_by(user).order_by("-changed_at", "-pk")[:CHOICES_SHOWN])


def chips(image: Image, user: Any) -> dict[str, list[Collection]]:
    """What `gallery/collections/chips.html` shows beside a picture, its `image` apart."""
    inside = collections_of(image, user)
    return {
        "in_collections": inside,
        "other_collections": [each for each in collections_for(user) if each not in inside],
    }


def _others(collection: Collection, image: Image) -> QuerySet[CollectionImage]:
    return in_order(collection).exclude(image=image)


def _member(member: Member) -> dict[str, str]:
    return {"handle": member.user.handle, "name": member.user.display_name, "role": str(member.role)}
