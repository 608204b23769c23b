"""The door of the web process: a body larger than anything we take is never kept."""

import asyncio
import errno
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
FULL = {errno.ENOSPC, errno.EDQUOT}
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class BodyCap:
    """Ends a body of more than `most` bytes at once and leaves its length in Content-Length, so that Django refuses it
    in the reader's language, after the credentials, without its bytes. A chunked body gets its length too.

    Where the disk that Django keeps a body on is full, the scope says `disk_full` and the body is ended likewise.
    """

    def __init__(self, app: App, *, most: int) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = _Body(scope, receive, self.most)
        try:
            await self.app(scope, body, send)
        except OSError as error:
            if body.is_complete or error.errno not in FULL:
                raise
            scope["disk_full"] = body.is_unwanted = True
            await self.app(scope, body, send)


class _Body:
    """What Django receives: the body up to `most` bytes, then nothing until the client is gone."""

    def __init__(self, scope: Scope, receive: Receive, most: int) -> None:
        self.scope = scope
        self.receive = receive
        self.most = most
        self.declared = _declared(scope)
        self.received = 0
        self.is_unwanted = (self.declared or 0) > most
        self.is_complete = False

    async def __call__(self) -> Message:
        if self.is_unwanted and self.is_complete:
            await asyncio.Event().wait()
        if self.is_unwanted:
            return self._ended()
        message = await self.receive()
        if message["type"] != "http.request":
            return message
        self.received += len(message.get("body", b""))
        if self.received > self.most:
            self.is_unwanted = True
            return self._ended()
        if not message.get("more_body", False):
            self._complete()
        return message

    def _ended(self) -> Message:
        self._complete()
        return {"type": "http.request", "body": b"", "more_body": False}

    def _complete(self) -> None:
        self.is_complete = True
        if self.declared is None and self.received:
            length = str(self.received).encode()
            self.scope["headers"] = [*self.scope["headers"], (b"content-length", length)]


def _declared(scope: Scope) -> int | None:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else None
    return None
