"""Hundreds of pictures at once over Hugging Face's providers, which an emulator plays, against the way it was before.

A number as the argument makes the crowds that much smaller, for trying the script: `python -m bench.providers 0.04`.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from bench import cluster, original, studio, turn
from bench.cluster import Watched
from bench.report import Line, tell
from tests.hf_server.client import HFProcess

DIRECT, QUEUED = "stable-diffusion-3-medium", "flux-1-schnell"
PROVIDER_OF = {DIRECT: "hf-inference", QUEUED: "fal-ai"}
AT_ONCE, SLOW = 500, 10.0
MANY, QUICK, QUICK_SLOTS = 2000, 0.1, 64
ORIGINALS, ORIGINAL = 20, 1.0
SIDE = 256
PATIENCE = 240.0


@dataclass(frozen=True)
class Crowd:
    """So many pictures made: the seconds from the first claim to the last end, and what the worker took for it.

    `since_asked` counts from before the first submit; memory is in megabytes, `processor` in seconds.
    """

    many: int
    seconds: float
    since_asked: float
    rss: float
    pss: float
    connections: int
    processor: float
    in_flight: int


def main() -> None:
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    if lacking := cluster.missing():
        print(f"bench/providers.py measures nothing: {lacking} is not installed", file=sys.stderr)
        return
    with cluster.running() as hf:
        studio.inside()
        user = somebody()
        for model in PROVIDER_OF:
            tell_at_once(crowd(hf, user, model, many=int(AT_ONCE * scale), seconds=SLOW, slots=AT_ONCE), model)
        many = int(MANY * scale)
        tell_flood(crowd(hf, user, DIRECT, many=many, seconds=QUICK, slots=QUICK_SLOTS))
        turn.tell_parts(hf, user, model=DIRECT)
        tell_original(hf, user)
        arrivals(DATABASE_URL=os.environ["DATABASE_URL"], REDIS_URL=os.environ["REDIS_URL"])
    arrivals(DATA_DIR=f"{os.environ['DATA_DIR']}/laptop", DATABASE_URL="", REDIS_URL="")


def somebody() -> Any:
    """A person whose plan lets them run and wait as much as is measured here."""
    from accounts.models import Plan, User
    from generator.models import AIModel

    Plan.objects.filter(slug="enterprise").update(running_max=AT_ONCE, queued_max=10 * MANY)
    for slug, provider in PROVIDER_OF.items():
        AIModel.objects.filter(slug=slug).update(providers=[provider])
    return User.objects.create_user("crowd@example.org", "a fine pass phrase", plan=Plan.objects.get(slug="enterprise"))


def ask(user: Any, model: str, *, many: int) -> None:
    """Submit so many pictures, as a page or a program would."""
    from generator import services
    from generator.params import Params

    for number in range(many):
        params = Params(prompt=f"a red mug, {number}", model=model, width=SIDE, height=SIDE, seed=number)
        services.submit(user=user, params=params)


def crowd(hf: HFProcess, user: Any, model: str, *, many: int, seconds: float, slots: int) -> Crowd:
    """Pictures that take the provider so many seconds, all of them waiting when the worker starts."""
    prepare(hf, seconds)
    asked_at = time.time()
    ask(user, model, many=many)
    with Watched(slots=slots) as worker:
        began, ended = finished(since=asked_at)
        used = worker.processor_seconds(since=began)
        check(hf, many)
        return Crowd(
            many, ended - began, ended - asked_at, worker.rss, worker.pss, worker.connections, used, hf.max_in_flight
        )


def prepare(hf: HFProcess, seconds: float) -> None:
    hf.reset()
    hf.settings(default_delay=seconds, pending_polls=0, fixed_picture=True)


def finished(*, since: float) -> tuple[float, float]:
    """When the first of what was asked for since then was claimed, and when the last ended (seconds of the epoch).

    Raises `RuntimeError` where one failed or none of it ends.
    """
    from datetime import UTC, datetime

    from django.db.models import Count, Max, Min, Q

    from generator.models import Generation

    ours = Generation.objects.filter(created_at__gte=datetime.fromtimestamp(since, UTC))
    until = time.monotonic() + PATIENCE
    while ours.filter(finished_at=None).exists():
        if time.monotonic() > until:
            raise RuntimeError("not all pictures were made")
        time.sleep(cluster.LOOK_EVERY)
    failed = Count("pk", filter=~Q(status=Generation.Status.SUCCEEDED))
    found = ours.aggregate(began=Min("started_at"), ended=Max("finished_at"), failed=failed)
    if found["failed"]:
        raise RuntimeError(f"{found['failed']} generations failed")
    return found["began"].timestamp(), found["ended"].timestamp()


def check(hf: HFProcess, many: int) -> None:
    """Raises `RuntimeError` where the provider made more or less than was asked for, or was spoken to wrongly."""
    if hf.created() != many or hf.faults:
        raise RuntimeError(f"the provider made {hf.created()} pictures instead of {many}; {hf.faults[:3]}")


def tell_at_once(made: Crowd, model: str) -> None:
    way = "answers with the picture" if model == DIRECT else "a job that is asked after, then a link"
    what = f"{made.many} pictures at once, {SIDE} x {SIDE}, {SLOW:.0f} s each at {PROVIDER_OF[model]}"
    ways = f"{way}; {made.in_flight} in flight there at once; PostgreSQL and Redis, one worker, one person"
    tell(
        Line(what, f"{made.seconds:.1f} s, {made.seconds / SLOW:.2f} times the ideal", "under 1.3 times", ways),
        Line(
            "... memory of the worker at its peak", f"{made.rss:.0f} MB", "under 500 MB", f"RSS; PSS {made.pss:.0f} MB"
        ),
        Line("... connections to the database at the peak", f"{made.connections}", "under 30", "of the worker"),
    )


def tell_flood(made: Crowd) -> None:
    tell(
        Line(
            f"{made.many:,} pictures, {SIDE} x {SIDE}, {QUICK} s each",
            f"{made.many / made.seconds:.0f} a second",
            "",
            f"{QUICK_SLOTS} slots; {1000 * made.processor / made.many:.0f} ms of the worker's processor time each; the "
            f"database, the emulator and the worker share {os.cpu_count()} cores",
        )
    )


def tell_original(hf: HFProcess, user: Any) -> None:
    """So many clients of each way, each of whom wants one picture."""
    prepare(hf, ORIGINAL)
    before = original.seconds_for(ORIGINALS, hf, side=SIDE)
    check(hf, ORIGINALS)
    prepare(hf, ORIGINAL)
    with Watched(slots=QUICK_SLOTS) as worker:
        while not worker.connections:
            time.sleep(cluster.LOOK_EVERY)
        asked_at = time.time()
        ask(user, DIRECT, many=ORIGINALS)
        now = finished(since=asked_at)[1] - asked_at
    check(hf, ORIGINALS)
    tell(
        Line(
            f"The original design: {ORIGINALS} clients, one picture of {ORIGINAL:.0f} s each",
            f"{before:.1f} s",
            "",
            f"one synchronous web process that calls the provider inside the request, and makes no thumbnails, marks "
            f"or rows; {AT_ONCE} of {SLOW:.0f} s would take it {AT_ONCE * SLOW:,.0f} s (computed, not measured)",
        ),
        Line(
            "... the same here",
            f"{now:.1f} s, {before / now:.0f} times as fast",
            "",
            "from the first submit to the last committed image",
        ),
    )


def arrivals(**environment: str) -> None:
    """From the provider's last byte to the page, measured in a process of its own, for it sets a studio up."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.arrival"],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    print(done.stdout, end="", flush=True)


if __name__ == "__main__":
    main()
