"""Who waits for news: what a listener and a waiting client cost in memory, and how late an event comes.

The web server runs as a process over the database of this environment; the listeners are a thread of this one.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from bench import cluster, load, studio
from bench.memory import kilobytes
from bench.report import Line, tell
from tests.real.servers import answers, free_port, until

LISTENERS, WAITING = 300, 200
PEOPLE = 50
EVENTS = 50
SETTLED = 3.0


def main() -> None:
    if len(sys.argv) > 1:
        asyncio.run(measure(cost=sys.argv[1] == "cost"))
        return
    here(DATABASE_URL="", REDIS_URL="", mode="cost")
    if lacking := cluster.missing():
        print(f"bench/listeners.py measures no cluster: {lacking} is not installed", file=sys.stderr)
        return
    with cluster.running():
        here(DATABASE_URL=os.environ["DATABASE_URL"], REDIS_URL=os.environ["REDIS_URL"], mode="delay")


def here(*, mode: str, **environment: str) -> None:
    """The same script over these servers, in a process of its own, for it sets a studio up."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.listeners", mode],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    print(done.stdout, end="", flush=True)


async def measure(*, cost: bool) -> None:
    tokens = await asyncio.to_thread(arrange)
    port = free_port()
    with web(port) as process:
        await asyncio.to_thread(until, lambda: answers(port), what="the web server answering")
        if cost:
            await tell_listeners(process.pid, port, tokens)
            await tell_waiting(process.pid, port, tokens)
        await tell_delay(port, tokens[0])


@contextmanager
def web(port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = cluster.start_web(port, MAX_WAITING=str(WAITING))
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def arrange() -> list[str]:
    """The tokens of people who may wait for as much as they like."""
    studio.inside()
    from accounts.models import Plan, User
    from accounts.services import tokens as keys
    from common.database import release_connection

    Plan.objects.filter(slug="enterprise").update(
        requests_per_minute=100_000, submits_per_minute=100_000, queued_max=100_000
    )
    plan = Plan.objects.get(slug="enterprise")
    people = [User.objects.create_user(f"listener{n}@example.org", plan=plan) for n in range(PEOPLE)]
    made = [keys.make(user=person, name="bench", scopes=keys.SCOPES)[1] for person in people]
    release_connection()
    return made


async def tell_listeners(pid: int, port: int, tokens: list[str]) -> None:
    """Memory and threads of the process before and with them, once it has answered what it will be asked."""
    await ready(port, tokens)
    before, threads = kilobytes(pid), count_threads(pid)
    listeners = [await listening(port, tokens[number % PEOPLE]) for number in range(LISTENERS)]
    await asyncio.sleep(SETTLED)
    cost = (kilobytes(pid) - before) / LISTENERS
    note = f"SQLite; threads of the process {threads} before, {count_threads(pid)} with them"
    for each in listeners:
        each.close()
    await asyncio.sleep(SETTLED)
    tell(Line(f"Memory (PSS) of a listener, {LISTENERS} at once in one web process", f"{cost:.0f} kB", "", note))


async def tell_waiting(pid: int, port: int, tokens: list[str]) -> None:
    """The same of clients that wait for their picture, which nobody makes."""
    body = json.dumps({"prompt": "a red mug"}).encode()
    before = kilobytes(pid)
    waiting = [(await load.opened(1, port, tokens[number % PEOPLE]))[0] for number in range(WAITING)]
    for each in waiting:
        each.send("POST", "/api/v1/generations", body, Prefer="wait=60")
    await asyncio.sleep(4 * SETTLED)
    cost, threads = (kilobytes(pid) - before) / WAITING, count_threads(pid)
    for each in waiting:
        each.close()
    what = f"Memory (PSS) of a client with `Prefer: wait=60`, {WAITING} at once"
    note = f"each holds a thread ({threads} in all) and no connection to the database"
    tell(Line(what, f"{cost:.0f} kB", "", note))


async def ready(port: int, tokens: list[str]) -> None:
    """The process has answered what it will be asked, so that what it loads for that does not count."""
    (client,) = await load.opened(1, port, tokens[0])
    await client.ask("GET", "/api/v1/account")
    client.close()
    first = await listening(port, tokens[0])
    first.close()


def count_threads(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/task"))


async def listening(port: int, secret: str) -> load.Client:
    """A stream of all of somebody's events, which has begun."""
    (client,) = await load.opened(1, port, secret)
    client.send("GET", "/api/v1/events")
    head = await client.reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n")[0]:
        raise RuntimeError(f"a stream answered {head[:200]!r}")
    return client


async def tell_delay(port: int, secret: str) -> None:
    """From the commit of an event to its last byte at the listener."""
    client = await listening(port, secret)
    await asyncio.sleep(1.0)
    delays = []
    for number in range(EVENTS):
        committed = await asyncio.to_thread(emit, number)
        while f"prompt {number} ".encode() not in await client.reader.readline():
            pass
        delays.append(time.monotonic() - committed)
        await asyncio.sleep(0.037)
    client.close()
    over = "PostgreSQL and Redis" if os.environ.get("REDIS_URL") else "SQLite, without Redis"
    tell(
        Line(
            f"From the commit of an event to the listener, {over}: median and 95th percentile",
            f"{1000 * median(delays):.0f} ms, {1000 * load.p95(delays):.0f} ms",
            "under 100 ms" if os.environ.get("REDIS_URL") else "under 600 ms",
            f"{EVENTS} events, one listener",
        )
    )


def emit(number: int) -> float:
    """One event of the first listener; when it was committed (seconds of the monotonic clock)."""
    from django.db import transaction

    from accounts.models import User
    from common.database import release_connection
    from events import services, types

    user: Any = User.objects.get(email="listener0@example.org")
    with transaction.atomic():
        data = {"id": str(number), "request": {"prompt": f"prompt {number} "}}
        services.emit(types.STARTED, user=user, reference=str(number), data=data)
    committed = time.monotonic()
    release_connection()
    return committed


if __name__ == "__main__":
    main()
