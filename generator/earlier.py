"""What somebody made before, for beginning with it again. Reads only."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from accounts.models import User
from gallery.folding import fold
from gallery.models import Image
from generator.models import Generation, Output

PROMPTS_SHOWN = 50
PICTURES_SHOWN = 24
LOOKED_AT = 2000
"""Generations that a page of the prompts reads."""


@dataclass(frozen=True)
class Prompt:
    """Some words, their newest generation, and a picture of it, if there is one."""

    generation: UUID
    words: str
    image: Image | None


@dataclass(frozen=True)
class Page:
    """Prompts, and the last generation that was looked at for them, if there are `older` ones."""

    prompts: list[Prompt]
    older: UUID | None
    looked_at: int


def prompts(user: User, *, words: str, before: Generation | None = None) -> Page:
    """The newest 50 different prompts, or those older than `before`, with all of these words in them, whatever their
    case and accents; of 2000 generations at most."""
    wanted = fold(words).split()
    rows = user.generations.order_by("-created_at", "-pk")
    if before:
        rows = rows.filter(Q(created_at__lt=before.created_at) | Q(created_at=before.created_at, pk__lt=before.pk))
    read = list(rows.values_list("pk", "request__prompt")[: LOOKED_AT + 1])
    looked_at, found = read[:LOOKED_AT], dict[str, UUID]()
    for number, (pk, prompt) in enumerate(looked_at, start=1):
        if prompt not in found and _holds(prompt, wanted):
            found[prompt] = pk
        if len(found) == PROMPTS_SHOWN:
            looked_at = looked_at[:number]
            break
    images = _first_images(list(found.values()))
    shown = [Prompt(pk, prompt, images.get(pk)) for prompt, pk in found.items()]
    return Page(shown, looked_at[-1][0] if len(looked_at) < len(read) else None, len(looked_at))


def pictures(user: User, *, words: str) -> list[Image]:
    """The newest 24 pictures, uploads too, with all of these words in title, prompt or tags."""
    rows = Image.objects.owned_by(user).kept()
    for word in fold(words).split():
        rows = rows.filter(search_text__contains=word)
    return list(rows.newest_first()[:PICTURES_SHOWN])


def _holds(prompt: str, wanted: list[str]) -> bool:
    folded = fold(prompt)
    return all(word in folded for word in wanted)


def _first_images(generations: list[UUID]) -> dict[UUID, Image]:
    rows = Output.objects.filter(generation__in=generations, image__isnull=False, image__deleted_at=None)
    ordered = rows.select_related("image").order_by("-index")
    return {row.generation_id: row.image for row in ordered if row.image}
