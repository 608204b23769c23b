"""What a recipe may begin with and where its pictures may go: rows that a request names, as one person may use them."""

from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from common.texts import is_clean
from gallery.models import Collection, Image, Share


def remixable(user: User, wanted: str) -> Image | None:
    """The image that `wanted` names, if its recipe may be taken over: its id where it is theirs, shared with them or in
    the showcase with its recipe; or the `Share.remix_name` of a live link that shows the recipe."""
    one = _uuid(wanted)
    if one is None:
        if not is_clean(wanted):
            return None
        share = Share.objects.remixable(wanted, timezone.now())
        return share.image if share and share.image.recipe else None
    shown = Q(published_at__isnull=False, recipe_shown=True) | Q(pk__in=Image.objects.visible_to(user).values("pk"))
    return Image.objects.kept().generated().filter(shown, pk=one).first()


def collection(*, user: User, wanted: str) -> Collection | None:
    """The collection with this id, if this person may put pictures into it."""
    one = _uuid(wanted)
    return Collection.objects.edited_by(user).filter(pk=one).first() if one else None


def kept(image_id: UUID | None) -> UUID | None:
    """The id, unless its image was removed for good since it was read."""
    return image_id if image_id and Image.objects.filter(pk=image_id).exists() else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
