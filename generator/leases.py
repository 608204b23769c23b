"""Who holds a generation: the statements that races are settled by, for PostgreSQL and for SQLite.

docs/architecture.md explains them; on PostgreSQL every time is the server's, on SQLite this machine's.
"""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.utils import timezone

from common.database import database_now
from generator.models import Generation

TIME_TO_FINISH = {"local": timedelta(minutes=60), "provider": timedelta(minutes=15)}
"""From the first claim to the deadline."""

AT_THEIR_CAP = """
SELECT r.owner_id FROM generator_generation r
  JOIN accounts_user u ON u.id = r.owner_id JOIN accounts_plan p ON p.id = u.plan_id
 WHERE r.status = 'running' GROUP BY r.owner_id, p.running_max HAVING count(*) >= p.running_max
"""

CHOOSE_POSTGRESQL = f"""
SELECT g.id, g.owner_id FROM generator_generation g JOIN accounts_user o ON o.id = g.owner_id
 WHERE g.queue = %(queue)s AND g.status = 'queued'
   AND (g.not_before IS NULL OR g.not_before <= clock_timestamp())
   AND g.owner_id <> ALL (ARRAY({AT_THEIR_CAP}))
 ORDER BY g.turn, g.created_at LIMIT 1
   FOR UPDATE OF g SKIP LOCKED FOR NO KEY UPDATE OF o
"""  # noqa: S608

TAKE_POSTGRESQL = """
UPDATE generator_generation c
   SET status = 'running', worker = %(worker)s, attempt = c.attempt + 1, step = NULL, steps = NULL, not_before = NULL,
       started_at = coalesce(c.started_at, clock_timestamp()),
       deadline = coalesce(c.deadline, clock_timestamp() + %(time_to_finish)s),
       lease_until = least(clock_timestamp() + %(lease)s, coalesce(c.deadline, clock_timestamp() + %(lease)s))
  FROM accounts_user o JOIN accounts_plan p ON p.id = o.plan_id
 WHERE c.id = %(id)s AND o.id = c.owner_id
   AND p.running_max >
       (SELECT count(*) FROM generator_generation r WHERE r.owner_id = c.owner_id AND r.status = 'running')
RETURNING c.id
"""

CLAIM_SQLITE = f"""
UPDATE generator_generation
   SET status = 'running', worker = %(worker)s, attempt = attempt + 1, step = NULL, steps = NULL, not_before = NULL,
       started_at = coalesce(started_at, %(now)s), deadline = coalesce(deadline, %(deadline)s),
       lease_until = min(%(lease_until)s, coalesce(deadline, %(lease_until)s))
 WHERE status = 'queued' AND id = (
    SELECT g.id FROM generator_generation g
     WHERE g.queue = %(queue)s AND g.status = 'queued' AND (g.not_before IS NULL OR g.not_before <= %(now)s)
       AND g.owner_id NOT IN ({AT_THEIR_CAP})
     ORDER BY g.turn, g.created_at LIMIT 1)
RETURNING id
"""  # noqa: S608

RENEW_POSTGRESQL = """
UPDATE generator_generation g SET step = (v.value->>1)::int, steps = (v.value->>2)::int,
       lease_until = CASE WHEN %(renew)s THEN least(clock_timestamp() + %(lease)s, deadline) ELSE lease_until END
  FROM jsonb_each(%(held)s::jsonb) v
 WHERE g.id = v.key::uuid AND g.attempt = (v.value->>0)::int AND g.worker = %(worker)s AND g.status = 'running'
   AND g.deadline > clock_timestamp()
RETURNING g.id
"""

RENEW_SQLITE = """
UPDATE generator_generation
   SET step = json_extract(v.value, '$[1]'), steps = json_extract(v.value, '$[2]'),
       lease_until = CASE WHEN %(renew)s THEN min(%(lease_until)s, deadline) ELSE lease_until END
  FROM json_each(%(held)s) v
 WHERE generator_generation.id = v.key AND attempt = json_extract(v.value, '$[0]')
   AND worker = %(worker)s AND status = 'running' AND deadline > %(now)s
RETURNING id
"""


