"""What others see of a picture: its shared page, and the showcase."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Left, Length, StrIndex
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from gallery import facts, folding
from gallery.models import Collection, Image, ImageQuerySet, Like, Member, Share

REMIXES_SHOWN = 8
WORDS_MAX = 8
LINKS_SHOWN = 50


@dataclass(frozen=True)
class Door:
    """The way in by which somebody came to an image: the link of a key, or the showcase and an id; `remix` names it to
    the studio."""

    name: str
    key: str
    image: Image
    recipe_shown: bool
    remix: str

    def to(self, what: str = "", *more: Any) -> str:
        """The path of the page, or of something beside it: `file`, `thumbnail`, `preview`, `like`, `report`."""
        return reverse(f"{self.name}_{what}" if what else self.name, args=[self.key, *more])


def by_link(share: Share) -> Door:
    return Door("shared", share.key, share.image, share.recipe_shown, share.remix_name)


def in_showcase(image: Image) -> Door:
    return Door("published", str(image.pk), image, image.recipe_shown, str(image.pk))


@dataclass(frozen=True)
class Relative:
    """Another picture in the story of one: its page and thumbnail, both "" where the reader may not see it."""

    words: str
    page: str = ""
    thumbnail: str = ""


@dataclass(frozen=True)
class Shown:
    """A picture as one reader sees it; `prompt` and `facts` are empty where its recipe is not shown."""

    image: Image
    name: str
    prompt: str
    facts: list[facts.Fact]
    recipe_shown: bool
    is_ai_made: bool
    maker: str
    likes: int
    is_liked: bool
    remix_of: Relative | None
    remixes: list[Relative]
    remix_count: int


def shown(*, door: Door, reader: User | None) -> Shown:
    """The image behind a door as this reader sees it; None is a stranger."""
    image, recipe_shown = door.image, door.recipe_shown
    recipe: Mapping[str, Any] = (recipe_shown and image.recipe) or {}
    counted = Like.objects.filter(image=image).aggregate(all=Count("pk"), mine=Count("pk", filter=Q(user=reader)))
    return Shown(
        image=image,
        name=name(image, recipe_shown=recipe_shown),
        prompt=recipe.get("prompt", ""),
        facts=facts.facts(recipe),
        recipe_shown=bool(recipe),
        is_ai_made=image.recipe is not None,
        maker=image.owner.display_name,
        likes=counted["all"],
        is_liked=bool(reader and counted["mine"]),
        remix_of=_parent(image, reader),
        remixes=_remixes(image, reader),
        remix_count=image.remixes.kept().count(),
    )


def name(image: Image, *, recipe_shown: bool) -> str:
    """The title, else the prompt where it is shown, else what says nothing."""
    prompt = (image.recipe or {}).get("prompt", "") if recipe_shown else ""
    return image.title or prompt or _("A picture")


def showcase(*, words: str = "") -> ImageQuerySet:
    """What is published, with its maker; only what has all of the words in its title or its shown prompt.

    The whole text is looked in too: that is what the index has.
    """
    published = Image.objects.published().select_related("owner")
    wanted = folding.fold(words).split()[:WORDS_MAX]
    found: Any = _with_told(published) if wanted else published
    for word in wanted:
        found = found.filter(search_text__contains=word, told__contains=word)
    return found


def _with_told(images: ImageQuerySet) -> ImageQuerySet:
    """Each with `told`, what a search may find: the title, and the prompt where it is shown.

    Tags are their owner's: what is found by them would tell them. Where the recipe is hidden, the first line is the
    title only if there is a second one: a line alone may be the prompt, and tells nothing.
    """
    tags_at, line_to = StrIndex("search_text", Value("\n#")), StrIndex("search_text", Value("\n"))
    tagless_to = Case(When(tags_at=0, then=Length("search_text")), default=F("tags_at"))
    title_to = Case(When(line_to__lt=F("tagless_to"), then=F("line_to")), default=Value(0))
    told_to = Case(When(recipe_shown=True, then=F("tagless_to")), default=title_to)
    placed = images.alias(tags_at=tags_at, line_to=line_to).alias(tagless_to=tagless_to)
    return placed.alias(told=Left("search_text", told_to))


def _parent(image: Image, reader: User | None) -> Relative | None:
    if image.remix_of_id is None:
        return None
    if listed := Image.objects.published().filter(pk=image.remix_of_id).first():
        return _relative(listed, reader)
    seen = Image.objects.visible_to(reader).kept().filter(pk=image.remix_of_id).first() if reader else None
    return _in_gallery(seen) if seen else Relative(_("a picture that is not shown to you"))


def _remixes(image: Image, reader: User | None) -> list[Relative]:
    seen = Q(pk__in=Image.objects.published().values("pk")) | Q(owner=reader)
    return [_relative(each, reader) for each in image.remixes.kept().filter(seen).newest_first()[:REMIXES_SHOWN]]


def _relative(image: Image, reader: User | None) -> Relative:
    """One that is in the showcase, or the reader's own."""
    if reader and image.owner_id == reader.pk:
        return _in_gallery(image)
    door = in_showcase(image)
    return Relative(name(image, recipe_shown=image.recipe_shown), door.to(), door.to("thumbnail", 320))


def _in_gallery(image: Image) -> Relative:
    """One that the reader looks at in the gallery or in a collection."""
    page, thumbnail = reverse("image", args=[image.pk]), reverse("image_thumbnail", args=[image.pk, 320])
    return Relative(name(image, recipe_shown=True), page, thumbnail)


def links(image: Image) -> QuerySet[Share]:
    """The links to an image that nobody revoked, those that ran out behind the others, the newest first."""
    ran_out = Case(When(expires_at__lte=timezone.now(), then=1), default=0)
    return Share.objects.filter(image=image, revoked_at=None).order_by(ran_out, "-created_at", "-pk")[:LINKS_SHOWN]


def seen_through(image: Image) -> QuerySet[Collection]:
    """The collections, thrown away ones too, that show or would show an image to others than its owner."""
    is_shared = Exists(Member.objects.filter(collection=OuterRef("pk")))
    return Collection.objects.filter(is_shared | ~Q(owner=image.owner_id), entries__image=image)
