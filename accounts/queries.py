"""What is left of the quota, and who somebody is, for pages and API."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts import days
from accounts.models import CURATORS, ApiToken, HuggingFaceToken, LedgerEntry, Plan, Usage, User
from common import ciphers
from common.sentences import say
from common.times import rfc3339

DAYS = 30
ENDED_SHOWN = 50


@dataclass(frozen=True)
class UsageDay:
    """Images spent on one day of the quota."""

    day: date
    images: int


@dataclass(frozen=True)
class OwnToken:
    """Somebody's own Hugging Face token as its owner may see it; `code` says what is wrong with it ("" for nothing)."""

    last_four: str
    name: str
    code: str
    checked_at: datetime | None

    @property
    def state(self) -> str:
        """A sentence: whether it can be used, and what to do where it cannot."""
        return say(self.code or "own_token_works")


@dataclass(frozen=True)
class UsageToday:
    """Today's quota in images (`limit` and `left` are None without one) and the last 30 days, oldest first.

    `in_flight` counts open reservations, queued or running, whatever their day.
    """

    day: date
    resets_at: datetime
    limit: int | None
    used: int
    reserved: int
    in_flight: int
    days: list[UsageDay]

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used - self.reserved)

    @property
    def taken(self) -> int:
        """Used and promised together, for the bar."""
        return self.used + self.reserved


def usage(user: User) -> UsageToday:
    """The quota of `user` now, in at most three queries."""
    day = days.today()
    rows = {row.day: row for row in Usage.objects.filter(user=user, day__gt=day - timedelta(days=DAYS))}
    today = rows.get(day) or Usage(user=user, day=day, limit=user.plan.daily_images)
    return UsageToday(
        day=day,
        resets_at=days.end_of(day),
        limit=today.limit,
        used=today.used,
        reserved=today.reserved,
        in_flight=_open_reservations(user),
        days=[UsageDay(each, rows[each].used if each in rows else 0) for each in _last_days(day)],
    )


def account_as_json(user: User) -> dict[str, Any]:
    """The account as the API shows it to its owner."""
    return {
        "id": str(user.pk),
        "handle": user.handle,
        "name": user.name,
        "email": user.email,
        "language": user.language,
        "plan": user.plan.slug,
    }


def usage_as_json(user: User) -> dict[str, Any]:
    """The quota as the API shows it."""
    today = usage(user)
    return {
        "day": today.day.isoformat(),
        "resets_at": rfc3339(today.resets_at),
        "limit": today.limit,
        "used": today.used,
        "reserved": today.reserved,
        "left": today.left,
        "in_flight": today.in_flight,
        "days": [{"day": each.day.isoformat(), "images": each.images} for each in today.days],
    }


def tokens(user: User) -> list[ApiToken]:
    """Those that work, newest first, then the newest 50 of those that ended in the last 30 days."""
    now = timezone.now()
    mine = ApiToken.objects.filter(user=user).order_by("-created_at", "-pk")
    ended = mine.ended_before(now).exclude(pk__in=mine.ended_before(now - ApiToken.ENDED_KEPT).values("pk"))
    return [*mine.working(), *ended[:ENDED_SHOWN]]


def own_token(user: User) -> OwnToken | None:
    """The Hugging Face token that `user` entered, without its secret."""
    token: HuggingFaceToken | None = getattr(user, "huggingface_token", None)
    if token is None:
        return None
    code = token.code if ciphers.opens(token.secret) else "token_unreadable"
    return OwnToken(token.last_four, token.name, code, token.checked_at)


def payer(user: User) -> str:
    """Whose token pays a picture of `user` who entered none: server, not_in_plan or nobody."""
    if not settings.HF_TOKEN:
        return "nobody"
    return "server" if user.plan.server_token else "not_in_plan"


def plans() -> list[Plan]:
    """Every plan, the smallest first."""
    return list(Plan.objects.order_by("position", "slug"))


def has_curator() -> bool:
    """Whether anybody can open the back office."""
    staff = User.objects.filter(is_active=True, is_staff=True)
    return staff.filter(groups__name=CURATORS).exists() or staff.filter(is_superuser=True).exists()


def _open_reservations(user: User) -> int:
    """Only days that still promise something are looked at, so this does not grow with the ledger."""
    settled = LedgerEntry.objects.filter(
        kind=LedgerEntry.Kind.SETTLE, reference=OuterRef("reference"), usage=OuterRef("usage")
    )
    promised = LedgerEntry.objects.filter(kind=LedgerEntry.Kind.RESERVE, usage__user=user, usage__reserved__gt=0)
    return promised.filter(~Exists(settled)).count()


def _last_days(day: date) -> list[date]:
    return [day - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
