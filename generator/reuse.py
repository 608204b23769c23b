"""The picture that somebody has already: the same recipe asked again, or nearly the same words."""

import hashlib
import json
import re
from functools import lru_cache

from django.db.models import Count, Q

from accounts.models import User
from gallery.models import Image
from generator.backends.builtin.vocabulary import fold
from generator.models import AIModel, Generation, Style
from generator.params import Params

NOT_IN_THE_PICTURE = ("images", "fallback", "model", "style", "source_image")
"""What a recipe says in another way, or what changes no pixel."""
LOOKED_AT = 300
OFFERED = 3
ALIKE = 0.6
WORDS_NEEDED = 2
PLURAL_FROM = 4
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_]+")
"""A word; in writing without spaces a character."""
LITTLE_WORDS = frozenset((
    "a", "an", "the", "and", "or", "of", "on", "in", "at", "to", "with", "by", "for", "from", "into", "its", "some",
    "un", "une", "des", "le", "la", "les", "l", "de", "du", "d", "et", "ou", "sur", "dans", "au", "aux", "avec", "par",
    "pour", "en", "sous",
))  # fmt: skip


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


def alike(*, user: User, prompt: str) -> list[Image]:
    """At most 3 of this person's newest 300 pictures whose words are nearly those of `prompt`, the likest first."""
    wanted = words(prompt)
    if len(wanted) < WORDS_NEEDED:
        return []
    mine = Image.objects.visible_to(user).kept().generated()
    rows = mine.newest_first().values_list("pk", "recipe__prompt")[:LOOKED_AT]
    near = [(likeness(wanted, words(said or "")), pk) for pk, said in rows]
    best = sorted((each for each in near if each[0] >= ALIKE), key=lambda each: -each[0])[:OFFERED]
    found = mine.in_bulk([pk for _, pk in best])
    return [found[pk] for _, pk in best if pk in found]


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """The Jaccard index, 0 to 1: how much of all their words both have."""
    return len(one & other) / len(one | other) if one or other else 0.0


@lru_cache(maxsize=4096)
def words(text: str) -> frozenset[str]:
    """The words of a text without case, accents, plural and little words."""
    return frozenset(_singular(word) for word in WORD.findall(fold(text)) if word not in LITTLE_WORDS)


def _singular(word: str) -> str:
    return word[:-1] if len(word) >= PLURAL_FROM and word[-1] in "sx" else word
