"""POST and GET generations, GET generations/{id}, POST cancel and rerun."""

from dataclasses import replace
from functools import partial
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import signed_in
from accounts.authentication import needs
from accounts.models import User
from accounts.queries import usage
from accounts.throttling import submits
from common.drf import NewestFirst, StrictFormParser, StrictJSONParser, refuse_body, refuse_unknown_query
from common.errors import InvalidInput
from common.openapi import BODY, always, problems
from common.times import rfc3339
from events import webhooks
from events.waiting import wait_for_end
from gallery.models import Image
from gallery.services import images
from generator import access, once, queries, reuse, services
from generator.api import examples, filters
from generator.api.answers import GenerationListOut, GenerationOut
from generator.api.preferences import wait_seconds
from generator.models import Generation
from generator.params import Params
from generator.serializers import GenerationForm, GenerationIn, to_params, validated

INVALID = problems({422: ["invalid"]})
GONE = problems({404: ["not_found"]})
SUBMIT = problems(
    {
        402: ["quota_exhausted", "not_in_plan", "too_many_pixels"],
        422: ["invalid"],
        429: ["rate_limited", "queue_full"],
        503: ["model_unavailable", "no_model"],
    }
)
TAKEN = problems(BODY)
KEPT = problems({409: ["key_reused"], 507: ["storage_full", "upload_full"]})


@submits
@needs(GET="read", POST="generate")
@extend_schema(
    methods=["GET"],
    operation_id="generations_list",
    tags=["generations"],
    summary="My generations, newest first",
    parameters=[*filters.QUERY, *examples.PAGING],
    responses={200: GenerationListOut, **always(), **INVALID},
    examples=[examples.PAGE],
)
@extend_schema(
    methods=["POST"],
    operation_id="generation_create",
    tags=["generations"],
    summary="Make pictures",
    description="202 with the generation that waits; with `Prefer: wait=N` 201 where it ended in time.",
    parameters=[*examples.PREFERENCES, examples.LOCATION, examples.APPLIED],
    request={"application/json": GenerationIn, "multipart/form-data": GenerationForm},
    responses={
        (200, "application/json"): examples.REPLAY_OR_ESTIMATE,
        201: GenerationOut,
        202: GenerationOut,
        **always(),
        **TAKEN,
        **KEPT,
        **SUBMIT,
    },
    examples=[
        examples.WISH,
        examples.VARIATION,
        examples.QUEUED,
        examples.FINISHED,
        examples.ESTIMATE,
        examples.REPLAY,
        examples.REUSED,
    ],
)
@api_view(["GET", "POST"])
@parser_classes([StrictJSONParser, StrictFormParser])
def generations(request: Request) -> Response:
    """All of mine that the filters leave, or one more."""
    if request.method == "POST":
        return _create(request)
    refuse_unknown_query(request, "limit", "cursor", *filters.CONDITIONS)
    pages = NewestFirst()
    mine = filters.filtered(request, signed_in(request).generations.all())
    rows = pages.paginate_queryset(queries.for_json(mine), request)
    return pages.get_paginated_response([queries.as_json(row) for row in rows])


@needs(GET="read")
@extend_schema(
    operation_id="generation",
    tags=["generations"],
    summary="One of my generations",
    responses={200: GenerationOut, **always(), **GONE, **INVALID},
    examples=[examples.RUNNING],
)
@api_view(["GET"])
def generation(request: Request, generation_id: str) -> Response:
    """How far it is, and what came of it."""
    found = access.own_generation(request.user, generation_id)
    refuse_unknown_query(request)
    return Response(queries.as_json(found))


@needs(POST="generate")
@extend_schema(
    operation_id="generation_cancel",
    tags=["generations"],
    summary="Stop it",
    request=None,
    responses={200: GenerationOut, **always(), **GONE, **INVALID, **TAKEN, **problems({409: ["not_cancellable"]})},
    examples=[examples.CANCELLED],
)
@api_view(["POST"])
def cancel(request: Request, generation_id: str) -> Response:
    """End it; the pictures that exist stay and are spent, the others are not."""
    found = access.own_generation(request.user, generation_id)
    refuse_unknown_query(request)
    refuse_body(request)
    return Response(queries.as_json(services.cancel(generation=found)))


