"""What pictures of providers were paid, by day, model and whose token. Reads only."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Count
from django.db.models.functions import TruncDate

from accounts.days import end_of, today
from accounts.models import ServerSpending
from generator.models import Attempt

DAYS = 30


@dataclass(frozen=True)
class Line:
    """The pictures of one model on one day of the quota, paid by one kind of token."""

    day: date
    model: str
    paid_by: str
    pictures: int


@dataclass(frozen=True)
class Today:
    """Pictures that the server's token paid today, checks among them, and how many it may (None: no limit)."""

    images: int
    limit: int | None


def lines() -> list[Line]:
    """The last 30 days, the newest first; a day ends at midnight of `QUOTA_TIME_ZONE`."""
    since = end_of(today() - timedelta(days=DAYS))
    paid = Attempt.objects.filter(
        model__backend="huggingface", outcome=Attempt.Outcome.OK, started_at__gte=since
    ).exclude(paid_by="")
    counted = (
        paid.annotate(day=TruncDate("started_at", tzinfo=settings.QUOTA_TIME_ZONE))
        .values("day", "model__name", "paid_by")
        .annotate(pictures=Count("pk"))
        .order_by("-day", "model__name", "paid_by")
    )
    names = dict(Attempt.PaidBy.choices)
    return [Line(row["day"], row["model__name"], str(names[row["paid_by"]]), row["pictures"]) for row in counted]


def of_today() -> Today:
    """What the server's token paid today."""
    row = ServerSpending.objects.filter(day=today()).first()
    return Today(row.images if row else 0, settings.HF_DAILY_IMAGES)
