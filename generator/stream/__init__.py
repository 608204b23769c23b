"""Live streams over the gate of generator/api/events.py: no thread and no database connection a listener."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

from common.asgi import App, Message, Receive, Scope, Send
from events.tail import Tail
from generator import listening
from generator.listening import Listening
from generator.stream.listeners import Listener
from generator.stream.progress import Progress

LOOK_AGAIN = 60.0
"""Seconds after which a stream's right is looked at again."""
THREADS = 4
LAST_WORDS = 1.0


class Streams:
    """Mounted around Django's application: where a view left `live` in the scope, its answer goes on as a stream."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="streams")
        self.tail = Tail(self.threads)
        self.progress = Progress(self.tail)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _Answer(scope, send)
        try:
            await self.app(scope, receive, answer)
            if answer.start:
                await self._stream(scope["live"], receive, send, answer.start)
        finally:
            if "live" in scope:
                leave = partial(listening.leave_place, scope["live"].place)
                await asyncio.get_running_loop().run_in_executor(self.threads, leave)

    async def _stream(self, wanted: Listening, receive: Receive, send: Send, start: Message) -> None:
        """Until the client goes, its right ends, or there is nothing more to tell."""
        listener = Listener(wanted, self.progress)
        self.tail.join(listener, newest=wanted.newest)
        self.progress.join(listener)
        try:
            await send(start)
            await _first_of(_gone(receive), self._keep(wanted), listener.talk(self.tail, send))
        except asyncio.CancelledError:
            pass  # the server stops: the stream ends as any other, and its client comes back
        finally:
            self.tail.leave(listener)
            self.progress.leave(listener)
        with suppress(TimeoutError):
            await asyncio.wait_for(send({"type": "http.response.body", "body": b""}), LAST_WORDS)

    async def _keep(self, wanted: Listening) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            if not await self.tail.ask(partial(listening.may_go_on, wanted)):
                return


class _Answer:
    """What Django says: passed on, or kept in `start` where it becomes a stream."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.send = send
        self.start: dict[str, Any] | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and "live" in self.scope and message["status"] == 200:
            headers = [(name, value) for name, value in message["headers"] if name.lower() != b"content-length"]
            self.start = {**message, "headers": headers}
        elif self.start is None:
            await self.send(message)


async def _first_of(*parts: Awaitable[None]) -> None:
    """Until one of them is done; raises what it raised, and cancels the others."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _gone(receive: Callable[[], Awaitable[Message]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
