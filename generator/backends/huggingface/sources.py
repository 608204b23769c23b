"""A source picture as a provider may have it: a JPEG small enough for its request."""

import base64
import io
from collections.abc import Iterator

from common import pictures
from generator.backends.base import Advice, BackendError

MOST_CHARACTERS = 4_000_000
"""Of base64 in one request: nobody publishes a limit, this much is known to pass."""
STEPS = ((2_000_000, 90), (1_000_000, 85), (500_000, 80), (250_000, 75))
"""Pixels at most, and the JPEG's quality; the best first."""


def smaller_and_smaller(source: bytes, *, copies: int) -> Iterator[str]:
    """The picture in base64, the best that fits a request which holds it `copies` times, then ever smaller ones.

    Raises `BackendError` for what is no picture.
    """
    try:
        with pictures.room():
            upright = pictures.flatten(pictures.decode(source))
    except pictures.NotAPicture as error:
        raise BackendError("bad_source", advice=Advice.STOP) from error
    for pixels, quality in STEPS:
        scale = min(1.0, (pixels / (upright.width * upright.height)) ** 0.5)
        file = io.BytesIO()
        sides = (max(1, int(upright.width * scale)), max(1, int(upright.height * scale)))
        upright.resize(sides).save(file, "JPEG", quality=quality)
        encoded = base64.b64encode(file.getvalue()).decode()
        if len(encoded) * copies <= MOST_CHARACTERS:
            yield encoded
