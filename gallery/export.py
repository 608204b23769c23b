"""A picture in another format, with its marks and its recipe."""

from typing import Any

from common import pictures
from common.database import release_connection
from gallery import provenance, storage
from gallery.models import Image

FORMATS = ("png", "jpeg", "webp")
SIDE_MAX = {"jpeg": 65_500, "webp": 16_383}
"""Pixels that a side may have at most in a format; a PNG's may have any we take."""


def formats_of(image: Image) -> list[str]:
    """Those of `FORMATS` that can hold a picture of this size."""
    longest = max(image.width, image.height)
    return [format for format in FORMATS if longest <= SIDE_MAX.get(format, longest)]


def content(image: Image, format: str) -> bytes:
    """The file as it is stored, or in another of `FORMATS`: marked if we made it, bare if it was uploaded."""
    stored = storage.read(image)
    if format == image.format:
        return stored
    marks: dict[str, Any] = {}
    if image.recipe is not None:
        marks = {"xmp": provenance.XMP, "parameters": provenance.parameters(image.recipe)}
    release_connection()
    with pictures.room():
        return pictures.encode(pictures.decode(stored), format, **marks)
