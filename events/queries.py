"""Webhooks and their deliveries, as lists and as the API shows them."""

from typing import Any

from django.db.models import Prefetch, QuerySet

from common.times import rfc3339
from events.models import Delivery, DeliveryTry, WebhookEndpoint


def webhooks_of(user: Any) -> QuerySet[WebhookEndpoint]:
    """Somebody's webhooks, newest first."""
    return WebhookEndpoint.objects.filter(user=user).order_by("-created_at", "-pk")


def deliveries_of(endpoint: WebhookEndpoint) -> QuerySet[Delivery]:
    """What was sent to it or waits, newest first, with the log of each and without what is sent."""
    return _listed(Delivery.objects.filter(endpoint=endpoint))


def deliveries_to(user: Any) -> QuerySet[Delivery]:
    """The same of all that was sent to somebody's programs."""
    return _listed(Delivery.objects.filter(user=user))


def single_deliveries(user: Any) -> QuerySet[Delivery]:
    """The same of what was sent to the `webhook_url` of somebody's single generations."""
    return _listed(Delivery.objects.filter(user=user, endpoint=None))


def with_log(deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """The same with their tries, oldest first, in one query more."""
    return deliveries.prefetch_related(Prefetch("log", DeliveryTry.objects.order_by("pk")))


def webhook_as_json(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """The representation of a webhook; its secret is no part of it."""
    return {
        "id": str(endpoint.pk),
        "url": endpoint.url,
        "events": endpoint.events,
        "enabled": endpoint.enabled,
        "description": endpoint.description,
        "created_at": rfc3339(endpoint.created_at),
    }


def delivery_as_json(delivery: Delivery) -> dict[str, Any]:
    """The representation of a delivery, its log newest last; `generation` is null for a test."""
    tries = sorted(delivery.log.all(), key=lambda each: each.pk)
    return {
        "id": str(delivery.pk),
        "webhook": str(delivery.endpoint_id) if delivery.endpoint_id else None,
        "type": delivery.type,
        "generation": delivery.reference or None,
        "url": delivery.url,
        "status": delivery.status,
        "code": delivery.code or None,
        "tries": delivery.tries,
        "next_try_at": rfc3339(delivery.next_try_at) if delivery.next_try_at else None,
        "created_at": rfc3339(delivery.created_at),
        "finished_at": rfc3339(delivery.finished_at) if delivery.finished_at else None,
        "log": [_try_as_json(each) for each in tries],
    }


def whole_delivery_as_json(delivery: Delivery) -> dict[str, Any]:
    """The same with `body`: what is sent, as it is signed."""
    return {**delivery_as_json(delivery), "body": delivery.body}


def _listed(deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
    return with_log(deliveries).defer("body").order_by("-created_at", "-pk")


def _try_as_json(each: DeliveryTry) -> dict[str, Any]:
    return {
        "started_at": rfc3339(each.started_at),
        "seconds": round(each.seconds, 3),
        "url": each.url,
        "status": each.status or None,
        "code": each.code or None,
        "request": each.request,
        "answer": each.answer,
    }
