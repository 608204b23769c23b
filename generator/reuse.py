"""The picture that somebody has already: the same recipe asked again, or nearly the same words."""

import hashlib
import json

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import User
from events import types
from events.services import tell_address
from gallery.models import Image
from generator import queries, wording
from generator.models import AIModel, Generation, Style
from generator.params import Params

NOT_IN_THE_PICTURE = ("images", "fallback", "model", "style", "source_image", "collection", "remix_of")
"""What a recipe says in another way, or what changes no pixel."""
LOOKED_AT = 300
OFFERED = 3
ALIKE = 0.6
WORDS_NEEDED = 2


def digest(params: Params, *, model: AIModel, style: Style | None, source: Image | None) -> str:
    """The SHA-256, in hexadecimal, of all that has a say in the pixels; `params` are completed, their seed included."""
    wishes = {name: value for name, value in params.as_request().items() if name not in NOT_IN_THE_PICTURE}
    said = {name: float(value) if isinstance(value, int) else value for name, value in wishes.items()}
    said |= {"repo_id": model.repo_id, "revision": model.revision}
    said |= {"style": [style.prompt, style.negative_prompt] if style else None}
    said |= {"source": source.digest if source else None}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def made_before(*, user: User, digest: str, images: int, model: AIModel) -> Generation | None:
    """This person's newest generation with this digest whose first `images` are there and by no other model."""
    place = Q(outputs__index__lt=images, outputs__image__isnull=False, outputs__image__deleted_at=None)
    by_model = Q(outputs__image__recipe__model=model.slug)
    rows = user.generations.filter(recipe_digest=digest, status=Generation.Status.SUCCEEDED)
    whole = rows.annotate(kept=Count("outputs", filter=place & by_model)).filter(kept=images)
    return whole.select_related("model", "owner").order_by("-created_at", "-pk").first()


def tell(*, generation: Generation, url: str) -> None:
    """The address that a request named hears that what it asked for is there, as if it had been made for it."""
    with transaction.atomic():
        tell_address(
            types.SUCCEEDED,
            user=generation.owner,
            reference=str(generation.pk),
            data=queries.as_json(generation),
            at=generation.finished_at or timezone.now(),
            url=url,
        )


def alike(*, user: User, prompt: str) -> list[Image]:
    """At most 3 of this person's newest 300 pictures whose words are nearly those of `prompt`, the likest first."""
    if len(wording.words(prompt)) < WORDS_NEEDED:
        return []
    mine = Image.objects.owned_by(user).kept().generated()
    rows = mine.newest_first().values_list("pk", "recipe__prompt")[:LOOKED_AT]
    near = [(wording.likeness(prompt, said or ""), pk) for pk, said in rows]
    best = sorted((each for each in near if each[0] >= ALIKE), key=lambda each: -each[0])[:OFFERED]
    found = mine.in_bulk([pk for _, pk in best])
    return [found[pk] for _, pk in best if pk in found]
