"""What failed so that nobody should call it for a while: one memory in the database for all workers.

A breaker opens after one failure that says enough (no money, retired) or after several in a row that may pass. When its
time is over one caller at a time probes: a success removes it, a failure opens it again. On PostgreSQL every time is
the server's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import BooleanField, Case, Q, QuerySet, Value, When
from django.db.models.expressions import F
from django.db.models.functions import Least

from generator import leases
from generator.backends.base import BackendError, Trouble
from generator.models import Breaker

PROBE = timedelta(minutes=5)
IN_A_ROW = 5
FORGOTTEN_AFTER = timedelta(minutes=10)
FAILURES_MAX = 1000
OPEN_FOR = {
    Trouble.CREDITS: timedelta(hours=6),
    Trouble.UNFUNDED: timedelta(hours=6),
    Trouble.GATED: timedelta(hours=1),
    Trouble.RETIRED: timedelta(hours=24),
    Trouble.TRANSIENT: timedelta(minutes=3),
}


@dataclass(frozen=True)
class Subject:
    """What a call depends on: whose account, which model, which provider."""

    account: str
    repo_id: str
    provider: str


def standing(subject: Subject) -> list[Breaker]:
    """The breakers that say something about this call; each with `is_open`."""
    return list(_seen_now(_about(subject)))


def closed_by(breakers: Iterable[Breaker]) -> Breaker | None:
    """The breaker that forbids the call now; None where it may be made. Takes the probe of one whose time is over."""
    opened = [breaker for breaker in breakers if breaker.open_until]
    shut = (breaker for breaker in opened if breaker.is_open)  # type: ignore[attr-defined]
    taken = (breaker for breaker in opened if not _take_probe(breaker))
    return next(shut, None) or next(taken, None)


def note_failure(failure: BackendError, subject: Subject) -> None:
    """Remember what a failure says about later calls."""
    trouble = failure.trouble
    if trouble is Trouble.NONE:
        return
    named = _named(trouble, subject)
    now = leases.database_now()
    row, new = Breaker.objects.get_or_create(**named, defaults={"code": failure.code, "failures": 1, "failed_at": now})
    rows = Breaker.objects.filter(pk=row.pk)
    if not new:
        old = Q(failed_at__lt=leases.later(-FORGOTTEN_AFTER.total_seconds()), open_until=None)
        again = Case(When(old, then=Value(1)), default=Least(F("failures") + 1, Value(FAILURES_MAX)))
        rows.update(failures=again, failed_at=now, code=failure.code)
    if trouble is Trouble.TRANSIENT:
        rows = rows.filter(Q(failures__gte=IN_A_ROW) | Q(open_until__isnull=False))
    rows.update(open_until=leases.later(OPEN_FOR[trouble].total_seconds()), probe_until=None)


def note_success(subject: Subject) -> None:
    """It works: whatever was remembered against it is over."""
    _about(subject).delete()


def _named(trouble: Trouble, subject: Subject) -> dict[str, str]:
    """The part of the subject that the trouble is about."""
    about_account = trouble in {Trouble.CREDITS, Trouble.UNFUNDED, Trouble.GATED}
    about_model = trouble in {Trouble.GATED, Trouble.RETIRED, Trouble.TRANSIENT}
    about_provider = trouble in {Trouble.UNFUNDED, Trouble.RETIRED, Trouble.TRANSIENT}
    return {
        "account": subject.account if about_account else "",
        "repo_id": subject.repo_id if about_model else "",
        "provider": subject.provider if about_provider else "",
    }


def _about(subject: Subject) -> "QuerySet[Breaker]":
    return Breaker.objects.filter(
        account__in=["", subject.account], repo_id__in=["", subject.repo_id], provider__in=["", subject.provider]
    )


def _seen_now(rows: "QuerySet[Breaker]") -> "QuerySet[Breaker]":
    is_open = Case(When(open_until__gt=leases.database_now(), then=True), default=False, output_field=BooleanField())
    return rows.annotate(is_open=is_open).order_by("pk")


def _take_probe(breaker: Breaker) -> bool:
    free = Q(probe_until=None) | Q(probe_until__lt=leases.database_now())
    rows = Breaker.objects.filter(free, pk=breaker.pk)
    return bool(rows.update(probe_until=leases.later(PROBE.total_seconds())))
