"""The days of a quota."""

from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.utils import timezone


def today() -> date:
    """The quota's day, the same for everybody: it ends at midnight of `QUOTA_TIME_ZONE`."""
    return timezone.localdate(timezone=settings.QUOTA_TIME_ZONE)


def end_of(day: date) -> datetime:
    """The instant, in UTC, at which the quota's `day` ends; exact on days of 23 and 25 hours."""
    midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=settings.QUOTA_TIME_ZONE)
    return midnight.astimezone(UTC)
