"""Images a day: promised when a generation is accepted, settled once at its end."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.text import get_text_list
from django.utils.timesince import timeuntil
from django.utils.translation import gettext

from accounts.days import end_of, today
from accounts.models import LedgerEntry, Usage, User
from common.errors import DomainError
from common.sentences import say
from common.times import rfc3339


class QuotaExhausted(DomainError):
    """More images were asked for than today's quota has left."""

    code = "quota_exhausted"
    status = 402

    def __init__(self, *, amount: int, left: int, limit: int, resets_at: datetime) -> None:
        super().__init__(
            extra={"resets_at": rfc3339(resets_at)}, amount=amount, left=left, limit=limit, resets_at=resets_at
        )

    @property
    def message(self) -> str:
        """Says when the quota returns: how long from now, and the time in the zone that ends the day."""
        arguments: dict[str, Any] = dict(self.arguments)
        resets_at = arguments.pop("resets_at")
        local = resets_at.astimezone(settings.QUOTA_TIME_ZONE)
        code = "quota_nearly_exhausted" if arguments["left"] else self.code
        return say(code, **arguments, wait=_wait_until(resets_at), time=f"{local:%H:%M %Z}")


@transaction.atomic
def reserve(*, user: User, amount: int, reference: str) -> None:
    """Promise `amount` images (1 or more) of today's quota to `reference`, or raise `QuotaExhausted`.

    Call it inside the transaction that makes what the promise is for.
    """
    if amount < 1:
        raise ValueError(f"{amount} images cannot be reserved")
    usage = _usage_of(user, today())
    room = Q(limit=None) | Q(limit__gte=F("used") + F("reserved") + amount)
    if not Usage.objects.filter(room, pk=usage.pk).update(reserved=F("reserved") + amount):
        raise _exhausted(usage, amount)
    LedgerEntry.objects.create(usage=usage, kind=LedgerEntry.Kind.RESERVE, reference=reference, amount=amount)


def settle(*, reference: str, spent: int) -> bool:
    """Spend `spent` of what `reference` reserved and give the rest back, on the day it was reserved.

    Happens exactly once: False when it already did. Raises `LookupError` where nothing was reserved and
    `ValueError` where more would be spent than was.
    """
    promises = _promises(reference)
    if not 0 <= spent <= sum(promise.amount for promise in promises):
        raise ValueError(f"{spent} images were never reserved for {reference}")
    settled = False
    with transaction.atomic(savepoint=False):
        for promise in promises:
            part = min(spent, promise.amount)
            settled = _settle_one(promise, part) or settled
            spent -= part
    return settled


def _promises(reference: str) -> list[LedgerEntry]:
    entries = LedgerEntry.objects.filter(kind=LedgerEntry.Kind.RESERVE, reference=reference)
    promises = list(entries.order_by("created_at", "pk"))
    if not promises:
        raise LookupError(f"nothing was reserved for {reference}")
    return promises


def _settle_one(promise: LedgerEntry, spent: int) -> bool:
    """Of several who settle at once one writes the entry, and only with it the counters move."""
    entry = LedgerEntry(
        kind=LedgerEntry.Kind.SETTLE,
        reference=promise.reference,
        usage_id=promise.usage_id,
        amount=spent - promise.amount,
    )
    LedgerEntry.objects.bulk_create([entry], ignore_conflicts=True)
    ours = Usage.objects.filter(pk=promise.usage_id, entries=entry.pk)
    return bool(ours.update(used=F("used") + spent, reserved=F("reserved") - promise.amount))


def _usage_of(user: User, day: date) -> Usage:
    """The row of the day; the first of a day takes the plan's limit, read under the lock that a plan change takes."""
    usage = Usage.objects.filter(user=user, day=day).first()
    if usage is not None:
        return usage
    locked = User.objects.select_for_update(no_key=True, of=("self",)).select_related("plan").get(pk=user.pk)
    usage, _ = Usage.objects.get_or_create(user=locked, day=day, defaults={"limit": locked.plan.daily_images})
    return usage


def _wait_until(instant: datetime) -> str:
    """How long from now in words: "5 hours and 15 minutes"."""
    return str(get_text_list(timeuntil(instant).split(", "), gettext("and")))


def _exhausted(usage: Usage, amount: int) -> QuotaExhausted:
    usage.refresh_from_db()
    limit = usage.limit or 0
    left = max(0, limit - usage.used - usage.reserved)
    return QuotaExhausted(amount=amount, left=left, limit=limit, resets_at=end_of(usage.day))
