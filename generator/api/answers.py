"""The shape of what the API answers about generations and the catalogue, for the OpenAPI document."""

from typing import Any

from rest_framework import serializers

from common.fields import StrictObject
from generator.models import Attempt, Generation
from generator.params import MODES, PROMPT_MAX
from generator.serializers import METADATA_KILOBYTES

Out = serializers.Serializer[Any]


class RequestOut(Out):
    """The request as it was sent, completed with the defaults and the seed, without what the model does not take.

    Where the original was named by a link's key, `remix_of` tells its id: the key is not kept.
    """

    prompt = serializers.CharField()
    mode = serializers.ChoiceField(choices=MODES)
    negative_prompt = serializers.CharField(required=False)
    model = serializers.CharField(help_text="The slug.")
    style = serializers.CharField(required=False)  # type: ignore[assignment]
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    steps = serializers.IntegerField(required=False)
    guidance = serializers.FloatField(required=False)
    scheduler = serializers.CharField(required=False)
    seed = serializers.IntegerField()
    strength = serializers.FloatField(required=False)
    images = serializers.IntegerField(min_value=1, max_value=4)
    source_image = serializers.UUIDField(required=False)
    collection = serializers.UUIDField(required=False)
    remix_of = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="The id of the image whose recipe it began with; null once it is gone.",
    )
    fallback = serializers.BooleanField()


class ProgressOut(Out):
    """Steps of the picture being made, and seconds."""

    step = serializers.IntegerField(allow_null=True)
    steps = serializers.IntegerField(allow_null=True)
    elapsed = serializers.FloatField(help_text="Seconds since it started.")
    expected = serializers.FloatField(help_text="Seconds that it usually takes in all.")


class ServedByOut(Out):
    """Who made it."""

    model = serializers.CharField(help_text="The slug.")
    backend = serializers.CharField()
    provider = serializers.CharField(allow_null=True, help_text="null for local backends.")
    fallback_from = serializers.CharField(allow_null=True, help_text="The slug of the model that was asked for.")


class AttemptOut(Out):
    """One call of one model."""

    model = serializers.CharField(help_text="The slug.")
    backend = serializers.CharField()
    provider = serializers.CharField(allow_null=True)
    outcome = serializers.ChoiceField(choices=Attempt.Outcome.values)
    code = serializers.CharField(help_text="Why it failed; empty where it did not.")
    sent = serializers.DictField(help_text="What the backend was told, in its own words.")
    seconds = serializers.FloatField()


class GeneratedImageOut(Out):
    """One picture of a generation."""

    id = serializers.UUIDField()
    url = serializers.URLField()
    thumbnail_url = serializers.URLField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    format = serializers.ChoiceField(choices=["png", "jpeg", "webp"])
    bytes = serializers.IntegerField()
    seed = serializers.IntegerField()


class FailureOut(Out):
    """Why it failed: a stable code, and a sentence in the reader's language."""

    code = serializers.CharField()
    detail = serializers.CharField()


class UrlsOut(Out):
    """Where to go from here."""

    self = serializers.URLField()
    cancel = serializers.URLField()
    events = serializers.URLField(help_text="What happens to it, live.")
    page = serializers.URLField(help_text="For people.")


class GenerationOut(Out):
    """A generation. Null until known: `progress`, `queue_position`, `served_by`, `started_at`, `finished_at`."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Generation.Status.values)
    mode = serializers.ChoiceField(choices=MODES)
    request = RequestOut()
    progress = ProgressOut(allow_null=True)
    queue_position = serializers.IntegerField(allow_null=True, min_value=0, help_text="How many come before it.")
    served_by = ServedByOut(allow_null=True)
    attempts = AttemptOut(many=True)
    images = GeneratedImageOut(many=True, help_text="Those that exist already.")
    notice = serializers.CharField(allow_null=True)
    error = FailureOut(allow_null=True)
    metadata = StrictObject(most=METADATA_KILOBYTES)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    urls = UrlsOut()


class GenerationListOut(Out):
    """One page of generations."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = GenerationOut(many=True)


class QuotaLeftOut(Out):
    """Today's quota before it; null where there is no limit."""

    limit = serializers.IntegerField(allow_null=True)
    left = serializers.IntegerField(allow_null=True)
    resets_at = serializers.DateTimeField()


class EstimateOut(Out):
    """What a generation would be and cost; nothing was made and nothing spent."""

    request = RequestOut()
    cost = serializers.IntegerField(help_text="Images.")
    quota = QuotaLeftOut()
    queue_position = serializers.IntegerField(min_value=0, help_text="How many would come before it.")
    expected_seconds = serializers.FloatField(help_text="Until it would be finished.")


class ChangeOut(Out):
    """Some words that the better prompt has or has not."""

    kind = serializers.ChoiceField(choices=["added", "left_out"])
    words = serializers.CharField()


class ProposalOut(Out):
    """Better words beside the original; where there is nothing to improve both are the same and nothing is changed."""

    prompt = serializers.CharField(help_text=f"At most {PROMPT_MAX} characters.")
    original = serializers.CharField()
    changed = ChangeOut(many=True)


class ParameterOut(Out):
    """What the model takes for one parameter; what says nothing is null."""

    min = serializers.FloatField(allow_null=True)
    max = serializers.FloatField(allow_null=True)
    step = serializers.FloatField(allow_null=True)
    default = serializers.JSONField(allow_null=True)
    choices = serializers.ListField(child=serializers.CharField(), allow_null=True)


class ModelOut(Out):
    """A model as I may use it. `unavailable_code` says why not; sizes are in pixels."""

    slug = serializers.CharField()
    repo_id = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    backend = serializers.CharField()
    modes = serializers.ListField(child=serializers.ChoiceField(choices=MODES))
    parameters = serializers.DictField(child=ParameterOut(), help_text="By name; what is not here is not taken.")
    max_side = serializers.IntegerField()
    size_step = serializers.IntegerField()
    available = serializers.BooleanField()
    unavailable_code = serializers.CharField(allow_null=True)
    health = serializers.ChoiceField(choices=["answers", "troubled", "unavailable"])
    usual_seconds = serializers.FloatField(help_text="A picture.")


class StyleOut(Out):
    """A preset that adds to the prompt."""

    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()


class ModelListOut(Out):
    """The whole catalogue, in its order, on one page."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ModelOut(many=True)


class StyleListOut(Out):
    """Every style, in order, on one page."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = StyleOut(many=True)
