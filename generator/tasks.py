"""What a message starts: one call each."""

import logging
import time
from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import KombuError

from common.database import release_connection
from generator import checking, runner, slots
from generator.models import Batch, RequestKey

READ_WITHIN = 60.0
"""Seconds after which a message that a worker took was read."""
log = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def take_turn(*, queue: str, **_: object) -> None:
    """Keep a slot: claim, run, and claim again until nothing is due or this worker is stopping."""
    run_turn(queue)


def run_turn(queue: str) -> None:
    """The same, for the timekeeper's threads; its database connection is closed in the end."""
    try:
        with slots.one(queue) as free:
            while free and not slots.stopping() and runner.take_turn(queue):
                pass
    finally:
        release_connection()


@shared_task(ignore_result=True)
def sweep(**_: object) -> None:
    """Idempotency keys and deleted lists are forgotten after a day, messages that were read are removed."""
    day_ago = timezone.now() - timedelta(days=1)
    RequestKey.objects.filter(created_at__lt=day_ago).delete()
    Batch.objects.filter(deleted_at__lt=day_ago).delete()
    for path in (settings.BROKER_DIR / "processed").glob("*.msg"):
        if time.time() - path.stat().st_ctime > READ_WITHIN:
            path.unlink(missing_ok=True)


@shared_task(ignore_result=True)
def check_model(*, model_id: str, **_: object) -> None:
    """Whether one model answers, as a curator asked."""
    try:
        checking.check(UUID(model_id))
    finally:
        release_connection()


@shared_task(ignore_result=True)
def check_models(**_: object) -> None:
    """Who serves the models today; costs nothing."""
    try:
        checking.look_up_all()
    finally:
        release_connection()


def wake(queue: str) -> None:
    """Tell a worker that something is due; a broker that is down is logged and forgotten, the timekeeper finds it."""
    try:
        take_turn.apply_async(kwargs={"queue": queue}, queue=queue, retry=False, ignore_result=True)
    except (OSError, KombuError) as error:
        log.warning("No wake-up could be sent (%s); the timekeeper finds the generation", type(error).__name__)