@submits
@needs(POST="generate")
@extend_schema(
    operation_id="generation_rerun",
    tags=["generations"],
    summary="Run the same recipe again",
    description="202 with the generation that waits; with `Prefer: wait=N` 201 where it ended in time.",
    request=None,
    parameters=[*examples.PREFERENCES, examples.LOCATION, examples.APPLIED],
    responses={
        200: GenerationOut,
        201: GenerationOut,
        202: GenerationOut,
        **always(),
        **GONE,
        **TAKEN,
        **problems({409: ["key_reused"]}),
        **SUBMIT,
    },
    examples=[examples.QUEUED, examples.FINISHED, examples.REPLAY],
)
@api_view(["POST"])
def rerun(request: Request, generation_id: str) -> Response:
    """The same request, seed included, as a new generation."""
    found = access.own_generation(request.user, generation_id)
    refuse_unknown_query(request)
    refuse_body(request)
    user, key, seconds = signed_in(request), once.key_of(request.headers), wait_seconds(request)
    born, is_new = once.at_most(
        user=user,
        key=key,
        digest=once.digest_of({"rerun": str(found.pk)}),
        find_or_make=lambda: (services.rerun(user=user, generation=found), True),
    )
    return _answer(born, is_new=is_new, seconds=seconds)


def _create(request: Request) -> Response:
    refuse_unknown_query(request)
    key, seconds = once.key_of(request.headers), wait_seconds(request)
    members, source = validated(request.data)
    if members.get("reuse") and "seed" not in members:
        raise InvalidInput([("seed", "seed_needed", {})])
    if members.get("dry_run"):
        return Response(_estimate(signed_in(request), members, source))
    born, is_new = _submit_once(signed_in(request), members, source, key)
    return _answer(born, is_new=is_new, seconds=seconds)


def _submit_once(user: User, members: dict[str, Any], source: UploadedFile | None, key: str | None) -> once.Answer:
    """The generation, and whether this request made it; a picture that came along stays only where it did."""
    digest = once.digest_of(members, source) if key else ""
    if key and (existing := once.of_key(user=user, key=key, digest=digest)):
        return existing, False
    url = _webhook_url(members)
    upload = _kept(user, source)
    is_new = False
    try:
        params = to_params(members, source_image=str(upload.pk) if upload else None)
        find_or_make = partial(_found_or_made, user, params, members, url)
        answered = once.answer(user=user, key=key, digest=digest, find_or_make=find_or_make) if key else find_or_make()
        is_new = answered[1]
        return answered
    finally:
        if upload and not is_new:
            images.discard_upload(image=upload)


def _found_or_made(user: User, params: Params, members: dict[str, Any], url: str) -> once.Answer:
    """What `reuse` finds, or a new generation."""
    if members.get("reuse") and (found := services.reusable(user=user, params=params)):
        if url:
            reuse.tell(generation=found, url=url)
        return found, False
    return services.submit(user=user, params=params, metadata=members.get("metadata"), webhook_url=url), True


def _estimate(user: User, members: dict[str, Any], source: UploadedFile | None) -> dict[str, Any]:
    _webhook_url(members)
    upload = _kept(user, source)
    try:
        params = to_params(members, source_image=str(upload.pk) if upload else None)
        estimate = services.estimate(user=user, params=params, may_reuse=members.get("reuse", False))
    finally:
        if upload:
            images.discard_upload(image=upload)
    today = usage(user)
    completed = replace(estimate.params, source_image=None) if upload else estimate.params
    return {
        "request": completed.as_request(),
        "cost": estimate.cost,
        "quota": {"limit": today.limit, "left": estimate.quota_left, "resets_at": rfc3339(today.resets_at)},
        "queue_position": estimate.queue_position,
        "expected_seconds": estimate.expected_seconds,
    }


def _webhook_url(members: dict[str, Any]) -> str:
    """The address that is told how it ends, "" for none; looked up before any transaction. Raises `InvalidInput`."""
    url: str | None = members.get("webhook_url")
    if url is not None:
        webhooks.refuse_wrong_url(url, field="webhook_url")
    return url or ""


def _kept(user: User, source: UploadedFile | None) -> Image | None:
    return images.keep_upload(owner=user, file=source) if source is not None else None


def _waited(born: Generation, seconds: int) -> tuple[Generation, int | None]:
    """The generation as it is once it has ended, or after so many seconds: those, or None where no place was free."""
    has_ended = wait_for_end(str(born.pk), who=str(born.owner_id), seconds=seconds)
    return access.own_generation(born.owner, born.pk), seconds if has_ended is not None else None


def _answer(born: Generation, *, is_new: bool, seconds: int | None) -> Response:
    """The generation, after so many seconds of waiting where that was preferred."""
    applied = seconds
    if seconds and not born.is_done:
        born, applied = _waited(born, seconds)
    representation = queries.as_json(born)
    headers = {"Location": representation["urls"]["self"]}
    if applied is not None:
        headers["Preference-Applied"] = f"wait={applied}"
    status = (201 if born.is_done else 202) if is_new else 200
    return Response(representation, status=status, headers=headers)
