"""Webhooks and their deliveries: GET/POST webhooks, one of them, rotate, test, deliveries, redeliver."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import access, examples
from accounts.access import signed_in
from accounts.authentication import needs
from accounts.serializers import (
    DeliveryListOut,
    WebhookChange,
    WebhookListOut,
    WebhookNew,
    WebhookOut,
    WebhookSecretOut,
    WholeDeliveryOut,
)
from accounts.throttling import asks_elsewhere
from common.drf import NewestFirst, refuse_body, refuse_unknown_query
from common.openapi import BODY, always, problems
from events import queries, webhooks
from events.models import Delivery

ALWAYS = {**always(), **problems({422: ["invalid"]})}
GONE = problems({404: ["not_found"]})
TAKEN = problems(BODY)
FULL = problems({409: ["too_many_webhooks"]})
ROTATED = problems({409: ["rotated_too_often"]})
OFF = problems({409: ["webhook_disabled"]})
ID = OpenApiParameter("webhook_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The webhook's id.")
DELIVERY_ID = OpenApiParameter(
    "delivery_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The delivery's id."
)
PAGE = [
    OpenApiParameter(
        "limit", {"type": "integer", "minimum": 1, "maximum": 100}, description="How many on one page; 20 unless told."
    ),
    OpenApiParameter("cursor", {"type": "string", "minLength": 1}, description="From `next` or `previous`."),
]


@needs(GET="manage", POST="manage")
@extend_schema(
    methods=["GET"],
    operation_id="webhooks_list",
    summary="My webhooks, newest first",
    parameters=PAGE,
    responses={200: WebhookListOut, **ALWAYS},
    examples=[examples.WEBHOOKS],
)
@extend_schema(
    methods=["POST"],
    operation_id="webhook_create",
    summary="Add a webhook; its secret is told in this answer only",
    request=WebhookNew,
    responses={201: WebhookSecretOut, **ALWAYS, **FULL, **TAKEN},
    examples=[examples.WEBHOOK_NEW, examples.WEBHOOK_MADE],
)
@extend_schema(tags=["webhooks"])
@api_view(["GET", "POST"])
def all_webhooks(request: Request) -> Response:
    """List them, or add one."""
    if request.method == "POST":
        refuse_unknown_query(request)
        made, secret = webhooks.add(user=signed_in(request), **WebhookNew(data=request.data).validated())
        told = {**queries.webhook_as_json(made), "secret": secret}
        return Response(told, status=201, headers=_location("api_webhook", made.pk))
    refuse_unknown_query(request, "limit", "cursor")
    pages = NewestFirst()
    rows = pages.paginate_queryset(queries.webhooks_of(signed_in(request)), request)
    return pages.get_paginated_response([queries.webhook_as_json(row) for row in rows])


@needs(GET="manage", PATCH="manage", DELETE="manage")
@extend_schema(
    methods=["GET"],
    operation_id="webhook",
    summary="One webhook",
    responses={200: WebhookOut, **ALWAYS, **GONE},
)
@extend_schema(
    methods=["PATCH"],
    operation_id="webhook_change",
    summary="Change address, events or description; switch it on or off",
    request=WebhookChange,
    responses={200: WebhookOut, **ALWAYS, **GONE, **TAKEN},
    examples=[examples.WEBHOOK_CHANGE, examples.WEBHOOK],
)
@extend_schema(
    methods=["DELETE"],
    operation_id="webhook_delete",
    summary="Delete the webhook with its deliveries",
    responses={204: OpenApiResponse(description="Deleted."), **ALWAYS, **GONE, **TAKEN},
    examples=[],
)
@extend_schema(tags=["webhooks"], parameters=[ID], examples=[examples.WEBHOOK])
@api_view(["GET", "PATCH", "DELETE"])
def one_webhook(request: Request, webhook_id: str) -> Response:
    """One webhook: look at it, change it, delete it."""
    found = access.own_webhook(signed_in(request), webhook_id)
    refuse_unknown_query(request)
    if request.method == "DELETE":
        refuse_body(request)
        webhooks.remove(endpoint=found)
        return Response(status=204)
    if request.method == "PATCH":
        found = webhooks.change(endpoint=found, **WebhookChange(data=request.data).validated())
    return Response(queries.webhook_as_json(found))


@needs(POST="manage")
@extend_schema(
    operation_id="webhook_rotate",
    tags=["webhooks"],
    summary="A new secret; each old one signs too for 24 hours",
    description="Five times within 24 hours.",
    request=None,
    parameters=[ID],
    responses={200: WebhookSecretOut, **ALWAYS, **GONE, **ROTATED, **TAKEN},
    examples=[examples.WEBHOOK_ROTATED],
)
@api_view(["POST"])
def rotate(request: Request, webhook_id: str) -> Response:
    """A new secret, told in this answer only."""
    found = access.own_webhook(signed_in(request), webhook_id)
    refuse_unknown_query(request)
    refuse_body(request)
    secret = webhooks.rotate(endpoint=found)
    return Response({**queries.webhook_as_json(found), "secret": secret}, headers={"Cache-Control": "no-store"})


@asks_elsewhere
@needs(POST="manage")
@extend_schema(
    operation_id="webhook_test",
    tags=["webhooks"],
    summary="Send a test message to it",
    description="Of type `webhook.test`. Five a minute, those that are sent again counted with them.",
    request=None,
    parameters=[ID],
    responses={202: WholeDeliveryOut, **ALWAYS, **GONE, **OFF, **TAKEN},
    examples=[examples.TEST_POSTED],
)
@api_view(["POST"])
def test(request: Request, webhook_id: str) -> Response:
    """A message that means nothing, so that its receiver can be tried."""
    found = access.own_webhook(signed_in(request), webhook_id)
    refuse_unknown_query(request)
    refuse_body(request)
    return _posted(webhooks.send_test(endpoint=found))


@needs(GET="manage")
@extend_schema(
    operation_id="webhook_deliveries",
    tags=["webhooks"],
    summary="What was sent to it in the last 30 days, newest first",
    parameters=[ID, *PAGE],
    responses={200: DeliveryListOut, **ALWAYS, **GONE},
    examples=[examples.DELIVERIES],
)
@api_view(["GET"])
def deliveries(request: Request, webhook_id: str) -> Response:
    """Its deliveries with their tries."""
    return _page(request, queries.deliveries_of(access.own_webhook(signed_in(request), webhook_id)))


@needs(GET="manage")
@extend_schema(
    operation_id="deliveries_list",
    tags=["webhooks"],
    summary="What was sent to my programs in the last 30 days, newest first",
    description="To webhooks, and to the `webhook_url` of single generations: there `webhook` is null.",
    parameters=PAGE,
    responses={200: DeliveryListOut, **ALWAYS},
    examples=[examples.DELIVERIES],
)
@api_view(["GET"])
def all_deliveries(request: Request) -> Response:
    """My deliveries with their tries, wherever they went."""
    return _page(request, queries.deliveries_to(signed_in(request)))


@needs(GET="manage")
@extend_schema(
    operation_id="delivery",
    tags=["webhooks"],
    summary="One delivery with its tries and what is sent",
    parameters=[DELIVERY_ID],
    responses={200: WholeDeliveryOut, **ALWAYS, **GONE},
    examples=[examples.DELIVERY],
)
@api_view(["GET"])
def delivery(request: Request, delivery_id: str) -> Response:
    """One delivery, to a webhook or to the `webhook_url` of a generation."""
    found = access.own_delivery(signed_in(request), delivery_id)
    refuse_unknown_query(request)
    return Response(queries.whole_delivery_as_json(found))


@asks_elsewhere
@needs(POST="manage")
@extend_schema(
    operation_id="delivery_redeliver",
    tags=["webhooks"],
    summary="Send it again, with the same webhook-id",
    description="To the address that the webhook has now. Five a minute, tests counted with them.",
    request=None,
    parameters=[DELIVERY_ID],
    responses={202: WholeDeliveryOut, **ALWAYS, **GONE, **OFF, **TAKEN},
    examples=[examples.POSTED_AGAIN],
)
@api_view(["POST"])
def redeliver(request: Request, delivery_id: str) -> Response:
    """The same message once more, now."""
    found = access.own_delivery(signed_in(request), delivery_id)
    refuse_unknown_query(request)
    refuse_body(request)
    return _posted(webhooks.redeliver(delivery=found))


def _page(request: Request, rows: QuerySet[Delivery]) -> Response:
    refuse_unknown_query(request, "limit", "cursor")
    pages = NewestFirst()
    shown = pages.paginate_queryset(rows, request)
    return pages.get_paginated_response([queries.delivery_as_json(row) for row in shown])


def _posted(sent: Delivery) -> Response:
    return Response(queries.whole_delivery_as_json(sent), status=202, headers=_location("api_delivery", sent.pk))


def _location(name: str, pk: Any) -> dict[str, str]:
    return {"Location": f"{settings.PUBLIC_URL}{reverse(name, args=[pk])}", "Cache-Control": "no-store"}
