"""The words named in the hint under the prompt."""

import json

import pytest

from generator.backends.builtin.vocabulary import NAMED_AT_MOST, WORDS, fold, unknown_words


@pytest.mark.parametrize(
    "prompt",
    [
        "a red mug on a yellow background, studio lighting",
        "Product photo of a GOLDEN key, 4k, highly detailed.",
        "un chat noir sur fond jaune",
        "Une montagne verte au coucher du soleil",
        "photo d'un vélo bleu à l’arrière-plan blanc",
        "t-shirt, close-up, e-commerce",
        "a small dog in a meadow, no shadow",
        "un petit livre et une grande tasse",
        "",
        "   \n\t",
        "... !!! -- () 1234 16:9 ½",
    ],
)
def test_a_prompt_of_known_words_needs_no_hint(prompt):
    assert unknown_words(prompt) == []


def test_unknown_words_come_in_order_once_and_as_written():
    found = unknown_words("A Dragon and a unicorn, the dragon flies over a red mug")

    assert found == ["Dragon", "unicorn", "flies"]


@pytest.mark.parametrize("prompt", ["un sac a dos", "UN SAC À DOS", "le sac a\u0300 dos"])
def test_case_and_accents_do_not_matter(prompt):
    assert unknown_words(prompt) == []


@pytest.mark.parametrize("prompt", ["table lamps", "water bottles", "sacs à dos", "puppies", "watches", "bateaux"])
def test_a_plural_is_known_with_its_singular(prompt):
    assert unknown_words(prompt) == []


@pytest.mark.parametrize(
    ("name", "part"), [("a water bottle", "water"), ("un sac à dos", "dos"), ("a running shoe", "running")]
)
def test_a_part_of_a_name_is_known_only_inside_it(name, part):
    assert unknown_words(name) == []
    assert unknown_words(f"a red mug, {part}") == [part]


def test_an_unknown_word_with_a_hyphen_is_named_whole():
    assert unknown_words("a sci-fi t-shirt") == ["sci-fi"]


def test_apostrophes_part_words():
    assert unknown_words("l'éléphant d’azur isn't the dog's") == ["éléphant", "azur"]


def test_emoji_and_other_scripts_are_named():
    found = unknown_words("a mug 👩‍👩‍👧 🇫🇷❤️👍🏽 日本語 مرحبا می‌خواهم हिन्दी")

    assert found == ["👩‍👩‍👧", "🇫🇷", "❤️", "👍🏽", "日本語", "مرحبا", "می‌خواهم", "हिन्दी"]


def test_signs_are_no_words():
    assert unknown_words("a mug™ at 45° © 20 € ≈ √") == []


def test_a_hint_stays_short():
    words = [f"wolf{letter}" for letter in "abcdefghijkl"]

    assert unknown_words(" ".join(words)) == words[:NAMED_AT_MOST]
    assert unknown_words("x" * 1000) == ["x" * 30 + "…"]


@pytest.mark.parametrize(
    "prompt",
    ["ﷺ" * 1000, "🐉" * 1000, "\u0301" * 1000, "\u200d" * 1000, "w-" * 500, "\ud83d" * 9, "sac à " * 160],
)
def test_any_thousand_characters_get_an_answer(prompt):
    assert len(unknown_words(prompt)) <= 1


def test_the_word_list_is_folded_and_sorted():
    names = json.loads(WORDS.read_text(encoding="utf-8"))

    assert names == sorted({fold(name) for name in names})
    assert {"mug", "sac a dos", "table lamp", "rouge", "background", "fond"} <= set(names)
