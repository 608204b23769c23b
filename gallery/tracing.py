"""A picture as paths: traced in a process of its own, with limits, and marked as every file."""

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL.Image import Image as Pixels

from common import pictures
from common.errors import DomainError

SIDE = 512
"""Pixels of the longest side that is traced, whatever the picture has: with fewer, edges are jagged; with more, soft
gradients have too small steps from pixel to pixel to be seen as shapes."""
PROCESSOR_SECONDS = 10
SECONDS = 30
"""In all, the wait for a place included: nobody waits for ever."""
RETRY_AFTER = 30
BYTES_MAX = 8_000_000
PROGRAM = Path(__file__).with_name("tracer.py")
AT_ONCE = 2
_room = threading.BoundedSemaphore(AT_ONCE)
PATH = re.compile(rb'<path d="[MLCZ\d., -]*" fill="#[0-9A-F]{6}"(?: transform="translate\([\d.,-]+\))?"/>')


class TooDetailed(DomainError):
    """Grain and noise have no lines: the paths would be many megabytes."""

    code = "too_detailed"
    status = 422


class TracersBusy(DomainError):
    """No place became free in time, or the machine was too busy to finish. `retry_after` in seconds."""

    code = "tracers_busy"
    status = 503

    def __init__(self) -> None:
        super().__init__(extra={"retry_after": RETRY_AFTER}, seconds=RETRY_AFTER)


def within(sides: tuple[int, int]) -> tuple[int, int]:
    """The sides of the same shape that are traced."""
    scale = SIDE / max(sides)
    return max(1, round(sides[0] * scale)), max(1, round(sides[1] * scale))


def svg(image: Pixels, *, size: tuple[int, int], xmp: bytes = b"", parameters: str = "") -> bytes:
    """The picture as an SVG of paths only, which is `size` pixels large, with an XMP packet where given.

    The image is best of the size that `within` says; what else a file may carry (`parameters`) has no place in an SVG.
    Two at once a process, the others wait. Raises `TooDetailed` after 10 seconds of a processor or 8 MB, and
    `TracersBusy` after 30 seconds in all.
    """
    paths = PATH.findall(_traced(pictures.encode(pictures.flatten(image), "png")))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}" '
        f'viewBox="0 0 {image.width} {image.height}" preserveAspectRatio="none">'
    )
    metadata = b"<metadata>" + _element(xmp) + b"</metadata>" if xmp else b""
    return b"\n".join([head.encode(), metadata, *paths, b"</svg>\n"])


def _traced(picture: bytes) -> bytes:
    command = [sys.executable, "-I", str(PROGRAM), str(PROCESSOR_SECONDS)]
    with _place() as seconds:
        try:
            done = subprocess.run(command, input=picture, capture_output=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired as error:
            raise TracersBusy from error
    was_ended = done.returncode < 0
    if was_ended or len(done.stdout) > BYTES_MAX:
        raise TooDetailed
    done.check_returncode()
    return done.stdout


@contextmanager
def _place() -> Iterator[float]:
    """One of the places, and the seconds that are left in it. Raises `TracersBusy`."""
    until = time.monotonic() + SECONDS
    if not _room.acquire(timeout=SECONDS):
        raise TracersBusy
    try:
        yield until - time.monotonic()
    finally:
        _room.release()


def _element(xmp: bytes) -> bytes:
    """The packet's element, without the processing instructions around it."""
    return xmp[xmp.index(b"<x:xmpmeta") : xmp.rindex(b"?>") - len(b'<?xpacket end="r"')].strip()
