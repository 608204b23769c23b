"""GET/POST collections, GET/PATCH/DELETE collections/{id}, its images, and all of them as a ZIP."""

import math
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.decorators import api_view, renderer_classes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import signed_in
from accounts.authentication import needs
from common.drf import NewestFirst, refuse_body, refuse_unknown_query
from common.errors import InvalidInput
from common.openapi import always, problems
from gallery import access, archive, examples, queries, shelves
from gallery.api import listing
from gallery.api.images import INVALID, TAKEN, AnyAccept
from gallery.models import Collection, Image
from gallery.serializers import CollectionChange, CollectionListOut, CollectionNew, CollectionOut, ImageListOut, PlaceIn
from gallery.services import collections as services

GONE = problems({404: ["not_found"]})
FULL = problems({409: ["too_many_collections"]})
OWNERS = problems({403: ["insufficient_scope", "csrf_failed", "owner_only"]})
EDITORS = problems({403: ["insufficient_scope", "csrf_failed", "viewer_only"]})
BUSY = problems({503: ["archives_busy"]})
ID = OpenApiParameter("collection_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The collection's id.")
IMAGE_ID = OpenApiParameter("image_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The image's id.")
PAGE = [
    OpenApiParameter("limit", listing.SIZE, description="How many on one page; 20 unless told."),
    OpenApiParameter("cursor", listing.CURSOR, description="From `next` or `previous`."),
]
RECIPES = OpenApiParameter("recipes", bool, default=True, description="Whether the archive has the recipes.")


class InItsOrder(NewestFirst):
    """The same for the pictures of a collection, by their positions."""

    ordering = ("position", "id")

    def read_position(self, position: str) -> float:
        """Raises `ValueError`."""
        if not math.isfinite(value := float(position)):
            raise ValueError("no position of ours")
        return value


@needs(GET="read", POST="manage")
@extend_schema(
    methods=["GET"],
    operation_id="collections_list",
    summary="My collections and those shared with me, newest first",
    parameters=PAGE,
    responses={200: CollectionListOut, **always(), **INVALID},
    examples=[examples.COLLECTIONS],
)
@extend_schema(
    methods=["POST"],
    operation_id="collection_create",
    summary="Make a collection",
    request=CollectionNew,
    responses={201: CollectionOut, **always(), **FULL, **INVALID, **TAKEN},
    examples=[examples.COLLECTION_NEW, examples.COLLECTION_MADE],
)
@extend_schema(tags=["collections"])
@api_view(["GET", "POST"])
def collections(request: Request) -> Response:
    """List them, or make one."""
    if request.method == "POST":
        refuse_unknown_query(request)
        made = services.create(user=signed_in(request), **CollectionNew(data=request.data).validated())
        address = f"{settings.PUBLIC_URL}{reverse('api_collection', args=[made.pk])}"
        return Response(_told(request, made), status=201, headers={"Location": address})
    refuse_unknown_query(request, "limit", "cursor")
    pages = NewestFirst()
    seen = Collection.objects.visible_to(request.user)
    rows = pages.paginate_queryset(shelves.with_members(shelves.with_looks(seen)), request)
    return pages.get_paginated_response([shelves.as_json(row, request.user) for row in rows])


@needs(GET="read", PATCH="manage", DELETE="manage")
@extend_schema(
    methods=["GET"],
    operation_id="collection",
    summary="One collection that I see",
    responses={200: CollectionOut, **always(), **GONE, **INVALID},
)
@extend_schema(
    methods=["PATCH"],
    operation_id="collection_change",
    summary="Change name, description or cover",
    request=CollectionChange,
    responses={200: CollectionOut, **always(), **OWNERS, **GONE, **INVALID, **TAKEN},
    examples=[examples.COLLECTION_CHANGE, examples.COLLECTION],
)
@extend_schema(
    methods=["DELETE"],
    operation_id="collection_delete",
    summary="Delete the collection; its images stay where they were",
    responses={204: OpenApiResponse(description="Deleted."), **always(), **OWNERS, **GONE, **INVALID, **TAKEN},
    examples=[],
)
@extend_schema(tags=["collections"], parameters=[ID], examples=[examples.COLLECTION])
@api_view(["GET", "PATCH", "DELETE"])
def collection(request: Request, collection_id: str) -> Response:
    """One collection: look at it; as its owner change it, delete it."""
    gate = access.seen_collection if request.method in ("GET", "HEAD") else access.own_collection
    found = gate(request.user, collection_id)
    refuse_unknown_query(request)
    if request.method == "DELETE":
        refuse_body(request)
        services.delete(user=signed_in(request), collection=found)
        return Response(status=204)
    if request.method == "PATCH":
        changes = CollectionChange(data=request.data).validated()
        if changes.get("cover") is not None:
            changes["cover"] = _image(request, "cover", changes["cover"])
        services.change(collection=found, **changes)
    return Response(_told(request, found))


