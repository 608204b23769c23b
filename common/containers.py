"""What a picture's file carries beside its pixels, read and taken out without decoding a pixel.

Hostile files are expected: a text is read to `TEXT_MAX` bytes, nothing raises, and the time grows with the file only.
"""

import struct
import zlib
from collections.abc import Collection, Iterator
from itertools import islice

from PIL import Image

TEXT_MAX = 256 * 1024
"""Bytes of one text, unpacked. Our own are a tenth of it at the longest."""
TEXTS_MAX = 64
XMP_KEY = "XML:com.adobe.xmp"
SVG_START = 512
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
TEXT_CHUNKS = (b"tEXt", b"zTXt", b"iTXt")
EXIF_IFD, USER_COMMENT = 0x8769, 0x9286
EXIF_MARK, XMP_MARK = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"
DAMAGED = (
    OSError, EOFError, SyntaxError, ValueError, TypeError, LookupError, OverflowError, AttributeError, UserWarning,
    RuntimeError, struct.error, zlib.error,
)  # fmt: skip
"""What Pillow's reader of EXIF raises from damaged blocks."""


def texts(content: bytes) -> dict[str, str]:
    """The texts of a PNG by key, or of a JPEG or WebP as `comment` (EXIF) and `XML:com.adobe.xmp`; of an
    SVG its beginning, where the packet stands; else none.

    Of two with the same key the first counts.
    """
    found: dict[str, str] = {}
    for count, (key, text) in enumerate(_texts(content)):
        found.setdefault(key, text)
        if count == TEXTS_MAX:
            break
    return found


def without_texts(content: bytes, keys: Collection[str]) -> bytes:
    """A PNG without its texts of these keys; every other byte stays."""
    kept = [PNG_SIGNATURE]
    for kind, body, chunk in _png_chunks(content):
        if kind not in TEXT_CHUNKS or _key(body) not in keys:
            kept.append(chunk)
    return b"".join(kept)


def _texts(content: bytes) -> Iterator[tuple[str, str]]:
    if content.startswith(PNG_SIGNATURE):
        for kind, body, _ in _png_chunks(content):
            if kind in TEXT_CHUNKS:
                yield _key(body), _png_text(kind, body)
    elif content.startswith(b"\xff\xd8"):
        yield from _from_blocks(_jpeg_blocks(content))
    elif content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        yield from _from_blocks(_webp_blocks(content))
    elif b"<svg" in content[:SVG_START]:
        yield XMP_KEY, content[:TEXT_MAX].decode("utf-8", "replace")


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Kind, body (of a text only) and the whole chunk, to the first that is cut off."""
    at = len(PNG_SIGNATURE)
    while at + 12 <= len(content):
        length = int.from_bytes(content[at : at + 4])
        kind, end = content[at + 4 : at + 8], at + 12 + length
        if end > len(content):
            return
        yield kind, content[at + 8 : end - 4] if kind in TEXT_CHUNKS else b"", content[at:end]
        at = end


def _key(body: bytes) -> str:
    return body[:80].partition(b"\0")[0].decode("latin-1")


def _png_text(kind: bytes, body: bytes) -> str:
    _, _, rest = body.partition(b"\0")
    if kind == b"tEXt":
        return rest[:TEXT_MAX].decode("latin-1")
    if kind == b"zTXt":
        return _unpacked(rest[1:]).decode("latin-1")
    is_packed = rest[:1] == b"\1"
    text = rest[2:].split(b"\0", 2)[-1]
    return (_unpacked(text) if is_packed else text[:TEXT_MAX]).decode("utf-8", "replace")


def _unpacked(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, TEXT_MAX)
    except zlib.error:
        return b""


def _jpeg_blocks(content: bytes) -> Iterator[bytes]:
    """The APP1 blocks before the pixels."""
    at = 2
    while content[at : at + 1] == b"\xff" and content[at + 1 : at + 2] != b"\xda":
        length = int.from_bytes(content[at + 2 : at + 4])
        if length < 2:
            return
        if content[at + 1 : at + 2] == b"\xe1":
            yield content[at + 4 : at + 2 + length]
        at += 2 + length


def _webp_blocks(content: bytes) -> Iterator[bytes]:
    at = 12
    while at + 8 <= len(content):
        kind, length = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        body = content[at + 8 : at + 8 + min(length, TEXT_MAX)]
        if kind == b"EXIF":
            yield EXIF_MARK + body.removeprefix(EXIF_MARK)
        elif kind == b"XMP ":
            yield XMP_MARK + body
        at += 8 + length + length % 2


def _from_blocks(blocks: Iterator[bytes]) -> Iterator[tuple[str, str]]:
    for block in islice(blocks, TEXTS_MAX):
        if block.startswith(XMP_MARK):
            yield XMP_KEY, block[len(XMP_MARK) :][:TEXT_MAX].decode("utf-8", "replace")
        elif block.startswith(EXIF_MARK) and (comment := _comment(block[:TEXT_MAX])):
            yield "comment", comment


def _comment(exif: bytes) -> str:
    """The comment of an EXIF block, in whatever encoding its eight first bytes name."""
    try:
        read = Image.Exif()
        read.load(exif)
        comment = read.get_ifd(EXIF_IFD).get(USER_COMMENT)
    except DAMAGED:
        return ""
    if not isinstance(comment, bytes):
        return comment if isinstance(comment, str) else ""
    if not comment.startswith(b"UNICODE\0"):
        return comment.removeprefix(b"ASCII\0\0\0").decode("utf-8", "replace")
    text = comment[8:]
    is_little = text[1::2].count(0) > text[0::2].count(0)
    return text.decode("utf-16-le" if is_little else "utf-16-be", "replace")
