"""Record that something happened, and whom to tell of it."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction

from common.database import database_now
from common.times import rfc3339
from events import switch, tail, tasks, types
from events.models import Delivery, Event, WebhookEndpoint

WAITING_MOST = 10_000
"""Messages of one person that wait to be sent; what happens beyond that is written in the log as failed."""
TOO_MANY = "too_many_waiting"


def emit(name: str, *, user: Any, reference: str, data: dict[str, Any], also_to: str = "") -> Event:
    """Append one event, last in the caller's transaction, so that one user's events appear in the order of ids.

    With it the deliveries to the user's webhooks that want to know, and to the address `also_to`: told is what stands,
    and what stands is told. Raises `TransactionManagementError` outside a transaction (a fact and its event stand or
    fall together).
    """
    transaction.get_connection().validate_no_broken_transaction()
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("emit belongs at the end of a transaction.")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(user.pk)])
    event = Event.objects.create(name=name, user=user, reference=reference, data=data)
    if name in types.TOLD:
        _tell_of(event, also_to)
    transaction.on_commit(partial(tail.announce, user.pk))
    return event


def tell_address(name: str, *, user: Any, reference: str, data: dict[str, Any], at: datetime, url: str) -> None:
    """Tell one address alone, once the caller's transaction stands, of what happened before: no event is appended."""
    _put_in_the_post(user, {"type": name, "timestamp": rfc3339(at), "data": data}, reference, [(None, url)])


def _tell_of(event: Event, also_to: str) -> None:
    """Everybody who wants to know; an endpoint is not removed before the transaction stands."""
    on = event.user.webhooks.select_for_update(no_key=True).filter(enabled=True).order_by("pk")
    endpoints = [each for each in on if event.name in each.events]
    wanted = [(each, each.url) for each in endpoints] + ([(None, also_to)] if also_to else [])
    if wanted:
        message = {"type": event.name, "timestamp": rfc3339(event.created_at), "data": event.data}
        _put_in_the_post(event.user, message, event.reference, wanted)


def _put_in_the_post(
    user: Any, message: dict[str, Any], reference: str, wanted: Sequence[tuple[WebhookEndpoint | None, str]]
) -> None:
    """One delivery an address, sent once the transaction stands."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    when: dict[str, Any] = switch.failed(TOO_MANY) if _waits_for_much(user) else {"next_try_at": database_now()}
    Delivery.objects.bulk_create(
        Delivery(user=user, endpoint=endpoint, url=url, type=message["type"], reference=reference, body=body, **when)
        for endpoint, url in wanted
    )
    transaction.on_commit(tasks.wake)


def _waits_for_much(user: Any) -> bool:
    """Whether as much waits to be sent to somebody's programs as may."""
    waiting = Delivery.objects.filter(user=user, status=Delivery.Status.WAITING)
    return waiting[:WAITING_MOST].count() >= WAITING_MOST
