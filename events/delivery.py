"""Send one message to one address: claim it, sign it, post it, and write down what became of it."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from common import http
from common.database import insist, release_connection
from common.texts import shown
from events import leases, retries, signing, slots, switch, types
from events.models import Delivery, DeliveryTry, Straggler, WebhookEndpoint

SECONDS = 10.0
"""Of wall-clock time, from looking up the name to the headers of the answer."""
SLOW_SECONDS = 1.0
"""Who takes longer has fewer places the next time; answering is all that is asked of a receiver."""
FORGIVEN_AFTER = timedelta(minutes=10)
"""Who has a quick receiver beside a slow one has fewer places all the same."""
MOST_ANSWER = 2048
"""Bytes that are kept of an answer."""
AGENT = "training-edge-ai-webhooks/1"
GONE, GAVE_UP = "receiver_gone", "never_arrived"
BROKEN_OFF = {
    "unreachable": "receiver_unreachable",
    "late": "receiver_late",
    "private_address": "private_address",
}
"""Why no answer came, by the reasons of `common.http.Failed`; whatever else it was, the connection broke."""


@dataclass(frozen=True)
class Turn:
    """One delivery was tried; `switched_off` is the endpoint that went off with it."""

    switched_off: UUID | None = None


@dataclass(frozen=True)
class Sent:
    """One request and what came back: `code` is "" where it arrived, `status` 0 where no answer came."""

    url: str
    started_at: datetime
    seconds: float
    request: dict[str, str] = field(default_factory=dict)
    status: int = 0
    code: str = ""
    answer: str = ""
    asked: float = 0.0


def take_turn() -> Turn | None:
    """Send what has been due longest, of everybody in turn; None where nothing is due. The caller holds a slot."""
    with slots.SlowPlace() as place:
        delivery = leases.claim(slow_too=place.won, after=slots.had_turns())
        slots.note_turn(delivery.user_id if delivery else None)
        if delivery is None:
            return None
        if not leases.is_slow(delivery):
            place.give_back()
        return _deliver(delivery)


def _deliver(delivery: Delivery) -> Turn:
    endpoint = delivery.endpoint
    if not delivery.is_wanted or (endpoint and not endpoint.enabled):  # type: ignore[attr-defined]
        return _given_up(delivery, switch.DISABLED)
    message_id, at = f"msg_{delivery.pk.hex}", timezone.now()
    try:
        key = endpoint or signing.default_key(delivery.user_id)
        signatures = signing.signatures(key, message_id=message_id, at=at, body=delivery.body)
    except signing.SecretUnreadable as unreadable:
        return _given_up(delivery, unreadable.code)
    release_connection()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signatures,
    }
    sent = _post(delivery, headers, at)
    if sent is None:
        leases.give_back(delivery)
        return Turn()
    went_off: list[bool] = []
    insist(lambda: went_off.append(_write_down(delivery, sent)))
    insist(lambda: _remember_pace(delivery, sent))
    return Turn(switched_off=delivery.endpoint_id if any(went_off) else None)


def _post(delivery: Delivery, headers: dict[str, str], at: datetime) -> Sent | None:
    """Ask once, over a connection of its own, and follow no redirect; None where this process is stopping."""
    began = monotonic()
    facts: dict[str, Any] = {"url": delivery.url, "started_at": at, "request": headers}
    try:
        around = http.exchange(seconds=SECONDS, anywhere=settings.WEBHOOK_ALLOW_PRIVATE)
        with around as outgoing, slots.calling(outgoing):
            answer = http.fetch(
                "POST", delivery.url, content=delivery.body.encode(), headers=headers, most=MOST_ANSWER, whole=False
            )
    except http.Failed as failed:
        if failed.reason == "ended":
            return None
        code = BROKEN_OFF.get(failed.reason, "receiver_broken")
        return Sent(**facts, seconds=monotonic() - began, code=code)
    return Sent(
        **facts,
        seconds=monotonic() - began,
        status=answer.status,
        code=_code_of(answer.status),
        answer=shown(answer.content.decode("utf-8", "replace"), most=MOST_ANSWER),
        asked=retries.asked_seconds(answer.status, answer.headers.get("retry-after", ""), now=timezone.now()),
    )


def _code_of(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return "receiver_redirects"
    return GONE if status == 410 else "receiver_refused"


def _write_down(delivery: Delivery, sent: Sent) -> bool:
    """Log the try, then end the delivery or let it wait; True where its endpoint was switched off.

    What somebody ended or deleted meanwhile stays so.
    """
    with transaction.atomic():
        endpoint = _locked(delivery.endpoint) if sent.code and delivery.endpoint else None
        row = Delivery.objects.select_for_update(of=("self",)).filter(pk=delivery.pk).first()
        if row is None or row.log.filter(started_at=sent.started_at).exists():
            return False
        DeliveryTry.objects.create(
            delivery=row,
            url=sent.url,
            request=sent.request,
            status=sent.status,
            code=sent.code,
            answer=sent.answer,
            started_at=sent.started_at,
            seconds=sent.seconds,
        )
        row.log.exclude(pk__in=list(row.log.order_by("-pk").values_list("pk", flat=True)[: DeliveryTry.KEPT])).delete()
        if row.status != Delivery.Status.WAITING or row.held_until != delivery.held_until:
            return False
        changes = _what_follows(row, sent)
        Delivery.objects.filter(pk=row.pk).update(tries=F("tries") + 1, **changes)
        if endpoint is None or changes["status"] != Delivery.Status.FAILED:
            return False
        if sent.code == GONE:
            return switch.off(endpoint, code=GONE)
        return not _shows_nothing(row) and switch.off(endpoint, code=GAVE_UP)


def _shows_nothing(given_up: Delivery) -> bool:
    """Whether its webhook may be well all the same: it was a test, or another message arrived since its first try."""
    if given_up.type == types.TEST:
        return True
    tries = given_up.log.order_by("-pk").values_list("started_at", flat=True)[: given_up.tries + 1]
    others = Delivery.objects.filter(endpoint=given_up.endpoint_id, status=Delivery.Status.DELIVERED)
    return others.filter(finished_at__gt=min(tries)).exists()


def _locked(endpoint: WebhookEndpoint) -> WebhookEndpoint | None:
    """Before its delivery, as everybody locks them."""
    return WebhookEndpoint.objects.select_for_update().filter(pk=endpoint.pk).first()


def _what_follows(row: Delivery, sent: Sent) -> dict[str, Any]:
    """The columns of a delivery after this try."""
    if not sent.code:
        return {**switch.failed(""), "status": Delivery.Status.DELIVERED}
    wait = retries.wait_after(row.tries + 1, luck=secrets.randbelow(1001) / 1000, asked=sent.asked)
    if wait is None or sent.code == GONE:
        return switch.failed(sent.code)
    waiting = {"status": Delivery.Status.WAITING, "code": sent.code, "held_until": None}
    return {**waiting, "next_try_at": leases.later(wait)}


def _given_up(delivery: Delivery, code: str) -> Turn:
    """It fails without having been sent."""
    ours = Delivery.objects.filter(pk=delivery.pk, status=Delivery.Status.WAITING, held_until=delivery.held_until)
    ours.update(**switch.failed(code))
    return Turn()


def _remember_pace(delivery: Delivery, sent: Sent) -> None:
    """Outside the transaction of the delivery: nobody waits for two locks of one person."""
    mine = Straggler.objects.filter(user=delivery.user_id)
    if not sent.code and sent.seconds <= SLOW_SECONDS:
        if leases.is_slow(delivery):
            mine.filter(since__lte=timezone.now() - FORGIVEN_AFTER).delete()
    elif Delivery.objects.filter(pk=delivery.pk).exists():
        Straggler.objects.update_or_create(user_id=delivery.user_id, defaults={"since": timezone.now()})
