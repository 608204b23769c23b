"""A picture in another format or an exact size, always with its mark, with its recipe or without."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from PIL.Image import Image as Pixels

from common import containers, pictures
from common.database import release_connection
from common.errors import InvalidInput
from common.texts import Problem
from gallery import provenance, storage, tracing
from gallery.models import Image

STORED = ("png", "jpeg", "webp")
FORMATS = (*STORED, "svg")
FITS = ("crop", "pad")
FORMAT_SIDE_MAX = {"jpeg": 65_500, "webp": 16_383}
"""Pixels that a side may have at most in a format; a PNG's may have any we take."""
SIDE_MIN, SIDE_MAX = 16, 4096  # at most 16 megapixels
WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}", re.ASCII)
QUERY = ("format", "width", "height", "fit", "background", "recipe")
SHOP_SIDE = "1000"
WHITE = "#ffffff"


@dataclass(frozen=True)
class Size:
    """Pixels that a file shall have, 16 to 4,096 a side; one side alone keeps the shape, none keeps the size.

    `fit` says what to do with another shape. `background` is the ground of `pad`, white unless told; where it is given,
    also that of what is transparent.
    """

    width: int | None = None
    height: int | None = None
    fit: str = "crop"
    background: str = ""


@dataclass(frozen=True)
class Wanted:
    """A file as somebody asked for it; the format "" is the stored one."""

    format: str = ""
    size: Size | None = None
    with_recipe: bool = True


def formats_of(image: Image) -> list[str]:
    """Those of `FORMATS` that can hold a picture of this size."""
    longest = max(image.width, image.height)
    return [format for format in FORMATS if longest <= FORMAT_SIDE_MAX.get(format, longest)]


def wanted(query: Mapping[str, str], image: Image) -> Wanted:
    """What `format`, `width`, `height`, `fit`, `background` and `recipe` ask for. Raises `InvalidInput`."""
    problems = [
        *_choice("format", query, formats_of(image)),
        *_choice("fit", query, FITS),
        *_choice("recipe", query, ("true", "false")),
        *_side("width", query),
        *_side("height", query),
    ]
    if not COLOUR.fullmatch(query.get("background", WHITE)):
        problems.append(("background", "not_a_colour", {}))
    if problems:
        raise InvalidInput(problems)
    return Wanted(query.get("format", ""), _size(query), query.get("recipe") != "false")


def with_preset(query: Mapping[str, str], image: Image) -> dict[str, str]:
    """What a page's form asks for, in the words of `wanted`: its empty fields ask for nothing.

    Its `preset` is the longest side in pixels, `shop` for a white square, `own` for the sides that it has, or else the
    picture's size.
    """
    asked = {name: query[name] for name in QUERY if query.get(name)}
    preset = query.get("preset", "own")
    if preset == "own" and {"width", "height"} & asked.keys():
        return asked
    kept = {name: value for name, value in asked.items() if name in ("format", "recipe")}
    if preset == "shop":
        return {**kept, "width": SHOP_SIDE, "height": SHOP_SIDE, "fit": "pad"}
    longest = "width" if image.width >= image.height else "height"
    return {**kept, longest: preset} if preset.isdecimal() else kept


def pixels(image: Image, size: Size) -> tuple[int, int]:
    """Width and height of the file. Raises `InvalidInput` where a side or the whole is too large or too small."""
    width = size.width or _kept(image.width, size.height, image.height)
    height = size.height or _kept(image.height, size.width, image.width)
    if (width, height) == (image.width, image.height):
        return width, height
    for name, side in (("width", width), ("height", height)):
        if not SIDE_MIN <= side <= SIDE_MAX:
            raise InvalidInput([(name, "shape_out_of_range", {"min": SIDE_MIN, "max": SIDE_MAX, "side": side})])
    return width, height


def content(image: Image, format: str, *, size: Size | None = None, with_recipe: bool = True) -> bytes:
    """The file as it is stored, or in another of `FORMATS` or size. What we made is marked and, unless told otherwise,
    has its recipe; what was uploaded is bare.

    Raises `FileNotFoundError`, `InvalidInput` for a size that is too large, `TooDetailed` for an SVG.
    """
    size = size or Size()
    sides = pixels(image, size)
    stored = storage.read(image)
    if format == image.format and size == Size():
        return stored if with_recipe or format != "png" else _without_recipe(stored)
    marks = {}
    if image.recipe is not None:
        marks = provenance.marks(format, image.recipe if with_recipe else None)
    release_connection()
    with pictures.room():
        picture = _sized(pictures.decode(stored), size, sides if format != "svg" else tracing.within(sides))
        if format != "svg":
            return pictures.encode(picture, format, **marks)
    return tracing.svg(picture, size=sides, **marks)


def _without_recipe(stored: bytes) -> bytes:
    return containers.without_texts(stored, (provenance.PARAMETERS, provenance.RECIPE))


def _sized(picture: Pixels, size: Size, sides: tuple[int, int]) -> Pixels:
    if size.background:
        picture = pictures.flatten(picture, size.background)
    if picture.size == sides:
        return picture
    return pictures.exact(picture, *sides, fit=size.fit, background=size.background or WHITE)


def _kept(side: int, other: int | None, other_before: int) -> int:
    """The side that keeps the shape where the other one becomes `other` pixels."""
    return max(1, round(side * other / other_before)) if other else side


def _size(query: Mapping[str, str]) -> Size | None:
    sides = {name: int(query[name]) for name in ("width", "height") if name in query}
    size = Size(**sides, fit=query.get("fit", "crop"), background=query.get("background", "").lower())
    return size if sides or size.background else None


def _choice(name: str, query: Mapping[str, str], choices: Collection[str]) -> list[Problem]:
    if query.get(name, next(iter(choices))) in choices:
        return []
    return [(name, "not_a_choice", {"choices": ", ".join(choices)})]


def _side(name: str, query: Mapping[str, str]) -> list[Problem]:
    text = query.get(name, str(SIDE_MIN))
    if not WHOLE.fullmatch(text):
        return [(name, "not_a_whole_number", {})]
    if not SIDE_MIN <= int(text) <= SIDE_MAX:
        return [(name, "out_of_range", {"min": SIDE_MIN, "max": SIDE_MAX})]
    return []
