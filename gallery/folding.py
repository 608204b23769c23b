"""Text as a search sees it: without case, accents and double spaces. Pure."""

import re
import unicodedata
from collections.abc import Iterable

LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "’": "'"})
SPACE = re.compile(r"[\s\0]+")
"""A NUL too: PostgreSQL takes none, and no text has one."""


def fold(text: str) -> str:
    """The text in its search form: "Œuvre  D’ÉTÉ" and "oeuvre d'ete" are the same."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return SPACE.sub(" ", bare.translate(LIGATURES)).strip()


def search_text(*, title: str, prompt: str, tags: Iterable[str]) -> str:
    """What a search looks in: a line of the title, one of the prompt, and one for each tag (see `tag_line`)."""
    lines = [fold(title), fold(prompt)]
    return "".join(f"{line}\n" for line in lines if line) + "".join(tag_line(tag) for tag in tags)


def tag_line(tag: str) -> str:
    """How one tag stands in the search text: whole, so that `shop` is not found in `workshop`."""
    return f"#{fold(tag)}\n"
