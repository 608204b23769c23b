"""Words compared with words: what two prompts share, and what one has that the other has not."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from generator.backends.builtin.vocabulary import fold

PLURAL_FROM = 4
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_]+")
"""A word; in writing without spaces a character."""
PAUSE = re.compile(r"[,;:.!?…、，。；：！？]+(?:\s+|$)|\n+|[、，。；：！？]")
LITTLE_WORDS = frozenset((
    "a", "an", "the", "and", "or", "of", "on", "in", "at", "to", "with", "by", "for", "from", "into", "its", "some",
    "un", "une", "des", "le", "la", "les", "l", "de", "du", "d", "et", "ou", "sur", "dans", "au", "aux", "avec", "par",
    "pour", "en", "sous",
))  # fmt: skip


@dataclass(frozen=True)
class Change:
    """Words that were `added` or `left_out`."""

    kind: str
    words: str


@lru_cache(maxsize=2048)
def words(text: str) -> frozenset[str]:
    """The words of a text without case, accents, plural and little words."""
    return frozenset(_singular(word) for word in WORD.findall(fold(text)) if word not in LITTLE_WORDS)


def likeness(one: str, other: str) -> float:
    """The Jaccard index, 0 to 1: how much of all their words both texts have."""
    ours, theirs = words(one), words(other)
    return len(ours & theirs) / len(ours | theirs) if ours or theirs else 0.0


def kept(before: str, after: str) -> float:
    """How much of the words of `before` is in `after`, 0 to 1."""
    wanted = words(before)
    return len(wanted & words(after)) / len(wanted) if wanted else 1.0


def changes(before: str, after: str) -> list[Change]:
    """What `after` adds and leaves out, in phrases, in the order of the texts; words that only moved are no change."""
    old, new = _places(before), _places(after)
    found: list[Change] = []
    for tag, i, i_end, j, j_end in SequenceMatcher(None, _keys(old), _keys(new), autojunk=False).get_opcodes():
        if tag != "equal":
            found += [Change("left_out", phrase) for phrase in _phrases(before, old[i:i_end], known=words(after))]
            found += [Change("added", phrase) for phrase in _phrases(after, new[j:j_end], known=words(before))]
    return found


def _phrases(text: str, run: Sequence[tuple[str, int, int]], *, known: frozenset[str]) -> Iterator[str]:
    """The parts of a text between its pauses that have a word which is not `known`."""
    if run:
        for phrase in PAUSE.split(unicodedata.normalize("NFC", text)[run[0][1] : run[-1][2]]):
            if words(phrase) - known:
                yield phrase[: max(end for key, _, end in _places(phrase) if key not in LITTLE_WORDS)].strip()


def _keys(places: Sequence[tuple[str, int, int]]) -> list[str]:
    return [key for key, _, _ in places]


def _places(text: str) -> list[tuple[str, int, int]]:
    """Each word as it is compared, and where it stands in the composed text."""
    composed = unicodedata.normalize("NFC", text)
    return [(_singular(fold(found[0])), found.start(), found.end()) for found in WORD.finditer(composed)]


def _singular(word: str) -> str:
    return word[:-1] if len(word) >= PLURAL_FROM and word[-1] in "sx" else word
