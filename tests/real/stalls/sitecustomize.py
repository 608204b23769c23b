"""Python loads this at the start of a worker whose PYTHONPATH names this folder: it stops the worker, once, at the
point `STALL_AT`, writes `STALL_FILE` and waits to be killed."""

import os
import time
from pathlib import Path
from typing import Any

from celery.signals import worker_ready

POINT = os.environ.get("STALL_AT", "")
TOLD = Path(os.environ.get("STALL_FILE", "/nonexistent"))


def stall_at(point: str) -> None:
    if point == POINT and not TOLD.exists():
        TOLD.write_text(point)
        time.sleep(600)


class Watched:
    """A backend, with points to stop at during and after its work."""

    def __init__(self, backend: Any) -> None:
        self.backend = backend

    def generate(self, params: Any, *, on_progress: Any, **rest: Any) -> Any:
        def progress(step: int, steps: int) -> None:
            on_progress(step, steps)
            if step == 3:
                stall_at("during")

        picture = self.backend.generate(params, on_progress=progress, **rest)
        stall_at("made")
        return picture


@worker_ready.connect(weak=False)
def watch(**_: object) -> None:
    from generator import runner

    make_missing, get = runner.make_missing, runner.backends.get
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
    runner.backends.get = lambda name: Watched(get(name))
    runner.storage.store = stored
