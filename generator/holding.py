"""Only the holder of a generation may change it, and what it changes is told in the same transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, prefetch_related_objects
from django.utils import translation

from events.services import emit
from generator import leases, queries
from generator.models import Attempt, Generation, Output


def holder(generation: Generation) -> dict[str, Any]:
    """Only this worker, in this attempt, may deliver or close."""
    return {"worker": generation.worker, "attempt": generation.attempt}


@dataclass(frozen=True)
class Locked:
    """What is read of a row as it is locked: its `notice`, and the time by the database's clock."""

    notice: list[dict[str, Any]]
    now: datetime


def locked(generation: Generation, **conditions: Any) -> Locked | None:
    """Lock the row for this transaction if it still fulfils `conditions` (SQLite: the transaction is the lock)."""
    rows = Generation.objects.select_for_update(of=("self",)).filter(pk=generation.pk, **conditions)
    row = rows.annotate(now=leases.database_now()).values_list("notice", "now").first()
    return Locked(row[0] or [], row[1]) if row else None


def changed(generation: Generation, *relations: str) -> None:
    """Its attempts or its outputs are not those any more that were read."""
    generation.refresh_from_db(fields=relations)


def tell(name: str, generation: Generation) -> None:
    """The event, in its owner's language; reads of its attempts and outputs what was not read since they changed."""
    prefetch_related_objects(
        [generation],
        Prefetch("attempts", Attempt.objects.select_related("model")),
        Prefetch("outputs", Output.objects.select_related("image")),
    )
    with translation.override(generation.owner.language or settings.LANGUAGE_CODE):
        data = queries.as_json(generation)
    reference, also_to = str(generation.pk), generation.webhook_url
    emit(name, user=generation.owner, reference=reference, data=data, also_to=also_to)
