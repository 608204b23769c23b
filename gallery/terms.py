"""What is looked for in the gallery: words and filters, from the text in the search field and back to it. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from common.texts import is_clean, shown
from gallery import folding
from gallery.plurals import variants

TEXT_MAX = 300
TERMS_MAX = 12
YEARS = range(1900, 3000)
CHOICES = {
    "mode": ("text", "picture"),
    "is": ("favourite", "shared", "public", "remix"),
    "has": ("source", "title", "tags"),
}
SPELLINGS = {"favorite": "favourite", "text-to-image": "text", "image-to-image": "picture"}
WHOLE = ("steps", "width", "height")
MANY = ("tag", "is", "has", "collection")
"""The filters of which several make sense at once."""

OPENING = "“„«"
AROUND_WORDS = ",;.!?()"
AROUND_VALUES = ",;"
"""Punctuation that belongs to a sentence and not to what is looked for, where that is not in quotes."""

TERM = re.compile(
    r"""
    [\s,;.!?()]* (?P<minus>-(?=\S)[,;.!?()]*)?
    (?: (?P<name>[a-z\u00c0-\u024f][a-z\u00c0-\u024f\u0300-\u036f]*) : (?![\s/]|\Z)
        | (?P<bare>model|mode|style|tag|seed|steps|guidance|width|height|made|is|has|collection) : (?=\s|\Z) )?
    (?: "(?P<quoted>(?:[^"]|"")*)"? | [“„«](?P<curly>[^“”»]*)[“”»]? | (?P<plain>\S*) )
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""One term. Its parts begin with different characters, so that reading takes time in proportion to the text."""

NUMBER = re.compile(r"\d{1,6}(?:[.,]\d{1,3})?", re.ASCII)
WHOLE_NUMBER = re.compile(r"\d{1,6}", re.ASCII)
SEED = re.compile(r"\d{1,18}", re.ASCII)
DAY = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)
Problem = tuple[str, dict[str, Any]]
Days = tuple[date | None, date | None]
Span = tuple[float | None, float | None]


class BadSearch(Exception):
    """The text is no search: `problems` lists a code and the arguments of its sentence."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(", ".join(code for code, _ in problems))
        self.problems = problems


@dataclass(frozen=True)
class Word:
    """A word, or words in quotes, which are looked for exactly so."""

    value: str
    negated: bool = False
    exact: bool = False

    @property
    def text(self) -> str:
        """As it is typed."""
        return ("-" if self.negated else "") + (_quoted(self.value) if self.exact else self.value)

    @property
    def variants(self) -> tuple[str, ...]:
        """What to look for in the folded text, any one of them: the word, and its singular or plural."""
        folded = folding.fold(self.value)
        return (folded,) if self.exact else variants(folded)


@dataclass(frozen=True)
class Filter:
    """A name and a value that the name takes, in its shortest spelling."""

    name: str
    value: str
    negated: bool = False

    @property
    def text(self) -> str:
        """As it is typed."""
        bare = self.value and not re.search(r"\s", self.value) and self.value[0] not in OPENING + '"/'
        bare = bare and self.value.strip(AROUND_VALUES) == self.value
        return f"{'-' if self.negated else ''}{self.name}:{self.value if bare else _quoted(self.value)}"

    @property
    def span(self) -> Span:
        """The least and the greatest number it lets through; None for an open end."""
        first, last = _ends(self.value)
        return (float(first) if first else None), (float(last) if last else None)

    @property
    def days(self) -> Days:
        """The first and the last day it lets through; None for an open end."""
        first, last = _ends(self.value)
        return (_days(first)[0] if first else None), (_days(last)[1] if last else None)


Term = Word | Filter


@dataclass(frozen=True)
class Terms:
    """All that must hold of an image. False where that is nothing."""

    words: tuple[Word, ...] = ()
    filters: tuple[Filter, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.filters)

    @property
    def all(self) -> tuple[Term, ...]:
        """The words, then the filters."""
        return self.words + self.filters

    def text(self) -> str:
        """As it is typed, in its shortest spelling; it parses to the same terms."""
        return " ".join(term.text for term in self.all)

    def without(self, term: Term) -> "Terms":
        """The terms but one."""
        words = tuple(word for word in self.words if word != term)
        return Terms(words, tuple(each for each in self.filters if each != term))

    def with_filter(self, name: str, value: str) -> "Terms":
        """With this filter, in place of another of the same name where only one makes sense; "" takes those away.

        Raises `BadSearch`.
        """
        others = tuple(each for each in self.filters if each.name != name or (value and name in MANY))
        added = (Filter(name, _checked(name, " ".join(value.split()))),) if value else ()
        return Terms(self.words, tuple(dict.fromkeys(others + added)))

    def value_of(self, name: str) -> str:
        """What the first filter of this name that is not negated says, or ""."""
        return next((each.value for each in self.filters if each.name == name and not each.negated), "")


