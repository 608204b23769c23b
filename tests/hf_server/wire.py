"""HTTP/1.1 as far as the tests need it: what came, what goes, and the connection between."""

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PIECE = 256 * 1024


@dataclass(frozen=True)
class Request:
    """One request; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def json(self) -> Any:
        """The body as JSON, or None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def fields(self) -> dict[str, Any]:
        """The body's JSON object, empty where there is none."""
        return self.json if isinstance(self.json, dict) else {}

    @property
    def token(self) -> str | None:
        """What stands after Bearer; None without an Authorization header, empty for another scheme."""
        header = self.headers.get("authorization")
        if header is None:
            return None
        scheme, _, token = header.partition(" ")
        return token if scheme == "Bearer" else ""

    @property
    def origin(self) -> str:
        """This server as the client calls it."""
        return f"http://{self.headers.get('host', '127.0.0.1')}"


@dataclass(frozen=True)
class Answer:
    """One answer; it is sent `after` seconds."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0
    chunked: bool = False

    @classmethod
    def of_json(cls, status: int, payload: Any, headers: Mapping[str, str] | None = None, **more: Any) -> "Answer":
        """An answer of JSON."""
        typed = {"content-type": "application/json", **(headers or {})}
        return cls(status, json.dumps(payload).encode(), typed, **more)

    def head(self, length: int | None = None) -> bytes:
        """The status line and the headers, with a content length that may be a lie."""
        lines = [f"HTTP/1.1 {self.status} {_phrase(self.status)}"]
        size = {"transfer-encoding": "chunked"} if self.chunked else {"content-length": str(length or len(self.body))}
        headers = {"date": formatdate(usegmt=True), **self.headers, **size}
        return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode()


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"


def parse(buffer: bytearray) -> Request | None:
    """Take the first whole request out of the buffer; None while it is incomplete."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    first, *lines = buffer[:end].decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    whole = end + 4 + int(headers.get("content-length", 0))
    if len(buffer) < whole:
        return None
    body = bytes(buffer[end + 4 : whole])
    del buffer[:whole]
    method, target, _version = first.split(" ")
    address = urlsplit(target)
    query = parse_qs(address.query, keep_blank_values=True)
    return Request(method, unquote(address.path), query, headers, body)


class Connection(asyncio.Protocol):
    """One client; `serve` answers one request after the other and is cancelled when the client hangs up."""

    def __init__(self, serve: Callable[[Request, "Connection"], Awaitable[None]], everybody: set["Connection"]) -> None:
        self._serve = serve
        self._everybody = everybody
        self._buffer = bytearray()
        self._task: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        self._room.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._everybody.add(self)

    def data_received(self, chunk: bytes) -> None:
        self._buffer += chunk
        self._next()

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    def connection_lost(self, _error: Exception | None) -> None:
        self._everybody.discard(self)
        if self._task:
            self._task.cancel()

    def _next(self) -> None:
        if self._task is None and (request := parse(self._buffer)):
            self._task = asyncio.get_running_loop().create_task(self._one(request))
            self._task.add_done_callback(self._done)

    async def _one(self, request: Request) -> None:
        await self._serve(request, self)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if task.cancelled():
            return
        if error := task.exception():
            asyncio.get_running_loop().call_exception_handler({"message": "the emulator failed", "exception": error})
            self.transport.abort()
        elif not self.transport.is_closing():
            self._next()

    async def send(self, answer: Answer) -> None:
        """Send a whole answer."""
        await self.write(answer.head())
        if answer.chunked:
            pieces = b"%x\r\n%b\r\n" % (len(answer.body), answer.body) if answer.body else b""
            await self.write(pieces + b"0\r\n\r\n")
        else:
            await self.write(answer.body)

    async def write(self, some: bytes) -> None:
        """Send bytes, never with more than a little of them in memory twice."""
        for start in range(0, len(some), PIECE):
            self.transport.write(some[start : start + PIECE])
            await asyncio.sleep(0)  # a client that has hung up is heard, even where nothing ever fills up
            await self._room.wait()

    def close(self) -> None:
        """Hang up, as a server does."""
        self.transport.close()

    def reset(self) -> None:
        """Hang up with RST, as a crashed one does."""
        line: socket.socket = self.transport.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()
