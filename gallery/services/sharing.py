"""Who else sees a picture: links, the showcase, and what people say of what they were shown."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from common import texts
from common.errors import DomainError, InvalidInput
from gallery import showing
from gallery.models import Collection, CollectionImage, Image, Like, Report, Share
from gallery.services import images

DAYS = (1, 7, 30, 365)
USUAL_DAYS = 30
KEY_BYTES = 16
LINKS_MAX = 20
PASSWORD_MAX = 100
WORDS_MAX = 1000
VISIBILITIES = ("private", "unlisted", "public")


class TooManyLinks(DomainError):
    """A picture has as many living links as it may have."""

    code = "too_many_links"
    status = 409

    def __init__(self) -> None:
        super().__init__(most=LINKS_MAX)


class NotShared(DomainError):
    """What no link opens to everybody is not a curator's to publish, nor what was not made here."""

    code = "not_shared"
    status = 409


class LinkGone(DomainError):
    """The link was revoked while somebody looked at it."""

    code = "link_gone"
    status = 404


@transaction.atomic
def share(
    *, image: Image, expires_in_days: int | None = USUAL_DAYS, password: str = "", recipe_shown: bool = True
) -> Share:
    """A new link to the image, for one of `DAYS` or for ever (None).

    Raises `InvalidInput` on `expires_in_days` and `password`, `TooManyLinks`, `ImageGone`.
    """
    problems = _expiry_problems(expires_in_days) + _password_problems(password)
    if problems:
        raise InvalidInput(problems)
    _room_for_links(image, 1)
    return Share.objects.create(
        image=image,
        key=secrets.token_urlsafe(KEY_BYTES),
        password=make_password(password) if password else "",
        recipe_shown=recipe_shown,
        expires_at=_expiry(expires_in_days),
    )


@transaction.atomic
def revoke(*, share: Share) -> Share:
    """The link opens nothing any more; one that was revoked keeps its day."""
    now = timezone.now()
    if Share.objects.filter(pk=share.pk, revoked_at=None).update(revoked_at=now):
        share.revoked_at = now
    return share


@transaction.atomic
def restore(*, user: User, ids: Sequence[UUID | str]) -> int:
    """Revoked links of this person's images open again; how many. Raises `TooManyLinks`."""
    revoked = Share.objects.filter(pk__in=ids, image__owner=user, revoked_at__isnull=False).select_related("image")
    links = list(revoked)
    for image in {link.image for link in links}:
        _room_for_links(image, sum(link.image_id == image.pk for link in links))
    return Share.objects.filter(pk__in=[link.pk for link in links]).update(revoked_at=None)


@transaction.atomic
def change(
    *, share: Share, expires_in_days: int | str | None = "kept", password: str | None = None, recipe_shown: bool = True
) -> Share:
    """Change a living link: "kept" leaves its last day, a password of None leaves that one, "" removes it.

    Raises `InvalidInput` on `expires_in_days` and `password`, `LinkGone`, `TooManyLinks` for one that had run out.
    """
    fields: dict[str, Any] = {"recipe_shown": recipe_shown}
    problems: list[texts.Problem] = []
    if expires_in_days != "kept":
        problems += _expiry_problems(expires_in_days)
    if password is not None:
        problems += _password_problems(password)
        fields["password"] = make_password(password) if password else ""
    if problems:
        raise InvalidInput(problems)
    if isinstance(expires_in_days, int | None):
        fields["expires_at"] = _expiry(expires_in_days)
        if share.expires_at and share.expires_at <= timezone.now():
            _room_for_links(share.image, 1)
    if not Share.objects.filter(pk=share.pk, revoked_at=None).update(**fields):
        raise LinkGone
    for name, value in fields.items():
        setattr(share, name, value)
    return share


@transaction.atomic
def change_image(*, image: Image, visibility: str | None = None, **changes: Any) -> Image:
    """Change what is kept of an image and who sees it, all or nothing. Raises `InvalidInput`, `TooManyLinks`."""
    problems: list[texts.Problem] = []
    try:
        image = images.change(image=image, **changes)
    except InvalidInput as refusal:
        problems += refusal.errors
    try:
        if visibility is not None:
            set_visibility(image=image, visibility=visibility)
    except InvalidInput as refusal:
        problems += refusal.errors
    if problems:
        raise InvalidInput(problems)
    return image


@transaction.atomic
def set_visibility(*, image: Image, visibility: str) -> None:
    """`private` ends all links and leaves the showcase; `unlisted` leaves it too and has a link, a usual one where
    none was alive. `public` can only be kept: raises `InvalidInput` on `visibility` for what is not published."""
    if visibility not in VISIBILITIES:
        raise InvalidInput([("visibility", "not_a_choice", {"choices": ", ".join(VISIBILITIES)})])
    if visibility == "public" and not image.published_at:
        raise InvalidInput([("visibility", "needs_curator", {})])
    if visibility == "private":
        hide(image=image)
    if visibility == "unlisted":
        withdraw(image=image)
        if not _living(image).exists():
            share(image=image)


@transaction.atomic
def hide(*, image: Image) -> list[str]:
    """Out of the showcase, every link revoked; collections keep it. The ids of the links that were alive."""
    withdraw(image=image)
    ended = [str(pk) for pk in _living(image).values_list("pk", flat=True)]
    Share.objects.filter(pk__in=ended).update(revoked_at=timezone.now())
    return ended


