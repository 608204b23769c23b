"""What a text may hold. Pure."""

import re
from typing import Any

Problem = tuple[str, str, dict[str, Any]]
"""A field, the code of a sentence, and the arguments of that sentence."""
UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters (newline and tab apart) and halves of surrogate pairs."""


def is_clean(text: str) -> bool:
    """Whether the text has no control characters but newlines and tabs, and is valid Unicode."""
    return UNWANTED.search(text) is None


def problems(field: str, text: str, *, most: int) -> list[Problem]:
    """What is wrong with a text: more than `most` characters, or control characters."""
    if len(text) > most:
        return [(field, "too_long", {"most": most, "length": len(text)})]
    return [] if is_clean(text) else [(field, "control_characters", {})]


def shown(text: str, *, most: int = 100) -> str:
    """The start of a text that somebody sent, fit to be sent back: at most `most` characters."""
    return UNWANTED.sub("\N{REPLACEMENT CHARACTER}", text[:most])
