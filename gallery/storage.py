"""The bytes of pictures, at `<owner id>/<image id>.<format>` with their thumbnails, on any Django storage.

Bytes come first and rows second: what is written here and never named by a row is swept after a day.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL.Image import Image as Pixels

from common import pictures
from common.errors import DomainError
from common.ids import new_id
from common.storages import failures
from gallery import provenance
from gallery.models import THUMBNAIL_SIZES, Image

MADE_MAX_PIXELS = 20_000_000
"""No model makes more; a file that says so is refused before it is decoded."""
log = logging.getLogger(__name__)


class StorageFull(DomainError):
    """A picture could not be written whole: no room, or the storage does not answer."""

    code = "storage_full"
    status = 507


@dataclass(frozen=True)
class Stored:
    """A picture that lies in the storage: sizes in bytes and pixels, `digest` the SHA-256 of the file, `placeholder`
    its smallest likeness as a data address."""

    id: UUID
    path: str
    format: str
    bytes: int
    width: int
    height: int
    digest: str
    placeholder: str


@dataclass(frozen=True)
class Marked:
    """A picture ready to be stored: its file, its thumbnails by size, its sides in pixels, its placeholder."""

    content: bytes
    thumbnails: dict[int, bytes]
    format: str
    width: int
    height: int
    placeholder: str


def marked(*, content: bytes, recipe: dict[str, Any], examine: Callable[[Pixels], None] | None = None) -> Marked:
    """A picture we made: decoded whole, marked as AI-made, with its recipe, as a PNG of the same pixels.

    `examine` sees the pixels first, and may raise. Raises `NotAPicture` where the bytes are none.
    """
    with pictures.desk():
        image = pictures.decode(content, max_pixels=MADE_MAX_PIXELS)
        if examine:
            examine(image)
        file = pictures.encode(image, "png", **provenance.marks("png", recipe))
        return _marked(image, file, "png", xmp=provenance.XMP)


def store(*, owner_id: UUID, marked: Marked) -> Stored:
    """Its bytes, in the storage. Raises `StorageFull` with nothing left behind."""
    id = new_id()
    path = f"{owner_id}/{id}.{marked.format}"
    _write({**{_thumbnail_path(path, size): small for size, small in marked.thumbnails.items()}, path: marked.content})
    digest = hashlib.sha256(marked.content).hexdigest()
    sides = (marked.width, marked.height)
    return Stored(id, path, marked.format, len(marked.content), *sides, digest, marked.placeholder)


def store_upload(*, owner_id: UUID, image: Pixels) -> Stored:
    """A picture somebody sent: unmarked and without metadata. Raises `StorageFull` with nothing left behind.

    A photograph stays a JPEG (as a PNG it would be ten times its size); anything else may be without
    loss, and a PNG keeps it so.
    """
    flat = pictures.flatten(image)
    format = "jpeg" if image.format == "JPEG" else "png"
    return store(owner_id=owner_id, marked=_marked(flat, pictures.encode(flat, format), format))


def read(image: Image, size: int | None = None) -> bytes:
    """The stored file, or its thumbnail of `size` pixels. Raises `FileNotFoundError`."""
    with default_storage.open(path_of(image, size) if size else image.path) as file:
        return file.read()


def path_of(image: Image, size: int) -> str:
    """Where the thumbnail of `size` pixels lies."""
    return _thumbnail_path(image.path, size)


def discard(path: str) -> None:
    """Remove a picture and its thumbnails; what is gone already is no error."""
    for each in (path, *(_thumbnail_path(path, size) for size in THUMBNAIL_SIZES)):
        default_storage.delete(each)


def forget(path: str) -> None:
    """Remove the bytes of a row that is gone; where the storage fails, a later sweep does it."""
    try:
        discard(path)
    except failures():
        log.warning("A picture without a row could not be removed; the sweep will try again")


def _marked(image: Pixels, content: bytes, format: str, *, xmp: bytes = b"") -> Marked:
    thumbnails = pictures.thumbnails(image, THUMBNAIL_SIZES, xmp=xmp)
    return Marked(content, thumbnails, format, image.width, image.height, pictures.placeholder(image))


def _write(files: dict[str, bytes]) -> None:
    try:
        for path, content in files.items():
            _write_one(path, content)
    except failures() as error:
        _undo(*files)
        raise StorageFull from error


def _write_one(path: str, content: bytes) -> None:
    saved = default_storage.save(path, ContentFile(content))
    if saved != path or default_storage.size(path) != len(content):
        raise OSError(f"{path} was not written whole")


def _undo(*paths: str) -> None:
    """Remove what was half-written; what a failing storage keeps is swept later."""
    for path in paths:
        try:
            default_storage.delete(path)
        except failures():
            continue


def _thumbnail_path(path: str, size: int) -> str:
    return f"{path.rpartition('.')[0]}.{size}.webp"
