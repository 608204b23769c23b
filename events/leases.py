"""Who sends a delivery: claims that races are settled by, on PostgreSQL by its own clock."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable

from common.database import database_now
from events.models import Delivery, Straggler

LEASE = timedelta(seconds=30)
"""Longer than any try takes; whose holder died is sent again after it, under the same id."""
AT_ONCE = 2
"""Deliveries of one person under way at once, in all processes together."""


def claim(*, slow_too: bool, after: Collection[UUID] = ()) -> Delivery | None:
    """Take the delivery that has been due longest, of those that may go; None when there is none.

    One of somebody in `after` is taken only where nobody else has any.
    Those that are slow (`is_slow` of what is returned) are taken with `slow_too` only. What it returns says with
    `is_wanted` whether its owner's account is open.
    """
    with transaction.atomic():
        _one_claim_at_a_time()
        due = (
            claimable(slow_too=slow_too).select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)
        )
        chosen = (due.exclude(user__in=after).first() if after else None) or due.first()
        if chosen is None:
            return None
        Delivery.objects.filter(pk=chosen).update(held_until=database_now() + LEASE)
        slow = Straggler.objects.filter(user=OuterRef("user"))
        rows = Delivery.objects.select_related("endpoint")
        rows = rows.annotate(straggles=Exists(slow), is_wanted=F("user__is_active"))
        return rows.get(pk=chosen)


def claimable(*, slow_too: bool = True) -> QuerySet[Delivery]:
    """What could be sent now, longest due first: nobody holds it, and its owner has fewer than `AT_ONCE` under way."""
    now = database_now()
    waiting = Delivery.objects.filter(status=Delivery.Status.WAITING)
    held = waiting.filter(held_until__gt=now).values("user").annotate(count=Count("pk"))
    free = waiting.filter(Q(held_until=None) | Q(held_until__lte=now), next_try_at__lte=now)
    free = free.exclude(user__in=held.filter(count__gte=AT_ONCE).values("user"))
    if not slow_too:
        free = free.filter(tries=0).exclude(user__in=Straggler.objects.values("user"))
    return free.order_by("next_try_at", "pk")


def is_slow(delivery: Delivery) -> bool:
    """Whether its receiver, or another one of its owner, failed or took long the last time."""
    return bool(delivery.tries or delivery.straggles)  # type: ignore[attr-defined]


def due(*, most: int, slow_too: bool = True) -> int:
    """How many deliveries could be sent now, counted up to `most`; those that are slow with `slow_too` only."""
    return len(claimable(slow_too=slow_too).values_list("pk", flat=True)[:most])


def later(seconds: float) -> Combinable:
    """A time so many seconds from now by the database's clock."""
    return database_now() + timedelta(seconds=seconds)


def give_back(delivery: Delivery) -> None:
    """Nobody waits for its answer any more: whoever claims next sends it."""
    ours = Delivery.objects.filter(pk=delivery.pk, held_until=delivery.held_until)
    ours.update(held_until=None)


def _one_claim_at_a_time() -> None:
    """Two claims at once would each count the other's owner as free; on SQLite the transaction itself is the lock."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('deliveries', 0))")
