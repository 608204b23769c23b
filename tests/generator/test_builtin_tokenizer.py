"""The built-in tokenizer against what the transformers library answered (see vectors/)."""

import json
from pathlib import Path

import pytest

from generator.backends.builtin.files import WEIGHTS
from generator.backends.builtin.tokenizer import Tokenizer

RECORDED = json.loads((Path(__file__).parent / "vectors/tokenizer.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer(WEIGHTS / "tokenizer")


@pytest.mark.parametrize(("text", "ids"), RECORDED, ids=[text[:20].encode("unicode_escape") for text, _ in RECORDED])
def test_a_text_becomes_the_tokens_that_transformers_makes_of_it(tokenizer, text, ids):
    assert tokenizer.encode(text) == ids


def test_every_text_fills_the_same_number_of_tokens(tokenizer):
    lengths = {len(tokenizer.encode(text)) for text in ("", "mug", "mug " * 250, "🙂" * 1000)}

    assert lengths == {tokenizer.length}


def test_half_an_emoji_is_encoded_all_the_same(tokenizer):
    assert len(tokenizer.encode("mug \ud83d")) == tokenizer.length
