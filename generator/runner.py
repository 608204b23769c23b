"""Run one generation: claim it, make its pictures, deliver each, close it. The worker's side of the queue.

No transaction and no database connection is held while a backend or a disk is at work.
"""

import logging
import os
import time
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseProblem
from django.db import transaction
from django.utils import timezone, translation

from accounts.services import quota
from common import pictures
from common.database import release_connection
from common.storages import failures
from events import types
from events.services import emit
from gallery import storage
from gallery.services import images
from generator import backends, leases, queries, recipes, timekeeper
from generator.backends.base import Advice, BackendError, CallEnded, Picture
from generator.models import Attempt, Generation, Output
from generator.params import Params
from generator.timekeeper import Job

CLAIMS_MAX = 6
STORAGE_WAIT = 60.0
RETRY_WAIT = 5.0
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
                generation = Generation.objects.select_related("owner", "model", "style", "source").get(pk=claimed)
                _tell(types.STARTED, generation)
                return generation
        except leases.OwnerBusy:
            continue


def run(generation: Generation, job: Job) -> None:
    """Make and deliver what is missing, then close, wait for another try, or leave it to whoever took it."""
    try:
        make_missing(generation, job)
        close(generation, Status.SUCCEEDED, **_holder(generation))
    except CallEnded:
        give_back(generation)
    except storage.StorageFull as full:
        log.warning("The storage fails; trying again in %d s", STORAGE_WAIT)
        answer(generation, BackendError(full.code, advice=Advice.TRY_AGAIN, wait=STORAGE_WAIT))
    except BackendError as failure:
        answer(generation, failure)
    except DatabaseProblem:
        raise  # the lease runs out, and whoever claims it goes on where this stopped
    except Exception:  # the worker's last line: a bug ends one generation, loudly, and gives the quota back
        log.exception("A generation failed because of a bug")
        close(generation, Status.FAILED, error={"code": "internal_error", "arguments": {}}, **_holder(generation))


def answer(generation: Generation, failure: BackendError) -> None:
    """Try again later where that may help and tries are left, otherwise end it with the reason."""
    holder = _holder(generation)
    if failure.advice is Advice.TRY_AGAIN and generation.attempt < CLAIMS_MAX:
        retry_later(generation, wait=max(failure.wait, RETRY_WAIT), **holder)
    else:
        error = {"code": failure.code, "arguments": failure.facts}
        close(generation, Status.FAILED, error=error, **holder)


def make_missing(generation: Generation, job: Job) -> None:
    """Each output without an image, in order: made, stored, delivered."""
    told = recipes.styled(generation.params, generation.style)
    source = _source(generation)
    fitted = _fitted(source, told)
    for output in list(generation.outputs.filter(image=None).order_by("index")):
        picture = call(generation, replace(told, seed=output.seed, images=1), fitted, job)
        recipe = recipes.recipe(generation, generation.model, told, picture, source)
        release_connection()
        try:
            stored = storage.store_generated(owner_id=generation.owner_id, content=picture.content, recipe=recipe)
        except pictures.NotAPicture as error:
            raise BackendError("backend_failed", advice=Advice.TRY_AGAIN) from error
        deliver(generation, output, stored, recipe, provider=picture.provider)


def call(generation: Generation, told: Params, source: bytes | None, job: Job) -> Picture:
    """One call of the backend, written down as an attempt whatever comes of it (an ended call is none)."""
    model = generation.model
    backend = backends.get(model.backend)
    release_connection()
    started_at, began = timezone.now(), time.monotonic()

    def on_progress(step: int, steps: int) -> None:
        job.step, job.steps = step, steps
        if job.ended.is_set():
            raise CallEnded

    def record(outcome: str, code: str = "", provider: str | None = None) -> None:
        Attempt.objects.create(
            generation=generation,
            model=model,
            provider=provider or "",
            outcome=outcome,
            code=code,
            sent=told.as_request(),
            started_at=started_at,
            seconds=time.monotonic() - began,
        )

    try:
        picture = backend.generate(told, remote_id=model.repo_id, source=source, on_progress=on_progress)
    except BackendError as failure:
        record(failure.advice, failure.code)
        raise
    record(Attempt.Outcome.OK, provider=picture.provider)
    return picture


