"""Images without bytes, for tests of pages and lists."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from gallery import folding
from gallery.models import Image
from tests.hostile import hostile


def rows(owner: User, count: int, **fields: Any) -> list[Image]:
    """So many of one person, one a minute, the newest last; `prompt` instead of hostile "picture 0", "picture 1"."""
    now, prompt = timezone.now(), fields.pop("prompt", "")
    made = [_row(owner, number, prompt or hostile(f"picture {number}"), fields) for number in range(count)]
    Image.objects.bulk_create(made)
    for number, image in enumerate(made):
        image.created_at = now - timedelta(minutes=count - number)
    Image.objects.bulk_update(made, ["created_at"])
    return made


def _row(owner: User, number: int, prompt: str, fields: dict[str, Any]) -> Image:
    words = folding.search_text(title=fields.get("title", ""), prompt=prompt, tags=fields.get("tags", []))
    usual = {"origin": "generated", "format": "png", "bytes": 1000, "width": 256, "height": 256, "digest": "0" * 64}
    recipe = {"prompt": prompt, "seed": number}
    return Image(owner=owner, path=f"x/{number}.png", **{**usual, "recipe": recipe, "search_text": words, **fields})
