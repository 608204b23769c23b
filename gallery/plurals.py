"""The plural of a searched word from its singular and back, in English and French: by rule, and never by cutting deep.

A search looks for parts of words, so `mug` finds `mugs` by itself; only what is not a part of the other needs a rule.
"""

IRREGULAR = {
    "men": "man", "women": "woman", "people": "person", "children": "child", "grandchildren": "grandchild",
    "feet": "foot", "teeth": "tooth", "geese": "goose", "mice": "mouse", "oxen": "ox",
    "leaves": "leaf", "loaves": "loaf", "knives": "knife", "wolves": "wolf", "shelves": "shelf", "scarves": "scarf",
    "halves": "half", "elves": "elf", "selves": "self", "calves": "calf", "hooves": "hoof", "thieves": "thief",
    "wives": "wife", "dwarves": "dwarf",
    "heroes": "hero", "echoes": "echo", "zeroes": "zero", "buses": "bus", "gases": "gas", "lenses": "lens",
    "viruses": "virus", "atlases": "atlas", "cacti": "cactus", "fungi": "fungus",
    "taxis": "taxi", "skis": "ski", "kiwis": "kiwi", "menus": "menu",
    "yeux": "oeil", "cieux": "ciel", "feux": "feu", "jeux": "jeu",
}  # fmt: skip
IRREGULAR_PLURALS = {one: many for many, one in IRREGULAR.items()}
RULES = (
    # ending, how many letters must stand before it, what may stand in its place
    ("ies", 2, ("ie", "y")),
    ("sses", 2, ("ss",)),
    ("shes", 2, ("sh",)),
    ("ches", 2, ("ch",)),
    ("xes", 2, ("x",)),
    ("zzes", 2, ("zz", "z")),
    ("oes", 4, ("o", "oe")),
    ("ss", 0, ("ss",)),
    ("men", 2, ("men", "man")),
    ("man", 2, ("man", "men")),
    ("eus", 2, ("eu",)),
    ("ous", 2, ("ou",)),
    ("ssus", 2, ("ssu",)),
    ("is", 5, ("i",)),
    ("is", 0, ("is",)),
    ("us", 5, ("u",)),
    ("us", 0, ("us",)),
    ("s", 3, ("",)),
    ("eaux", 1, ("eau",)),
    ("aux", 2, ("au", "al", "ail")),
    ("eux", 2, ("eu",)),
    ("oux", 2, ("ou",)),
    ("ail", 3, ("ail", "aux")),
    ("al", 3, ("al", "aux")),
    ("y", 2, ("y", "ie")),
)


def variants(word: str) -> tuple[str, ...]:
    """What to look for, any one of them, where somebody writes this folded word."""
    if irregular := IRREGULAR.get(word) or IRREGULAR_PLURALS.get(word):
        return (word, irregular)
    for ending, least, instead in RULES:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= least and stem[-1:].isalpha():
            return tuple(stem + end for end in instead)
    return (word,)
