"""Outgoing HTTP: one wall-clock limit over a whole exchange, capped answers, public addresses only."""

import http.client
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
import urllib3

from common.addresses import Origin
from common.exchanges import CONNECT_SECONDS, Exchange, Failed, current, watch

__all__ = ["Answer", "Exchange", "Failed", "exchange", "fetch", "left", "pause"]

CHUNK = 64 * 1024
BEGINNING_SECONDS = 1.0
"""How long the beginning of a body is waited for, where only that is wanted."""
BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)


@dataclass(frozen=True)
class Answer:
    """What came back, whatever its status; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@contextmanager
def exchange(*, seconds: float, trusted: Collection[Origin] = (), anywhere: bool = False) -> Iterator[Exchange]:
    """Everything fetched inside ends within `seconds`; `trusted` origins, or `anywhere`, may have private addresses."""
    new = Exchange(seconds=seconds, trusted=trusted, anywhere=anywhere)
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
    whole: bool = True,
) -> Answer:
    """One request of the exchange around it; the answer has at most `most` bytes. A redirect is an answer like any
    other. Raises `Failed`.

    Unless it is to be `whole`, an answer is one as soon as its headers are there: of its body comes what arrives within
    a second, not decompressed, and the exchange ends.
    """
    headers = {"Accept-Encoding": "identity", **(headers or {})}
    around = current.get()
    try:
        around.check()
        around.refused = False  # a connection that is kept asks for no address
        timeout = (min(CONNECT_SECONDS, around.left), around.left)
        with around.session.request(
            method,
            url,
            headers=headers,
            json=json,
            data=content,
            timeout=timeout,
            stream=True,
            allow_redirects=False,
        ) as response:
            around.check()  # a socket that is shut inside the headers looks like an empty success
            body = _read(response, most) if whole else _beginning(response, most, around)
    except BROKEN as error:
        raise Failed(_reason(around, error)) from error
    if whole and around.ended:
        raise Failed(around.ended)
    return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)


def _read(response: requests.Response, most: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(CHUNK):
        body += chunk
        if len(body) > most:
            raise Failed("too_large")
    return bytes(body)


def _beginning(response: requests.Response, most: int, around: Exchange) -> bytes:
    """Whatever happens to the rest."""
    around.hurry(BEGINNING_SECONDS)
    body = bytearray()
    try:
        while len(body) < most and (piece := response.raw.read1(most - len(body), decode_content=False)):
            body += piece
    except BROKEN:
        return bytes(body)
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
