"""Prompts as the numbers that the text encoder reads: CLIP's byte-level byte pairs, in pure Python."""

import json
import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

START, END = "<|startoftext|>", "<|endoftext|>"
SPECIAL = re.compile(f"({re.escape(START)}|{re.escape(END)})")
CONTRACTIONS = ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d")
# Unicode's White_Space property; str.isspace() also counts U+001C to U+001F, which CLIP keeps.
WHITE_SPACE = frozenset("\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | {
    chr(code) for code in range(0x2000, 0x200B)
}

Pair = tuple[str, str]


class Tokenizer:
    """Encodes like the CLIP tokenizer of the transformers library, from the same files.

    Source: Radford et al. 2019 (byte-level pairs) and 2021 (CLIP's word pattern).
    """

    def __init__(self, folder: Path) -> None:
        settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
        merges = (folder / "merges.txt").read_text(encoding="utf-8").splitlines()[1:]
        self.length: int = settings["model_max_length"]
        self._ids: dict[str, int] = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
        self._ranks = {_pair(line): rank for rank, line in enumerate(filter(None, merges))}
        self._unknown = self._ids[settings["unk_token"]]
        self._padding = self._ids[settings["pad_token"]]

    def encode(self, text: str) -> list[int]:
        """Exactly `length` token ids: start, the text cut where it is too long, end, padding."""
        room = self.length - 2
        ids = [self._ids[START], *self._text_ids(text)[:room], self._ids[END]]
        return ids + [self._padding] * (self.length - len(ids))

    def _text_ids(self, text: str) -> list[int]:
        ids: list[int] = []
        for piece in SPECIAL.split(text):
            if SPECIAL.fullmatch(piece):
                ids.append(self._ids[piece])
            else:
                for word in _words(_normal(piece)):
                    ids += (self._ids.get(symbol, self._unknown) for symbol in self._symbols(word))
        return ids

    def _symbols(self, word: str) -> list[str]:
        symbols = [BYTE_SYMBOLS[byte] for byte in word.encode("utf-8", "surrogatepass")]
        symbols[-1] += "</w>"
        while pair := self._first_to_merge(symbols):
            symbols = _merged(symbols, pair)
        return symbols

    def _first_to_merge(self, symbols: list[str]) -> Pair | None:
        known = [pair for pair in pairwise(symbols) if pair in self._ranks]
        return min(known, key=self._ranks.__getitem__, default=None)


def _pair(line: str) -> Pair:
    first, second = line.split()
    return first, second


def _merged(symbols: list[str], pair: Pair) -> list[str]:
    merged: list[str] = []
    following = iter(zip(symbols, [*symbols[1:], ""], strict=True))
    for here in following:
        if here == pair:
            merged.append("".join(pair))
            next(following)
        else:
            merged.append(here[0])
    return merged


def _normal(text: str) -> str:
    # One character at a time: lowering a whole word would turn a last sigma into its final form.
    return "".join(character.lower() for character in unicodedata.normalize("NFC", text))


def _words(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = _word_end(text, start)
        if text[start] not in WHITE_SPACE:
            yield text[start:end]
        start = end


def _word_end(text: str, start: int) -> int:
    """Where the word at `start` ends: after a contraction, some letters, one digit, or some of the rest."""
    for contraction in CONTRACTIONS:
        if text.startswith(contraction, start):
            return start + len(contraction)
    kind, end = _kind(text[start]), start + 1
    while kind != "N" and end < len(text) and _kind(text[end]) == kind:
        end += 1
    return end


def _kind(character: str) -> str:
    if character in WHITE_SPACE:
        return " "
    category = unicodedata.category(character)[0]
    return category if category in "LN" else "x"


def _byte_symbols() -> list[str]:
    """One printable character for each byte: itself where it is printable, otherwise the next from U+0100."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    spare = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(spare)) for byte in range(0x100)]


BYTE_SYMBOLS = _byte_symbols()
