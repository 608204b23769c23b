"""GET images, GET/PATCH/DELETE images/{id}, POST restore; GET file, thumbnail, recipe."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.decorators import api_view, renderer_classes
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import needs
from accounts.throttling import reads_pictures
from common.drf import NewestFirst, refuse_unknown_query
from common.errors import DomainError, InvalidInput
from common.openapi import always, problems
from gallery import access, examples, export, files, queries
from gallery.models import THUMBNAIL_SIZES, Image
from gallery.serializers import ImageChange, ImageListOut, ImageOut, RecipeOut
from gallery.services import images as services

SIZES = [str(size) for size in THUMBNAIL_SIZES]
REFUSALS = {**always(), **problems({404: ["not_found"]})}
INVALID = problems({422: ["invalid"]})
BODY = problems({400: ["not_json", "too_deep"], 413: ["body_too_large"], 415: ["wrong_media_type"]})
ID = OpenApiParameter("image_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The image's id.")
NOT_MODIFIED = {304: OpenApiResponse(description="If-None-Match names what is there.")}


class NoRecipe(DomainError):
    """The image was uploaded."""

    code = "no_recipe"
    status = 404


class AnyAccept(JSONRenderer):
    """Lets a client ask for `image/png` alone: only a refusal is rendered, as JSON."""

    media_type = "*/*"


@needs(GET="read")
@extend_schema(
    operation_id="images_list",
    tags=["images"],
    summary="My images, newest first",
    parameters=[
        OpenApiParameter(
            "origin", str, enum=Image.Origin.values, default="generated", description="Made here, or sent."
        ),
        OpenApiParameter("limit", int, description="1 to 100 on one page; 20 unless told."),
        OpenApiParameter("cursor", str, description="From `next` or `previous`."),
    ],
    responses={200: ImageListOut, **always(), **INVALID},
    examples=[examples.PAGE],
)
@api_view(["GET"])
def images(request: Request) -> Response:
    """My images that are not in the trash; uploads only with `origin=uploaded`."""
    refuse_unknown_query(request, "limit", "cursor", "origin")
    origin = _choice(request, "origin", Image.Origin.values) or Image.Origin.GENERATED
    mine = Image.objects.visible_to(request.user).kept().filter(origin=origin)
    pages = NewestFirst()
    rows = pages.paginate_queryset(mine, request) or []
    return pages.get_paginated_response([_as_json(row) for row in rows])


@needs(GET="read", PATCH="manage", DELETE="manage")
@extend_schema(methods=["GET"], operation_id="image", summary="One of my images, the trash included")
@extend_schema(
    methods=["PATCH"],
    operation_id="image_change",
    summary="Change title, tags or favourite",
    request=ImageChange,
    responses={200: ImageOut, **REFUSALS, **INVALID, **BODY},
    examples=[examples.CHANGE, examples.IMAGE],
)
@extend_schema(
    methods=["DELETE"],
    operation_id="image_trash",
    summary="Move to the trash, for 30 days",
    responses={204: OpenApiResponse(description="In the trash, now or before."), **REFUSALS, **INVALID},
    examples=[],
)
@extend_schema(
    tags=["images"],
    parameters=[ID],
    responses={200: ImageOut, **REFUSALS, **INVALID},
    examples=[examples.IMAGE],
)
@api_view(["GET", "PATCH", "DELETE"])
def image(request: Request, image_id: str) -> Response:
    """One image: look at it, change it, throw it away."""
    found = access.own_image(request.user, image_id)
    refuse_unknown_query(request)
    if request.method == "DELETE":
        services.trash(image=found)
        return Response(status=204)
    if request.method == "PATCH":
        found = services.change(image=found, **ImageChange(data=request.data).validated())
    return Response(_as_json(found))


@needs(POST="manage")
@extend_schema(
    operation_id="image_restore",
    tags=["images"],
    summary="Bring an image back from the trash",
    parameters=[ID],
    request=None,
    responses={200: ImageOut, **REFUSALS, **INVALID},
    examples=[examples.IMAGE],
)
@api_view(["POST"])
def restore(request: Request, image_id: str) -> Response:
    """Back from the trash; one that is not in it stays as it is."""
    found = access.own_image(request.user, image_id)
    refuse_unknown_query(request)
    return Response(_as_json(services.restore(image=found)))


@reads_pictures
@needs(GET="read")
@extend_schema(
    operation_id="image_file",
    tags=["images"],
    summary="The picture",
    parameters=[
        ID,
        OpenApiParameter("format", str, enum=export.FORMATS, description="As it is stored unless told."),
    ],
    responses={(200, f"image/{name}"): OpenApiTypes.BINARY for name in export.FORMATS}
    | NOT_MODIFIED
    | REFUSALS
    | INVALID,
)
@api_view(["GET", "HEAD"])
@renderer_classes([AnyAccept])
def file(request: Request, image_id: str) -> HttpResponse:
    """The file, with its marks and recipe in whatever format."""
    found = access.own_image(request.user, image_id)
    refuse_unknown_query(request, "format")
    return files.serve(request, found, format=_choice(request, "format", export.formats_of(found)))


@reads_pictures
@needs(GET="read")
@extend_schema(
    operation_id="image_thumbnail",
    tags=["images"],
    summary="A small WebP of the picture",
    parameters=[
        ID,
        OpenApiParameter(
            "size", int, enum=THUMBNAIL_SIZES, default=320, description="Longest side in pixels, at most."
        ),
    ],
    responses={(200, "image/webp"): OpenApiTypes.BINARY} | NOT_MODIFIED | REFUSALS | INVALID,
)
@api_view(["GET", "HEAD"])
@renderer_classes([AnyAccept])
def thumbnail(request: Request, image_id: str) -> HttpResponse:
    """The thumbnail; a picture that is smaller keeps its size."""
    found = access.own_image(request.user, image_id)
    refuse_unknown_query(request, "size")
    return files.serve(request, found, int(_choice(request, "size", SIZES) or SIZES[0]))


@needs(GET="read")
@extend_schema(
    operation_id="image_recipe",
    tags=["images"],
    summary="All that is needed to make the picture again",
    parameters=[ID],
    responses={200: RecipeOut, **always(), **problems({404: ["not_found", "no_recipe"]}), **INVALID},
    examples=[examples.RECIPE],
)
@api_view(["GET"])
def recipe(request: Request, image_id: str) -> Response:
    """The frozen recipe of an image that was made here."""
    found = access.own_image(request.user, image_id)
    refuse_unknown_query(request)
    if found.recipe is None:
        raise NoRecipe
    return Response(found.recipe)


def _as_json(image: Image) -> dict[str, Any]:
    return queries.as_json(image, settings.PUBLIC_URL)


def _choice(request: Request, name: str, choices: Any) -> str:
    """The query parameter, "" where it is not there. Raises `InvalidInput` for another than the choices."""
    value = request.query_params.get(name, "")
    if name in request.query_params and value not in choices:
        raise InvalidInput([(name, "not_a_choice", {"choices": ", ".join(choices)})])
    return value
