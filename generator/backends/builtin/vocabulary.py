"""Which words of a prompt the built-in model knows. Pure Python: pages ask too."""

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from generator.backends.builtin.files import WEIGHTS

WORDS = WEIGHTS / "vocabulary.json"
NAMED_AT_MOST = 8
LONGEST_SHOWN = 30
FIRST_EMOJI = "\u2190"
JOINERS = "\u200c\u200d"
PIECE = re.compile(r"w[wmj]*(?:-[wmj]+)*|rr?|em*(?:j+em*)*")
"""A word, a flag or an emoji, in a text of kinds (see `_kind`)."""

Part = tuple[str, str]
"""A folded word, and the piece of the prompt that it is (a part of)."""


def unknown_words(prompt: str) -> list[str]:
    """At most 8 words (or emoji) the model does not know: each once, as written, in the prompt's order.

    English and French; case, accents and plurals do not matter. Numbers and single letters are no words.
    """
    pieces = list(_pieces(prompt))
    parts_of = {piece: _parts(piece) for piece in set(pieces)}
    unmatched = _unmatched([(part, piece) for piece in pieces for part in parts_of[piece]])
    unknown: dict[tuple[str, ...], str] = {}
    for piece in dict.fromkeys(unmatched):
        unknown.setdefault(tuple(parts_of[piece]), _shown(piece))
    return list(unknown.values())[:NAMED_AT_MOST]


def fold(text: str) -> str:
    """The text without case and accents."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def folded_words(text: str) -> list[str]:
    """The words of a text, folded; a word with hyphens is several."""
    return [part for piece in _pieces(text) for part in _parts(piece)]


def _pieces(text: str) -> Iterator[str]:
    kinds = "".join(map(_kind, text))
    return (text[found.start() : found.end()] for found in PIECE.finditer(kinds))


def _kind(character: str) -> str:
    """What a character is: w(ord), m(ark on the one before), j(oiner), r (half a flag), e(moji), -, gap."""
    if character in JOINERS:
        return "j"
    if "\U0001f1e6" <= character <= "\U0001f1ff":
        return "r"
    category = unicodedata.category(character)
    if category[0] == "M" or "\U0001f3fb" <= character <= "\U0001f3ff":
        return "m"
    if category == "So" and character >= FIRST_EMOJI:
        return "e"
    return "-" if category == "Pd" else "w" if category[0] in "LN" else " "


def _parts(piece: str) -> list[str]:
    return [part for part in re.split(r"[^\w]+", fold(piece)) if part] or [piece]


def _unmatched(parts: list[Part]) -> Iterator[str]:
    """The pieces that have a part in no known name, longest names first."""
    names, longest, words = _known()
    heads = [_singular(part, words) for part, _ in parts]
    start = 0
    while start < len(parts):
        lengths = range(min(longest, len(parts) - start), 0, -1)
        length = next((n for n in lengths if " ".join(heads[start : start + n]) in names), 0)
        if not length and not _is_no_word(parts[start][0]):
            yield parts[start][1]
        start += length or 1


def _singular(word: str, words: frozenset[str]) -> str:
    """The known word that this is a plural or the singular of, or the word itself."""
    stems = [word, word + "s"]
    if len(word) > 3 and word[-1] in "sx":
        stems.append(word[:-1])
    if len(word) > 4 and word.endswith("es"):
        stems.append(word[:-2])
    if len(word) > 4 and word.endswith("ies"):
        stems.append(word[:-3] + "y")
    return next((stem for stem in stems if stem in words), word)


def _is_no_word(part: str) -> bool:
    return part.isnumeric() or (len(part) == 1 and "a" <= part <= "z")


def _shown(piece: str) -> str:
    return piece if len(piece) <= LONGEST_SHOWN else piece[:LONGEST_SHOWN] + "…"


@cache
def _known() -> tuple[frozenset[str], int, frozenset[str]]:
    """The known names, the number of words in the longest, and every word in one of them."""
    names: list[str] = json.loads(WORDS.read_text(encoding="utf-8"))
    words = [name.split() for name in names]
    return frozenset(names), max(map(len, words)), frozenset(word for name in words for word in name)