def claim(queue: str, *, worker: str) -> uuid.UUID | None:
    """Take the generation whose turn it is, inside the caller's transaction; None when nothing is due.

    Raises `OwnerBusy` where its owner reached the plan's limit meanwhile: end the transaction and claim again.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            return _claim_postgresql(cursor, queue, worker)
        now = timezone.now()
        times = {"now": now, "deadline": now + TIME_TO_FINISH[queue], "lease_until": now + settings.LEASE}
        adapted = {name: connection.ops.adapt_datetimefield_value(time) for name, time in times.items()}
        cursor.execute(CLAIM_SQLITE, {"queue": queue, "worker": worker, **adapted})
        rows = cursor.fetchall()
        return uuid.UUID(rows[0][0]) if rows else None


class OwnerBusy(Exception):
    """The chosen generation's owner runs as many as the plan allows."""


def _claim_postgresql(cursor: Any, queue: str, worker: str) -> uuid.UUID | None:
    cursor.execute(CHOOSE_POSTGRESQL, {"queue": queue})
    chosen = cursor.fetchone()
    if chosen is None:
        return None
    arguments = {
        "id": chosen[0],
        "worker": worker,
        "lease": settings.LEASE,
        "time_to_finish": TIME_TO_FINISH[queue],
    }
    cursor.execute(TAKE_POSTGRESQL, arguments)
    if cursor.fetchone() is None:
        raise OwnerBusy
    return chosen[0]


Held = tuple[int, int | None, int | None]
"""Attempt, step, steps of a generation we hold."""


def renew(held: Mapping[uuid.UUID, Held], *, worker: str, extend: bool) -> set[uuid.UUID]:
    """Write the progress of what we hold and, with `extend`, a new lease; the ids that are still ours and in time."""
    arguments: dict[str, Any] = {"worker": worker, "renew": extend}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arguments["lease"] = settings.LEASE
            arguments["held"] = json.dumps({str(key): value for key, value in held.items()})
            cursor.execute(RENEW_POSTGRESQL, arguments)
            return {row[0] for row in cursor.fetchall()}
        now = timezone.now()
        arguments["held"] = json.dumps({key.hex: value for key, value in held.items()})
        arguments["now"] = connection.ops.adapt_datetimefield_value(now)
        arguments["lease_until"] = connection.ops.adapt_datetimefield_value(now + settings.LEASE)
        cursor.execute(RENEW_SQLITE, arguments)
        return {uuid.UUID(row[0]) for row in cursor.fetchall()}


def due(queue: str, *, most: int) -> int:
    """How many queued generations could start now, counted up to `most`."""
    ready = Generation.objects.filter(queue=queue, status=Generation.Status.QUEUED)
    ready = ready.filter(Q(not_before=None) | Q(not_before__lte=database_now()))
    return len(ready.values_list("pk", flat=True)[:most])


def expired() -> QuerySet[Generation]:
    """Running ones whose worker stopped renewing, and queued ones that are past their deadline."""
    now = database_now()
    return Generation.objects.filter(
        Q(status=Generation.Status.RUNNING, lease_until__lt=now) | Q(status=Generation.Status.QUEUED, deadline__lt=now)
    )


def held_by(workers: list[str]) -> QuerySet[Generation]:
    """What dead workers left running."""
    return Generation.objects.filter(status=Generation.Status.RUNNING, worker__in=workers)


def largest_turn(queue: str) -> float:
    """V of this queue: the largest turn claimed so far."""
    started = Generation.objects.filter(queue=queue, started_at__isnull=False).order_by("-turn")
    return started.values_list("turn", flat=True).first() or 0.0


def later(seconds: float) -> Combinable | datetime:
    """A time `seconds` from now by the database's clock."""
    wait = timedelta(seconds=seconds)
    return database_now() + wait if connection.vendor == "postgresql" else timezone.now() + wait
