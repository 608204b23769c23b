"""What somebody made before, for beginning with it again. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import User
from gallery.folding import fold
from gallery.models import Image
from generator.models import Output

PROMPTS_SHOWN = 50
PICTURES_SHOWN = 24
LOOKED_AT = 2000
"""Generations that a search of the prompts reads, the newest."""


@dataclass(frozen=True)
class Prompt:
    """Some words, their newest generation, and a picture of it, if there is one."""

    generation: UUID
    words: str
    asked_at: datetime
    image: Image | None


def prompts(user: User, *, words: str) -> list[Prompt]:
    """The newest 50 different prompts with all of these words in them, whatever their case and accents."""
    wanted = fold(words).split()
    rows = user.generations.order_by("-created_at", "-pk").values_list("pk", "request__prompt", "created_at")
    found: dict[str, tuple[UUID, datetime]] = {}
    for pk, prompt, asked_at in rows[:LOOKED_AT]:
        if prompt in found or not all(word in fold(prompt) for word in wanted):
            continue
        found[prompt] = (pk, asked_at)
        if len(found) == PROMPTS_SHOWN:
            break
    images = _first_images([pk for pk, _ in found.values()])
    return [Prompt(pk, prompt, asked_at, images.get(pk)) for prompt, (pk, asked_at) in found.items()]


def pictures(user: User, *, words: str) -> list[Image]:
    """The newest 24 pictures, uploads too, with all of these words in title, prompt or tags."""
    rows = Image.objects.owned_by(user).kept()
    for word in fold(words).split():
        rows = rows.filter(search_text__contains=word)
    return list(rows.newest_first()[:PICTURES_SHOWN])


def _first_images(generations: list[UUID]) -> dict[UUID, Image]:
    rows = Output.objects.filter(generation__in=generations, image__isnull=False, image__deleted_at=None)
    ordered = rows.select_related("image").order_by("-index")
    return {row.generation_id: row.image for row in ordered if row.image}
