"""What a text may hold. Pure."""

import re

UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters (newline and tab apart) and halves of surrogate pairs."""


def is_clean(text: str) -> bool:
    """Whether the text has no control characters but newlines and tabs, and is valid Unicode."""
    return UNWANTED.search(text) is None


def shown(text: str, *, most: int = 100) -> str:
    """The start of a text that somebody sent, fit to be sent back: at most `most` characters."""
    return UNWANTED.sub("\N{REPLACEMENT CHARACTER}", text[:most])
