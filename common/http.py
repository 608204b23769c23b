"""Outgoing HTTP: one wall-clock limit over a whole exchange, capped answers, public addresses only."""

import http.client
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import requests
import urllib3

from common.addresses import Origin
from common.exchanges import CONNECT_SECONDS, Exchange, Failed, current, watch

__all__ = ["Answer", "Exchange", "Failed", "exchange", "fetch", "left", "pause"]

CHUNK = 64 * 1024
REDIRECTS = {301, 302, 303, 307, 308}
BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)


@dataclass(frozen=True)
class Answer:
    """What came back, whatever its status; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@contextmanager
def exchange(*, seconds: float, trusted: Collection[Origin] = ()) -> Iterator[Exchange]:
    """Everything fetched inside ends within `seconds`; `trusted` origins may have private addresses."""
    new = Exchange(seconds=seconds, trusted=trusted)
    token = current.set(new)
    watch(new)
    try:
        yield new
    finally:
        current.reset(token)
        new.close()


def left() -> float:
    """Seconds that the exchange around the caller still has."""
    return current.get().left


def pause(seconds: float) -> None:
    """Wait between two requests of the exchange around the caller; raises `Failed` once that has ended."""
    current.get().pause(seconds)


def fetch(
    method: str,
    url: str,
    *,
    most: int,
    headers: Mapping[str, str] | None = None,
    json: Any = None,
    content: bytes | None = None,
    follow: int = 0,
) -> Answer:
    """One request of the exchange around it; the answer has at most `most` bytes. Follows up to `follow` redirects, and
    hands no header on to them. Raises `Failed`."""
    asked: dict[str, Any] = {"json": json, "data": content}
    answer = _fetch(method, url, most, {"Accept-Encoding": "identity", **(headers or {})}, asked)
    while follow and answer.status in REDIRECTS and "location" in answer.headers:
        follow, url = follow - 1, _joined(url, answer.headers["location"])
        answer = _fetch("GET", url, most, {"Accept-Encoding": "identity"}, {})
    return answer


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise Failed("broken") from error


def _fetch(method: str, url: str, most: int, headers: Mapping[str, str], asked: dict[str, Any]) -> Answer:
    around = current.get()
    try:
        around.check()
        around.refused = False  # a connection that is kept asks for no address
        timeout = (min(CONNECT_SECONDS, around.left), around.left)
        with around.session.request(
            method, url, headers=headers, timeout=timeout, stream=True, allow_redirects=False, **asked
        ) as response:
            body = _read(response, most)
    except BROKEN as error:
        raise Failed(_reason(around, error)) from error
    if around.ended:  # a socket that is shut inside the headers looks like an empty success
        raise Failed(around.ended)
    return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)


def _read(response: requests.Response, most: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(CHUNK):
        body += chunk
        if len(body) > most:
            raise Failed("too_large")
    return bytes(body)


def _reason(around: Exchange, error: BaseException) -> str:
    if around.ended or not around.left:
        return around.ended or "late"
    if around.refused:
        return "private_address"
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return "unreachable"
    inner = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(inner, urllib3.exceptions.NewConnectionError):
        return "unreachable"
    return "late" if isinstance(error, requests.Timeout) else "broken"
