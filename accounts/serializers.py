"""The shape of the account, its usage and its webhooks: what comes in, and what the OpenAPI document says goes out."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.drf import NAMED_MAX, StrictSerializer
from common.fields import StrictBoolean, StrictChar
from events import types
from events.addresses import URL_PATTERN
from events.models import Delivery, DeliveryTry, WebhookEndpoint

URL_MAX = WebhookEndpoint.URL_MAX
URL = "http or https, without user name or fragment; no private address."
DESCRIPTION_MAX = WebhookEndpoint.DESCRIPTION_MAX
DESCRIPTION = "For yourself."
EVENTS = "What it is told of."


class AccountOut(serializers.Serializer[Any]):
    """Who I am and my plan."""

    id = serializers.UUIDField()
    handle = serializers.CharField()
    name = serializers.CharField(help_text="What others see; may be empty.")
    email = serializers.EmailField(allow_null=True)
    language = serializers.ChoiceField(choices=["", "en", "fr"], help_text="Empty: as the request asks.")
    plan = serializers.CharField(help_text="The slug of the plan: free, pro, enterprise.")


class UsageDayOut(serializers.Serializer[Any]):
    """Images spent on one day."""

    day = serializers.DateField()
    images = serializers.IntegerField(min_value=0)


class UsageOut(serializers.Serializer[Any]):
    """The quota in images. `left` is `limit` - `used` - `reserved`."""

    day = serializers.DateField(help_text="The quota's day, in the server's zone for it.")
    resets_at = serializers.DateTimeField(help_text="When the day ends, in UTC.")
    limit = serializers.IntegerField(allow_null=True, help_text="null: no limit.")
    used = serializers.IntegerField(min_value=0, help_text="Images spent today.")
    reserved = serializers.IntegerField(min_value=0, help_text="Promised to unfinished generations.")
    left = serializers.IntegerField(allow_null=True, min_value=0)
    in_flight = serializers.IntegerField(min_value=0, help_text="Open reservations, queued or running.")
    days = UsageDayOut(many=True, help_text="The last 30 days, oldest first.")


@extend_schema_field(
    {"type": "array", "items": {"type": "string", "enum": list(types.TOLD)}, "minItems": 1, "uniqueItems": True}
)
class EventNames(serializers.ListField):
    """Texts. What stands beyond the fiftieth is not looked at: somebody who sends so many repeats one."""

    child = StrictChar()

    def run_child_validation(self, data: list[Any]) -> list[Any]:
        return super().run_child_validation(data[:NAMED_MAX])


class WebhookNew(StrictSerializer):
    """A new webhook."""

    url = StrictChar(min_length=1, max_length=URL_MAX, pattern=URL_PATTERN, help_text=URL)
    events = EventNames(help_text=EVENTS)
    description = StrictChar(required=False, max_length=DESCRIPTION_MAX, help_text=DESCRIPTION)


class WebhookChange(StrictSerializer):
    """What can be changed of a webhook; what is left out stays."""

    url = StrictChar(required=False, min_length=1, max_length=URL_MAX, pattern=URL_PATTERN, help_text=URL)
    events = EventNames(required=False, help_text=EVENTS)
    description = StrictChar(required=False, max_length=DESCRIPTION_MAX, help_text=DESCRIPTION)
    enabled = StrictBoolean(required=False, help_text="false: nothing is sent, and what waits is given up.")


class WebhookOut(serializers.Serializer[Any]):
    """An address of a program that is told of events."""

    id = serializers.UUIDField()
    url = serializers.URLField()
    events = serializers.ListField(child=serializers.ChoiceField(choices=types.TOLD))
    enabled = serializers.BooleanField(help_text="The studio switches it off after the last try that failed.")
    description = serializers.CharField()
    created_at = serializers.DateTimeField()


class WebhookSecretOut(WebhookOut):
    """The same with its secret, which is told in this answer only."""

    secret = serializers.RegexField("^whsec_[A-Za-z0-9+/=]+$", help_text="What signs the messages.")


class WebhookListOut(serializers.Serializer[Any]):
    """One page of webhooks."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = WebhookOut(many=True)


class TryOut(serializers.Serializer[Any]):
    """One request of a delivery, and what came back."""

    started_at = serializers.DateTimeField()
    seconds = serializers.FloatField(min_value=0, help_text="Wall-clock time.")
    url = serializers.URLField()
    status = serializers.IntegerField(allow_null=True, min_value=100, help_text="Of the answer; null where none came.")
    code = serializers.CharField(allow_null=True, help_text="What went wrong; null where nothing did.")
    request = serializers.DictField(child=serializers.CharField(), help_text="The headers that were sent.")
    answer = serializers.CharField(help_text="The beginning of its body, to 2 kB.")


class DeliveryOut(serializers.Serializer[Any]):
    """One message to one address."""

    id = serializers.UUIDField()
    webhook = serializers.UUIDField(allow_null=True, help_text="null: the `webhook_url` of a single generation.")
    type = serializers.ChoiceField(choices=[*types.TOLD, types.TEST])
    generation = serializers.UUIDField(allow_null=True, help_text="null for a test.")
    url = serializers.URLField()
    status = serializers.ChoiceField(choices=Delivery.Status.values)
    code = serializers.CharField(allow_null=True, help_text="Why it failed; null while it did not.")
    tries = serializers.IntegerField(min_value=0, help_text="Since it was last asked for.")
    next_try_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    log = TryOut(many=True, help_text=f"The last {DeliveryTry.KEPT} tries, the newest last.")


class WholeDeliveryOut(DeliveryOut):
    """The same with what is sent."""

    body = serializers.CharField(
        help_text="What is sent, byte for byte: JSON as a text, which the signature is made of."
    )


class DeliveryListOut(serializers.Serializer[Any]):
    """One page of deliveries."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = DeliveryOut(many=True)
