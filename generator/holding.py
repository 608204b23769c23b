"""Only the holder of a generation may change it, and what it changes is told in the same transaction."""

from typing import Any

from django.conf import settings
from django.utils import translation

from events.services import emit
from generator import queries
from generator.models import Generation


def holder(generation: Generation) -> dict[str, Any]:
    """Only this worker, in this attempt, may deliver or close."""
    return {"worker": generation.worker, "attempt": generation.attempt}


def locked(generation: Generation, **conditions: Any) -> bool:
    """Lock the row for this transaction if it still fulfils `conditions` (SQLite: the transaction is the lock)."""
    rows = Generation.objects.select_for_update(of=("self",)).filter(pk=generation.pk, **conditions)
    return bool(rows.values_list("pk", flat=True))


def tell(name: str, generation: Generation) -> None:
    """The event, in its owner's language."""
    with translation.override(generation.owner.language or settings.LANGUAGE_CODE):
        data = queries.as_json(generation)
    emit(name, user=generation.owner, reference=str(generation.pk), data=data)
