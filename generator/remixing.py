"""What a recipe may begin with and where its pictures may go: rows that a request names, as one person may use them."""

from dataclasses import replace
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User
from common.texts import is_clean
from gallery.models import Collection, Image, Share
from generator.params import Params


def remixable(user: User, wanted: str) -> Image | None:
    """The image that `wanted` names, if its recipe may be taken over: its id where it is theirs, shared with them or in
    the showcase with its recipe; or the `Share.remix_name` of a live link that shows the recipe."""
    one = _uuid(wanted)
    if one is None:
        if not is_clean(wanted):
            return None
        share = Share.objects.remixable(wanted, timezone.now())
        return share.image if share and share.image.recipe else None
    listed = Image.objects.published().filter(recipe_shown=True)
    seen = Q(pk__in=listed.values("pk")) | Q(pk__in=Image.objects.visible_to(user).values("pk"))
    return Image.objects.kept().generated().filter(seen, pk=one).first()


def trace(name: str) -> str:
    """What a generation keeps of the name of its original: an id, or of a link's name what opens nothing."""
    one = _uuid(name)
    return str(one) if one else salted_hmac("generator.remix", name, algorithm="sha256").hexdigest()


def again(*, user: User, params: Params, original: UUID | None) -> Params:
    """The kept params of a generation to be asked once more, without the collection or the original out of reach."""
    into = params.collection if params.collection and collection(user=user, wanted=params.collection) else None
    named = _named_again(user, original, params.remix_of) if params.remix_of and original else None
    return replace(params, collection=into, remix_of=named)


def collection(*, user: User, wanted: str) -> Collection | None:
    """The collection with this id, if this person may put pictures into it."""
    one = _uuid(wanted)
    return Collection.objects.edited_by(user).filter(pk=one).first() if one else None


def kept(image_id: UUID | None) -> UUID | None:
    """The id, unless its image was removed for good since it was read."""
    return image_id if image_id and Image.objects.filter(pk=image_id).exists() else None


def _named_again(user: User, original: UUID, traced: str) -> str | None:
    """The name that left this `trace`, where it still gives the recipe: a link's only as long as it is the same."""
    if remixable(user, traced):
        return traced
    links = Share.objects.alive(timezone.now()).filter(image=original, recipe_shown=True)
    return next((link.remix_name for link in links if trace(link.remix_name) == traced), None)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
