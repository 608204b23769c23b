"""GET images, GET/PATCH/DELETE images/{id}, POST restore; GET file, thumbnail, recipe."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.decorators import api_view, renderer_classes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import needs
from accounts.throttling import reads_pictures
from common.drf import AnyAccept, refuse_body, refuse_unknown_query
from common.errors import DomainError, InvalidInput
from common.openapi import BODY, always, problems
from gallery import access, examples, export, files, queries
from gallery.api import listing
from gallery.models import THUMBNAIL_SIZES, Image
from gallery.serializers import ImageChange, ImageListOut, ImageOut, RecipeOut
from gallery.services import images as services
from gallery.services import sharing

SIDE = {"type": "integer", "minimum": export.SIDE_MIN, "maximum": export.SIDE_MAX}
SIZES = [str(size) for size in THUMBNAIL_SIZES]
REFUSALS = {**always(), **problems({404: ["not_found"]})}
INVALID = problems({422: ["invalid"]})
TAKEN = problems(BODY)
ID = OpenApiParameter("image_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The image's id.")
NOT_MODIFIED = {304: OpenApiResponse(description="If-None-Match names what is there.")}

FILE_QUERY = [
    OpenApiParameter("format", str, enum=export.FORMATS, description="As it is stored unless told."),
    OpenApiParameter("width", SIDE, description="Pixels. One side alone keeps the shape."),
    OpenApiParameter("height", SIDE, description="Pixels."),
    OpenApiParameter(
        "fit", str, enum=export.FITS, default="crop", description="For another shape: cut, or leave a margin."
    ),
    OpenApiParameter(
        "background",
        {"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"},
        description="`#rrggbb`: the margin's colour, white unless told, and that under transparency.",
    ),
    OpenApiParameter(
        "recipe", bool, default=True, description="Whether the file has its recipe. The mark always stays."
    ),
]


class NoRecipe(DomainError):
    """The image was uploaded."""

    code = "no_recipe"
    status = 404


@needs(GET="read")
@extend_schema(
    operation_id="images_list",
    tags=["images"],
    summary="My images, or those that a search finds",
    parameters=listing.QUERY,
    responses={200: ImageListOut, **always(), **INVALID},
    examples=[examples.PAGE],
)
@api_view(["GET"])
def images(request: Request) -> Response:
    """My images that are not in the trash, newest first; a search, another order or the trash when asked for."""
    page = listing.asked(request)
    return listing.answer(request, page, [_as_json(row) for row in page.rows])


@needs(GET="read", PATCH="manage", DELETE="manage")
@extend_schema(
    methods=["GET"],
    operation_id="image",
    summary="One of my images, the trash included, or one in a collection that I see",
)
@extend_schema(
    methods=["PATCH"],
    operation_id="image_change",
    summary="Change title, tags, favourite or visibility",
    request=ImageChange,
    responses={200: ImageOut, **REFUSALS, **INVALID, **TAKEN},
    examples=[examples.CHANGE, examples.IMAGE],
)
@extend_schema(
    methods=["DELETE"],
    operation_id="image_trash",
    summary="Move to the trash, for 30 days",
    responses={204: OpenApiResponse(description="In the trash, now or before."), **REFUSALS, **INVALID, **TAKEN},
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
    gate = access.seen_image if request.method in ("GET", "HEAD") else access.own_image
    found = gate(request.user, image_id)
    refuse_unknown_query(request)
    if request.method == "DELETE":
        refuse_body(request)
        services.trash(image=found)
        return Response(status=204)
    if request.method == "PATCH":
        found = sharing.change_image(image=found, **ImageChange(data=request.data).validated())
    return Response(queries.seen_as_json([found], request.user, settings.PUBLIC_URL)[0])


@needs(POST="manage")
@extend_schema(
    operation_id="image_restore",
    tags=["images"],
    summary="Bring an image back from the trash",
    parameters=[ID],
    request=None,
    responses={200: ImageOut, **REFUSALS, **INVALID, **TAKEN},
    examples=[examples.IMAGE],
)
@api_view(["POST"])
def restore(request: Request, image_id: str) -> Response:
    """Back from the trash; one that is not in it stays as it is."""
    found = access.own_image(request.user, image_id)
    refuse_unknown_query(request)
    refuse_body(request)
    return Response(_as_json(services.restore(image=found)))


@reads_pictures
@needs(GET="read")
@extend_schema(
    operation_id="image_file",
    tags=["images"],
    summary="The picture, in any format and size",
    parameters=[ID, *FILE_QUERY],
    responses={(200, files.media_type(name)): OpenApiTypes.BINARY for name in export.FORMATS}
    | NOT_MODIFIED
    | REFUSALS
    | problems({422: ["invalid", "too_detailed"], 503: ["tracers_busy"]}),
)
@api_view(["GET", "HEAD"])
@renderer_classes([AnyAccept])
def file(request: Request, image_id: str) -> HttpResponse:
    """The file, always with its mark, of an image that I may see; as an SVG, ten a minute are traced."""
    found = access.seen_image(request.user, image_id)
    refuse_unknown_query(request, *(each.name for each in FILE_QUERY))
    asked = export.wanted(request.query_params, found)
    return files.serve(request, found, format=asked.format, exact=asked.size, with_recipe=asked.with_recipe)


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
    """The thumbnail of an image that I may see; a picture that is smaller keeps its size."""
    found = access.seen_image(request.user, image_id)
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
    """The frozen recipe of an image that was made here and that I may see."""
    found = access.seen_image(request.user, image_id)
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
