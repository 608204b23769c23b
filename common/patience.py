"""How long the web server waits for the head of a request, how long that may be, and how long an answer waits to be
read; uvicorn itself waits for ever."""

from asyncio import Transport
from asyncio.events import TimerHandle
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 20.0
UNREAD_SECONDS = 30.0
"""A connection of which not a byte was taken for so long is cut; it may last twice as long until that is noticed."""
HEAD_MOST = 128 * 1024
REFUSAL = b"HTTP/1.1 %b\r\ncontent-type: text/plain\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Patient(HttpToolsProtocol):
    """Closes a connection on which a head takes too long (408) or grows too long (431) or answers are not read, and
    offers no upgrade."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.head_timer: TimerHandle | None = None
        self.head_size = 0
        self.head_is_read = False
        self.unread = 0
        self.unread_timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head(0)
        self._look_again()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._expect_head(len(data))

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
            self._refuse(b"431 Request Header Fields Too Large")
        elif self.head_timer is None:
            self.head_timer = self.loop.call_later(HEAD_SECONDS, self._refuse, b"408 Request Timeout")

    def _forget_head(self) -> None:
        if self.head_timer is not None:
            self.head_timer.cancel()
        self.head_timer, self.head_size = None, 0

    def _refuse(self, status: bytes) -> None:
        if not self.transport.is_closing():
            if self.head_size:
                self.transport.write(REFUSAL % status)
            self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """An upgrade that is not offered is ignored, as RFC 9110 has it; not a line in the log for each."""
