"""GET events, GET generations/{id}/events: the gate of live streams, which generator/stream then keeps open."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.decorators import api_view, renderer_classes
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from accounts.access import signed_in
from accounts.authentication import needs
from common.drf import refuse_unknown_query
from common.errors import InvalidInput
from common.openapi import always, problems
from events import tail
from generator import access, listening
from generator.api import examples
from generator.models import Generation

MEDIA_TYPE = "text/event-stream"
DIGITS_MAX = 19
RESUME = OpenApiParameter(
    "Last-Event-ID",
    {"type": "integer", "minimum": 0},
    OpenApiParameter.HEADER,
    description="The `id` of the last event that was received: what came after it follows, without gap or double; "
    "`0`: all that is kept. Without it the stream starts now.",
)
STREAM = OpenApiResponse(
    OpenApiTypes.STR,
    "Events until the client goes: each with `event`, one line of JSON as `data`, and `id` (all but `progress`). "
    "A comment comes where nothing else did for 15 s.",
    [OpenApiExample("events", value=examples.EVENTS, media_type=MEDIA_TYPE)],
)
TOO_MANY = problems({429: ["rate_limited", "too_many_streams"], 422: ["invalid"]})


class EventStream(BaseRenderer):
    """What `Accept` may ask for here; the stream itself is no answer of a view."""

    media_type = MEDIA_TYPE
    format = "events"
    charset = None

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        return b""


@needs(GET="read")
@extend_schema(
    operation_id="events",
    tags=["events"],
    summary="All that happens to my generations, live",
    parameters=[RESUME],
    responses={(200, MEDIA_TYPE): STREAM, **always(), **TOO_MANY},
)
@api_view(["GET"])
@renderer_classes([EventStream])
def events(request: Request) -> HttpResponse:
    """A stream of all of mine."""
    last = _last_event_id(request)
    return _opened(request, None, newest=tail.newest(signed_in(request).pk), last=last)


@needs(GET="read")
@extend_schema(
    operation_id="generation_events",
    tags=["events"],
    summary="What happens to one of my generations, live",
    parameters=[RESUME],
    responses={
        (200, MEDIA_TYPE): STREAM,
        204: OpenApiResponse(description="It is finished, and nothing comes after this `Last-Event-ID`."),
        **always(),
        **problems({404: ["not_found"]}),
        **TOO_MANY,
    },
)
@api_view(["GET"])
@renderer_classes([EventStream])
def generation_events(request: Request, generation_id: str) -> HttpResponse:
    """A stream of one, which ends with it."""
    newest = tail.newest(signed_in(request).pk)
    one = access.own_generation(request.user, generation_id)
    return _opened(request, one, newest=newest, last=_last_event_id(request))


def _opened(request: Request, one: Generation | None, *, newest: int, last: int | None) -> HttpResponse:
    """An empty answer; its scope says what to stream under it. `newest` was asked before `one` was read."""
    user = signed_in(request)
    after = listening.beginning(one, newest=newest, last=last)
    if after is None:
        return HttpResponse(status=204)
    wanted = listening.Listening(user.pk, _right(request), after, newest, reference=str(one.pk) if one else "")
    if request.method != "HEAD":
        scope = getattr(request._request, "scope", {})
        scope["live"] = replace(wanted, place=listening.take_place(user))
    return HttpResponse(content_type=MEDIA_TYPE, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


def _right(request: Request) -> listening.Right:
    if request.auth is not None:
        return listening.Right(request.auth.pk)
    return listening.Right(None, request._request.session.session_key or "")


def _last_event_id(request: Request) -> int | None:
    """Raises `InvalidInput` for what is no id of an event, and for any query."""
    refuse_unknown_query(request)
    value = request.headers.get("Last-Event-ID", "")
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= DIGITS_MAX):
        raise InvalidInput([("Last-Event-ID", "not_a_whole_number", {})])
    return int(value)