@transaction.atomic
def _delivered(
    generation: Generation, output: Output, stored: Any, recipe: dict[str, Any], served_by: dict[str, Any]
) -> bool:
    ours = Generation.objects.filter(pk=generation.pk, status=Status.RUNNING, **_holder(generation))
    if not ours.update(served_by=served_by):
        return False
    image = images.add_image(owner=generation.owner, stored=stored, recipe=recipe, parent=generation.source)
    if not Output.objects.filter(pk=output.pk, image=None).update(image=image):
        raise RuntimeError("An output got two images although one worker holds its generation.")
    generation.served_by = served_by
    _tell(types.IMAGE_CREATED, generation)
    return True


def deliver(
    generation: Generation, output: Output, stored: Any, recipe: dict[str, Any], *, provider: str | None
) -> None:
    """One picture becomes an image if the generation is still ours; otherwise its bytes go: `CallEnded`."""
    model = generation.model
    served_by = {"model": model.slug, "backend": model.backend, "provider": provider, "fallback_from": None}
    if not _delivered(generation, output, stored, recipe, served_by):
        storage.discard(stored.path)
        raise CallEnded


@transaction.atomic
def close(generation: Generation, status: str, *, error: dict[str, Any] | None = None, **holder: Any) -> bool:
    """End it once, for whoever fulfils `holder`: status, quota and event stand or fall together.

    The images that exist are spent and the rest of the reservation is given back. A failure after some of its images
    is a success with those, and says so in `notice`. False when somebody else ended it or took it.
    """
    if not _locked(generation, finished_at=None, **holder):
        return False
    notice = None
    made = Output.objects.filter(generation=generation).exclude(image=None).count()
    if status == Status.FAILED and made:
        arguments = {"made": made, "asked": generation.images}
        status, error, notice = Status.SUCCEEDED, None, {"code": "partly", "arguments": arguments}
    fields = {"status": status, "error": error, "notice": notice, "worker": "", "lease_until": None}
    Generation.objects.filter(pk=generation.pk).update(finished_at=leases.database_now(), **fields)
    quota.settle(reference=str(generation.pk), spent=made)
    generation.refresh_from_db()
    _tell(EVENT_OF[Status(status)], generation)
    return True


@transaction.atomic
def retry_later(generation: Generation, *, wait: float | None, **holder: Any) -> bool:
    """Give the slot back: queued again, due after `wait` seconds (None: at once); False when it is not ours any more.

    Past its deadline it fails instead.
    """
    if not _locked(generation, status=Status.RUNNING, **holder):
        return False
    row = Generation.objects.filter(pk=generation.pk)
    if row.filter(deadline__lt=leases.database_now()).exists():
        return close(generation, Status.FAILED, error={"code": "too_slow", "arguments": {}}, **holder)
    not_before = leases.later(wait) if wait else None
    row.update(status=Status.QUEUED, worker="", lease_until=None, step=None, steps=None, not_before=not_before)
    generation.refresh_from_db()
    _tell(types.QUEUED, generation)
    return True


def give_back(generation: Generation) -> None:
    """Queued again at once, if it is still held as we read it; failed where no try is left."""
    holder = _holder(generation)
    if generation.attempt >= CLAIMS_MAX:
        close(generation, Status.FAILED, error={"code": "gave_up", "arguments": {}}, **holder)
    else:
        retry_later(generation, wait=None, **holder)


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


def _locked(generation: Generation, **conditions: Any) -> bool:
    """Lock the row for this transaction if it still fulfils `conditions` (SQLite: the transaction is the lock)."""
    rows = Generation.objects.select_for_update(of=("self",)).filter(pk=generation.pk, **conditions)
    return bool(rows.values_list("pk", flat=True))


def _holder(generation: Generation) -> dict[str, Any]:
    """Only this worker, in this attempt, may deliver or close."""
    return {"worker": generation.worker, "attempt": generation.attempt}


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


def _fitted(source: bytes | None, told: Params) -> bytes | None:
    """The source at exactly the size of the picture."""
    if source is None or told.width is None or told.height is None:
        return None
    release_connection()
    try:
        with pictures.room():
            return pictures.cover(source, told.width, told.height)
    except pictures.NotAPicture as error:
        raise BackendError("bad_source", advice=Advice.STOP) from error


def _tell(name: str, generation: Generation) -> None:
    """The event, in its owner's language."""
    with translation.override(generation.owner.language or settings.LANGUAGE_CODE):
        data = queries.as_json(generation)
    emit(name, user=generation.owner, reference=str(generation.pk), data=data)
