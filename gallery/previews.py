"""The picture that messengers show of a shared page: small, a JPEG, marked, without a recipe."""

import io

from PIL.Image import Resampling

from common import pictures
from common.database import release_connection
from gallery import provenance, storage
from gallery.models import THUMBNAIL_SIZES, Image

SIDE = 1200
"""Pixels of the longer side, whatever the picture has: messengers show smaller ones beside the text, or not at all."""
WHOLE_MAX = 4_200_000
"""Pixels of a file that is worth decoding for it; of a larger one its thumbnail does."""
QUALITY = 82


def size(image: Image) -> tuple[int, int]:
    """Width and height of the preview in pixels."""
    longest = max(image.width, image.height)
    return max(1, round(image.width * SIDE / longest)), max(1, round(image.height * SIDE / longest))


def content(image: Image) -> bytes:
    """The preview as a file. Raises `FileNotFoundError`."""
    whole = image.width * image.height <= WHOLE_MAX
    stored = storage.read(image, None if whole else THUMBNAIL_SIZES[-1])
    release_connection()
    with pictures.desk():
        scaled = pictures.flatten(pictures.decode(stored)).resize(size(image), Resampling.LANCZOS, reducing_gap=2.0)
        file = io.BytesIO()
        scaled.save(file, "JPEG", quality=QUALITY, xmp=provenance.XMP if image.recipe else b"")
    return file.getvalue()
