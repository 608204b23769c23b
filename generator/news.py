"""What ended since a page last asked, in words for who looks elsewhere."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from generator.models import Generation

LOOKED_BACK = timedelta(minutes=10)
LOOKED_AT, TOLD = 50, 3
WORDS_TOLD = 80
WORTH_TELLING = (Generation.Status.SUCCEEDED, Generation.Status.FAILED)


@dataclass(frozen=True)
class Ending:
    """One that ended: what to say of it, its page, and how many seconds it took from the request on."""

    words: str
    address: str
    seconds: float


def since(user: User, *, state: str, open_now: set[str]) -> list[Ending]:
    """Endings of what the page with this `state` showed as unfinished; the newest few, cancelled ones left out.

    `open_now` are the last eight hexadecimal digits of the ids that are unfinished still.
    """
    gone = {part[:8] for part in state.split("-") if part[8:9] in {"q", "r"}} - open_now
    if not gone:
        return []
    rows = user.generations.filter(status__in=WORTH_TELLING, finished_at__gte=timezone.now() - LOOKED_BACK)
    newest = [one for one in rows.order_by("-finished_at", "-pk")[:LOOKED_AT] if one.pk.hex[-8:] in gone]
    return [_ending(one) for one in newest[:TOLD]]


def of_one(generation: Generation) -> list[Ending]:
    """Its ending; nothing while it is unfinished and for a cancelled one."""
    return [_ending(generation)] if generation.status in WORTH_TELLING else []


def of_list(name: str, *, made: int, failed: int, address: str) -> Ending:
    """The ending of a whole list of prompts, which counts as long."""
    words = ngettext("{name}: {made} picture is ready.", "{name}: {made} pictures are ready.", made)
    if failed:
        words = f"{words} " + ngettext("{failed} could not be made.", "{failed} could not be made.", failed)
    return Ending(words.format(name=name, made=made, failed=failed), address, 3600.0)


def as_event(endings: list[Ending]) -> dict[str, Any]:
    """What the page's script is told."""
    return {"endings": [vars(ending) for ending in endings]}


def _ending(generation: Generation) -> Ending:
    ready = generation.status == Generation.Status.SUCCEEDED
    words = _("The picture is ready: {prompt}") if ready else _("This could not be made: {prompt}")
    prompt = str(generation.request["prompt"])[:WORDS_TOLD]
    seconds = (generation.finished_at - generation.created_at).total_seconds() if generation.finished_at else 0.0
    return Ending(words.format(prompt=prompt), reverse("generation", args=[generation.pk]), seconds)
