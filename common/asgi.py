"""The door of the web process: a body larger than anything we take is never kept."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class BodyCap:
    """Ends a body of more than `most` bytes at once and leaves its length in Content-Length, so that Django refuses it
    in the reader's language, after the credentials, without its bytes. A chunked body gets its length too."""

    def __init__(self, app: App, *, most: int) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            receive = _Body(scope, receive, self.most)
        await self.app(scope, receive, send)


class _Body:
    """What Django receives: the body up to `most` bytes."""

    def __init__(self, scope: Scope, receive: Receive, most: int) -> None:
        self.scope = scope
        self.receive = receive
        self.most = most
        self.declared = _declared(scope)
        self.received = 0
        self.cut = False

    async def __call__(self) -> Message:
        if self.cut:
            await asyncio.Event().wait()
        if (self.declared or 0) > self.most:
            return self._ended()
        message = await self.receive()
        if message["type"] != "http.request":
            return message
        self.received += len(message.get("body", b""))
        if self.received > self.most:
            self._tell_length()
            return self._ended()
        if not message.get("more_body", False):
            self._tell_length()
        return message

    def _ended(self) -> Message:
        self.cut = True
        return {"type": "http.request", "body": b"", "more_body": False}

    def _tell_length(self) -> None:
        if self.declared is None and self.received:
            self.scope["headers"] = [
                *self.scope["headers"],
                (b"content-length", str(self.received).encode()),
            ]


def _declared(scope: Scope) -> int | None:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else None
    return None
