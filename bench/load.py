"""Many clients at once over HTTP, each with a connection of its own that is kept."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import quantiles

Made = tuple[int, bytes]


class Client:
    """One connection of a program with a token."""

    def __init__(self, port: int, secret: str) -> None:
        self.port = port
        self.head = f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {secret}\r\n"

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    def close(self) -> None:
        self.writer.close()

    async def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Made:
        """The status and the body. Raises `OSError` where the connection ends."""
        self.send(method, path, body, **headers)
        return await self.answer()

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> None:
        """The request only."""
        more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        self.writer.write(f"{method} {path} HTTP/1.1\r\n{self.head}{length}{more}\r\n".encode() + body)

    async def answer(self) -> Made:
        """The answer of a request that was sent, which names its length."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next(int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length:"))
        return int(head.split()[1]), await self.reader.readexactly(length)


async def opened(many: int, port: int, secret: str) -> list[Client]:
    """So many connections."""
    clients = [Client(port, secret) for _ in range(many)]
    await asyncio.gather(*(client.open() for client in clients))
    return clients


async def as_fast_as_it_goes(
    clients: list[Client], ask: Callable[[Client], Awaitable[None]], *, seconds: float
) -> float:
    """Requests a second when each client asks again as soon as it was answered."""
    count, end = 0, time.monotonic() + seconds

    async def again_and_again(client: Client) -> None:
        nonlocal count
        while time.monotonic() < end:
            await ask(client)
            count += 1

    began = time.monotonic()
    await asyncio.gather(*(again_and_again(client) for client in clients))
    return count / (time.monotonic() - began)


async def at_a_rate(
    clients: list[Client], ask: Callable[[Client], Awaitable[None]], *, rate: float, seconds: float
) -> list[float]:
    """Seconds of each request when so many a second are due, whether the one before was answered or not.

    A request that finds no client free waits for one, and its wait counts.
    """
    free: asyncio.Queue[Client] = asyncio.Queue()
    for client in clients:
        free.put_nowait(client)
    taken: list[float] = []

    async def one(due: float) -> None:
        client = await free.get()
        await ask(client)
        taken.append(time.monotonic() - due)
        free.put_nowait(client)

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            group.create_task(one(due))
    return taken


def p95(values: list[float]) -> float:
    """What 95 of 100 stay under."""
    return quantiles(values, n=20)[-1]
