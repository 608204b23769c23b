"""Writes the words that the built-in model knows, from the captions it was trained on.

    python tests/generator/vectors/make_vocabulary.py path/to/words.py

`words.py` is the caption generator of the training. Writes `weights/vocabulary.json`: every known word and
every name of several words, folded as `vocabulary.fold` does. A part of a name ("water" of "water bottle") is
known only inside that name; the words of scenes, light, shadow and filler are known each by itself.
"""

import importlib.util
import json
import random
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT))

from generator.backends.builtin.vocabulary import WORDS, folded_words  # noqa: E402

CAPTIONS = 60_000
GRAMMAR = """
a an the this that these those some any my your his her its our their i it he she we you they me us
them and or but nor of in on at by to from with without for as into onto over under near next beside
behind between around above below inside outside up down is are be was were been has have having do
does not no so very more most than then there here who which what whose where when while please all
both each other another show make draw generate create don isn doesn re ve ll un une des le la les l
d du de au aux ce cet cette ces mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs je
tu il elle on nous vous ils elles et ou mais ni dans sur sous avec sans pour par vers chez entre
devant derriere pres contre en y est sont etre a as ai qui que quoi dont qu ne pas plus tres si se s
jusqu lorsqu cote milieu dessus dessous aussi bien tout toute tous toutes autre autres chaque fais
faire dessine montre cree genere
"""


def training_words(path):
    spec = importlib.util.spec_from_file_location("words", path)
    words = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(words)
    return words


def names(words):
    """Every name of an object and of a colour, in both languages."""
    for english, french in words.OBJ_WORDS.values():
        yield from english
        yield from (name for name, _ in french)
    for english, french in words.COLOR_WORDS.values():
        yield from [*english, *french]


def captions(words):
    """Many captions about one object and one colour of single-word names, without nonsense words."""
    words.OBJ_WORDS = {"apple": (["apple"], [("pomme", "f"), ("livre", "m")])}
    words.COLOR_WORDS = {"red": (["red"], ("rouge", "rouge"))}
    words._junk = lambda random_: ""
    choose = random.Random(0)
    for _ in range(CAPTIONS):
        spec = {
            "obj": "apple",
            "color": "red",
            "bg": "red",
            "scene": choose.choice([None, *words.SCENE_WORDS]),
            "size": choose.choice([None, "small", "large"]),
            **{name: choose.random() < 0.5 for name in ("nobg", "studio", "shadow", "flat")},
        }
        yield words.caption(spec, choose, french=0.5)


def main():
    words = training_words(sys.argv[1])
    known = {" ".join(folded_words(name)) for name in names(words)}
    for text in (*captions(words), GRAMMAR):
        known.update(folded_words(text))
    WORDS.write_text(json.dumps(sorted(known), indent=0, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
