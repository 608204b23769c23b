"""What GET images is asked for, and the page it answers with."""

from typing import Any

from django.conf import settings
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from common.drf import NewestFirst, refuse_unknown_query
from common.errors import InvalidInput
from common.fields import CLEAN
from gallery import access, finding, orders
from gallery.models import Image, ImageQuerySet
from gallery.terms import TERMS_MAX, TEXT_MAX

BOOLEANS = ("true", "false")
SIZE = {"type": "integer", "minimum": 1, "maximum": 100}
CURSOR = {"type": "string", "minLength": 1}
QUERY = [
    OpenApiParameter(
        "q",
        {"type": "string", "maxLength": TEXT_MAX, "pattern": CLEAN},
        description=f"Words and filters that must all hold, as in the search field of the gallery: to {TERMS_MAX}.",
        examples=[
            OpenApiExample("words", value="red mug"),
            OpenApiExample("filters", value='model:flux steps:20..30 made:2026-11 -tag:"to do"'),
        ],
    ),
    OpenApiParameter(
        "sort", str, enum=finding.SORTS, default="newest", description="`title` goes by the prompt where there is none."
    ),
    OpenApiParameter("favourite", bool, description="Only favourites, or only the others."),
    OpenApiParameter("collection", OpenApiTypes.UUID, description="Only those in a collection that I may see."),
    OpenApiParameter("trash", bool, default=False, description="Those in the trash instead, uploads included."),
    OpenApiParameter(
        "origin", str, enum=Image.Origin.values, description="Made here, or sent: `generated` unless `trash=true`."
    ),
    OpenApiParameter("limit", SIZE, description="How many on one page; 20 unless told."),
    OpenApiParameter("cursor", CURSOR, description="From `next` or `previous`, in the same order."),
]


def asked(request: Request) -> orders.Page[Image]:
    """The page of this person's images that the query asks for. Raises `InvalidInput`."""
    refuse_unknown_query(request, *(each.name for each in QUERY))
    cursor = request.query_params.get("cursor", "")
    if "cursor" in request.query_params and not cursor:
        raise InvalidInput([("cursor", "bad_cursor", {})])
    sort = _choice(request, "sort", finding.SORTS) or "newest"
    size = NewestFirst().get_page_size(request)
    return orders.page(_found(request).with_visibility(), cursor=cursor, sort=sort, size=size)


def answer(request: Request, page: orders.Page[Image], results: list[dict[str, Any]]) -> Response:
    """The page with links to those beside it, under the public address."""
    return Response({"next": _link(request, page.older), "previous": _link(request, page.newer), "results": results})


def _found(request: Request) -> ImageQuerySet:
    images = Image.objects.owned_by(request.user)
    in_trash = _choice(request, "trash", BOOLEANS) == "true"
    images = images.filter(deleted_at__isnull=not in_trash)
    if origin := _choice(request, "origin", Image.Origin.values) or ("" if in_trash else Image.Origin.GENERATED):
        images = images.filter(origin=origin)
    if favourite := _choice(request, "favourite", BOOLEANS):
        images = images.filter(favourite=favourite == "true")
    if "collection" in request.query_params:
        images = images.filter(entries__collection=_collection(request))
    return finding.matching(images, finding.parsed(request.query_params.get("q", "")), user=request.user)


def _collection(request: Request) -> Any:
    try:
        return access.seen_collection(request.user, request.query_params["collection"])
    except Http404 as error:
        raise InvalidInput([("collection", "not_found", {})]) from error


def _choice(request: Request, name: str, choices: Any) -> str:
    """The query parameter, "" where it is not there. Raises `InvalidInput` for another than the choices."""
    value = request.query_params.get(name, "")
    if name in request.query_params and value not in choices:
        raise InvalidInput([(name, "not_a_choice", {"choices": ", ".join(choices)})])
    return value


def _link(request: Request, cursor: str) -> str | None:
    address = f"{settings.PUBLIC_URL}{request.get_full_path()}"
    return replace_query_param(address, "cursor", cursor) if cursor else None
