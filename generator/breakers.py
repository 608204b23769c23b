"""What failed so that nobody should call it for a while: one memory in the database for all workers.

A breaker opens after one failure that says enough (no money, retired) or after several in a row that may pass. When its
time is over one caller at a time probes: a success removes it, a failure opens it again. On PostgreSQL every time is
the server's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import BooleanField, Case, Q, Value, When
from django.db.models.expressions import F
from django.db.models.functions import Least

from generator import leases
from generator.backends.base import BackendError, Trouble
from generator.models import Breaker

PROBE = timedelta(minutes=5)
PROBE_WAIT = 30.0
"""Seconds after which it is asked how somebody else's probe went."""
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
    """The breakers that say something about this call; each with `is_open` and when it was `seen_at`."""
    about = Breaker.objects.filter(
        account__in=["", subject.account], repo_id__in=["", subject.repo_id], provider__in=["", subject.provider]
    )
    now = leases.database_now()
    is_open = Case(When(open_until__gt=now, then=True), default=False, output_field=BooleanField())
    return list(about.annotate(is_open=is_open, seen_at=now).order_by("pk"))


def closed_by(breakers: Iterable[Breaker]) -> Breaker | None:
    """The breaker that forbids the call now; None where it may be made. Takes the probe of one whose time is over."""
    opened = [breaker for breaker in breakers if breaker.open_until]
    if shut := next((breaker for breaker in opened if breaker.is_open), None):  # type: ignore[attr-defined]
        return shut
    for place, breaker in enumerate(opened):
        if not _take_probe(breaker):
            release(opened[:place])
            return breaker
    return None


def release(breakers: Iterable[Breaker]) -> None:
    """The probes that the caller took of these came to nothing: somebody else may probe."""
    if taken := [breaker.pk for breaker in breakers if breaker.open_until]:
        Breaker.objects.filter(pk__in=taken).update(probe_until=None)


def seconds_closed(breaker: Breaker) -> float | None:
    """After how many seconds what `closed_by` named may be called; None where that is too long to wait for."""
    left: timedelta = breaker.open_until - breaker.seen_at  # type: ignore[attr-defined]
    if left > OPEN_FOR[Trouble.TRANSIENT]:
        return None
    return left.total_seconds() if left > timedelta(0) else PROBE_WAIT


def note_failure(failure: BackendError, subject: Subject) -> None:
    """Remember what a failure says about later calls."""
    trouble = failure.trouble
    if trouble is Trouble.NONE:
        return
    named = _named(trouble, subject)
    now = leases.database_now()
    row, new = Breaker.objects.get_or_create(**named, defaults={"code": failure.code, "failures": 1, "failed_at": now})
    rows = Breaker.objects.filter(pk=row.pk)
    if trouble is Trouble.TRANSIENT:  # what is closed for longer has a better reason
        rows = rows.exclude(open_until__gt=leases.later(OPEN_FOR[trouble].total_seconds()))
    if not new:
        old = Q(failed_at__lt=leases.later(-FORGOTTEN_AFTER.total_seconds()), open_until=None)
        again = Case(When(old, then=Value(1)), default=Least(F("failures") + 1, Value(FAILURES_MAX)))
        rows.update(failures=again, failed_at=now, code=failure.code)
    if trouble is Trouble.TRANSIENT:
        rows = rows.filter(Q(failures__gte=IN_A_ROW) | Q(open_until__isnull=False))
    rows.update(open_until=leases.later(OPEN_FOR[trouble].total_seconds()), probe_until=None)


def note_success(known: Iterable[Breaker]) -> None:
    """A call works: what was `known` against it when it began is over."""
    Breaker.objects.filter(pk__in=[breaker.pk for breaker in known]).delete()


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


def _take_probe(breaker: Breaker) -> bool:
    free = Q(probe_until=None) | Q(probe_until__lt=leases.database_now())
    rows = Breaker.objects.filter(free, pk=breaker.pk)
    return bool(rows.update(probe_until=leases.later(PROBE.total_seconds())))
