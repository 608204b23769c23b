"""What every file we made says about itself: for machines that it is AI-made, for other tools its recipe."""

import json
from collections.abc import Iterator
from typing import Any

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
SAMPLERS = {"euler_a": "Euler a", "ddim": "DDIM", "dpmpp_2m": "DPM++ 2M"}
HASH_LENGTH = 10


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
