"""Small servers on loopback that answer as badly as a test wants."""

import re
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

DRIPS = 1500


class Server:
    """Hands every request to `answer`, which writes what it likes; a connection lasts until it returns True."""

    def __init__(self, answer: Callable[["Server", Any], bool | None], *, tls: ssl.SSLContext | None = None) -> None:
        self.answer, self.tls = answer, tls
        self.requests: list[str] = []
        self.connections = 0
        self.asked = threading.Event()
        self.over = threading.Event()

    def __enter__(self) -> Self:
        self._line = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._line.getsockname()[1])
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.join()

    def join(self) -> None:
        """Take nobody else, and wait until everybody is served."""
        self.over.set()
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._thread.join(30)
        self._line.close()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def origin(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def drip(self, line: Any, byte: bytes) -> None:
        """A byte every 20 milliseconds, for at most half a minute."""
        for _ in range(DRIPS):
            line.sendall(byte)
            if self.over.wait(0.02):
                return

    def _accept(self) -> None:
        threads = []
        while True:
            try:
                line, _address = self._line.accept()
            except OSError:
                break
            self.connections += 1
            threads.append(threading.Thread(target=self._serve, args=(line,)))
            threads[-1].start()
        for thread in threads:
            thread.join(30)

    def _serve(self, line: socket.socket) -> None:
        line.settimeout(30)
        try:
            talk: Any = self.tls.wrap_socket(line, server_side=True) if self.tls else line
            while self._read(talk) and self.answer(self, talk):
                pass
            talk.close()
        except OSError:
            pass  # the client went away, which is what most of these tests are about
        finally:
            line.close()

    def _read(self, line: Any) -> bool:
        request = b""
        while b"\r\n\r\n" not in request or len(request) < _length(request):
            piece = line.recv(65536)
            if not piece:
                return False
            request += piece
        self.requests.append(request.decode("latin-1"))
        self.asked.set()
        return True


def _length(request: bytes) -> int:
    """How long a request is, head and body."""
    head = request.partition(b"\r\n\r\n")[0]
    declared = re.search(rb"(?i)content-length: (\d+)", head)
    return len(head) + 4 + (int(declared[1]) if declared else 0)


def saying(*pieces: bytes) -> Callable[[Server, Any], bool | None]:
    """A server that sends this and closes."""

    def answer(_server: Server, line: Any) -> None:
        for piece in pieces:
            line.sendall(piece)

    return answer


def ok(body: bytes = b"hello", *headers: str, status: str = "200 OK") -> bytes:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def open_ended(body: bytes = b"hello", *headers: str, status: str = "200 OK") -> Callable[[Server, Any], bool]:
    """A server that answers every request of a connection."""

    def answer(_server: Server, line: Any) -> bool:
        line.sendall(ok(body, *headers, status=status))
        return True

    return answer
