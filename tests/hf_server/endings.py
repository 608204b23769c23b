"""How an answer is sent: whole, or the way that a script wants the connection to suffer."""

import asyncio
import itertools
from dataclasses import replace

from tests.hf_server.wire import PIECE, Answer, Connection

HUGE = 400 * 1024 * 1024
FOR_EVER = 10**9


async def send(connection: Connection, answer: Answer, ending: str, seconds: float) -> str:
    """Send an answer; "answered" where it went out whole, else "broken"."""
    if ending in {"", "delay"}:
        await connection.send(answer)
        return "answered"
    await _SUFFERINGS[ending](connection, replace(answer, chunked=False), seconds)
    return "broken"


async def _reset(connection: Connection, _answer: Answer, _seconds: float) -> None:
    connection.reset()


async def _close_before(connection: Connection, _answer: Answer, _seconds: float) -> None:
    connection.close()


async def _close_inside(connection: Connection, answer: Answer, _seconds: float) -> None:
    await connection.write(answer.head(len(answer.body) + 10) + answer.body[: len(answer.body) // 2])
    connection.close()


async def _drip_headers(connection: Connection, answer: Answer, seconds: float) -> None:
    await _drip(connection, answer.head()[:-2] + b"x-drip: " + b"x" * 100_000, seconds)


async def _drip_body(connection: Connection, answer: Answer, seconds: float) -> None:
    await connection.write(answer.head(FOR_EVER))
    await _drip(connection, answer.body + bytes(100_000), seconds)


async def _drip(connection: Connection, some: bytes, seconds: float) -> None:
    for place in range(len(some)):
        await connection.write(some[place : place + 1])
        await asyncio.sleep(seconds)


async def _silence(_connection: Connection, _answer: Answer, _seconds: float) -> None:
    await asyncio.Event().wait()


async def _huge(connection: Connection, answer: Answer, _seconds: float) -> None:
    await connection.write(answer.head(len(answer.body) + HUGE) + answer.body)
    for _ in range(HUGE // PIECE):
        await connection.write(bytes(PIECE))


async def _endless(connection: Connection, answer: Answer, _seconds: float) -> None:
    await connection.write(replace(answer, chunked=True).head())
    for piece in itertools.chain([answer.body or b"x"], itertools.repeat(bytes(PIECE))):
        await connection.write(b"%x\r\n%b\r\n" % (len(piece), piece))


async def _garbage(connection: Connection, _answer: Answer, _seconds: float) -> None:
    await connection.write(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
    connection.close()


_SUFFERINGS = {
    "reset": _reset,
    "close_before_answer": _close_before,
    "close_inside_answer": _close_inside,
    "drip_headers": _drip_headers,
    "drip_body": _drip_body,
    "silence": _silence,
    "huge_body": _huge,
    "endless_body": _endless,
    "garbage": _garbage,
}
