"""The shape of pictures and collections in the API: what comes in, and what the OpenAPI document says goes out."""

from typing import Any

from rest_framework import serializers

from common.drf import NAMED_MAX, StrictSerializer
from common.fields import SAYING, StrictBoolean, StrictChar, StrictChoice, StrictId
from gallery.export import STORED
from gallery.models import Image, Member


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

    def run_validators(self, value: Any) -> None:
        """None: the service knows how many there may be."""


VISIBILITIES = ["private", "unlisted", "public"]


class ImageChange(StrictSerializer):
    """What can be changed of an image; what is left out stays."""

    title = StrictChar(required=False, max_length=200)
    tags = Tags(
        child=StrictChar(min_length=1, max_length=50, pattern=SAYING),
        required=False,
        max_length=20,
        help_text="They replace those before.",
    )
    favourite = StrictBoolean(required=False)
    visibility = StrictChoice(
        choices=VISIBILITIES,
        required=False,
        help_text="`private` revokes every link, `unlisted` makes one for 30 days where none is alive; both leave the "
        "showcase. `public` can only be kept: a curator publishes.",
    )


class ImageOut(serializers.Serializer[Any]):
    """An image. `model`, `seed` and `prompt` are null for an upload; `deleted_at` is set in the trash."""

    id = serializers.UUIDField()
    origin = serializers.ChoiceField(choices=Image.Origin.values)
    title = serializers.CharField(max_length=200)
    tags = serializers.ListField(child=serializers.CharField(min_length=1, max_length=50), max_length=20)
    favourite = serializers.BooleanField()
    visibility = serializers.ChoiceField(
        choices=VISIBILITIES, help_text="In the showcase, by a link that is alive, or neither."
    )
    url = serializers.URLField(help_text="The file.")
    thumbnail_url = serializers.URLField(help_text="A WebP of at most 320 pixels.")
    width = serializers.IntegerField(min_value=1, help_text="Pixels.")
    height = serializers.IntegerField(min_value=1, help_text="Pixels.")
    format = serializers.ChoiceField(choices=STORED)
    bytes = serializers.IntegerField(min_value=1)
    digest = serializers.RegexField("^[0-9a-f]{64}$", help_text="SHA-256 of the stored file.")
    model = serializers.CharField(allow_null=True, help_text="The slug of the model that made it.")
    seed = serializers.IntegerField(allow_null=True, min_value=0)
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

    version = serializers.IntegerField(min_value=1)
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
    width = serializers.IntegerField(min_value=1)
    height = serializers.IntegerField(min_value=1)
    steps = serializers.IntegerField(allow_null=True, min_value=1)
    guidance = serializers.FloatField(allow_null=True, min_value=0)
    scheduler = serializers.CharField(allow_null=True)
    seed = serializers.IntegerField(min_value=0)
    strength = serializers.FloatField(allow_null=True, min_value=0, max_value=1)
    source_digest = serializers.RegexField("^[0-9a-f]{64}$", allow_null=True, help_text="SHA-256 of the source's file.")
    software = serializers.DictField(child=serializers.CharField(), help_text="Versions by name.")


class CollectionNew(StrictSerializer):
    """A new collection."""

    name = StrictChar(min_length=1, max_length=100, pattern=SAYING, help_text="Kept on one line.")
    description = StrictChar(required=False, max_length=1000)


class CollectionChange(StrictSerializer):
    """What its owner changes of a collection; what is left out stays."""

    name = StrictChar(required=False, min_length=1, max_length=100, pattern=SAYING, help_text="Kept on one line.")
    description = StrictChar(required=False, max_length=1000)
    cover = StrictId(
        required=False, allow_null=True, help_text="The id of an image in it; null: its first image is the cover."
    )


class PlaceIn(StrictSerializer):
    """Where an image shall stand. Without `after` it stays where it is, or comes last."""

    after = StrictId(
        required=False, allow_null=True, help_text="The id of the image that it follows; null: before all others."
    )


class MemberOut(serializers.Serializer[Any]):
    """Somebody a collection is shared with."""

    handle = serializers.CharField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Member.Role.values)


class CollectionOut(serializers.Serializer[Any]):
    """A collection, as whoever asks may see it."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField()
    cover = serializers.UUIDField(allow_null=True, help_text="An image; the first one where none was chosen.")
    images = serializers.IntegerField(min_value=0, help_text="How many, the trash left out.")
    role = serializers.ChoiceField(choices=["owner", *Member.Role.values], help_text="What I am to it.")
    owner = serializers.CharField(help_text="Their handle.")
    members = MemberOut(many=True, allow_null=True, help_text="Whom it is shared with; null unless it is mine.")
    created_at = serializers.DateTimeField()


class CollectionListOut(serializers.Serializer[Any]):
    """One page of collections."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = CollectionOut(many=True)
