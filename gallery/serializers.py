"""The shape of pictures in the API: what comes in, and what the OpenAPI document says goes out."""

from typing import Any

from rest_framework import serializers

from common.drf import NAMED_MAX, StrictBoolean, StrictChar, StrictSerializer
from gallery.export import FORMATS
from gallery.models import Image


class Tags(serializers.ListField):
    """Texts; a refusal names the first fifty that are wrong."""

    def run_child_validation(self, data: list[Any]) -> list[Any]:
        """Raises `ValidationError`."""
        items: list[Any] = []
        wrong: dict[Any, Any] = {}
        for index, item in enumerate(data):
            try:
                items.append(self.child.run_validation(item))
            except serializers.ValidationError as error:
                wrong[index] = error.detail
            if len(wrong) == NAMED_MAX:
                break
        if wrong:
            raise serializers.ValidationError(wrong)
        return items


class ImageChange(StrictSerializer):
    """What can be changed of an image; what is left out stays."""

    title = StrictChar(required=False, help_text="To 200 characters.")
    tags = Tags(
        child=StrictChar(),
        required=False,
        help_text="To 20 of 1 to 50 characters; they replace those before.",
    )
    favourite = StrictBoolean(required=False)


class ImageOut(serializers.Serializer[Any]):
    """An image. `model`, `seed` and `prompt` are null for an upload; `deleted_at` is set in the trash."""

    id = serializers.UUIDField()
    origin = serializers.ChoiceField(choices=Image.Origin.values)
    title = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    favourite = serializers.BooleanField()
    visibility = serializers.ChoiceField(choices=["private"])
    url = serializers.URLField(help_text="The file.")
    thumbnail_url = serializers.URLField(help_text="A WebP of at most 320 pixels.")
    width = serializers.IntegerField(help_text="Pixels.")
    height = serializers.IntegerField(help_text="Pixels.")
    format = serializers.ChoiceField(choices=FORMATS)
    bytes = serializers.IntegerField()
    digest = serializers.CharField(help_text="SHA-256 of the stored file, hexadecimal.")
    model = serializers.CharField(allow_null=True, help_text="The slug of the model that made it.")
    seed = serializers.IntegerField(allow_null=True)
    prompt = serializers.CharField(allow_null=True)
    parent = serializers.UUIDField(  # type: ignore[assignment]
        allow_null=True, help_text="The image it was made from."
    )
    created_at = serializers.DateTimeField()
    deleted_at = serializers.DateTimeField(allow_null=True, help_text="When it went into the trash.")


class ImageListOut(serializers.Serializer[Any]):
    """One page of images."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ImageOut(many=True)


class RecipeOut(serializers.Serializer[Any]):
    """All that is needed to make the image again; what the model does not take is null."""

    version = serializers.IntegerField()
    mode = serializers.ChoiceField(choices=["text-to-image", "image-to-image"])
    model = serializers.CharField()
    repo_id = serializers.CharField()
    revision = serializers.CharField(help_text="A Hub commit, or the SHA-256 of the built-in weights.")
    backend = serializers.CharField()
    provider = serializers.CharField(allow_null=True)
    prompt = serializers.CharField()
    negative_prompt = serializers.CharField(allow_null=True)
    style = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    full_prompt = serializers.CharField(help_text="What the model was told: the prompt with the style's words.")
    full_negative_prompt = serializers.CharField(allow_null=True)
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    steps = serializers.IntegerField(allow_null=True)
    guidance = serializers.FloatField(allow_null=True)
    scheduler = serializers.CharField(allow_null=True)
    seed = serializers.IntegerField()
    strength = serializers.FloatField(allow_null=True)
    source_digest = serializers.CharField(allow_null=True, help_text="SHA-256 of the source's file.")
    software = serializers.DictField(child=serializers.CharField(), help_text="Versions by name.")
