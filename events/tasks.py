"""Chores of events, and what a message starts."""

import logging
import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

from celery import shared_task
from django.db import Error as DatabaseProblem
from django.db.models import Count, QuerySet
from django.utils import timezone
from kombu.exceptions import KombuError

from common.database import release_connection
from events import delivery, leases, slots, telling
from events.models import Delivery, Event, Straggler

KEPT = timedelta(days=30)
KEPT_OF_ONE = 20_000
"""Finished deliveries of one person: a program can make and cancel generations all day."""
AT_A_TIME = 1000
log = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def purge(**_: object) -> None:
    """Events, and deliveries with their log, are kept 30 days; of one person's finished ones the newest."""
    now = timezone.now()
    Event.objects.filter(created_at__lt=now - KEPT).delete()
    _delete_by_and_by(Delivery.objects.filter(created_at__lt=now - KEPT))
    _forget_the_oldest_of_those_who_have_many()
    Straggler.objects.filter(since__lt=now - KEPT).delete()


@shared_task(ignore_result=True)
def deliver(**_: object) -> None:
    """Keep a slot: send, and send again until nothing is due or this worker is stopping."""
    run_deliveries()


def run_deliveries() -> None:
    """The same, for the timekeeper's threads; its database connection is closed in the end."""
    try:
        with slots.one() as free:
            while free and not slots.stopping() and (turn := delivery.take_turn()):
                if turn.switched_off:
                    _send(tell_owner, endpoint_id=str(turn.switched_off))
    except DatabaseProblem as problem:
        log.warning("A delivery lost the database and is sent again: %s", type(problem).__name__)
    finally:
        release_connection()


def start_due() -> None:
    """As many deliveries as are due and slots are free, each in a thread of its own, with or without a broker."""
    free = slots.free()
    count = leases.due(most=free, slow_too=slots.is_free_for_slow()) if free > 0 else 0
    for _ in range(count):
        threading.Thread(target=run_deliveries, name="delivery", daemon=True).start()


@shared_task(ignore_result=True)
def tell_owner(*, endpoint_id: str, **_: object) -> None:
    """The owner of a webhook that was switched off is told now."""
    telling.tell(UUID(endpoint_id))


@shared_task(ignore_result=True)
def tell_owners(**_: object) -> None:
    """So are those whom the mail server or the broker kept from being told."""
    for endpoint_id in telling.untold().values_list("pk", flat=True)[:AT_A_TIME]:
        telling.tell(endpoint_id)


def wake() -> None:
    """Tell a worker that something is to be sent; a broker that is down is logged, the timekeeper finds it."""
    _send(deliver)


def _send(task: Any, **arguments: str) -> None:
    try:
        task.apply_async(kwargs=arguments, queue="chores", retry=False, ignore_result=True)
    except (OSError, KombuError) as error:
        log.warning("No wake-up could be sent (%s); the timekeeper finds what is to be done", type(error).__name__)


def _forget_the_oldest_of_those_who_have_many() -> None:
    finished = Delivery.objects.exclude(status=Delivery.Status.WAITING).order_by()
    many = finished.values("user").annotate(count=Count("pk")).filter(count__gt=KEPT_OF_ONE)
    for user in many.values_list("user", flat=True):
        mine = finished.filter(user=user)
        _delete_by_and_by(mine.filter(pk__lte=mine.order_by("-pk").values_list("pk", flat=True)[KEPT_OF_ONE]))


def _delete_by_and_by(deliveries: QuerySet[Delivery]) -> None:
    """Some at a time, each with its log: nobody is kept waiting for a lock."""
    while some := list(deliveries.values_list("pk", flat=True)[:AT_A_TIME]):
        deliveries.model.objects.filter(pk__in=some).delete()
