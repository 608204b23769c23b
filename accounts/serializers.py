"""The shape of the account and its usage, for the OpenAPI document."""

from typing import Any

from rest_framework import serializers


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
