"""Many clients on one thread: programs that wait, programs that listen, and what they cost a process."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any, Self

Answer = tuple[int, bytes]
"""The status and the body."""
Told = tuple[str, int]
"""The name of an event and its id."""
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
PATIENCE = 150.0


class Client:
    """Somebody at a web process; each request has a connection of its own."""

    def __init__(self, port: int, **headers: str) -> None:
        self.port = port
        self.headers = {"Host": f"127.0.0.1:{port}", "Connection": "close", **headers}

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Ask once. Raises `TimeoutError` after 150 s."""
        async with asyncio.timeout(PATIENCE):
            reader, writer = await self._sent(method, path, body, headers)
            try:
                return await _status(reader), await reader.read()
            finally:
                writer.close()

    async def _sent(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Line:
        content = b"" if body is None else json.dumps(body).encode()
        extra = {"Content-Type": "application/json", "Content-Length": str(len(content))} if content else {}
        lines = [f"{name}: {value}" for name, value in {**self.headers, **extra, **headers}.items()]
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write("\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode() + content)
        return reader, writer


class Program(Client):
    """A client with a token."""

    def __init__(self, port: int, token: str) -> None:
        super().__init__(port, Authorization=f"Bearer {token}")


class Listener(Program):
    """A program that listens to all of somebody's events; `heard` is what it was told with an id."""

    heard: list[Told]

    async def begin(self) -> Self:
        """The stream has begun."""
        async with asyncio.timeout(PATIENCE):
            self.reader, self.writer = await self._sent("GET", "/api/v1/events", None, {})
            assert await _status(self.reader) == 200
        self.heard = []
        return self

    async def hear(self, last: int) -> list[Told]:
        """Listen up to this event: all that was heard."""
        async with asyncio.timeout(PATIENCE):
            name = ""
            while not self.heard or self.heard[-1][1] < last:
                line = await self.reader.readuntil(b"\n")
                if line.startswith(b"event: "):
                    name = line[7:].strip().decode()
                elif line.startswith(b"id: "):
                    self.heard.append((name, int(line[4:])))
        return self.heard

    def leave(self) -> None:
        """Go without a word."""
        self.writer.close()


async def _status(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    return int(head.split()[1])


def threads(process: int) -> int:
    """How many of the system's threads it has."""
    return len(os.listdir(f"/proc/{process}/task"))


def descriptors(process: int) -> int:
    """How many files and sockets it has open."""
    return len(os.listdir(f"/proc/{process}/fd"))


def open_databases(process: int) -> int:
    """How often it has the laptop's database open: by its log, since SQLite closes the file itself late."""
    found = 0
    for each in Path(f"/proc/{process}/fd").iterdir():
        try:
            found += os.readlink(each).endswith("studio.sqlite3-wal")
        except FileNotFoundError:
            continue
    return found
