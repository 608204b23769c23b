"""Run one generation: claim it, make its pictures, deliver each, close it. The worker's side of the queue.

No transaction and no database connection is held while a backend or a disk is at work.
"""

import logging
import os
import random
from contextlib import suppress
from typing import Any

from django.db import Error as DatabaseProblem
from django.db import transaction

from accounts.services import quota
from common.database import release_connection
from common.errors import DomainError
from common.storages import failures
from events import types
from gallery import storage
from gallery.models import Image
from gallery.services import collections, images
from generator import leases, remixing, timekeeper, unsaved
from generator.backends.base import Advice, BackendError, CallEnded
from generator.chain import CLAIMS_MAX
from generator.holding import changed, holder, locked, tell
from generator.making import Elsewhere, Made, Maker
from generator.models import Generation, Output
from generator.timekeeper import Job

STORAGE_WAIT = 60.0
RETRY_WAIT = 5.0
CLAIMED_WITH = ("owner__plan", "owner__huggingface_token", "model", "style", "source")
EVENT_OF = {
    Generation.Status.SUCCEEDED: types.SUCCEEDED,
    Generation.Status.FAILED: types.FAILED,
    Generation.Status.CANCELLED: types.CANCELLED,
}
Status = Generation.Status
log = logging.getLogger(__name__)


def take_turn(queue: str) -> bool:
    """Claim the generation whose turn it is and run it to an end; False when nothing was due."""
    generation = claim(queue)
    if generation is None:
        return False
    job = Job(generation.pk, generation.attempt)
    timekeeper.register(job)
    try:
        run(generation, job)
    finally:
        timekeeper.forget(job)
    return True


def claim(queue: str) -> Generation | None:
    """The generation whose turn it is, now ours, and its event; None when nothing is due."""
    while True:
        try:
            with transaction.atomic():
                claimed = leases.claim(queue, worker=timekeeper.WORKER)
                if claimed is None:
                    return None
                generation = Generation.objects.select_related(*CLAIMED_WITH).get(pk=claimed)
                tell(types.STARTED, generation)
                return generation
        except leases.OwnerBusy:
            continue


def run(generation: Generation, job: Job) -> None:
    """Make and deliver what is missing, then close, wait for another try, or leave it to whoever took it."""
    try:
        make_missing(generation, job)
        close(generation, Status.SUCCEEDED, is_fresh=True, **holder(generation))
    except CallEnded:
        give_back(generation)
    except Elsewhere as there:
        retry_later(generation, wait=None, queue=there.queue, **holder(generation))
    except storage.StorageFull as full:
        log.warning("The storage fails; trying again in %d s", STORAGE_WAIT)
        answer(generation, BackendError(full.code, advice=Advice.TRY_AGAIN, wait=STORAGE_WAIT))
    except BackendError as failure:
        answer(generation, failure)
    except DatabaseProblem:
        raise  # the lease runs out, and whoever claims it goes on where this stopped
    except Exception:  # the worker's last line: a bug ends one generation, loudly, and gives the quota back
        log.exception("A generation failed because of a bug")
        close(generation, Status.FAILED, error={"code": "internal_error", "arguments": {}}, **holder(generation))


def answer(generation: Generation, failure: BackendError) -> None:
    """Try again later where that may help and tries are left, otherwise end it with the reason."""
    error = {"code": failure.code, "arguments": failure.facts}
    if failure.advice is Advice.TRY_AGAIN and generation.attempt < CLAIMS_MAX:
        retry_later(generation, wait=_spread(failure.wait), error=error, **holder(generation))
    else:
        close(generation, Status.FAILED, error=error, **holder(generation))


def make_missing(generation: Generation, job: Job) -> None:
    """Each output without an image, in order: made, stored, delivered."""
    maker = Maker(generation, job, source=_source(generation))
    missing = [output for output in generation.outputs.all() if output.image_id is None]
    for output in sorted(missing, key=lambda output: output.index):
        made = unsaved.take(output.pk) or maker.make(output)
        release_connection()
        try:
            stored = storage.store(owner_id=generation.owner_id, marked=made.marked)
            deliver(generation, output, stored, made)
        except (storage.StorageFull, DatabaseProblem):
            unsaved.keep(output.pk, made)
            raise


@transaction.atomic
def _delivered(generation: Generation, output: Output, stored: Any, made: Made) -> bool:
    ours = Generation.objects.filter(pk=generation.pk, status=Status.RUNNING, **holder(generation))
    said = generation.notice or []
    notice = [*said, *(each for each in made.notices if each not in said)] or None
    if not ours.update(served_by=made.served_by, notice=notice):
        return False
    image = images.add_image(
        owner=generation.owner,
        stored=stored,
        recipe=made.recipe,
        parent=generation.source,
        remix_of_id=remixing.kept(generation.remix_of_id),
    )
    if not Output.objects.filter(pk=output.pk, image=None).update(image=image, job=None):
        raise RuntimeError("An output got two images although one worker holds its generation.")
    _collect(generation, image)
    generation.served_by, generation.notice = made.served_by, notice
    changed(generation, "outputs")
    tell(types.IMAGE_CREATED, generation)
    return True


