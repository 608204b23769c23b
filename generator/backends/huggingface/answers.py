"""What strangers send, read so that no shape of it surprises. Pure."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

WORDS_MAX = 2000
HTML = "<html>"
"""What the words of a page begin with."""
PAGE = re.compile(rb"\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)
PICTURES = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF....WEBP", re.DOTALL)
SPOKEN = ("error", "error_type", "message", "code", "type", "detail", "title", "msg", "description")
"""The members that say what is wrong. What was sent comes back beside them and is not read."""


def as_json(content: bytes) -> Any:
    """The JSON of a body; None where it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def at(found: Any, *path: str | int) -> Any:
    """What stands at the end of a path of names and places; None where the path breaks off."""
    for step in path:
        if isinstance(step, str) and isinstance(found, dict):
            found = found.get(step)
        elif isinstance(step, int) and isinstance(found, list) and -len(found) <= step < len(found):
            found = found[step]
        else:
            return None
    return found


def text_at(found: Any, *path: str | int) -> str:
    """The text at the end of a path; "" where there is none."""
    text = at(found, *path)
    return text if isinstance(text, str) else ""


def is_picture(content: bytes) -> bool:
    """Whether it begins as a JPEG, PNG or WebP file does, whatever it is said to be."""
    return PICTURES.match(content) is not None


def words(content: bytes, headers: Mapping[str, str]) -> str:
    """What an answer says went wrong, in lower case, in whichever of the usual shapes it says it."""
    said = [headers.get(name, "") for name in ("x-error-code", "x-error-message", "x-fal-error-type")]
    if PAGE.match(content):
        text = re.sub(r"<[^<>]*>", " ", content[: 4 * WORDS_MAX].decode(errors="replace"))
        said = [HTML, html.unescape(text), *said]
    elif (body := as_json(content)) is None:
        said.append(content[:WORDS_MAX].decode(errors="replace"))
    else:
        said.extend(_spoken(body))
    return " ".join(" ".join(said).split())[:WORDS_MAX].lower()


def _spoken(found: Any) -> Iterator[str]:
    pending, read = [found], 0
    while pending and read < 100:
        each, read = pending.pop(0), read + 1
        if isinstance(each, str | int):
            yield str(each)
        elif isinstance(each, list):
            pending.extend(each[:10])
        elif isinstance(each, dict):
            pending.extend(each[name] for name in SPOKEN if name in each)
