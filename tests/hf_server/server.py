"""The server itself: one origin that is Hub, router and picture host."""

import asyncio
import socket
from dataclasses import replace

from tests.hf_server import control, endings, routes
from tests.hf_server.scripts import plain
from tests.hf_server.wire import Answer, Connection, Request
from tests.hf_server.world import Exchange, World

UNWORKED = {"reset", "garbage"}
"""After these the provider has done nothing."""


class Emulator:
    """Answers whatever comes to a listening socket, until it is told to stop."""

    def __init__(self) -> None:
        self.world = World()
        self._connections: set[Connection] = set()

    async def serve(self, line: socket.socket, stop: asyncio.Event) -> None:
        """Serve until `stop` is set; then everybody is cut off."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Connection(self._one, self._connections), sock=line, backlog=2048)
        await stop.wait()
        server.close()
        for connection in list(self._connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # lets the transports close

    async def _one(self, request: Request, connection: Connection) -> None:
        if request.path.startswith("/_control/"):
            await connection.send(await control.answer(self.world, request))
            return
        exchange, handler = routes.exchange_of(self.world, request)
        record, ended = self.world.record, "failed"
        try:
            ended = await _served(exchange, handler, connection)
        except asyncio.CancelledError:
            ended = "abandoned"
            raise
        finally:
            record.end(exchange.call, ended)
            if ended == "failed":
                record.fault(f"the emulator could not answer {request.method} {request.path}")


async def _served(exchange: Exchange, handler: routes.Handler, connection: Connection) -> str:
    script = exchange.script = exchange.world.scripts.next_for(exchange.call)
    answer = _answer(exchange, handler)
    exchange.call.status = answer.status
    ending, seconds = (script.row.ending, script.seconds) if script else ("", 0.0)
    record = exchange.world.record
    works = exchange.call.kind == "create" and not exchange.is_job
    if works:
        record.enter()
    try:
        await asyncio.sleep(answer.after + (seconds if ending == "delay" else 0))
        return await endings.send(connection, answer, ending, seconds)
    finally:
        if works:
            record.leave()


def _answer(exchange: Exchange, handler: routes.Handler) -> Answer:
    """The handler's answer, or that of a row which needs none; all but pictures carry a request id."""
    answer = _scripted(exchange) or handler(exchange)
    if exchange.call.kind == "picture":
        return answer
    request_id = f"Root=1-{exchange.call.number:08x}-0123456789abcdef01234567;emulator"
    return replace(answer, headers={"x-request-id": request_id, **answer.headers})


def _scripted(exchange: Exchange) -> Answer | None:
    if exchange.script is None:
        return None
    row = exchange.script.row
    exchange.call.row = row.name
    if row.ending in UNWORKED:
        return Answer(0)
    if not row.is_plain:
        return None
    if row.billed and exchange.call.kind == "create":
        exchange.world.record.bill(exchange.call)
    return plain(row)
