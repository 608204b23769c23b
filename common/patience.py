"""How long the web server waits for the head of a request, how long that may be, how long an answer waits to be read
(uvicorn itself waits for ever), and what is said where a request cannot be read at all."""

from asyncio import Transport
from asyncio.events import TimerHandle
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest
from django.utils import translation
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from common import errors, heads
from common.middleware import problem

HEAD_SECONDS = 20.0
UNREAD_SECONDS = 30.0
"""A connection of which not a byte was taken for so long is cut; it may last twice as long until that is noticed."""
HEAD_MOST = 128 * 1024
LINGER = 2.0
"""Seconds for a client to read why it was refused, while what it still sends is thrown away."""


class Patient(HttpToolsProtocol):
    """Closes a connection on which a head takes too long (408), grows too long (431) or cannot be read (400), or on
    which answers are not read, and offers no upgrade."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.head_timer: TimerHandle | None = None
        self.head_size = 0
        self.head_is_read = False
        self.url = b""
        self.headers = []
        self.is_broken = False
        self.owes_refusal = False
        self.unread = 0
        self.unread_timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head(0)
        self._look_again()

    def data_received(self, data: bytes) -> None:
        """Where one request cannot be read, nothing behind it can."""
        if self.is_broken:
            return
        super().data_received(data)
        if not self.is_broken and (self.cycle is None or self.cycle.response_complete):
            self._expect_head(len(data))

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read, once the answers that are owed before it are given."""
        self.is_broken = True
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            self._refuse(self._unreadable())
        elif not cycle.more_body:
            self.owes_refusal = True
        elif cycle.response_started or heads.fault(cycle.scope):  # an answer that wants no body
            cycle.more_body = False
            cycle.message_event.set()
        elif self.pipeline:
            self.pipeline.popleft()
            self.owes_refusal = True
        else:
            cycle.disconnected = True
            cycle.message_event.set()
            self._refuse(self._unreadable())

    def on_response_complete(self) -> None:
        was_last = not self.pipeline
        super().on_response_complete()
        if was_last and self.owes_refusal:
            self._refuse(self._unreadable())

    def on_message_begin(self) -> None:
        self.head_is_read = False
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """What stands behind a chunked body is no header: a proxy in front may have let it pass unread."""
        if not self.head_is_read:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self.head_is_read = True
        self._forget_head()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_head()
        if self.unread_timer is not None:
            self.unread_timer.cancel()
        super().connection_lost(exc)

    def _look_again(self) -> None:
        self.unread_timer = self.loop.call_later(UNREAD_SECONDS, self._cut_the_deaf)

    def _cut_the_deaf(self) -> None:
        """Closing would wait for them."""
        before, self.unread = self.unread, self.transport.get_write_buffer_size()
        if self.unread and self.unread == before:
            self.transport.abort()
        else:
            self._look_again()

    def _expect_head(self, size: int) -> None:
        self.head_size += size
        if self.transport.is_closing():
            return
        if self.head_size > HEAD_MOST:
            self._refuse(errors.AddressTooLong() if self._is_address_too_long() else errors.HeadTooLarge())
        elif self.head_timer is None:
            self.head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up_head)

    def _forget_head(self) -> None:
        if self.head_timer is not None:
            self.head_timer.cancel()
        self.head_timer, self.head_size = None, 0

    def _give_up_head(self) -> None:
        if self.head_size:
            self._refuse(errors.BodyTooSlow())
        else:
            self.transport.close()

    def _unreadable(self) -> errors.DomainError:
        return errors.AddressTooLong() if self._is_address_too_long() else errors.Malformed()

    def _is_address_too_long(self) -> bool:
        return len(self.url) > heads.ADDRESS_MOST

    def _refuse(self, error: errors.DomainError) -> None:
        """Answer with a problem document and read no more; closed on unread bytes, a connection takes the answer with
        it."""
        self.is_broken = True
        self._forget_head()
        if self.transport.is_closing():
            return
        self.transport.write(_answer(error, language=_language(self.headers)))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER, self.transport.close)

    def _unsupported_upgrade_warning(self) -> None:
        """An upgrade that is not offered is ignored, as RFC 9110 has it; not a line in the log for each."""


def _language(headers: list[tuple[bytes, bytes]]) -> str:
    """The reader's, as far as the head was read."""
    asked = HttpRequest()
    asked.META["HTTP_ACCEPT_LANGUAGE"] = dict(headers).get(b"accept-language", b"").decode("latin-1")
    return translation.get_language_from_request(asked)


def _answer(error: errors.DomainError, *, language: str) -> bytes:
    with translation.override(language):
        body = problem(error).content
    head = (
        f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}\r\ncontent-type: application/problem+json\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body
