"""From a code and its arguments to a sentence in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise

_SENTENCES: dict[str, str | Promise] = {}


def register(sentences: Mapping[str, str | Promise]) -> None:
    """Add an app's templates, `str.format` style; each app does this when it is ready.

    Raises `ValueError` where another sentence has one of the codes: a code means one thing.
    """
    if taken := {code for code in sentences if _SENTENCES.get(code, sentences[code]) is not sentences[code]}:
        raise ValueError(f"These codes have a sentence already: {sorted(taken)}")
    _SENTENCES.update(sentences)


def say(code: str, **arguments: Any) -> str:
    """The sentence of `code` in the language active now. Raises `KeyError` for a code nobody registered."""
    return str(_SENTENCES[code]).format(**arguments)


def what_happened(code: str, **arguments: Any) -> str:
    """The same without what to do about it, for where that is no question any more: its first sentence."""
    first, stop, _ = say(code, **arguments).partition(". ")
    return first + stop.strip()


def template(code: str) -> str:
    """The sentence of `code` with its arguments still to be filled in."""
    return str(_SENTENCES[code])


def codes() -> set[str]:
    """Every code that has a sentence."""
    return set(_SENTENCES)
