"""With whom a collection is shared."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from common.errors import DomainError, InvalidInput
from gallery.models import Collection, Image, Member
from gallery.services import collections
from gallery.services.collections import Place

MEMBERS_MAX = 100
UNDO_FOR = timedelta(hours=1)
PLACES_UNDONE = 1_000
"""Pictures that an undo brings back with their owner; a session is no place for more."""


@dataclass(frozen=True)
class Undone:
    """How many pictures came back with their owner, and of how many."""

    back: int
    of: int


class TooManyMembers(DomainError):
    """The collection is shared with as many people as it may be."""

    code = "too_many_members"
    status = 409


class MemberGone(DomainError):
    """The collection is not shared with this person any more, or the time to undo that is over."""

    code = "not_found"
    status = 404


@transaction.atomic
def share(*, collection: Collection, by: User, handle: str, role: str) -> Member:
    """Somebody sees the collection from now on, in this role also where they had another.

    People are found by their handle only: an e-mail is never looked up, so that nobody learns who has an account.
    Raises `InvalidInput`, `TooManyMembers` beyond 100, `CollectionGone`.
    """
    _refuse_role(role)
    person = _named(handle)
    if person.pk == by.pk or person.pk == collection.owner_id:
        raise InvalidInput([("handle", "shared_with_yourself", {})])
    return _enter(collection, person, role)


@transaction.atomic
def change_role(*, collection: Collection, person: User, role: str) -> Member:
    """A viewer becomes an editor, or the other way round. Raises `InvalidInput`, `MemberGone`."""
    _refuse_role(role)
    rows = Member.objects.filter(collection=collection, user=person)
    if not rows.update(role=role):
        raise MemberGone
    return rows.select_related("user").get()


@transaction.atomic
def unshare(*, collection: Collection, person: User) -> dict[str, Any]:
    """Somebody does not see the collection any more and their own pictures leave it; what `share_again` needs.

    Raises `MemberGone`, `CollectionGone`.
    """
    collections.lock(collection)
    member = Member.objects.filter(collection=collection, user=person).first()
    if member is None:
        raise MemberGone
    places = collections.remove(collection, Image.objects.owned_by(person))
    member.delete()
    at = timezone.now().isoformat()
    cache.set(_parted(collection, person), at, UNDO_FOR.total_seconds())
    return {
        "collection": str(collection.pk),
        "person": str(person.pk),
        "role": member.role,
        "places": places[:PLACES_UNDONE],
        "pictures": len(places),
        "at": at,
    }


def leave(*, collection: Collection, user: User) -> dict[str, Any]:
    """Leave a collection that was shared, with one's own pictures; what `share_again` needs. Raises `MemberGone`."""
    return unshare(collection=collection, person=user)


@transaction.atomic
def share_again(
    *, user: User, collection: str, person: str, role: str, places: list[Place], at: str, pictures: int = 0
) -> Undone:
    """The undo of `unshare` and `leave` within an hour, by the owner or by who left, with the pictures in their places:
    how many of theirs, which were `pictures`, came back.

    Only the last parting is undone, and who was let in again meanwhile has the role that the owner gave them: nobody
    keeps a way back in. Raises `MemberGone`, `TooManyMembers`, `CollectionFull`.
    """
    row = Collection.objects.kept().filter(pk=collection).first()
    member = User.objects.filter(pk=person, is_active=True).first()
    if row is None or member is None or user.pk not in (row.owner_id, member.pk):
        raise MemberGone
    if timezone.now() - datetime.fromisoformat(at) > UNDO_FOR or cache.get(_parted(row, member), at) != at:
        raise MemberGone
    if user.pk == member.pk and row.members.filter(user=member).exists():
        raise MemberGone
    _enter(row, member, role)
    back = collections.fill(collection=row, images=Image.objects.owned_by(member), places=places)
    return Undone(len(back), max(pictures, len(places)))


def _parted(collection: Collection, person: User) -> str:
    """Where the cache has the moment of their last parting."""
    return f"gallery.parted.{collection.pk}.{person.pk}"


def _enter(collection: Collection, person: User, role: str) -> Member:
    collections.lock(collection)
    others = Member.objects.filter(collection=collection).exclude(user=person)
    if others.count() >= MEMBERS_MAX:
        raise TooManyMembers(most=MEMBERS_MAX)
    member, _ = Member.objects.update_or_create(collection=collection, user=person, defaults={"role": role})
    return member


def _named(handle: str) -> User:
    name = handle.strip().lower().removeprefix("@")
    if "@" in name:
        raise InvalidInput([("handle", "not_by_email", {})])
    person = User.objects.filter(handle=name, is_active=True).first() if "\0" not in name else None
    if person is None:
        raise InvalidInput([("handle", "person_unknown" if name else "required", {})])
    return person


def _refuse_role(role: str) -> None:
    if role not in Member.Role.values:
        raise InvalidInput([("role", "not_a_choice", {"choices": ", ".join(Member.Role.values)})])
