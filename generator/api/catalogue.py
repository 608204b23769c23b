"""GET models, GET models/{slug}, GET styles."""

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import signed_in
from accounts.authentication import needs
from common.drf import InOrder, refuse_unknown_query
from common.openapi import always, problems
from generator import access, queries
from generator.api import examples
from generator.api.answers import ModelListOut, ModelOut, StyleListOut
from generator.models import AIModel, Style

INVALID = problems({422: ["invalid"]})


@needs(GET="read")
@extend_schema(
    operation_id="models_list",
    tags=["catalogue"],
    summary="The models, as I may use them",
    parameters=examples.PAGING,
    responses={200: ModelListOut, **always(), **INVALID},
    examples=[examples.MODELS],
)
@api_view(["GET"])
def models(request: Request) -> Response:
    """The catalogue in its order, with limits, defaults and usual seconds."""
    refuse_unknown_query(request, "limit", "cursor")
    pages = InOrder()
    rows: list[AIModel] = pages.paginate_queryset(AIModel.objects.offered().as_seen_by(signed_in(request)), request)
    return pages.get_paginated_response(
        [queries.model_as_json(card) for card in queries.model_cards(rows, signed_in(request))]
    )


@needs(GET="read")
@extend_schema(
    operation_id="model",
    tags=["catalogue"],
    summary="One model",
    responses={200: ModelOut, **always(), **problems({404: ["not_found"]}), **INVALID},
    examples=[examples.MODEL],
)
@api_view(["GET"])
def model(request: Request, slug: str) -> Response:
    """One entry of the catalogue."""
    found = access.offered_model(request.user, slug)
    refuse_unknown_query(request)
    return Response(queries.model_as_json(queries.model_cards([found], signed_in(request))[0]))


@needs(GET="read")
@extend_schema(
    operation_id="styles_list",
    tags=["catalogue"],
    summary="The styles",
    parameters=examples.PAGING,
    responses={200: StyleListOut, **always(), **INVALID},
    examples=[examples.STYLES],
)
@api_view(["GET"])
def styles(request: Request) -> Response:
    """The presets that a prompt can be wrapped in."""
    refuse_unknown_query(request, "limit", "cursor")
    pages = InOrder()
    rows: list[Style] = pages.paginate_queryset(queries.styles(), request)
    return pages.get_paginated_response([queries.style_as_json(row) for row in rows])
