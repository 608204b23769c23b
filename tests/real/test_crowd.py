"""Two hundred who wait and three hundred who listen, on one machine, while others work."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable

import pytest

from tests.hf_server import Control
from tests.hostile import MUG
from tests.real import crowd
from tests.real.books import assert_books_balance, assert_server_paid
from tests.real.servers import until
from tests.real.studio import Studio

pytestmark = pytest.mark.real

PEOPLE, STREAMS, WAITING, PICTURES = 30, 10, 200, 60
"""Each person has so many streams; so many of those who wait get a picture, the others change their minds."""
WISH = {"prompt": MUG, "model": "stable-diffusion-3-medium", "width": 64, "height": 64}
FEW = 8
"""Threads and descriptors that may come and go by themselves."""
POOL = 20
"""Connections to PostgreSQL that a process keeps; to Redis it keeps as many as asked at once."""
SESSION = "from tests.e2e import arrivals; print(arrivals.arrive()['session'])"
PAGES = ("/", "/gallery/", "/account/", "/api/docs/")
TOLD = """
SELECT email, name, id FROM events_event JOIN
(SELECT id AS person, email FROM accounts_user WHERE email LIKE 'one-of-many-%') AS people ON user_id = person
ORDER BY id
"""
WAITING_ROWS = "SELECT count(*) FROM generator_generation WHERE finished_at IS NULL"


@pytest.fixture(params=["laptop", "two_webs"])
def studio(request: pytest.FixtureRequest) -> Studio:
    return request.getfixturevalue(request.param)


class Crowd:
    """People with tokens, spread over the web processes, and a visitor with a browser."""

    def __init__(self, studio: Studio) -> None:
        self.ports = list(studio.webs)
        self.emails = [f"one-of-many-{number}@example.org" for number in range(PEOPLE)]
        self.tokens = studio.tokens(*self.emails)
        self.session = studio.manage("shell", "-v0", "-c", SESSION)
        self.listeners: list[crowd.Listener] = []

    def at(self, number: int) -> tuple[int, str]:
        """The port and the token of the one with this number: each person uses all web processes."""
        return self.ports[number // PEOPLE % len(self.ports)], self.tokens[number % PEOPLE]

    async def listen(self, *, times: int) -> None:
        """So many more streams of each person."""
        begun = len(self.listeners)
        new = [crowd.Listener(*self.at(number)) for number in range(begun, begun + times * PEOPLE)]
        self.listeners += await asyncio.gather(*(each.begin() for each in new))

    def wait(self) -> list["asyncio.Task[crowd.Answer]"]:
        """Everybody asks for pictures and waits for them."""
        programs = [crowd.Program(*self.at(number)) for number in range(WAITING)]
        asked = (each.ask("POST", "/api/v1/generations", WISH, Prefer="wait=60") for each in programs)
        return [asyncio.create_task(each) for each in asked]

    async def work(self) -> set[int]:
        """What others do meanwhile at every web process, on pages and by the API: the statuses they got."""
        visitors = [crowd.Client(port, Cookie=f"sessionid={self.session}") for port in self.ports]
        looks = [visitor.ask("GET", page) for visitor in visitors for page in PAGES]
        programs = [crowd.Program(*self.at(number * PEOPLE + number)) for number in range(8)]
        calls = [program.ask("GET", f"/api/v1/{what}") for program in programs for what in ("account", "images")]
        return {status for status, _ in await asyncio.gather(*looks, *calls)}

    async def change_their_minds(self) -> set[int]:
        """Each person keeps two wishes and cancels the others: the statuses they got."""
        keep = PICTURES // PEOPLE
        return set().union(*await asyncio.gather(*(self._cancel(number, keep=keep) for number in range(PEOPLE))))

    async def wish_for_the_last_time(self) -> None:
        """Each person asks for one more and cancels it, so that whoever heard that has heard all."""
        programs = [crowd.Program(*self.at(number)) for number in range(PEOPLE)]
        await asyncio.gather(*(each.ask("POST", "/api/v1/generations", WISH) for each in programs))
        await asyncio.gather(*(self._cancel(number, keep=0) for number in range(PEOPLE)))

    async def hear_all(self, told: dict[str, list[crowd.Told]]) -> list[list[crowd.Told]]:
        """What each listener has heard up to the last of these events of theirs."""
        last = [told[self.emails[number % PEOPLE]][-1][1] for number in range(len(self.listeners))]
        return await asyncio.gather(*(each.hear(end) for each, end in zip(self.listeners, last, strict=True)))

    async def _cancel(self, number: int, *, keep: int) -> set[int]:
        program = crowd.Program(*self.at(number))
        _, content = await program.ask("GET", "/api/v1/generations?status=queued&limit=100")
        ids = [each["id"] for each in json.loads(content)["results"]]
        programs = [(crowd.Program(*self.at(number)), each) for each in ids[keep:]]
        cancels = [each.ask("POST", f"/api/v1/generations/{key}/cancel") for each, key in programs]
        return {status for status, _ in await asyncio.gather(*cancels)}


def told(studio: Studio) -> dict[str, list[crowd.Told]]:
    """Each person's events as a stream names them, in the order of their ids."""
    found: dict[str, list[crowd.Told]] = {}
    for email, name, key in studio.rows(TOLD):
        found.setdefault(email, []).append((name.partition(".")[2].replace("created", "image"), key))
    return found


