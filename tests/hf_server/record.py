"""What was asked: every call, what a provider would have billed, and what a client must never do."""

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

LONGEST = 200


@dataclass
class Call:
    """One request as the tests look at it; `ended` is open, answered, abandoned by the client or broken by a script."""

    number: int
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    token: str
    body: Any
    size: int
    kind: str
    provider: str
    model: str
    prompt: str = ""
    seed: int | None = None
    row: str = ""
    status: int = 0
    ended: str = "open"
    began_at: float = 0
    ended_at: float = 0


@dataclass
class Created:
    """One picture that the provider made, and bills, whether or not somebody came for it."""

    provider: str
    model: str
    prompt: str
    seed: int | None
    token: str
    row: str


@dataclass
class Record:
    """All of it since the last reset."""

    calls: list[Call] = field(default_factory=list)
    created: list[Created] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    in_flight: int = 0
    max_in_flight: int = 0
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self, **what: Any) -> Call:
        """Note a request that has just come."""
        call = Call(number=next(self._numbers), began_at=time.time(), **what)
        self.calls.append(call)
        self.moved()
        return call

    def end(self, call: Call, ended: str) -> None:
        """Note how it went; the first word counts."""
        if call.ended == "open":
            call.ended, call.ended_at = ended, time.time()
            self.moved()

    def bill(self, call: Call) -> None:
        """Note a picture that was made for a call."""
        self.created.append(Created(call.provider, call.model, call.prompt, call.seed, call.token, call.row))

    def enter(self) -> None:
        """One more piece of work on the provider's side."""
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)

    def leave(self) -> None:
        """One less."""
        self.in_flight -= 1

    def fault(self, what: str) -> None:
        """Note something that a client must never do."""
        self.faults.append(what)

    def moved(self) -> None:
        """Wake everybody who waits for a call."""
        self._moved.set()
        self._moved = asyncio.Event()

    async def until(self, is_so: Callable[[], bool], seconds: float) -> bool:
        """Whether it was so within the seconds."""
        try:
            async with asyncio.timeout(seconds):
                while not is_so():
                    await self._moved.wait()
        except TimeoutError:
            return False
        return True

    def counts(self) -> dict[str, Any]:
        """The figures, without the calls."""
        return {
            "created": [asdict(one) for one in self.created],
            "cancelled": self.cancelled,
            "faults": self.faults,
            "in_flight": self.in_flight,
            "max_in_flight": self.max_in_flight,
        }


def shortened(value: Any) -> Any:
    """JSON without its pictures: a long string keeps its beginning and says its length."""
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[:60]}... ({len(value)} characters)"
    if isinstance(value, dict):
        return {key: shortened(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shortened(item) for item in value]
    return value
