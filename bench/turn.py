"""Where the processor time of one worker's turn goes."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import Any
from unittest.mock import patch

from bench.report import Line, tell
from tests.hf_server.client import HFProcess

TIMES = 15
SIDES = (256, 1024)
DATABASE, QUEUE, REST = "the database", "the queue and events", "the rest"


class Parts:
    """The processor seconds of this thread by part, each without the parts inside it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.statements = 0
        self._inside = [REST]
        self._since = time.thread_time()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """What runs inside counts as this part."""
        self._count()
        self._inside.append(name)
        try:
            yield
        finally:
            self._count()
            self._inside.pop()

    def stop(self) -> None:
        """What comes after this is not counted."""
        self._count()

    @property
    def whole(self) -> float:
        """All of it."""
        return sum(self.seconds.values())

    def statement(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Django calls it around each statement."""
        self.statements += 1
        with self.part(DATABASE):
            return execute(*arguments)

    def _count(self) -> None:
        now = time.thread_time()
        self.seconds[self._inside[-1]] += now - self._since
        self._since = now


def tell_parts(hf: HFProcess, user: Any, *, model: str) -> None:
    """Turns in this process, one after the other, over a provider that answers at once."""
    hf.reset()
    hf.settings(fixed_picture=True)
    for side in SIDES:
        turns = [once(user, model, side) for _ in range(TIMES + 1)][1:]
        whole = median(parts.whole for parts in turns)
        each = {name: 1000 * median(parts.seconds[name] for parts in turns) for name in turns[0].seconds}
        told = ", ".join(f"{name} {each[name]:.1f}" for name in sorted(each, key=lambda name: -each[name]))
        statements = round(median(parts.statements for parts in turns))
        note = f"{told}; {statements} statements; median of {TIMES}"
        tell(Line(f"Processor time of one turn, {side} x {side}", f"{1000 * whole:.0f} ms", "", note))


def once(user: Any, model: str, side: int) -> Parts:
    """The parts of one turn."""
    from generator import runner, services
    from generator.params import Params

    services.submit(user=user, params=Params(prompt="a red mug", model=model, width=side, height=side))
    with watched() as parts:
        if not runner.take_turn("provider"):
            raise RuntimeError("nothing was due")
        parts.stop()
    return parts


@contextmanager
def watched() -> Iterator[Parts]:
    """Count what is called inside."""
    from django.db import connection

    parts = Parts()
    with ExitStack() as patches, connection.execute_wrapper(parts.statement):
        for owner, names, part in called():
            for name in names:
                patches.enter_context(patch.object(owner, name, counted(parts, part, getattr(owner, name))))
        yield parts


def called() -> list[tuple[Any, tuple[str, ...], str]]:
    """Whose functions belong to which part; the database's include the making of statements and of rows."""
    from django.db import connection
    from django.db.models import Model, QuerySet

    from common import http, pictures
    from gallery import storage
    from generator import runner

    return [
        (pictures, ("decode",), "decoding"),
        (pictures, ("encode",), "the PNG with its marks"),
        (pictures, ("thumbnails",), "thumbnails"),
        (storage, ("store",), "files"),
        (http, ("fetch", "Exchange"), "HTTP"),
        (runner, ("claim", "deliver", "close"), QUEUE),
        (connection, ("connect", "_commit"), DATABASE),
        (QuerySet, ("_fetch_all", "update", "count", "exists", "filter", "exclude", "select_related"), DATABASE),
        (Model, ("save",), DATABASE),
    ]


def counted(parts: Parts, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, whose time counts as this part."""

    def inside(*arguments: Any, **options: Any) -> Any:
        with parts.part(name):
            return call(*arguments, **options)

    return inside