def parse(text: str) -> Terms:
    """Words and filters of a text to 300 characters, at most 12 together. Raises `BadSearch`."""
    if len(text) > TEXT_MAX:
        raise BadSearch([("too_long", {"most": TEXT_MAX, "length": len(text)})])
    if not is_clean(text):
        raise BadSearch([("control_characters", {})])
    terms: dict[Term, None] = {}
    problems: list[Problem] = []
    for found in TERM.finditer(text):
        try:
            terms.update(dict.fromkeys(_read(found)))
        except BadSearch as wrong:
            problems += wrong.problems
    if len(terms) > TERMS_MAX:
        problems.append(("too_many_terms", {"most": TERMS_MAX}))
    if problems:
        raise BadSearch(problems)
    words = tuple(term for term in terms if isinstance(term, Word))
    return Terms(words, tuple(term for term in terms if isinstance(term, Filter)))


def _read(found: re.Match[str]) -> list[Term]:
    """The term of a match; none where nothing is left of it."""
    quoted = found["quoted"].replace('""', '"') if found["quoted"] is not None else found["curly"]
    name, negated = folding.fold(found["name"] or found["bare"] or ""), bool(found["minus"])
    plain = (found["plain"] or "").strip(AROUND_VALUES if name else AROUND_WORDS)
    value = " ".join((plain if quoted is None else quoted).split())
    if name:
        return [Filter(name, _checked(name, value), negated)]
    if not folding.fold(value) or value == "-":
        return []
    return [Word(value, negated, exact=quoted is not None)]


def _checked(name: str, value: str) -> str:
    """The value in its shortest spelling. Raises `BadSearch` for an unknown name or a value that it does not take."""
    if name not in FILTERS:
        raise BadSearch([("unknown_filter", {"name": shown(name), "known": ", ".join(FILTERS)})])
    if not folding.fold(value):
        raise BadSearch([("filter_empty", {"name": name})])
    return FILTERS[name](name, value)


def _as_it_is(name: str, value: str) -> str:
    return value


def _choice(name: str, value: str) -> str:
    choice = SPELLINGS.get(value.lower(), value.lower())
    if choice not in CHOICES[name]:
        choices = ", ".join(f"{name}:{each}" for each in CHOICES[name])
        raise BadSearch([("filter_choice", {"name": name, "value": shown(value), "choices": choices})])
    return choice


def _seed(name: str, value: str) -> str:
    if not SEED.fullmatch(value):
        raise BadSearch([("filter_seed", {"value": shown(value)})])
    return str(int(value))


def _range(name: str, value: str) -> str:
    """Ends that are given the wrong way round are turned round."""
    ends = _ends(value)
    pattern = WHOLE_NUMBER if name in WHOLE else NUMBER
    if not any(ends) or not all(pattern.fullmatch(end) for end in ends if end):
        raise BadSearch([("filter_range", {"name": name, "value": shown(value)})])
    numbers = [f"{float(end.replace(',', '.')):.10g}" if end else "" for end in ends]
    return _joined(sorted(numbers, key=float) if all(numbers) else numbers)


def _made(name: str, value: str) -> str:
    """The same for days, months and years."""
    ends = list(_ends(value))
    try:
        days = [_days(end) for end in ends if end]
    except ValueError:
        days = []
    if not days:
        raise BadSearch([("filter_days", {"value": shown(value)})])
    return _joined(ends[::-1] if days[0][0] > days[-1][1] else ends)


FILTERS: dict[str, Callable[[str, str], str]] = {
    "model": _as_it_is,
    "mode": _choice,
    "style": _as_it_is,
    "tag": _as_it_is,
    "seed": _seed,
    "steps": _range,
    "guidance": _range,
    "width": _range,
    "height": _range,
    "made": _made,
    "is": _choice,
    "has": _choice,
    "collection": _as_it_is,
}
"""The filters, and what reads their values."""


def _ends(value: str) -> tuple[str, str]:
    """Both ends of `20..30`; of a single value, twice that."""
    first, dots, last = value.partition("..")
    return (first.strip(), last.strip()) if dots else (value, value)


def _joined(ends: list[str]) -> str:
    return ends[0] if ends[0] == ends[1] else "..".join(ends)


def _days(text: str) -> tuple[date, date]:
    """The first and the last day of a day, a month or a year. Raises `ValueError`."""
    found = DAY.fullmatch(text)
    if not found or int(found[1]) not in YEARS:
        raise ValueError(text)
    year, month = int(found[1]), int(found[2] or 1)
    first = date(year, month, int(found[3] or 1))
    if found[3]:
        return first, first
    months = 1 if found[2] else 12
    beyond = date(year + (month - 1 + months) // 12, (month - 1 + months) % 12 + 1, 1)
    return first, beyond - timedelta(days=1)


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