@needs(GET="read")
@extend_schema(
    operation_id="collection_images",
    tags=["collections"],
    summary="Its images in their order",
    parameters=[ID, *PAGE],
    responses={200: ImageListOut, **always(), **GONE, **INVALID},
    examples=[examples.PAGE],
)
@api_view(["GET"])
def images(request: Request, collection_id: str) -> Response:
    """The pictures that are not in the trash; of somebody else's what only their owner sees is left out."""
    found = access.seen_collection(request.user, collection_id)
    refuse_unknown_query(request, "limit", "cursor")
    pages = InItsOrder()
    rows = pages.paginate_queryset(shelves.in_order(found).select_related("image"), request)
    shown = Image.objects.with_visibility().in_bulk([row.image_id for row in rows])
    in_order = [shown[row.image_id] for row in rows if row.image_id in shown]
    return pages.get_paginated_response(queries.seen_as_json(in_order, request.user, settings.PUBLIC_URL))


@needs(PUT="manage", DELETE="manage")
@extend_schema(
    methods=["PUT"],
    operation_id="collection_image_put",
    summary="Add one of my images, or move one that is in it",
    request=PlaceIn,
    responses={
        204: OpenApiResponse(description="It is in the collection, at that place."),
        **{**always(), **EDITORS, **GONE, **problems({409: ["collection_full"]}), **INVALID, **TAKEN},
    },
    examples=[examples.PLACE],
)
@extend_schema(
    methods=["DELETE"],
    operation_id="collection_image_delete",
    summary="Take an image out; it stays in its owner's gallery",
    responses={
        204: OpenApiResponse(description="Not in the collection, now or before."),
        **{**always(), **EDITORS, **GONE, **INVALID, **TAKEN},
    },
)
@extend_schema(tags=["collections"], parameters=[ID, IMAGE_ID])
@api_view(["PUT", "DELETE"])
def collection_image(request: Request, collection_id: str, image_id: str) -> Response:
    """Put an image into the collection or to another place of it, or take it out."""
    found = access.seen_collection(request.user, collection_id)
    image = access.seen_image(request.user, image_id)
    if request.method == "PUT" or image.owner_id != request.user.pk:
        access.edited_collection(request.user, collection_id)
    refuse_unknown_query(request)
    if request.method == "DELETE":
        refuse_body(request)
        services.take_out(user=signed_in(request), collection=found, images=[image])
        return Response(status=204)
    place = PlaceIn(data=request.data).validated()
    after = place.get("after")
    beside = _image(request, "after", after).pk if after is not None else None
    services.put(user=signed_in(request), collection=found, image=image, after=beside if "after" in place else ...)
    return Response(status=204)


@needs(GET="read")
@extend_schema(
    operation_id="collection_archive",
    tags=["collections"],
    summary="All its images as a ZIP, each with its recipe",
    description="Streamed, without a length. 10 a minute. Of an image whose file cannot be read `MISSING.txt` tells.",
    parameters=[ID, RECIPES],
    responses={(200, "application/zip"): OpenApiTypes.BINARY} | always() | GONE | INVALID | BUSY,
)
@api_view(["GET"])
@renderer_classes([AnyAccept])
def collection_archive(request: Request, collection_id: str) -> HttpResponseBase:
    """The ZIP; HEAD answers without one."""
    found = access.seen_collection(request.user, collection_id)
    refuse_unknown_query(request, "recipes")
    recipes = request.query_params.get("recipes", "true")
    if recipes not in ("true", "false"):
        raise InvalidInput([("recipes", "not_yes_or_no", {})])
    if request.method == "HEAD":
        return HttpResponse(content_type="application/zip")
    ids = shelves.image_ids(found)
    return archive.response(request, ids, user=signed_in(request), name=found.name, recipes=recipes == "true")


def _told(request: Request, found: Collection) -> dict[str, Any]:
    row = shelves.with_members(shelves.with_looks(Collection.objects.filter(pk=found.pk))).get()
    return shelves.as_json(row, request.user)


def _image(request: Request, field: str, image_id: str) -> Image:
    """An image that they see, named in a member of the body. Raises `InvalidInput` on that member."""
    try:
        return access.seen_image(request.user, UUID(image_id))
    except (Http404, ValueError) as error:
        raise InvalidInput([(field, "not_found", {})]) from error