def counted(studio: Studio, count: Callable[[int], int]) -> list[int]:
    """The count in each web process."""
    return [count(web.pid) for web in studio.webs.values()]


def settles(studio: Studio, count: Callable[[int], int], most: list[int]) -> None:
    """Raises `TimeoutError` where a web process keeps more than this."""
    until(
        lambda: all(now <= bound for now, bound in zip(counted(studio, count), most, strict=True)),
        what=f"{count.__name__} of each web process being at most {most}",
    )


def connections(studio: Studio) -> int:
    """To the database, of all processes."""
    if studio.database_url:
        return int(studio.rows("SELECT count(*) FROM pg_stat_activity WHERE datname = 'studio'")[0][0])
    return sum(counted(studio, crowd.open_databases))


async def till_all_left(studio: Studio) -> None:
    people = Crowd(studio)
    try:
        await live(studio, people)
    finally:
        for each in people.listeners:
            each.leave()
        await asyncio.sleep(0)


async def live(studio: Studio, people: Crowd) -> None:
    """The story; what it leaves behind is looked at afterwards."""
    await people.listen(times=1)
    assert await people.work() == {200}
    threads = counted(studio, crowd.threads)

    await people.listen(times=STREAMS - 1)
    settles(studio, crowd.threads, [few + FEW for few in threads])
    waiting = people.wait()
    await asyncio.to_thread(until, lambda: studio.rows(WAITING_ROWS) == [(WAITING,)], what="everybody waiting")
    assert await people.work() == {200}
    assert connections(studio) <= POOL * len(studio.webs) + FEW
    assert await people.change_their_minds() == {200}
    await asyncio.to_thread(studio.start_worker)

    ended = await asyncio.gather(*waiting)
    assert await people.work() == {200}
    assert Counter((status, json.loads(body)["status"]) for status, body in ended) == {
        (201, "succeeded"): PICTURES,
        (201, "cancelled"): WAITING - PICTURES,
    }
    await asyncio.to_thread(studio.kill_worker)
    await people.wish_for_the_last_time()
    all_told = told(studio)
    heard = await people.hear_all(all_told)
    assert heard == [all_told[people.emails[number % PEOPLE]] for number in range(PEOPLE * STREAMS)]


def test_everybody_is_served_told_and_forgotten(studio: Studio, hf: Control) -> None:
    hf.settings(default_delay=0.1)
    kept = POOL + WAITING // len(studio.webs) if studio.database_url else 0
    threads, descriptors = counted(studio, crowd.threads), counted(studio, crowd.descriptors)

    asyncio.run(till_all_left(studio))

    settles(studio, crowd.threads, [each + 2 * FEW for each in threads])
    settles(studio, crowd.descriptors, [each + 2 * FEW + kept for each in descriptors])
    assert_server_paid(studio, hf)
    assert_books_balance(studio)
