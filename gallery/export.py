"""A picture in another format, with its marks and its recipe."""

from common import pictures
from gallery import provenance, storage
from gallery.models import Image

FORMATS = ("png", "jpeg", "webp")


def content(image: Image, format: str) -> bytes:
    """The file as it is stored, or in another of `FORMATS`: marked if we made it, bare if it was uploaded."""
    stored = storage.read(image)
    if format == image.format:
        return stored
    pixels = pictures.decode(stored)
    if image.recipe is None:
        return pictures.encode(pixels, format)
    return pictures.encode(pixels, format, xmp=provenance.XMP, parameters=provenance.parameters(image.recipe))
