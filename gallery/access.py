"""The gates to pictures and collections: each gives the object, or it does not exist as far as you can tell."""

from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils import timezone

from common.errors import DomainError
from gallery.models import Collection, Image, SavedSearch, Share

Row = TypeVar("Row", bound=Model)
OPENED = "opened"
OPENED_MAX = 50


class ViewerOnly(DomainError):
    """The collection is shared with them to look at."""

    code = "viewer_only"
    status = 403


class OwnerOnly(DomainError):
    """Only the owner of the collection names, shares and deletes it."""

    code = "owner_only"
    status = 403


def own_image(user: Any, image_id: UUID | str) -> Image:
    """This person's image, the trash included. Raises `Http404`."""
    return _one(Image.objects.owned_by(user), image_id)


def seen_image(user: Any, image_id: UUID | str) -> Image:
    """An image that this person may look at: theirs, or one in a collection they see. Raises `Http404`."""
    return _one(Image.objects.visible_to(user), image_id)


def published_image(image_id: UUID | str) -> Image:
    """An image of the showcase, for anybody. Raises `Http404`."""
    return _one(Image.objects.published().select_related("owner"), image_id)


def own_search(user: Any, search_id: UUID | str) -> SavedSearch:
    """This person's kept search. Raises `Http404`."""
    return _one(SavedSearch.objects.filter(owner=user), search_id)


def own_collection(user: Any, collection_id: UUID | str) -> Collection:
    """This person's collection. Raises `OwnerOnly` where it is only shared with them, `Http404`."""
    collection = seen_collection(user, collection_id)
    if collection.owner_id != user.pk:
        raise OwnerOnly
    return collection


def edited_collection(user: Any, collection_id: UUID | str) -> Collection:
    """A collection that this person may fill and order: theirs, or shared with them as an editor.

    Raises `ViewerOnly` where they may only look at it, `Http404`.
    """
    collection = seen_collection(user, collection_id)
    if not Collection.objects.edited_by(user).filter(pk=collection.pk).exists():
        raise ViewerOnly
    return collection


def seen_collection(user: Any, collection_id: UUID | str) -> Collection:
    """A collection that this person may look at. Raises `Http404`."""
    return _one(Collection.objects.visible_to(user), collection_id)


def live_share(key: str) -> Share:
    """The link of this key, while it opens, with its image and owner. Raises `Http404`."""
    share = Share.objects.alive(timezone.now()).filter(key=key).select_related("image__owner").first()
    if share is None:
        raise Http404
    return share


def own_share(user: Any, share_id: UUID | str) -> Share:
    """A link to a picture of this person, revoked or not. Raises `Http404`."""
    return _one(Share.objects.filter(image__owner=user).select_related("image"), share_id)


def opened_share(request: Any, key: str) -> Share:
    """The link of this key, while it opens and its password was given in this browser. Raises `Http404`."""
    share = live_share(key)
    if not is_open(request, share):
        raise Http404
    return share


def is_open(request: Any, share: Share) -> bool:
    """Whether this browser gave the password that the link has now; its owner needs none."""
    mine = request.user.is_authenticated and share.image.owner_id == request.user.pk
    return not share.password or mine or share.proof in request.session.get(OPENED, [])


def remember_open(request: Any, share: Share) -> None:
    """The password of the link was given in this browser."""
    request.session[OPENED] = [*request.session.get(OPENED, []), share.proof][-OPENED_MAX:]


def _one(rows: QuerySet[Row], pk: UUID | str) -> Row:
    try:
        return rows.get(pk=UUID(str(pk)))
    except (ObjectDoesNotExist, ValueError) as error:
        raise Http404 from error
