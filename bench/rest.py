"""The API over PostgreSQL and Redis with two web processes: requests a second, and how long one takes at half of that.

Nothing makes pictures meanwhile: what is submitted waits. The clients are a process on the same cores.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from statistics import median

from bench import cluster, load, studio
from bench.report import Line, tell
from tests.real.servers import answers, free_port, until

CLIENTS = 16
SECONDS = 10.0
PROCESSES = 2
IMAGES = 1000
NO_LIMIT = 10_000_000


def main() -> None:
    if lacking := cluster.missing():
        print(f"bench/rest.py measures nothing: {lacking} is not installed", file=sys.stderr)
        return
    with cluster.running(), ExitStack() as running:
        studio.inside()
        secret = arrange()
        port = free_port()
        web = cluster.start_web(port, "--workers", str(PROCESSES), MAX_WAITING="0")
        running.callback(web.wait)
        running.callback(web.terminate)
        until(lambda: answers(port), what="the web server answering")
        asyncio.run(measure(port, secret))


def arrange() -> str:
    """The token of somebody who may ask this often, and who has a gallery."""
    from accounts.models import Plan
    from accounts.services import tokens
    from bench.population import populate

    Plan.objects.filter(slug="enterprise").update(
        requests_per_minute=NO_LIMIT, submits_per_minute=NO_LIMIT, queued_max=NO_LIMIT
    )
    user, _collection = populate(images=2 * IMAGES)
    return tokens.make(user=user, name="bench", scopes=tokens.SCOPES)[1]


async def measure(port: int, secret: str) -> None:
    clients = await load.opened(CLIENTS, port, secret)
    body = json.dumps({"prompt": "a red mug on a yellow background", "model": "builtin"}).encode()

    async def submit(client: load.Client) -> None:
        status, answer = await client.ask("POST", "/api/v1/generations", body)
        if status != 202:
            raise RuntimeError(f"a submit answered {status}: {answer[:300]!r}")

    async def look(client: load.Client) -> None:
        status, answer = await client.ask("GET", "/api/v1/images")
        if status != 200:
            raise RuntimeError(f"the gallery answered {status}: {answer[:300]!r}")

    await told("POST generations", clients, submit, aim="95th under 60 ms")
    await told("GET images", clients, look, aim="")
    for client in clients:
        client.close()


async def told(
    what: str, clients: list[load.Client], ask: Callable[[load.Client], Awaitable[None]], *, aim: str
) -> None:
    """Two lines about one route."""
    await load.as_fast_as_it_goes(clients, ask, seconds=2.0)
    most = await load.as_fast_as_it_goes(clients, ask, seconds=SECONDS)
    taken = await load.at_a_rate(clients, ask, rate=most / 2, seconds=SECONDS)
    tell(
        Line(
            f"`{what}`, PostgreSQL and Redis, {PROCESSES} web processes",
            f"{most:.0f} a second",
            "",
            f"{len(clients)} clients that never rest, on the same {os.cpu_count()} cores as servers and databases",
        ),
        Line(
            "... at half of that: median and 95th percentile",
            f"{1000 * median(taken):.0f} ms, {1000 * load.p95(taken):.0f} ms",
            aim,
            f"{len(taken)} requests in {SECONDS:.0f} s",
        ),
    )


if __name__ == "__main__":
    main()
