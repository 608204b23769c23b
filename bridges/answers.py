"""The shapes of the original design's endpoints: what comes in, what goes out, and their refusals."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema_field
from rest_framework import serializers

from common.drf import StrictSerializer
from common.fields import SAYING, StrictChar
from common.openapi import ALWAYS, sample, with_the_doors
from generator.params import PROMPT_MAX

Out = serializers.Serializer[Any]
JSON = "application/json"


class GenerateIn(StrictSerializer):
    """A wish for one picture."""

    prompt = StrictChar(min_length=1, max_length=PROMPT_MAX, pattern=SAYING)
    model_name = StrictChar(
        required=False, max_length=200, help_text="A repo id or a slug; left out: the default model."
    )


@extend_schema_field({"type": "boolean", "const": True})
class Yes(serializers.BooleanField):
    """Always true."""


@extend_schema_field({"type": "boolean", "const": False})
class No(serializers.BooleanField):
    """Always false."""


class GeneratedOut(Out):
    """The picture that was made."""

    success = Yes()
    id = serializers.UUIDField(help_text="The image's.")
    image_url = serializers.URLField(help_text="Its address at `/download`.")
    filename = serializers.CharField(help_text="`<id>.<ext>`")
    model_name = serializers.CharField(help_text="The repo id of the model that made it.")
    prompt = serializers.CharField()
    created_at = serializers.DateTimeField()
    file_size = serializers.IntegerField(help_text="Bytes.")


class NamedModelOut(Out):
    """A model that I may use."""

    id = serializers.CharField(help_text="The repo id.")
    name = serializers.CharField()
    description = serializers.CharField()


class NamedModelsOut(Out):
    """The models that I may use, in the order of the catalogue."""

    models = NamedModelOut(many=True)


class DeletedOut(Out):
    """It is in the trash."""

    success = Yes()


class RefusedOut(Out):
    """A refusal, or a picture that could not be made: a sentence in the reader's language."""

    success = No()
    error = serializers.CharField()


class LateOut(RefusedOut):
    """The picture was not ready in time and is still being made."""

    id = serializers.UUIDField(help_text="The generation's.")


def refusals(codes: Mapping[int, Sequence[str]]) -> dict[tuple[int, str], OpenApiResponse]:
    """The refusals of a route: status to the codes whose sentences it says."""
    return {
        (status, JSON): OpenApiResponse(
            RefusedOut, HTTPStatus(status).phrase, [_refused(status, code) for code in with_the_doors(status, each)]
        )
        for status, each in codes.items()
    }


def always() -> dict[tuple[int, str], OpenApiResponse]:
    """The refusals that every route of this shape has."""
    return refusals({**ALWAYS, 422: ["invalid"]})


def _refused(status: int, code: str) -> OpenApiExample:
    value = {"success": False, "error": sample(code)}
    return OpenApiExample(code, value=value, response_only=True, status_codes=[str(status)], media_type=JSON)
