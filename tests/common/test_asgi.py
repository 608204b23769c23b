"""The door of the web process, spoken to as uvicorn does."""

import asyncio
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Any

import pytest
from django.core.asgi import get_asgi_application

from accounts.models import User
from accounts.services import tokens
from common.asgi import BodyCap
from generator import catalogue
from tests.hostile import hostile

CHUNK = b"x" * 65_536
FORM = (b"content-type", b"multipart/form-data; boundary=x")


class Line:
    """A client that sends `parts`, counts the bytes that were taken before it heard anything, and keeps the answer."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self.parts = parts
        self.taken = 0
        self.said: list[dict[str, Any]] = []
        self.answered = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        part = next(self.parts, None)
        if part is None:
            await self.answered.wait()
            return {"type": "http.disconnect"}
        if not self.said:
            self.taken += len(part)
        return {"type": "http.request", "body": part, "more_body": True}

    async def send(self, message: Any) -> None:
        self.said.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self.answered.set()

    @property
    def status(self) -> int:
        return self.said[0]["status"]

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.said)


def speak(parts: list[bytes], *headers: tuple[bytes, bytes], endless: bytes = b"") -> Line:
    """Send it to the whole application; `endless` is sent again and again."""

    def all_parts() -> Iterator[bytes]:
        yield from parts
        while endless:
            yield endless

    async def talk() -> Line:
        line = Line(all_parts())
        ended = _ended(line.receive, len(parts)) if not endless else line.receive
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/api/v1/generations",
            "raw_path": b"/api/v1/generations",
            "query_string": b"",
            "headers": [(b"host", b"localhost"), *headers],
        }
        app = BodyCap(get_asgi_application(), most=30 * 2**20, linger=0.0)
        await asyncio.wait_for(app(scope, ended, line.send), timeout=60)
        return line

    return asyncio.run(talk())


def _ended(receive: Any, count: int) -> Any:
    left = [count]

    async def last() -> Any:
        message = await receive()
        left[0] -= 1
        return {**message, "more_body": left[0] > 0} if message["type"] == "http.request" else message

    return last


@pytest.fixture
def credentials(transactional_db: None, person: Any) -> tuple[bytes, bytes]:
    catalogue.sync()
    alice: User = person("alice")
    _, secret = tokens.make(user=alice, name=hostile("test", 50), scopes=tokens.SCOPES)
    return b"authorization", f"Bearer {secret}".encode()


def test_a_body_that_says_it_is_too_long_is_refused_unread(credentials: tuple[bytes, bytes]) -> None:
    line = speak([], credentials, FORM, (b"content-length", b"35000000"), endless=CHUNK)

    assert (line.status, line.taken) == (413, 0)
    assert b'"body_too_large"' in line.body


def test_a_body_without_a_length_and_without_an_end_is_cut(credentials: tuple[bytes, bytes]) -> None:
    line = speak([], credentials, FORM, (b"transfer-encoding", b"chunked"), endless=CHUNK)

    assert line.status == 413
    assert line.taken <= 30 * 2**20 + len(CHUNK)


def test_who_has_no_credentials_hears_that_first(transactional_db: None) -> None:
    line = speak([], FORM, (b"content-length", b"35000000"), endless=CHUNK)

    assert (line.status, line.taken) == (401, 0)


def test_json_beyond_its_limit_is_refused(credentials: tuple[bytes, bytes]) -> None:
    parts = [b'{"prompt": "', *[b"x" * 65_536] * 17, b'"}']
    json = (b"content-type", b"application/json")

    assert speak(parts, credentials, json).status == 413


def test_json_in_chunks_is_read(credentials: tuple[bytes, bytes]) -> None:
    line = speak(
        [b'{"prompt": ', b'"a red mug"}'],
        credentials,
        (b"content-type", b"application/json"),
        (b"transfer-encoding", b"chunked"),
    )

    assert line.status == 202, line.body


def test_a_form_in_chunks_is_read(credentials: tuple[bytes, bytes]) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\na red mug\r\n--x--\r\n'

    assert speak([part[:30], part[30:]], credentials, FORM).status == 202


class FullDisk(SpooledTemporaryFile[bytes]):
    """Holds what fits into memory."""

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > 2**20:
            raise OSError(28, "No space left on device")
        return super().write(data)

    def __del__(self) -> None:
        self.close()


def test_a_disk_that_is_full_while_a_body_arrives_is_said(
    credentials: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.core.handlers.asgi.tempfile.SpooledTemporaryFile", FullDisk)

    for length in [(b"content-length", b"20000000"), (b"transfer-encoding", b"chunked")]:
        line = speak([], credentials, FORM, length, endless=CHUNK)

        assert line.status == 507
        assert b'"upload_full"' in line.body
