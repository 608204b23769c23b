"""From params to what a model is told, and to everything needed to make the image again."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from generator.backends.base import Picture
from generator.models import AIModel, Generation, Style
from generator.models.catalogue import Worded
from generator.params import Params

VERSION = 1


def styled(params: Params, style: Style | None) -> Params:
    """The params with the style's words around the prompt and after the negative prompt."""
    if style is None:
        return params
    prompt = style.prompt.replace("{prompt}", params.prompt)
    if params.negative_prompt is None:
        return replace(params, prompt=prompt)
    negative = ", ".join(words for words in (params.negative_prompt, style.negative_prompt) if words)
    return replace(params, prompt=prompt, negative_prompt=negative)


def recipe(
    generation: Generation,
    model: AIModel,
    told: Params,
    picture: Picture,
    source: bytes | None,
    *,
    provider: str | None,
) -> dict[str, Any]:
    """The frozen recipe of one picture; what the model does not take is null. `source` are the stored bytes."""
    asked = generation.params
    return {
        "version": VERSION,
        "mode": generation.mode,
        "model": model.slug,
        "repo_id": model.repo_id,
        "revision": picture.revision,
        "backend": model.backend,
        "provider": provider,
        "prompt": asked.prompt,
        "negative_prompt": asked.negative_prompt,
        "style": asked.style,
        "full_prompt": told.prompt,
        "full_negative_prompt": told.negative_prompt,
        "width": told.width,
        "height": told.height,
        "steps": told.steps,
        "guidance": told.guidance,
        "scheduler": told.scheduler,
        "seed": picture.seed,
        "strength": told.strength,
        "source_digest": hashlib.sha256(source).hexdigest() if source else None,
        "software": picture.software,
    }


def style_names() -> dict[str, list[str]]:
    """The names of each style by its slug, the reader's first; those that are not offered any more too."""
    return _names(Style.objects.all())


def model_names() -> dict[str, list[str]]:
    """The same of each model."""
    return _names(AIModel.objects.all())


def _names(rows: Iterable[Worded]) -> dict[str, list[str]]:
    return {row.slug: [name for name in dict.fromkeys((row.label, row.name, row.name_fr)) if name] for row in rows}
