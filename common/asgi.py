"""The door of the web process: what cannot be taken, comes too slowly or is too large is not kept."""

import asyncio
import errno
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from common import heads

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
FULL = {errno.ENOSPC, errno.EDQUOT}
App = Callable[[Scope, Receive, Send], Awaitable[None]]
WITHIN = 60.0
STALL = 15.0
LINGER = 2.0
"""Seconds: for a body however small, between two pieces of it, and for a client to read why its body was not taken."""
SLOWEST = 16 * 1024
"""Bytes a second that a body may come on slowly at: what has arrived gives the rest that much more time."""
LAST = {"type": "http.response.body", "body": b"", "more_body": False}


class BodyCap:
    """Ends a body of more than `most` bytes at once and leaves its length in Content-Length, so that Django refuses it
    in the reader's language, after the credentials, without its bytes. A chunked body gets its length too.

    A head that `heads.fault` refuses, and a body that is too slow, is named in the scope as `fault` for the middleware.
    Where the disk that Django keeps a body on is full, the scope says `disk_full` and the body is ended likewise.
    A connection whose body was not read to its end is closed, once its client had time to read the answer. Headers
    behind a chunked body are not believed: Django gets those that came first.
    """

    def __init__(
        self, app: App, *, most: int, within: float = WITHIN, stall: float = STALL, linger: float = LINGER
    ) -> None:
        self.app = app
        self.most = most
        self.within = within
        self.stall = stall
        self.linger = linger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["headers"] = list(scope["headers"])  # the server appends to its own what stands behind a chunked body
        scope["fault"] = heads.fault(scope)
        body = _Body(scope, receive, self)
        answer = _Answer(body, send)
        await self._answer(scope, body, answer)
        if answer.is_held:
            await body.drain(self.linger)
            await send(LAST)

    async def _answer(self, scope: Scope, body: "_Body", answer: "_Answer") -> None:
        try:
            await self.app(scope, body, answer)
        except OSError as error:
            if body.is_complete or error.errno not in FULL:
                raise
            scope["disk_full"] = body.is_unwanted = True
            await self.app(scope, body, answer)


class _Body:
    """What Django receives: the body up to `most` bytes, then nothing until the client is gone."""

    def __init__(self, scope: Scope, receive: Receive, cap: BodyCap) -> None:
        self.scope = scope
        self.receive = receive
        self.cap = cap
        self.until = asyncio.get_running_loop().time() + cap.within  # and longer, as pieces arrive
        self.declared = _declared(scope)
        self.received = 0
        self.is_unwanted = bool(scope["fault"]) or (self.declared or 0) > cap.most
        self.is_complete = False
        self.has_arrived = not self.declared and not _is_chunked(scope)

    async def __call__(self) -> Message:
        if self.is_complete:
            return await self._after()
        if self.is_unwanted:
            return self._ended()
        try:
            async with asyncio.timeout(min(self.cap.stall, self.until - asyncio.get_running_loop().time())):
                message = await self.receive()
        except TimeoutError:
            self.scope["fault"], self.is_unwanted = "body_too_slow", True
            return self._ended()
        if message["type"] != "http.request":
            return message
        size = len(message.get("body", b""))
        self.received += size
        self.until += size / SLOWEST
        if self.received > self.cap.most:
            self.is_unwanted = True
            return self._ended()
        if not message.get("more_body", False):
            self.has_arrived = True
            self._complete()
        return message

    async def drain(self, seconds: float) -> None:
        """Throw away what still comes: a connection that is closed on unread bytes takes the answer with it."""
        clock = asyncio.get_running_loop().time
        until = clock() + seconds
        try:
            async with asyncio.timeout_at(until):
                while clock() < until:
                    message = await self.receive()
                    if message["type"] != "http.request" or not message.get("more_body", False):
                        return
        except TimeoutError:
            return

    async def _after(self) -> Message:
        """A client of whom nothing is wanted any more is not asked."""
        if self.is_unwanted:
            await asyncio.Event().wait()
        return await self.receive()

    def _ended(self) -> Message:
        self._complete()
        return {"type": "http.request", "body": b"", "more_body": False}

    def _complete(self) -> None:
        self.is_complete = True
        if self.declared is None and self.received:
            length = str(self.received).encode()
            self.scope["headers"] = [*self.scope["headers"], (b"content-length", length)]


class _Answer:
    """What Django sends. Where the body has not arrived whole, the connection is to close and its end is held back."""

    def __init__(self, body: _Body, send: Send) -> None:
        self.body = body
        self.send = send
        self.closes = False
        self.is_held = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and not self.body.has_arrived:
            self.closes = True
            message = {**message, "headers": [*message.get("headers", []), (b"connection", b"close")]}
        elif self.closes and not message.get("more_body", False):
            self.is_held = True
            message = {**message, "more_body": True}
        await self.send(message)


def _declared(scope: Scope) -> int | None:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else None
    return None


def _is_chunked(scope: Scope) -> bool:
    return any(name == b"transfer-encoding" for name, _ in scope["headers"])
