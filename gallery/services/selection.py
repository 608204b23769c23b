"""What happens to many pictures at once, each time all of it or nothing."""

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from common import texts
from common.errors import InvalidInput
from gallery import folding, tasks
from gallery.models import Image
from gallery.services.images import TAG_MAX, TAGS_MAX

MOST = 500
"""Pictures that are acted on at once."""
BATCH = 200
Ids = Sequence[UUID | str]


@transaction.atomic
def tag(*, user: User, ids: Ids, tag: str) -> list[str]:
    """One more tag for this person's pictures; the ids of those that did not have it.

    Raises `InvalidInput` for what is no tag, and where one of them has 20 already: then none gets it.
    """
    tag = _checked(tag)

    def added(tags: list[str]) -> list[str]:
        if len(tags) >= TAGS_MAX:
            raise InvalidInput([("tag", "tags_full", {"most": TAGS_MAX})])
        return [*tags, tag]

    return _retag(user, ids, lambda tags: tags if tag in tags else added(tags))


@transaction.atomic
def untag(*, user: User, ids: Ids, tag: str) -> list[str]:
    """This tag off this person's pictures; the ids of those that had it. Raises `InvalidInput` for what is no tag."""
    tag = _checked(tag)
    return _retag(user, ids, lambda tags: [each for each in tags if each != tag])


@transaction.atomic
def tag_each(*, user: User, tagged: dict[str, list[str]]) -> list[str]:
    """Each of these tags for its pictures again; the ids of those that changed."""
    changed = [tag(user=user, ids=ids, tag=name) for name, ids in tagged.items()]
    return list({pk for ids in changed for pk in ids})


@transaction.atomic
def untag_each(*, user: User, tagged: dict[str, list[str]]) -> list[str]:
    """Each of these tags off its pictures again; the ids of those that changed."""
    changed = [untag(user=user, ids=ids, tag=name) for name, ids in tagged.items()]
    return list({pk for ids in changed for pk in ids})


@transaction.atomic
def favourite(*, user: User, ids: Ids, favourite: bool) -> list[str]:
    """This person's pictures become favourites, or are none any more; the ids of those that changed."""
    changing = Image.objects.owned_by(user).filter(pk__in=ids, favourite=not favourite)
    changed = list(changing.order_by("pk").values_list("pk", flat=True))
    Image.objects.filter(pk__in=changed).update(favourite=favourite)
    return [str(pk) for pk in changed]


@transaction.atomic
def trash(*, user: User, ids: Ids) -> list[str]:
    """This person's pictures into the trash; the ids of those that were not there."""
    moved = [str(pk) for pk in Image.objects.owned_by(user).kept().filter(pk__in=ids).values_list("pk", flat=True)]
    Image.objects.filter(pk__in=moved).update(deleted_at=timezone.now())
    return moved


@transaction.atomic
def restore(*, user: User, ids: Ids | None = None) -> list[str]:
    """This person's pictures out of the trash, all of them without `ids`; the ids of those that came back."""
    lying = Image.objects.owned_by(user).filter(deleted_at__isnull=False).select_for_update()
    back = list((lying if ids is None else lying.filter(pk__in=ids)).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(back), BATCH):
        Image.objects.filter(pk__in=back[start : start + BATCH]).update(deleted_at=None)
    return [str(pk) for pk in back]


@transaction.atomic
def empty_trash(*, user: User) -> int:
    """Delete for good what lies in this person's trash; how many pictures that were.

    The rows go at once, their bytes right after; what a failing storage keeps is swept a day later.
    """
    lying = Image.objects.owned_by(user).filter(deleted_at__isnull=False).select_for_update()
    gone = list(lying.order_by("pk").values_list("pk", "path"))
    for start in range(0, len(gone), BATCH):
        batch = gone[start : start + BATCH]
        Image.objects.filter(pk__in=[pk for pk, _ in batch]).delete()
        transaction.on_commit(partial(tasks.forget_later, [path for _, path in batch]))
    return len(gone)


def _checked(tag: str) -> str:
    tag = tag.strip()
    if not tag:
        raise InvalidInput([("tag", "tag_empty", {})])
    if wrong := texts.problems("tag", tag, most=TAG_MAX):
        raise InvalidInput(wrong)
    return tag


def _retag(user: User, ids: Ids, change: Callable[[list[str]], list[str]]) -> list[str]:
    """Change the tags of this person's pictures, whose rows are locked meanwhile; the ids of those that changed."""
    rows = Image.objects.owned_by(user).filter(pk__in=ids).select_for_update().order_by("pk")
    changed = []
    for row in rows.only("title", "recipe", "tags"):
        tags = change(row.tags)
        if tags != row.tags:
            row.tags = tags
            prompt = (row.recipe or {}).get("prompt", "")
            row.search_text = folding.search_text(title=row.title, prompt=prompt, tags=tags)
            changed.append(row)
    Image.objects.bulk_update(changed, ["tags", "search_text"], batch_size=BATCH)
    return [str(row.pk) for row in changed]
