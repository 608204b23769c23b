"""Lists of prompts: read first, then queued line by line, none lost and none twice."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services.quota import QuotaExhausted
from common.errors import DomainError, InvalidInput
from common.texts import Problem
from generator import services
from generator.lines import CANNOT_BE_READ, Line
from generator.models import Batch, BatchLine, Generation
from generator.params import Params

BATCHES_MAX = 100
NAME_MAX = 200


class TooManyBatches(DomainError):
    """This person keeps as many lists as one can."""

    code = "too_many_batches"
    status = 409


@transaction.atomic
def keep(*, user: User, name: str, lines: Iterable[Line]) -> Batch:
    """A list as it was read, with what is wrong in each line; nothing is queued. Raises `TooManyBatches`."""
    _room_for_one(user)
    batch = Batch.objects.create(owner=user, name=name[:NAME_MAX])
    BatchLine.objects.bulk_create(
        BatchLine(
            batch=batch,
            number=line.number,
            wish=line.wish,
            problems=line.problems or problems(user=user, params=Params(**line.wish)),
        )
        for line in lines
    )
    return batch


def problems(*, user: User, params: Params) -> list[Problem]:
    """Why this wish would be refused whatever is left of the quota; none for one that can be queued."""
    try:
        services.complete(user=user, params=params)
    except DomainError as refusal:
        return _told(refusal)
    return []


def queue(*, user: User, batch: Batch) -> DomainError | None:
    """Queue every line that waits for it, in order and each for itself; answers what stopped it before the end.

    A line that is refused keeps its problem. Called again, or twice at once, it goes on where it was.
    """
    for pk in batch.lines.filter(generation=None, problems=[]).order_by("number").values_list("pk", flat=True):
        try:
            _queue_one(user, pk)
        except (QuotaExhausted, services.QueueFull) as refusal:
            return refusal
        except DomainError as refusal:
            BatchLine.objects.filter(pk=pk, generation=None).update(problems=_told(refusal))
    return None


def check_again(*, user: User, batch: Batch) -> int:
    """Read the lines with problems once more: a model may be back, or the plan another one. How many have none now."""
    mended = 0
    for line in batch.lines.filter(generation=None).exclude(problems=[]):
        if not any(code in CANNOT_BE_READ for _, code, _ in line.problems):
            now = problems(user=user, params=Params(**line.wish))
            changed = BatchLine.objects.filter(pk=line.pk, generation=None).update(problems=now)
            mended += changed and not now
    return mended


def cancel(*, batch: Batch) -> None:
    """End all that is not finished; lines that were not queued yet stay as they are."""
    for one in Generation.objects.filter(pk__in=batch.lines.values("generation"), finished_at=None):
        try:
            services.cancel(generation=one)
        except services.NotCancellable:
            continue


def delete(*, batch: Batch) -> None:
    """Put the list away; its pictures stay, and it can be restored for a day."""
    Batch.objects.filter(pk=batch.pk, deleted_at=None).update(deleted_at=timezone.now())


@transaction.atomic
def restore(*, batch: Batch) -> None:
    """Bring a deleted list back. Raises `TooManyBatches`."""
    _room_for_one(batch.owner)
    Batch.objects.filter(pk=batch.pk).update(deleted_at=None)


def _room_for_one(user: User) -> None:
    """Two requests of one person count one after the other. Raises `TooManyBatches`."""
    User.objects.select_for_update(no_key=True, of=("self",)).get(pk=user.pk)
    if user.batches.filter(deleted_at=None).count() >= BATCHES_MAX:
        raise TooManyBatches(most=BATCHES_MAX)


def _queue_one(user: User, line_id: UUID) -> None:
    """The claim of the line and the birth of its generation are one: another press waits here, then finds it done."""
    with transaction.atomic():
        line = BatchLine.objects.select_for_update().filter(pk=line_id, generation=None, problems=[]).first()
        if line:
            line.generation = services.submit(user=user, params=Params(**line.wish))
            line.save(update_fields=["generation"])


def _told(refusal: DomainError) -> list[Problem]:
    """What a line keeps of a refusal: codes and arguments, in no language."""
    if isinstance(refusal, InvalidInput):
        return refusal.errors
    if isinstance(refusal, services.ModelUnavailable) and not isinstance(refusal, services.NoModel):
        return [("model", "model_off", {"model": refusal.arguments["model"]})]
    return [("size" if isinstance(refusal, services.TooManyPixels) else "model", refusal.code, refusal.arguments)]
