"""One who listens: told first what it missed, then what happens."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING

from common.asgi import Send
from events import tail, types
from events.tail import Fact
from generator.listening import Listening

if TYPE_CHECKING:
    from generator.stream.progress import Progress

RETRY = b"retry: 3000\n\n"
HEARTBEAT = b":\n\n"
HEARTBEAT_AFTER = 15.0
MOST_WAITING = 200
"""Events that may wait for a client that reads slowly; beyond it the stream ends, and the client resumes it."""
WORDS = {name: name.partition(".")[2] for name in types.ALL} | {types.IMAGE_CREATED: "image"}


class Listener:
    """The events of one user, or of one generation of theirs, in the order of their ids and each of them once."""

    def __init__(self, wanted: Listening, progress: "Progress") -> None:
        self.user = str(wanted.user_id)
        self.reference = wanted.reference
        self.told = wanted.after
        self._progress = progress
        self._ends = False
        self._waiting: asyncio.Queue[Fact | bytes | None] = asyncio.Queue()

    def hear(self, fact: Fact) -> None:
        """Tell it once those before it are told; what was told already and what is about something else is not."""
        if fact.name == types.STARTED:
            self._progress.expect(self.user)
        if fact.name in types.FINAL:
            self._progress.forget(fact.reference)
        if self.reference in {"", fact.reference} and fact.name in WORDS:
            self._add(fact)

    def see(self, reference: str, frame: bytes) -> None:
        """Tell how far it is, unless something else waits to be told."""
        if self.reference in {"", reference} and self._waiting.empty():
            self._add(frame)

    def end(self) -> None:
        """Nothing more is told than what waits: a client that heard nothing would not know where to resume."""
        if not self._ends:
            self._ends = True
            self._waiting.put_nowait(None)

    async def talk(self, source: tail.Tail, send: Send) -> None:
        """Send it all until the end of it. A client that does not read holds up nobody but itself."""
        async with aclosing(self._frames(source)) as frames:
            async for frame in frames:
                await send({"type": "http.response.body", "body": frame, "more_body": True})

    async def _frames(self, source: tail.Tail) -> AsyncGenerator[bytes, None]:
        yield RETRY
        async for fact in self._missed(source):
            yield _frame(fact)
            if self._is_last(fact):
                return
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_AFTER):
                    item = await self._waiting.get()
            except TimeoutError:
                yield HEARTBEAT
                continue
            if item is None:
                return
            if isinstance(item, bytes):
                yield item
            elif item.id > self.told:
                self.told = item.id
                yield _frame(item)
                if self._is_last(item):
                    return

    async def _missed(self, source: tail.Tail) -> AsyncGenerator[Fact, None]:
        """What came after the last that was told, a page at a time; the tail tells what comes meanwhile."""
        while True:
            page = await source.ask(partial(tail.page, self.user, after=self.told, reference=self.reference))
            for fact in page:
                self.told = fact.id
                if fact.name in WORDS:
                    yield fact
            if len(page) < tail.PAGE:
                return

    def _is_last(self, fact: Fact) -> bool:
        return bool(self.reference) and fact.name in types.FINAL

    def _add(self, item: Fact | bytes) -> None:
        if self._waiting.qsize() >= MOST_WAITING:
            self.end()
        elif not self._ends:
            self._waiting.put_nowait(item)


def _frame(fact: Fact) -> bytes:
    return f"event: {WORDS[fact.name]}\nid: {fact.id}\ndata: {fact.body}\n\n".encode()
