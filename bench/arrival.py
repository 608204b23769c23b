"""From the provider's last byte to the committed image, and to the answer that shows it, in the studio of this
environment: a worker and a web server as processes, and an emulator as the provider.
"""

import http.client
import json
import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median
from typing import Any

from bench import cluster, studio
from bench.report import Line, tell
from tests.hf_server.client import HFProcess
from tests.real.servers import answers, free_port, until

MODEL = "stable-diffusion-3-medium"
PROVIDER_TAKES = 0.4
TIMES = 10
SIDE = 1024
COMMIT_EVERY, ASK_EVERY = 0.005, 0.02
PATIENCE = 60.0


def main() -> None:
    with ExitStack() as running:
        hf = running.enter_context(HFProcess())
        hf.settings(default_delay=PROVIDER_TAKES, fixed_picture=True)
        os.environ.update(cluster.settings(hf))
        studio.inside()
        user, secret = somebody()
        port = free_port()
        for process in (cluster.start_worker(), cluster.start_web(port)):
            running.callback(process.wait)
            running.callback(process.kill)
        until(lambda: answers(port), what="the web server answering")
        program = Program(port, secret)
        committed, shown = [], []
        for _ in range(TIMES + 1):
            committed.append(seconds(hf, user, is_committed, COMMIT_EVERY))
            shown.append(seconds(hf, user, program.shows, ASK_EVERY))
    tell_arrival(median(committed[1:]), median(shown[1:]))


def tell_arrival(committed: float, shown: float) -> None:
    store = "PostgreSQL and Redis" if os.environ.get("DATABASE_URL") else "SQLite and files, as on a laptop"
    tell(
        Line(
            f"From the provider's last byte to the committed image, {SIDE} x {SIDE}, {store}",
            f"{1000 * committed:.0f} ms",
            "",
            f"median of {TIMES}, one at a time; the database is asked every {1000 * COMMIT_EVERY:.0f} ms",
        ),
        Line(
            "... to the answer that shows it",
            f"{1000 * shown:.0f} ms",
            "under 150 ms",
            f"the API, asked {1000 * ASK_EVERY:.0f} ms after each answer; the studio's page asks every 500 ms, which "
            "adds up to that",
        ),
    )


def somebody() -> tuple[Any, str]:
    """A person whose plan allows to ask that often, and their token."""
    from accounts.models import Plan, User
    from accounts.services import tokens
    from generator.models import AIModel

    Plan.objects.filter(slug="enterprise").update(requests_per_minute=100_000)
    AIModel.objects.filter(slug=MODEL).update(providers=["hf-inference"])
    plan = Plan.objects.get(slug="enterprise")
    user = User.objects.create_user("arrival@example.org", "a fine pass phrase", plan=plan)
    return user, tokens.make(user=user, name="bench", scopes=tokens.SCOPES)[1]


def seconds(hf: HFProcess, user: Any, is_there: Callable[[Any], bool], every: float) -> float:
    """Seconds from the last byte of one picture until it is there, looked for again and again."""
    from common.database import release_connection
    from generator import services
    from generator.params import Params

    made = len(hf.seen(kind="create"))
    params = Params(prompt="a red mug", model=MODEL, width=SIDE, height=SIDE)
    generation = services.submit(user=user, params=params)
    end = time.monotonic() + PATIENCE
    while not is_there(generation.pk):
        if time.monotonic() > end:
            raise RuntimeError("the picture did not arrive")
        time.sleep(every)
    there = time.time()
    release_connection()
    [call] = hf.seen(kind="create")[made:]
    return there - call.ended_at


def is_committed(generation_id: Any) -> bool:
    from generator.models import Output

    return Output.objects.filter(generation=generation_id).exclude(image=None).exists()


class Program:
    """Asks the API over one connection."""

    def __init__(self, port: int, secret: str) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {"Authorization": f"Bearer {secret}"}

    def shows(self, generation_id: Any) -> bool:
        """Whether the answer has a picture in it."""
        self.line.request("GET", f"/api/v1/generations/{generation_id}", headers=self.headers)
        answer = self.line.getresponse()
        found = json.loads(answer.read())
        if answer.status != 200:
            raise RuntimeError(f"answered {answer.status}: {found}")
        return bool(found["images"])


if __name__ == "__main__":
    main()
