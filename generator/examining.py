"""What a picture that came must be, whoever made it."""

from PIL.Image import Image as Pixels

from generator.backends.base import Advice, BackendError, Picture, Trouble
from generator.params import SIDE_MIN


def examine(picture: Picture, pixels: Pixels) -> None:
    """Raises `BackendError` for a picture that cannot be meant."""
    if min(pixels.size) < SIDE_MIN // 2:
        raise BackendError("bad_answer", advice=Advice.TRY_AGAIN, tries=1, trouble=Trouble.TRANSIENT)
    if picture.black_is_refusal and not pixels.convert("L").getbbox():
        raise BackendError("prompt_refused", advice=Advice.STOP)
