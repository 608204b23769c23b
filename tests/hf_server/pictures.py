"""Real pictures: the same words and seed give the same pixels; and the ones that nobody wants."""

import base64
import binascii
import hashlib
import io
import random
import struct
import zlib
from functools import lru_cache

from PIL import Image, ImageOps, UnidentifiedImageError

TYPES = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
ENDINGS = {"jpeg": "jpg", "png": "png", "webp": "webp"}
BOMB_SIDE = 12_000

Colour = tuple[int, int, int]


class Unreadable(Exception):
    """The source is no picture."""


def colour_of(prompt: str, seed: int | None) -> Colour:
    """The colour of a prompt and a seed, never black."""
    red, green, blue = hashlib.sha256(f"{prompt}|{seed}".encode()).digest()[:3]
    return (red | 64, green, blue)


@lru_cache(maxsize=256)
def drawn(width: int, height: int, colour: Colour, form: str) -> bytes:
    """A grainy gradient in a colour, encoded as jpeg, png or webp."""
    file = io.BytesIO()
    picture = ImageOps.colorize(_ground(width, height), black=(10, 10, 10), white=colour)
    picture.save(file, form, **({"method": 0} if form == "webp" else {}))
    return file.getvalue()


@lru_cache(maxsize=16)
def _ground(width: int, height: int) -> Image.Image:
    grain = Image.frombytes("L", (256, 256), random.Random(0).randbytes(65536))
    slope = Image.linear_gradient("L")
    return Image.blend(slope, grain, 0.2).resize((width, height))


def spoiled(what: str, width: int, height: int, colour: Colour, form: str) -> bytes:
    """A picture as the twist of a row wants it; the usual one for any other word."""
    if what == "black":
        return _plain(width, height, form)
    if what == "one_pixel":
        return _plain(1, 1, form)
    if what == "truncated":
        whole = drawn(width, height, colour, "jpeg")
        scan = whole.index(b"\xff\xda")  # the headers stay whole, so it opens and does not load
        return whole[: (scan + len(whole)) // 2]
    if what == "bomb":
        return bomb()
    if what == "other_format":
        return drawn(width, height, colour, "webp" if form != "webp" else "jpeg")
    return drawn(width, height, colour, form)


@lru_cache(maxsize=16)
def _plain(width: int, height: int, form: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height)).save(file, form)
    return file.getvalue()


@lru_cache(maxsize=1)
def bomb() -> bytes:
    """A PNG of half a megabyte that fills 432 MB when decoded; built from one repeated block, so it costs nothing."""
    row = bytes(1 + 3 * BOMB_SIDE)
    rows = 100
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = squeeze.compress(row * rows) + squeeze.flush(zlib.Z_FULL_FLUSH)
    checksum = (len(row) * BOMB_SIDE % 65521) << 16 | 1  # Adler-32 of so many zeros
    stream = b"\x78\x01" + block * (BOMB_SIDE // rows) + b"\x03\x00" + struct.pack(">I", checksum)
    header = struct.pack(">IIBBBBB", BOMB_SIDE, BOMB_SIDE, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", stream), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def source(text: object) -> bytes:
    """The bytes of a data URL or of bare base64; `Unreadable` for anything else."""
    if not isinstance(text, str):
        raise Unreadable
    try:
        return base64.b64decode(text.rpartition("base64,")[2], validate=True)
    except binascii.Error as error:
        raise Unreadable from error


def size_of(content: bytes) -> tuple[int, int]:
    """Width and height of a source picture; `Unreadable` where it is none."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            return picture.size
    except UnidentifiedImageError as error:
        raise Unreadable from error
