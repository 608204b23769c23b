"""Pictures as pixels: read safely, scaled, written. Pillow only."""

import base64
import io
import os
import struct
import threading
import warnings
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from PIL import Image, ImageCms, ImageOps, PngImagePlugin
from PIL.Image import Resampling, Transpose

# `decode` has a lower limit of its own and answers it with a sentence.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

MAX_PIXELS = 64_000_000
AT_ONCE = 2
_room = threading.BoundedSemaphore(AT_ONCE)
_desk = threading.BoundedSemaphore(max(AT_ONCE, os.cpu_count() or 1))
SIGNATURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"RIFF": "WEBP",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
}
DAMAGED = (
    OSError, EOFError, SyntaxError, ValueError, TypeError, LookupError, OverflowError, UserWarning,
    struct.error, zlib.error,
)  # fmt: skip
"""What Pillow's readers raise from damaged files (tried with 400,000 mutated ones)."""
ORIENTATION = 0x0112
UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
EXIF_IFD, USER_COMMENT = 0x8769, 0x9286
PNG = {"compress_level": 1, "compress_type": zlib.Z_RLE}  # of photographs and drawings 0.6 of the default's time


class NotAPicture(Exception):
    """A file we cannot take; `code`: source_empty, source_format, source_unreadable or source_too_large."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@contextmanager
def room() -> Iterator[None]:
    """Memory for a picture that somebody sent, 0.7 GB at the largest: two at once a process, the others wait.

    Enter it around all that is done with the pixels, and hold no database connection meanwhile.
    """
    with _room:
        yield


@contextmanager
def desk() -> Iterator[None]:
    """Room for a picture that was made, at most some megapixels: as many at once as there are processors, so that five
    hundred that arrive together do not all lie decoded in memory."""
    with _desk:
        yield


def decode(file: IO[bytes] | bytes, *, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """The upright RGB or RGBA pixels of a JPEG, PNG, WebP or GIF (its first frame), and nothing else of it.

    The size is read before any pixel is. `format` stays the file's (JPEG, PNG, WEBP, GIF).
    Raises `NotAPicture`.
    """
    stream = io.BytesIO(file) if isinstance(file, bytes) else file
    format = _sniffed(stream)
    try:
        with Image.open(stream, formats=[format]) as picture:
            if picture.width * picture.height > max_pixels:
                raise NotAPicture("source_too_large")
            picture.load()
            upright = _upright(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotAPicture("source_too_large") from error
    except DAMAGED as error:
        raise NotAPicture("source_unreadable") from error
    return _bare(upright, format)


def _sniffed(stream: IO[bytes]) -> str:
    stream.seek(0)
    start = stream.read(16)
    if not start:
        raise NotAPicture("source_empty")
    for signature, format in SIGNATURES.items():
        if start.startswith(signature) and (format != "WEBP" or start[8:12] == b"WEBP"):
            return format
    raise NotAPicture("source_format")


def _upright(picture: Image.Image) -> Image.Image:
    try:
        orientation = picture.getexif().get(ORIENTATION)
    except DAMAGED:
        return picture
    if orientation not in UPRIGHT:
        return picture
    return picture.transpose(UPRIGHT[orientation])


def _bare(picture: Image.Image, format: str) -> Image.Image:
    """A copy in RGB or RGBA with nothing but pixels in it."""
    if picture.mode.startswith("I"):
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    if picture.mode != "CMYK":
        picture = picture.convert(mode)
    bare = _in_srgb(picture, mode)
    bare.info = {}
    bare.format = format
    return bare


def _in_srgb(picture: Image.Image, mode: str) -> Image.Image:
    """The colours that the file's profile means, as sRGB: the profile goes with the rest of the metadata."""
    profile = picture.info.get("icc_profile")
    if not profile:
        return picture.convert(mode)
    try:
        meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if ImageCms.getProfileDescription(meant).startswith("sRGB"):
            return picture.convert(mode)
        seen = ImageCms.profileToProfile(picture, meant, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, *DAMAGED):
        return picture.convert(mode)
    return seen or picture.convert(mode)


