"""The plural of a searched word from its singular and back, in English and French: by rule, and never by cutting deep.

A search looks for parts of words, so `mug` finds `mugs` by itself; only what is not a part of the other needs a rule.
"""

IRREGULAR = {
    "men": "man", "women": "woman", "people": "person", "children": "child", "feet": "foot", "teeth": "tooth",
    "geese": "goose", "mice": "mouse", "leaves": "leaf", "loaves": "loaf", "knives": "knife", "wolves": "wolf",
    "shelves": "shelf", "scarves": "scarf", "halves": "half", "yeux": "oeil", "cieux": "ciel",
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
