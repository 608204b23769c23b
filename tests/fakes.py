"""Stand-ins that behave: small backends with the contract of the real one."""

import hashlib
import io
import threading

from PIL import Image

from generator.backends.base import Advice, BackendError, Call, Picture, Route

STEPS = 3


class Local:
    """Whatever is asked runs on this machine."""

    def routes(self, repo_id: str, *, mode: str, key: str) -> list[Route]:
        return [Route()]

    def abandon(self, call: Call) -> None:
        """Nothing goes on elsewhere."""


class Painter(Local):
    """Paints one colour, told by the words and the seed, in three steps."""

    def generate(self, call: Call) -> Picture:
        params = call.params
        colour = hashlib.sha256(f"{params.prompt} {params.seed}".encode()).digest()
        for step in range(1, STEPS + 1):
            call.on_progress(step, STEPS)
        file = io.BytesIO()
        Image.new("RGB", (params.width or 64, params.height or 64), tuple(colour[:3])).save(file, "PNG")
        return Picture(file.getvalue(), seed=params.seed or 0, revision="painter-1", software={"painter": "1"})


class Broken(Local):
    """Refuses every picture, in the way `failure` says."""

    failure = BackendError("backend_failed", advice=Advice.STOP)

    def generate(self, call: Call) -> Picture:
        raise self.failure


class Fickle(Painter):
    """Paints the first picture of a batch and refuses the others."""

    def generate(self, call: Call) -> Picture:
        if (call.params.seed or 0) != 7:
            raise BackendError("backend_failed", advice=Advice.STOP)
        return super().generate(call)


class Patient(Painter):
    """Stops before its first step until `go` is set; `begun` tells that it got there."""

    begun = threading.Event()
    go = threading.Event()

    def generate(self, call: Call) -> Picture:
        self.begun.set()
        assert self.go.wait(30)
        return super().generate(call)


class Buggy(Local):
    """Has a bug."""

    def generate(self, call: Call) -> Picture:
        raise ZeroDivisionError("a bug")
