"""The studio's ASGI application served by uvicorn in a thread of the test, and clients of its live streams."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
import uvicorn
from django.core.asgi import get_asgi_application
from django.db import transaction

from accounts.models import User
from common.asgi import BodyCap
from events.services import emit
from generator.models import Generation
from generator.stream import Streams
from tests.real.servers import until

MULTIPART = 30 * 2**20


@dataclass(frozen=True)
class Heard:
    """One event of a stream, or a comment (`name` ""); `id` is None where it came without."""

    name: str
    id: int | None
    body: dict[str, Any]


class Stream:
    """A client that reads an answer as events."""

    def __init__(self, answer: requests.Response) -> None:
        self.answer = answer
        self.lines = iter(answer.raw._fp.readline, b"")  # requests would read on byte by byte

    @property
    def status(self) -> int:
        return self.answer.status_code

    def __iter__(self) -> Iterator[Heard]:
        """What comes, until the server ends it."""
        fields: dict[str, str] = {}
        for raw in self.lines:
            if line := raw.decode().rstrip("\n"):
                name, _, value = line.partition(":")
                fields[name] = value.removeprefix(" ")
                continue
            if fields and "retry" not in fields:
                key = int(fields["id"]) if "id" in fields else None
                yield Heard(fields.get("event", ""), key, json.loads(fields.get("data", "{}")))
            fields = {}

    def take(self, count: int) -> list[Heard]:
        """The next so many events, comments and progress left out."""
        found: list[Heard] = []
        for heard in self:
            found += [heard] if heard.id else []
            if len(found) == count:
                break
        return found

    def close(self) -> None:
        self.answer.close()


class Studio:
    """One web process's worth of it."""

    def __init__(self) -> None:
        self.app = Streams(BodyCap(get_asgi_application(), most=MULTIPART))
        options: dict[str, Any] = {"lifespan": "off", "log_config": None, "timeout_graceful_shutdown": 0}
        self.server = uvicorn.Server(uvicorn.Config(self.app, port=0, **options))
        self.line = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.line.getsockname()[1]}"
        self.opened: list[Stream] = []
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.line]})

    def listen(self, secret: str = "", at: str = "events", **options: Any) -> Stream:
        """Ask for a stream; `last` is the last event that is known."""
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        headers |= options.pop("headers", {})
        if "last" in options:
            headers["Last-Event-ID"] = str(options.pop("last"))
        answer = requests.get(
            f"{self.address}/api/v1/{at}", headers=headers, stream=True, timeout=options.pop("timeout", 20), **options
        )
        self.opened.append(Stream(answer))
        return self.opened[-1]


@contextmanager
def serving() -> Iterator[Studio]:
    """It answers inside."""
    studio = Studio()
    studio.thread.start()
    until(lambda: studio.server.started, what="uvicorn")
    try:
        yield studio
    finally:
        for stream in studio.opened:
            stream.close()
        studio.server.should_exit = True
        studio.thread.join(20)
        studio.line.close()
        studio.app.threads.shutdown()


def tell(user: User, name: str = "generation.queued", reference: str = "one", **content: Any) -> int:
    """Write an event as a service does; its id."""
    with transaction.atomic():
        return emit(name, user=user, reference=reference, data=content).pk


def end(generation: Generation, status: str = "cancelled") -> None:
    """Make it a finished one behind everybody's back, so that a test decides about its events."""
    Generation.objects.filter(pk=generation.pk).update(status=status, finished_at=generation.created_at)
