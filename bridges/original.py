"""The original design's endpoints: translations only. What they refuse is given its shape by the middleware."""

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.decorators import api_view, renderer_classes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import signed_in
from accounts.authentication import needs
from accounts.models import User
from accounts.throttling import reads_pictures, submits
from bridges import examples
from bridges.answers import DeletedOut, GeneratedOut, GenerateIn, LateOut, NamedModelsOut, always, refusals
from common.drf import AnyAccept, refuse_body, refuse_unknown_query
from common.errors import InvalidInput
from common.openapi import BODY, IDEMPOTENCY_KEY
from common.sentences import say
from common.times import rfc3339
from events.waiting import wait_for_end
from gallery import files
from gallery.access import own_image, published_image, seen_image
from gallery.models import Image
from gallery.queries import EXTENSIONS
from gallery.services import images
from generator import access, once, queries, services
from generator.models import Generation
from generator.params import Params

WAIT_SECONDS = 120
FAILED_AS = {
    **dict.fromkeys(["prompt_refused", "bad_setting", "bad_source", "source_too_big"], 422),
    **dict.fromkeys(["no_credits", "provider_unpaid", "server_cap"], 402),
}
"""The status of a generation that failed, by its error; any other is 503: try again, or with another model."""
CANCELLED = 409
IMAGE_ID = OpenApiParameter("image_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The image's id.")
FILENAME = OpenApiParameter("filename", str, OpenApiParameter.PATH, description="`<image id>.<ext>`, as it was told.")


@submits
@needs(POST="generate")
@extend_schema(
    operation_id="original_generate",
    tags=["original"],
    summary="Make one picture and wait for it",
    parameters=[IDEMPOTENCY_KEY],
    request=GenerateIn,
    responses={
        200: GeneratedOut,
        **always(),
        **refusals(
            {
                **BODY,
                402: ["quota_exhausted", "not_in_plan", "no_credits"],
                409: ["cancelled_meanwhile", "key_reused"],
                422: ["invalid", "prompt_refused"],
                429: ["rate_limited", "queue_full"],
                503: ["model_unavailable", "no_model", "backend_failed"],
            }
        ),
        504: LateOut,
    },
    examples=[examples.WISH, examples.MADE, examples.LATE],
)
@api_view(["POST"])
def generate(request: Request) -> Response:
    """Answers as soon as the picture is there, within two minutes; who leaves earlier finds it in the gallery."""
    refuse_unknown_query(request)
    members = GenerateIn(data=request.data).validated()
    user = signed_in(request)
    born, _ = once.at_most(
        user=user,
        key=once.key_of(request.headers),
        digest=once.digest_of({"original": members}),
        find_or_make=lambda: (_submitted(user, members), True),
    )
    wait_for_end(str(born.pk), who=str(user.pk), seconds=WAIT_SECONDS)
    return _told(user, access.own_generation(user, born.pk))


@needs(GET="read")
@extend_schema(
    operation_id="original_models",
    tags=["original"],
    summary="The models that I may use",
    responses={200: NamedModelsOut, **always()},
    examples=[examples.MODELS],
)
@api_view(["GET"])
def models(request: Request) -> Response:
    """What `model_name` may be."""
    refuse_unknown_query(request)
    usable = queries.usable(signed_in(request))
    return Response({"models": [{"id": row.repo_id, "name": row.label, "description": row.summary} for row in usable]})


@needs(DELETE="manage")
@extend_schema(
    operation_id="original_delete",
    tags=["original"],
    summary="Move an image to the trash, for 30 days",
    parameters=[IMAGE_ID],
    responses={200: DeletedOut, **always(), **refusals({**BODY, 404: ["not_found"]})},
    examples=[examples.DELETED],
)
@api_view(["DELETE"])
def delete(request: Request, image_id: str) -> Response:
    """Into the trash. Here an image that is in it already is not there any more."""
    found = own_image(request.user, image_id)
    refuse_unknown_query(request)
    refuse_body(request)
    if found.deleted_at:
        raise Http404
    images.trash(image=found)
    return Response({"success": True})


@reads_pictures
@needs(GET="read")
@extend_schema(
    operation_id="original_download",
    tags=["original"],
    summary="The file of an image that I may see",
    parameters=[FILENAME],
    responses={(200, files.media_type(name)): OpenApiTypes.BINARY for name in ("png", "jpeg", "webp")}
    | {302: OpenApiResponse(description="A browser without credentials is sent to sign in.")}
    | {304: OpenApiResponse(description="If-None-Match names what is there.")}
    | always()
    | refusals({404: ["not_found"]}),
)
@api_view(["GET", "HEAD"])
@renderer_classes([AnyAccept])
def download(request: Request, filename: str) -> HttpResponse:
    """Mine, in a collection that I see, or in the showcase."""
    found, recipe_shown = _shown(signed_in(request), filename)
    refuse_unknown_query(request)
    return files.serve(request, found, with_recipe=recipe_shown)


def _submitted(user: User, members: dict[str, Any]) -> Generation:
    """The generation of a wish; what is wrong with the model is said of the member that was sent."""
    try:
        return services.submit(user=user, params=Params(prompt=members["prompt"], model=members.get("model_name")))
    except InvalidInput as invalid:
        said_of = {"model": "model_name"}
        problems = [(said_of.get(field, field), code, arguments) for field, code, arguments in invalid.errors]
        raise InvalidInput(problems) from invalid


def _told(user: User, generation: Generation) -> Response:
    """How it ended, or that it has not."""
    told = queries.as_json(generation)
    if not generation.is_done:
        return _failure(say("not_ready_in_time"), status=504, id=told["id"])
    if generation.status == Generation.Status.CANCELLED:
        return _failure(say("cancelled_meanwhile"), status=CANCELLED)
    if told["error"]:
        return _failure(told["error"]["detail"], status=FAILED_AS.get(told["error"]["code"], 503))
    if not told["images"]:
        raise Http404  # it was deleted for good since
    image = own_image(user, told["images"][0]["id"])
    return Response({**_picture(image), "prompt": told["request"]["prompt"]})


def _picture(image: Image) -> dict[str, Any]:
    name = filename_of(image)
    return {
        "success": True,
        "id": str(image.pk),
        "image_url": queries.absolute(reverse("api_original_download", args=[name])),
        "filename": name,
        "model_name": (image.recipe or {}).get("repo_id"),
        "created_at": rfc3339(image.created_at),
        "file_size": image.bytes,
    }


def filename_of(image: Image) -> str:
    """The one name under which an image is downloaded: `<id>.<ext>`."""
    return f"{image.pk}.{EXTENSIONS[image.format]}"


def _shown(user: User, filename: str) -> tuple[Image, bool]:
    """The image of a file name, as far as this person may see it, and whether its recipe is shown to them."""
    image_id = filename.partition(".")[0]
    try:
        found, recipe_shown = seen_image(user, image_id), True
    except Http404:
        found = published_image(image_id)
        recipe_shown = found.recipe_shown
    if found.deleted_at or filename != filename_of(found):
        raise Http404
    return found, recipe_shown


def _failure(sentence: str, *, status: int, **members: Any) -> Response:
    return Response({"success": False, "error": sentence, **members}, status=status)
