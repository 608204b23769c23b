"""Stand-ins that behave: small backends with the contract of the real one."""

import hashlib
import io
import threading

from PIL import Image

from generator.backends.base import Advice, BackendError, Picture, Progress
from generator.params import Params

STEPS = 3


class Painter:
    """Paints one colour, told by the words and the seed, in three steps."""

    def generate(self, params: Params, *, remote_id: str, source: bytes | None, on_progress: Progress) -> Picture:
        colour = hashlib.sha256(f"{params.prompt} {params.seed}".encode()).digest()
        for step in range(1, STEPS + 1):
            on_progress(step, STEPS)
        file = io.BytesIO()
        Image.new("RGB", (params.width or 64, params.height or 64), tuple(colour[:3])).save(file, "PNG")
        return Picture(file.getvalue(), seed=params.seed or 0, revision="painter-1", software={"painter": "1"})


class Broken:
    """Refuses every picture, in the way `failure` says."""

    failure = BackendError("backend_failed", advice=Advice.STOP)

    def generate(self, params: Params, *, remote_id: str, source: bytes | None, on_progress: Progress) -> Picture:
        raise self.failure


class Fickle(Painter):
    """Paints the first picture of a batch and refuses the others."""

    def generate(self, params: Params, *, remote_id: str, source: bytes | None, on_progress: Progress) -> Picture:
        if (params.seed or 0) != 7:
            raise BackendError("backend_failed", advice=Advice.STOP)
        return super().generate(params, remote_id=remote_id, source=source, on_progress=on_progress)


class Patient(Painter):
    """Stops before its first step until `go` is set; `begun` tells that it got there."""

    begun = threading.Event()
    go = threading.Event()

    def generate(self, params: Params, *, remote_id: str, source: bytes | None, on_progress: Progress) -> Picture:
        self.begun.set()
        assert self.go.wait(30)
        return super().generate(params, remote_id=remote_id, source=source, on_progress=on_progress)


class Buggy:
    """Has a bug."""

    def generate(self, params: Params, *, remote_id: str, source: bytes | None, on_progress: Progress) -> Picture:
        raise ZeroDivisionError("a bug")