def _collect(generation: Generation, image: Image) -> None:
    """Into the collection that was asked for; a picture is never lost because that is full or gone."""
    if not generation.collection_id:
        return
    wanted = remixing.collection(user=generation.owner, wanted=str(generation.collection_id))
    if wanted:
        with suppress(DomainError), transaction.atomic():
            collections.add(user=generation.owner, collection=wanted, images=[image])


def deliver(generation: Generation, output: Output, stored: Any, made: Made) -> None:
    """One picture becomes an image if the generation is still ours; otherwise its bytes go: `CallEnded`."""
    if not _delivered(generation, output, stored, made):
        storage.discard(stored.path)
        raise CallEnded


@transaction.atomic
def close(
    generation: Generation,
    status: str,
    *,
    error: dict[str, Any] | None = None,
    is_fresh: bool = False,
    **conditions: Any,
) -> bool:
    """End it once, for whoever fulfils `conditions`: status, quota and event stand or fall together.

    The images that exist are spent and the rest of the reservation is given back. A failure after some of its images
    is a success with those, and says so, and why, in `notice`. False when somebody else ended it or took it.
    `is_fresh` says that `generation` is as it stands in the database, for nobody but us changed it.
    """
    row = locked(generation, finished_at=None, **conditions)
    if row is None:
        return False
    notice = row.notice
    outputs = Output.objects.filter(generation=generation)
    made = outputs.exclude(image=None).count()
    if made < generation.images:  # nobody will come for what a provider still makes
        outputs.filter(job__isnull=False).update(job=None)
    if status == Status.FAILED and made:
        arguments = {"made": made, "asked": generation.images}
        notice = [*notice, {"code": "partly", "arguments": arguments}, *([error] if error else [])]
        status, error = Status.SUCCEEDED, None
    fields = {"status": status, "error": error, "notice": notice or None, "finished_at": row.now}
    Generation.objects.filter(pk=generation.pk).update(worker="", lease_until=None, **fields)
    quota.settle(reference=str(generation.pk), spent=made)
    if is_fresh:
        vars(generation).update(fields, worker="", lease_until=None)
    else:
        generation.refresh_from_db()
    tell(EVENT_OF[Status(status)], generation)
    return True


@transaction.atomic
def retry_later(
    generation: Generation,
    *,
    wait: float | None,
    queue: str = "",
    error: dict[str, Any] | None = None,
    **conditions: Any,
) -> bool:
    """Give the slot back: queued again, due after `wait` seconds (None: at once), in another `queue` if one is named;
    False when it is not ours any more. Where the wait ends past its deadline it fails instead, with `error`.
    """
    if not locked(generation, status=Status.RUNNING, **conditions):
        return False
    row = Generation.objects.filter(pk=generation.pk)
    if row.filter(deadline__lt=leases.later(wait or 0.0)).exists():
        too_slow = {"code": "too_slow", "arguments": {}}
        return close(generation, Status.FAILED, error=error or too_slow, **conditions)
    not_before = leases.later(wait) if wait else None
    row.update(status=Status.QUEUED, worker="", lease_until=None, step=None, steps=None, not_before=not_before)
    if queue:
        turn = leases.largest_turn(queue)
        row.update(queue=queue, turn=turn, finish=turn + generation.images / generation.owner.plan.weight)
    generation.refresh_from_db()
    tell(types.QUEUED, generation)
    return True


def give_back(generation: Generation) -> None:
    """Queued again at once, if it is still held as we read it; failed where no try is left."""
    if generation.attempt >= CLAIMS_MAX:
        close(generation, Status.FAILED, error={"code": "gave_up", "arguments": {}}, **holder(generation))
    else:
        retry_later(generation, wait=None, **holder(generation))


def free_expired() -> None:
    """What a dead worker left goes back to the queue; what is past its tries or its deadline fails."""
    for generation in leases.expired().select_related("owner", "model"):
        if generation.status == Status.QUEUED:
            close(
                generation,
                Status.FAILED,
                error={"code": "too_slow", "arguments": {}},
                status__in=[Status.QUEUED],
            )
        else:
            give_back(generation)


def free_replaced() -> None:
    """At the start of a worker: exactly the generations of the dead ones it replaces are free at once."""
    if replaced := [name for name in os.environ.get("REPLACES", "").split(",") if name]:
        for generation in leases.held_by(replaced).select_related("owner", "model"):
            give_back(generation)
    if confirm := os.environ.get("CONFIRM_FREED"):
        with open(confirm, "w") as file:
            file.write(",".join(replaced))


def _spread(wait: float) -> float:
    """Seconds to wait: as told and a little more, or 5 to 15 where nobody said, so that not all come back at once."""
    least = max(wait, RETRY_WAIT)
    return random.uniform(least, least * 1.1 if wait > RETRY_WAIT else 3 * RETRY_WAIT)  # noqa: S311


def _source(generation: Generation) -> bytes | None:
    if generation.params.source_image is None:
        return None
    if generation.source is None:
        raise BackendError("source_gone", advice=Advice.STOP)
    try:
        return storage.read(generation.source)
    except FileNotFoundError as error:
        raise BackendError("source_gone", advice=Advice.STOP) from error
    except failures() as error:
        raise storage.StorageFull from error
