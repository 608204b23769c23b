"""Python loads this at the start of a worker whose PYTHONPATH names this folder.

The worker stops, once, at the point that a prompt's end names ("a red mug, stop at stored"), writes a file into
`STALLS` and waits to be killed. Its clock is `CLOCK_OFF` seconds ahead (behind where negative).
"""

import os
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from celery.signals import worker_ready

STALLS = Path(os.environ.get("STALLS", "/nonexistent"))
CLOCK_OFF = float(os.environ.get("CLOCK_OFF", "0"))
_claimed = threading.local()


def stall_at(point: str) -> None:
    """Stop the thread here if the generation that it claimed says so."""
    told = STALLS / _claimed.prompt
    if _claimed.prompt.endswith(f" stop at {point}") and not told.exists():
        told.write_text(point)
        time.sleep(600)


class Watched:
    """A backend, with points to stop at during and after its work."""

    def __init__(self, backend: Any) -> None:
        self.routes, self.abandon = backend.routes, backend.abandon
        self.backend = backend

    def generate(self, call: Any) -> Any:
        def progress(step: int, steps: int) -> None:
            call.on_progress(step, steps)
            if step == 3:
                stall_at("during")

        def ticket(ticket: str) -> None:
            stall_at("answered")
            call.on_ticket(ticket)
            stall_at("ordered")

        picture = self.backend.generate(replace(call, on_progress=progress, on_ticket=ticket))
        stall_at("made")
        return picture


@worker_ready.connect(weak=False)
def watch(**_: object) -> None:
    from generator import backends, runner

    make_missing, get = runner.make_missing, backends.get
    store, deliver = runner.storage.store, runner.deliver

    def claimed(generation: Any, job: Any) -> Any:
        _claimed.prompt = generation.params.prompt
        stall_at("claimed")
        return make_missing(generation, job)

    def stored(*args: Any, **kwargs: Any) -> Any:
        done = store(*args, **kwargs)
        stall_at("stored")
        return done

    def delivered(*args: Any, **kwargs: Any) -> Any:
        done = deliver(*args, **kwargs)
        stall_at("delivered")
        return done

    runner.make_missing, runner.deliver = claimed, delivered
    backends.get = lambda name: Watched(get(name))
    runner.storage.store = stored


if CLOCK_OFF:
    import time_machine

    time_machine.travel(datetime.now(UTC) + timedelta(seconds=CLOCK_OFF), tick=True).start()
