"""Webhooks and what was sent to them, as their owner's pages show it."""

import json
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from common.sentences import say, what_happened
from events.models import Delivery, DeliveryTry, WebhookEndpoint

PAGE = 20
SOON = timedelta(minutes=1)


@dataclass(frozen=True)
class Line:
    """One delivery in a list, with its last try (None before the first)."""

    delivery: Delivery
    last: DeliveryTry | None
    reason: str


@dataclass(frozen=True)
class Page:
    """Deliveries, newest first; where more follow, `older` is the id of the last one here."""

    lines: list[Line]
    older: UUID | None


@dataclass(frozen=True)
class Told:
    """One try as a page shows it: `reason` says why no answer came ("" where one did), `headers` are those we sent."""

    row: DeliveryTry
    reason: str
    headers: str


def page(rows: QuerySet[Delivery], *, before: Delivery | None) -> Page:
    """The newest of these deliveries, or those older than `before`, without what was sent and answered."""
    if before is not None:
        rows = rows.filter(Q(created_at__lt=before.created_at) | Q(created_at=before.created_at, pk__lt=before.pk))
    log = Prefetch("log", DeliveryTry.objects.order_by("pk").defer("request", "answer"))
    found = list(rows.defer("body").prefetch_related(None).prefetch_related(log)[: PAGE + 1])
    lines = [Line(each, _last(each), what_happened(each.code) if each.code else "") for each in found[:PAGE]]
    return Page(lines, lines[-1].delivery.pk if len(found) > PAGE else None)


def tries(delivery: Delivery) -> list[Told]:
    """Those of its log, the newest first."""
    rows = sorted(delivery.log.all(), key=lambda row: row.pk, reverse=True)
    return [Told(row, say(row.code) if row.code and not row.status else "", _lines(row.request)) for row in rows]


def why_off(webhook: WebhookEndpoint) -> str:
    """Why the studio switched it off and what to do; "" where it is on, or where its owner did."""
    return "" if webhook.enabled or not webhook.disabled_code else say(webhook.disabled_code)


def what_went_wrong(delivery: Delivery) -> str:
    """Why the delivery failed and what to do; "" while it did not."""
    return say(delivery.code) if delivery.code else ""


def is_soon(delivery: Delivery) -> bool:
    """Whether something happens to it within a minute, so that it is worth watching."""
    return delivery.next_try_at is not None and delivery.next_try_at <= timezone.now() + SOON


def readable(body: str) -> str:
    """What is sent, with its members on lines of their own."""
    return json.dumps(json.loads(body), ensure_ascii=False, indent=2)


def _last(delivery: Delivery) -> DeliveryTry | None:
    rows = list(delivery.log.all())
    return rows[-1] if rows else None


def _lines(headers: dict[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers.items())