@transaction.atomic
def show_recipe(*, image: Image, shown: bool) -> Image:
    """Whether the showcase shows the recipe of the image."""
    Image.objects.filter(pk=image.pk).update(recipe_shown=shown)
    image.recipe_shown = shown
    return image


@transaction.atomic
def publish(*, image: Image, by: User) -> Image:
    """Into the showcase; what is there already keeps its place.

    Only what was made here and has a living link without a password, or is the curator's own: `by`. Somebody else's
    recipe is shown only where such a link shows it, until its owner says otherwise. Raises `NotShared`.
    """
    row = Image.objects.select_for_update().kept().generated().filter(pk=image.pk).first()
    if row is None:
        raise NotShared
    if not row.published_at:
        shown = row.recipe_shown and (row.owner_id == by.pk or _shows_recipe(row))
        Image.objects.filter(pk=row.pk).update(published_at=timezone.now(), recipe_shown=shown)
    image.refresh_from_db(fields=["published_at", "recipe_shown"])
    return image


@transaction.atomic
def withdraw(*, image: Image) -> Image:
    """Out of the showcase."""
    Image.objects.filter(pk=image.pk, published_at__isnull=False).update(published_at=None)
    image.published_at = None
    return image


@transaction.atomic
def publish_again(*, user: User, id: UUID | str, published_at: str, at: str) -> None:
    """Undo of a withdrawal by its owner: the image is back at its place in the showcase.

    Raises `ImageGone` where a curator judged a report of it after the withdrawal: then it is theirs to publish.
    """
    judged = Report.objects.filter(image=OuterRef("pk"), closed_at__gte=datetime.fromisoformat(at))
    mine = Image.objects.owned_by(user).filter(~Exists(judged), pk=id, published_at=None)
    if not mine.update(published_at=datetime.fromisoformat(published_at)):
        raise images.ImageGone


@transaction.atomic
def like(*, user: User, image: Image) -> None:
    """This person likes the image, once however often they say so."""
    Like.objects.get_or_create(user=user, image=image)


@transaction.atomic
def unlike(*, user: User, image: Image) -> None:
    """This person does not like the image any more."""
    Like.objects.filter(user=user, image=image).delete()


@transaction.atomic
def report(*, image: Image, reporter: User | None, reason: str, words: str) -> Report:
    """Somebody says why the image should not be there. Raises `InvalidInput` on `reason` and `words`."""
    problems: list[texts.Problem] = []
    if reason not in Report.Reason.values:
        problems.append(("reason", "not_a_choice", {"choices": ", ".join(Report.Reason.values)}))
    problems += texts.problems("words", words, most=WORDS_MAX)
    if problems:
        raise InvalidInput(problems)
    return Report.objects.create(image=image, reporter=reporter, reason=reason, words=words)


@transaction.atomic
def close(*, report: Report) -> bool:
    """Nothing is left to do about the report; False where it was closed already."""
    return bool(Report.objects.filter(pk=report.pk, closed_at=None).update(closed_at=timezone.now()))


@transaction.atomic
def take_down(*, report: Report) -> None:
    """Nobody but its owner sees the reported image any more, in no collection either; all reports of it are closed."""
    hide(image=report.image)
    _leave_collections(report.image)
    Report.objects.filter(image=report.image_id, closed_at=None).update(closed_at=timezone.now())


def opens(*, share: Share, password: str) -> bool:
    """Whether this is the password of the link."""
    return check_password(password, share.password)


@transaction.atomic
def count_view(*, share: Share) -> None:
    """Somebody else than the owner opened the link."""
    Share.objects.filter(pk=share.pk).update(views=F("views") + 1)


def _living(image: Image) -> Any:
    """Its links that open, or would if it were not in the trash."""
    now = timezone.now()
    return Share.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), image=image, revoked_at=None)


def _shows_recipe(image: Image) -> bool:
    """Whether one of the links that open it to everybody shows its recipe. Raises `NotShared` where there is none."""
    if not (shown := _living(image).filter(password="").values_list("recipe_shown", flat=True)):
        raise NotShared
    return any(shown)


def _leave_collections(image: Image) -> None:
    """Out of all that others see or would see if it came back from the trash; its owner's other collections keep it."""
    seen = showing.seen_through(image).select_for_update(no_key=True, of=("self",)).order_by("pk")
    left = Collection.objects.filter(pk__in=list(seen.values_list("pk", flat=True)))
    CollectionImage.objects.filter(collection__in=left, image=image).delete()
    left.filter(cover=image).update(cover=None)
    left.update(changed_at=timezone.now())


def _room_for_links(image: Image, more: int) -> None:
    if Image.objects.select_for_update().filter(pk=image.pk).first() is None:
        raise images.ImageGone
    if _living(image).count() + more > LINKS_MAX:
        raise TooManyLinks


def _expiry(days: int | None) -> datetime | None:
    return timezone.now() + timedelta(days=days) if days else None


def _expiry_problems(days: Any) -> list[texts.Problem]:
    if days is None or days in DAYS:
        return []
    return [("expires_in_days", "not_a_choice", {"choices": ", ".join(map(str, DAYS))})]


def _password_problems(password: str) -> list[texts.Problem]:
    return texts.problems("password", password, most=PASSWORD_MAX)
