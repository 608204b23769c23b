"""A backend that remembers when it did what."""

import time
from dataclasses import replace
from typing import Any


class Timed:
    """The built-in backend, with the time of its last step and of its answer written down."""

    last_step = answered = 0.0

    def routes(self, repo_id: str, **asked: Any) -> Any:
        from generator.backends.base import Route

        return [Route()]

    def abandon(self, call: Any) -> None:
        """Nothing goes on elsewhere."""

    def generate(self, call: Any) -> Any:
        from generator.backends.builtin.backend import Builtin

        def note(step: int, steps: int) -> None:
            Timed.last_step = time.perf_counter()
            call.on_progress(step, steps)

        picture = Builtin().generate(replace(call, on_progress=note))
        Timed.answered = time.perf_counter()
        return picture