def flatten(image: Image.Image, background: str = "white") -> Image.Image:
    """The image in RGB, what is transparent laid on the colour `background`."""
    if image.mode == "RGB":
        return image
    ground = Image.new("RGB", image.size, background)
    ground.paste(image, mask=image.getchannel("A"))
    ground.format = image.format
    return ground


def cover(content: bytes, width: int, height: int) -> bytes:
    """A PNG in RGB of exactly `width` x `height` pixels: scaled to cover them, cropped to the centre.

    Raises `NotAPicture`.
    """
    fitted = ImageOps.fit(flatten(decode(content)), (width, height), Resampling.LANCZOS)
    return encode(fitted, "png")


def thumbnails(image: Image.Image, sizes: Iterable[int], *, xmp: bytes = b"") -> dict[int, bytes]:
    """WebP files whose longest side is at most so many pixels; a smaller image keeps its size."""
    made, smaller = {}, image
    for size in sorted(sizes, reverse=True):
        smaller = shrunk(smaller, size)
        made[size] = _written(smaller, "WEBP", quality=80, method=2, xmp=xmp)
    return made


def placeholder(image: Image.Image) -> str:
    """A WebP of at most 16 pixels a side as a `data:` address of about 150 characters: a blur while the rest loads."""
    tiny = _written(shrunk(flatten(image), 16), "WEBP", quality=30, method=4)
    return f"data:image/webp;base64,{base64.b64encode(tiny).decode()}"


def exact(image: Image.Image, width: int, height: int, *, fit: str, background: str) -> Image.Image:
    """The image in exactly `width` x `height` pixels, by Lanczos in either direction.

    `fit` is `crop` (scaled to cover them, cut to the centre) or `pad` (whole, on a ground of the colour `background`).
    """
    if fit == "pad":
        return ImageOps.pad(image, (width, height), Resampling.LANCZOS, color=background)
    return ImageOps.fit(image, (width, height), Resampling.LANCZOS)


def shrunk(image: Image.Image, size: int) -> Image.Image:
    """The image with a longest side of at most `size` pixels; a smaller one keeps its size."""
    scale = min(1.0, size / max(image.size))
    box = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(box, Resampling.LANCZOS, reducing_gap=2.0)


def encode(image: Image.Image, format: str, *, xmp: bytes = b"", parameters: str = "", recipe: str = "") -> bytes:
    """The image as a `png`, `jpeg` or `webp` file with an XMP packet, generation parameters and (a PNG only) a recipe.

    A PNG holds the parameters as a text chunk (Latin-1, or UTF-8 where that is not enough), the others as the
    EXIF comment: the places where AUTOMATIC1111's readers look. A JPEG is laid on white.
    """
    if format == "png":
        return _written(image, "PNG", pnginfo=_png_text(xmp, parameters, recipe), **PNG)
    exif = _exif_comment(parameters) if parameters else b""
    if format == "jpeg":
        return _written(flatten(image), "JPEG", quality=95, xmp=xmp, exif=exif)
    return _written(image, "WEBP", quality=90, method=4, xmp=xmp, exif=exif)


def _png_text(xmp: bytes, parameters: str, recipe: str) -> PngImagePlugin.PngInfo:
    text = PngImagePlugin.PngInfo()
    if xmp:
        text.add_itxt("XML:com.adobe.xmp", xmp.decode())
    if parameters:
        text.add_text("parameters", parameters)
    if recipe:
        text.add_itxt("recipe", recipe)
    return text


def _exif_comment(text: str) -> bytes:
    exif = Image.Exif()
    exif.get_ifd(EXIF_IFD)[USER_COMMENT] = b"UNICODE\0" + text.encode("utf-16-be")
    return exif.tobytes()


def _written(image: Image.Image, format: str, **options: Any) -> bytes:
    content = io.BytesIO()
    image.save(content, format, **options)
    return content.getvalue()
