"""What belongs beside one picture: its source, what was made from it, and its variations."""

from dataclasses import dataclass
from typing import Any

from gallery.models import Image

SHOWN = 8
SEEDS = 2**32
NEAR = 4
"""Four variations have the four seeds that follow."""
CANDIDATES = 50
LOOKED_AT = 500
TAGS_SHOWN = 100


@dataclass(frozen=True)
class Family:
    """The pictures around one, as far as the reader may see them; `source_hidden`: there is one that they may not."""

    source: Image | None
    source_hidden: bool
    made_from_it: list[Image]
    variations: list[Image]

    @property
    def seeds(self) -> list[int | None]:
        """The first and the last seed of the variations, or the only one."""
        seeds = [each.seed for each in self.variations]
        return [seeds[0], seeds[-1]] if len(seeds) > 1 else seeds


def family(image: Image, reader: Any) -> Family:
    """The pictures around this one."""
    seen = Image.objects.visible_to(reader).kept()
    source = seen.filter(pk=image.parent_id).first() if image.parent_id else None
    made = seen.filter(parent=image).newest_first()[:SHOWN]
    return Family(source, bool(image.parent_id) and source is None, list(made), variations(image, reader))


def variations(image: Image, reader: Any) -> list[Image]:
    """The same words and model with a seed close by, in the order of the seeds."""
    if image.seed is None or image.recipe is None:
        return []
    seeds = {(image.seed + step) % SEEDS for step in range(-NEAR, NEAR + 1) if step}
    alike = Image.objects.visible_to(reader).kept().generated()
    alike = alike.filter(owner=image.owner_id, model=image.model, seed__in=seeds)
    words = image.recipe.get("full_prompt")
    found = [each for each in alike.newest_first()[:CANDIDATES] if (each.recipe or {}).get("full_prompt") == words]
    of_seed = {each.seed: each for each in reversed(found)}
    return [of_seed[seed] for seed in sorted(of_seed, key=lambda seed: (seed or 0) - (image.seed or 0))][:SHOWN]


def beside(image: Image, reader: Any) -> list[Image]:
    """What somebody may want to compare with: its source, its kin, then what they made last."""
    kin = family(image, reader)
    recent = Image.objects.owned_by(reader).kept().generated().newest_first()[: 3 * SHOWN]
    near = [*([kin.source] if kin.source else []), *kin.variations, *kin.made_from_it, *recent]
    return list({each.pk: each for each in near if each.pk != image.pk}.values())[: 3 * SHOWN]


def tags_of(user: Any) -> list[str]:
    """The tags of this person's newest pictures, in the order of the alphabet."""
    tags_of_each = Image.objects.owned_by(user).kept().generated().newest_first().values_list("tags", flat=True)
    return sorted({tag for tags in tags_of_each[:LOOKED_AT] for tag in tags})[:TAGS_SHOWN]
