"""What every file we made says about itself: for machines that it is AI-made, for other tools its recipe; and what a
file that comes back says of it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

from common import containers
from common.errors import DomainError
from common.strict_json import strict_loads

STUDIO = "Training Edge AI"
# The IPTC's composite type is for pictures that keep parts of another one, as inpainting does. Image-to-image
# draws every pixel anew with the model, so it is trained algorithmic media like text-to-image.
DIGITAL_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
XMP = f"""\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
   <Iptc4xmpExt:DigitalSourceType>{DIGITAL_SOURCE_TYPE}</Iptc4xmpExt:DigitalSourceType>
   <dc:creator><rdf:Seq><rdf:li>{STUDIO}</rdf:li></rdf:Seq></dc:creator>
   <xmp:CreatorTool>{STUDIO}</xmp:CreatorTool>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>""".encode()
END = b"  </rdf:Description>"
RECIPE_TAG = re.compile(r"<studio:Recipe xmlns:studio=\"[^\"<>]{1,100}\">([^<]{1,262144})</studio:Recipe>")
NAMESPACE = "urn:training-edge-ai:recipe"
XMP_MAX = 60_000
"""Bytes of a packet that fit into a JPEG's one block."""
PARAMETERS, RECIPE = "parameters", "recipe"
"""The keys of a PNG's texts; EXIF has the parameters as its comment, XMP the recipe as an element."""
UNWRITABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
SAMPLERS = {"euler_a": "Euler a", "ddim": "DDIM", "dpmpp_2m": "DPM++ 2M"}
HASH_LENGTH = 10


@dataclass(frozen=True)
class Texts:
    """What a file says of its making: our whole recipe, the text that AUTOMATIC1111 and its likes write, or nothing."""

    recipe_json: dict[str, Any] | None
    parameters: str | None


def texts(content: bytes) -> Texts:
    """What the bytes of a PNG, JPEG, WebP or SVG carry, not checked in any way; hostile bytes raise nothing."""
    found = containers.texts(content)
    return Texts(_recipe_in(found), found.get(PARAMETERS) or found.get("comment") or None)


def recipe_json(recipe: dict[str, Any], *, indent: int | None = None) -> str:
    """The recipe as JSON, on one line unless told otherwise."""
    text = json.dumps(recipe, ensure_ascii=False, indent=indent, separators=(",", ": " if indent else ":"))
    return UNWRITABLE.sub(lambda letter: f"\\u{ord(letter[0]):04x}", text)


def xmp(recipe: dict[str, Any]) -> bytes:
    """The mark with the whole recipe in it; without, where the recipe is too long for every format's packet."""
    told = f'   <studio:Recipe xmlns:studio="{NAMESPACE}">{escape(recipe_json(recipe))}</studio:Recipe>\n'
    packet = XMP.replace(END, told.encode() + END)
    return packet if len(packet) <= XMP_MAX else XMP


def marks(format: str, recipe: dict[str, Any] | None) -> dict[str, Any]:
    """What `pictures.encode` writes into a file we made: always the mark; the recipe, where one is given, as a text of
    a PNG and inside the packet of the others."""
    if recipe is None:
        return {"xmp": XMP}
    if format == "png":
        return {"xmp": XMP, "parameters": parameters(recipe), "recipe": recipe_json(recipe)}
    return {"xmp": xmp(recipe), "parameters": parameters(recipe)}


def _recipe_in(found: dict[str, str]) -> dict[str, Any] | None:
    element = RECIPE_TAG.search(found.get(containers.XMP_KEY, ""))
    try:
        recipe = strict_loads((found.get(RECIPE) or (unescape(element[1]) if element else "")).encode())
    except (DomainError, UnicodeEncodeError):
        return None
    return recipe if isinstance(recipe, dict) else None


def parameters(recipe: dict[str, Any]) -> str:
    """The recipe in the form that AUTOMATIC1111 writes and many tools read: prompts, then a line of pairs."""
    lines = [recipe["full_prompt"] or recipe["prompt"]]
    if negative := recipe["full_negative_prompt"] or recipe["negative_prompt"]:
        lines.append(f"Negative prompt: {negative}")
    lines.append(", ".join(f"{name}: {_quoted(value)}" for name, value in _pairs(recipe) if value is not None))
    return "\n".join(lines)


def _pairs(recipe: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    scheduler = recipe["scheduler"]
    yield "Steps", recipe["steps"]
    yield "Sampler", SAMPLERS.get(scheduler, scheduler)
    yield "CFG scale", recipe["guidance"]
    yield "Seed", recipe["seed"]
    yield "Size", f"{recipe['width']}x{recipe['height']}"
    yield "Model hash", recipe["revision"][:HASH_LENGTH] if recipe["revision"] else None
    yield "Model", recipe["model"]
    yield "Denoising strength", recipe["strength"]
    yield "Version", STUDIO


def _quoted(value: Any) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return json.dumps(text, ensure_ascii=False) if any(mark in text for mark in ',:\n"') else text
