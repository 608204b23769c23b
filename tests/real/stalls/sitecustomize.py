"""Python loads this at the start of a worker whose PYTHONPATH names this folder.

It stops the worker, once, at the point `STALL_AT`, writes `STALL_FILE` and waits to be killed; and it sets the worker's
clock `CLOCK_OFF` seconds ahead (behind where negative).
"""

import os
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from celery.signals import worker_ready

POINT = os.environ.get("STALL_AT", "")
TOLD = Path(os.environ.get("STALL_FILE", "/nonexistent"))
CLOCK_OFF = float(os.environ.get("CLOCK_OFF", "0"))


def stall_at(point: str) -> None:
    if point == POINT and not TOLD.exists():
        TOLD.write_text(point)
        time.sleep(600)


class Watched:
    """A backend, with points to stop at during and after its work."""

    def __init__(self, backend: Any) -> None:
        self.backend = backend

    def routes(self, *args: Any, **kwargs: Any) -> Any:
        return self.backend.routes(*args, **kwargs)

    def generate(self, call: Any) -> Any:
        def progress(step: int, steps: int) -> None:
            call.on_progress(step, steps)
            if step == 3:
                stall_at("during")

        def ticket(ticket: str) -> None:
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

    def claimed(*args: Any, **kwargs: Any) -> Any:
        stall_at("claimed")
        return make_missing(*args, **kwargs)

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
