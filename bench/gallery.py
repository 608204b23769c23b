"""A large gallery: pages against the plain ways to make them, a million pictures on PostgreSQL, 100,000 on SQLite.

`python -m bench.gallery 0.02` makes both that much smaller, for trying the script. With the address of a PostgreSQL
database that `populate` filled before, that one is measured and nothing is made or removed.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench import cluster, population, studio
from bench.report import Line, tell
from tests.real import servers

IMAGES = {"PostgreSQL": 1_000_000, "SQLite": 100_000}
TIMES = 15
DEEP = 1000
WORDS = "red mug sunset"
FILTERS = "mug model:flux steps:10..30 tag:shop made:2025-03..2026-06"
AIM = "under 100 ms"
INSIDE = "--inside"


@dataclass(frozen=True)
class Visit:
    """One page: who opens it, its address, and where there is one its query and the plain way to the same rows."""

    what: str
    client: Any
    address: str
    ours: Callable[[], Any] | None = None
    plain: Callable[[], Any] | None = None
    plainly: str = ""


def main() -> None:
    arguments = sys.argv[1:]
    if arguments[:1] == [INSIDE]:
        measure(int(arguments[1]))
    elif arguments and "://" in arguments[0]:
        apart(IMAGES["PostgreSQL"], arguments[0])
    else:
        part = float(arguments[0]) if arguments else 1.0
        if servers.postgresql_folder() is not None:
            with servers.postgresql() as address:
                apart(round(IMAGES["PostgreSQL"] * part), address)
        apart(round(IMAGES["SQLite"] * part), "")


def apart(images: int, database: str) -> None:
    """Measure in a process of its own: Django knows one database in its life."""
    environment = {**os.environ, **cluster.secrets(), "DATABASE_URL": database}
    subprocess.run([sys.executable, "-m", "bench.gallery", INSIDE, str(images)], env=environment, check=True)


def measure(images: int) -> None:
    studio.inside()
    from django.db import connection

    from accounts.models import User
    from gallery.models import Collection, Image

    heavy, collection = User.objects.filter(handle="person0000").first(), Collection.objects.first()
    if heavy is None:
        heavy, collection = population.populate(images=images)
    size, database = Image.objects.count(), {"postgresql": "PostgreSQL", "sqlite": "SQLite"}[connection.vendor]
    for visit in visits(heavy, collection):
        tell(line(visit, f"{size:,} pictures on {database}"))


def visits(heavy: Any, collection: Any) -> list[Visit]:
    """The pages, opened by the person who has most pictures, and by a stranger."""
    from django.test import Client

    from gallery import queries, shelves

    client, stranger = studio.browser_of(heavy), Client(SERVER_NAME="127.0.0.1")
    mine, rows = queries.made_by(heavy), queries.PAGE_SIZE
    before = queries.gallery(heavy, size=rows * (DEEP - 1))
    deepest = shelves.contents(collection, size=population.COLLECTED - rows)
    offset = mine.newest_first()[rows * (DEEP - 1) : rows * DEEP + 1]
    return [
        Visit("gallery, first page", client, "/gallery/"),
        Visit(
            f"gallery, page {DEEP:,}", client, f"/gallery/?cursor={before.older}",
            lambda: queries.gallery(heavy, cursor=before.older), lambda: list(offset.all()), "with OFFSET",
        ),
        Visit(
            "search of three words", client, f"/gallery/?q={WORDS.replace(' ', '+')}",
            lambda: queries.gallery(heavy, terms=terms(WORDS)), lambda: by_scan(mine), "by icontains on the recipes",
        ),
        Visit("combined filters", client, f"/gallery/?q={FILTERS.replace(' ', '+')}"),
        Visit("a collection of 10,000, first page", client, f"/collections/{collection.pk}/"),
        Visit("the same, last page", client, f"/collections/{collection.pk}/?cursor={deepest.older}"),
        Visit("showcase", stranger, "/showcase/"),
        Visit("showcase, search of three words", stranger, f"/showcase/?q={WORDS.replace(' ', '+')}"),
    ]  # fmt: skip


def terms(text: str) -> Any:
    from gallery import finding

    return finding.parsed(text)


def by_scan(images: Any) -> list[Any]:
    """What a search is without a column of its own."""
    for word in WORDS.split():
        images = images.filter(recipe__prompt__icontains=word)
    return list(images.newest_first()[:13])


def line(visit: Visit, where: str) -> Line:
    """The median of the page, what it took of processors, and of two ways to its rows, alternating."""
    opened(visit)
    before, pages = processor(), [opened(visit) for _ in range(TIMES)]
    web, database = ((after - then) / TIMES for after, then in zip(processor(), before, strict=True))
    note = f"{where}; processor {1000 * web:.0f} ms here and {1000 * database:.0f} ms in the database's own process"
    if visit.ours and visit.plain:
        pairs = [(seconds_of(visit.ours), seconds_of(visit.plain)) for _ in range(TIMES)]
        ours, plain = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
        note += f"; its query {1000 * ours:.1f} ms, {visit.plainly} {1000 * plain:.1f} ms: {plain / ours:.1f} times"
    return Line(f"Large gallery: {visit.what}", f"{1000 * median(pages):.0f} ms", AIM, note)


def processor() -> tuple[float, float]:
    """Processor seconds so far: this process, and the one in which PostgreSQL answers it."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return time.process_time(), 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return time.process_time(), cluster.processor_seconds(cursor.fetchone()[0])


def opened(visit: Visit) -> float:
    """Seconds of one request through all middlewares."""
    began = time.perf_counter()
    answer = visit.client.get(visit.address)
    seconds = time.perf_counter() - began
    is_search = "q=" in visit.address
    if answer.status_code != 200 or not (is_search or b"/thumbnail/" in answer.content):
        raise RuntimeError(f"{visit.address} answered {answer.status_code} or showed no picture")
    return seconds


def seconds_of(way: Callable[[], Any]) -> float:
    began = time.perf_counter()
    way()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
