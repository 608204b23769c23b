"""Exchanges with other hosts, whose sockets are known.

The time limits of `requests` count from byte to byte: a server that drips outlives them all. So every socket is known
to its exchange, and a watcher thread shuts those of an exchange whose time is over.
"""

import socket
import ssl
import threading
from collections.abc import Collection
from contextvars import ContextVar
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from time import monotonic
from typing import Any

import certifi
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.connection import create_connection

from common.addresses import Origin, is_public, tells_secrets
from common.names import addresses_of

CONNECT_SECONDS = 10.0
WATCH_EVERY = 0.25


class Failed(Exception):
    """No whole answer came. `reason`: unreachable (nothing was sent), broken, late, ended, too_large or
    private_address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Exchange:
    """All that one piece of work says to other hosts. `end` may be called from any thread, `fetch` from one."""

    def __init__(self, *, seconds: float, trusted: Collection[Origin], anywhere: bool = False) -> None:
        self.ends_at = monotonic() + seconds
        self.trusted = trusted
        self.anywhere = anywhere
        self.ended = ""
        self.refused = False
        self._lock = threading.Lock()
        self._sockets: dict[Any, socket.socket] = {}
        self._over = threading.Event()
        self.session = _session()

    @property
    def left(self) -> float:
        """Seconds until its end."""
        return max(0.0, self.ends_at - monotonic())

    def hurry(self, seconds: float) -> None:
        """It ends within `seconds` from now."""
        self.ends_at = min(self.ends_at, monotonic() + seconds)

    def end(self, reason: str = "ended") -> None:
        """Whoever waits for an answer gets `Failed` at once, and so does every later fetch."""
        with self._lock:
            self.ended = self.ended or reason
            for each in self._sockets.values():
                _shut(each)
        self._over.set()

    def check(self) -> None:
        """Raises `Failed` where it has ended or its time is over."""
        if self.ended or not self.left:
            raise Failed(self.ended or "late")

    def pause(self, seconds: float) -> None:
        """Wait, at most as long as it lasts; raises `Failed` once it has ended."""
        self._over.wait(min(seconds, self.left))
        self.check()

    def close(self) -> None:
        """Over: give back what it holds."""
        with _opened:
            _open.discard(self)
        self.session.close()
        with self._lock:
            for each in self._sockets.values():
                each.close()
            self._sockets.clear()

    def connect(self, connection: Any, **options: Any) -> socket.socket:
        """A socket to a checked address. Raises `OSError`, also where no address of the host may be reached."""
        self._forget_closed()
        for address in self._addresses(connection.host, connection.port):
            seconds = min(CONNECT_SECONDS, self.left)
            try:
                connected = create_connection((address, connection.port), timeout=seconds, **options)
            except OSError as error:
                failure = error
            else:
                return self._kept(connection, connected)
            if not self.left:
                break
        raise failure

    def _addresses(self, host: str, port: int) -> list[str]:
        addresses = addresses_of(host, port, seconds=min(CONNECT_SECONDS, self.left))
        if not self.anywhere and (host, port) not in self.trusted:
            addresses = [each for each in addresses if is_public(each)]
        elif self.anywhere:
            addresses = [each for each in addresses if not tells_secrets(each)]
        self.refused = not addresses
        if self.refused:
            raise OSError("private address")
        return addresses

    def _kept(self, connection: Any, connected: socket.socket) -> socket.socket:
        with self._lock:
            self._sockets[connection] = connected.dup()
            if self.ended:
                _shut(connected)
        return connected

    def _forget_closed(self) -> None:
        """A server that closes after every answer must not cost a descriptor each time."""
        with self._lock:
            for connection in [each for each in self._sockets if each.sock is None]:
                self._sockets.pop(connection).close()


current: ContextVar[Exchange] = ContextVar("exchange")
"""The exchange around the caller."""


def _shut(connected: socket.socket) -> None:
    try:
        connected.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is closed already


class _Known:
    """A connection whose socket its exchange knows."""

    def _new_conn(self: Any) -> socket.socket:
        options = {"source_address": self.source_address, "socket_options": self.socket_options}
        try:
            connected = current.get().connect(self, **options)
        except TimeoutError as error:
            raise urllib3.exceptions.ConnectTimeoutError(self, "too slow to connect") from error
        except OSError as error:
            raise urllib3.exceptions.NewConnectionError(self, "no connection") from error
        return connected


class _Http(_Known, HTTPConnection):
    pass


class _Https(_Known, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """`requests` would read the whole body of a redirect, whatever its size, although nobody follows it."""


class _Adapter(HTTPAdapter):
    """One TLS context for the process: reading the authorities anew for every call would cost 10 ms each."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=_tls(), **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """The context verifies."""


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certifi.where())


def _session() -> requests.Session:
    """Without cookies, and deaf to proxies and .netrc of the environment, which would replace our tokens."""
    session = _Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter())
    return session


_open: set[Exchange] = set()
_opened = threading.Condition()
_watcher: threading.Thread | None = None


def watch(new: Exchange) -> None:
    """End it when its time is over."""
    global _watcher
    with _opened:
        _open.add(new)
        if _watcher is None:
            _watcher = threading.Thread(target=_end_the_late, name="http-watcher", daemon=True)
            _watcher.start()
        _opened.notify()


def _end_the_late() -> None:
    while True:
        with _opened:
            _opened.wait(WATCH_EVERY if _open else None)
            late = [each for each in _open if not each.left and not each.ended]
        for each in late:
            each.end("late")
