"""Which images a search finds."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import reduce
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from common.errors import InvalidInput
from gallery import facts, folding, terms
from gallery.models import Collection, CollectionImage, ImageQuerySet, Share
from gallery.terms import Filter, Terms, Word

SORTS = ("newest", "oldest", "title", "largest")
"""The orders that a person can choose (see `orders.ORDERS`)."""
MODES = {"text": "text-to-image", "picture": "image-to-image"}


def parsed(text: str, *, field: str = "q") -> Terms:
    """The terms of a text. Raises `InvalidInput` on `field`."""
    try:
        return terms.parse(text)
    except terms.BadSearch as wrong:
        raise InvalidInput([(field, code, arguments) for code, arguments in wrong.problems]) from wrong


def matching(images: ImageQuerySet, terms: Terms, *, user: Any = None) -> ImageQuerySet:
    """Those of `images` of which all terms hold. `collection:` names what `user` may look at, or else nothing.

    For their owner only: somebody else could find out by searching what they are not shown, such as tags.
    """
    for word in terms.words:
        images = _narrowed(images, _has(word), word.negated)
    for each in terms.filters:
        images = _narrowed(images, HOLDS[each.name](each, user), each.negated)
    return images


def _narrowed(images: ImageQuerySet, holds: Q, negated: bool) -> ImageQuerySet:
    return images.exclude(holds) if negated else images.filter(holds)


def _has(word: Word) -> Q:
    return reduce(Q.__or__, (Q(search_text__contains=variant) for variant in word.variants))


def _tagged(each: Filter, user: Any) -> Q:
    """A line of the tag's own: a prompt may end with its letters."""
    line = folding.tag_line(each.value)
    return Q(search_text__contains=f"\n{line}") | Q(search_text__startswith=line)


def _named(each: Filter, user: Any) -> Q:
    """By a part of the short name, or by the beginning of a word of a name in any language."""
    called = {f"{each.name}__in": facts.values_called(each.name, each.value)}
    return Q(**{f"{each.name}__icontains": each.value}) | Q(**called)


def _between(each: Filter, user: Any) -> Q:
    least, most = each.span
    return _within(each.name, gte=least, lte=most)


def _made(each: Filter, user: Any) -> Q:
    first, last = each.days
    beyond = last + timedelta(days=1) if last else None
    return _within("created_at", gte=_midnight(first), lt=_midnight(beyond))


def _within(field: str, **ends: Any) -> Q:
    return Q(**{f"{field}__{end}": value for end, value in ends.items() if value is not None})


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None


def _collected(each: Filter, user: Any) -> Q:
    """In a collection whose folded name has these letters; names are few, so they are compared here."""
    part = folding.fold(each.value)
    seen = Collection.objects.visible_to(user).values_list("pk", "name") if user else ()
    named = [pk for pk, name in seen if part in folding.fold(name)]
    return Q(Exists(CollectionImage.objects.filter(image=OuterRef("pk"), collection__in=named)))


def _is(each: Filter, user: Any) -> Q:
    match each.value:
        case "favourite":
            return Q(favourite=True)
        case "public":
            return Q(published_at__isnull=False)
        case "remix":
            return Q(remix_of__isnull=False)
    return Q(Exists(Share.objects.alive(timezone.now()).filter(image=OuterRef("pk"))))


def _with(each: Filter, user: Any) -> Q:
    match each.value:
        case "source":
            return Q(parent__isnull=False)
        case "title":
            return Q(title__gt="")
    return ~Q(tags=[])


HOLDS: dict[str, Callable[[Filter, Any], Q]] = {
    "model": _named,
    "mode": lambda each, user: Q(mode=MODES[each.value]),
    "style": _named,
    "tag": _tagged,
    "seed": lambda each, user: Q(seed=int(each.value)),
    "steps": _between,
    "guidance": _between,
    "width": _between,
    "height": _between,
    "made": _made,
    "is": _is,
    "has": _with,
    "collection": _collected,
}
