"""A file with a prompt a line, read into wishes. Pure."""

import csv
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from common.texts import UNWANTED, Problem, is_clean, shown

LINES_MAX = 200
BYTES_MAX = 256 * 1024
HEADER_READ = 2000
UNKNOWN_NAMED = 10
SEPARATORS = (",", ";", "\t")
NONE_OF_THEM = "\x1f"
CANNOT_BE_READ = {"not_a_whole_number", "not_a_number", "control_characters", "too_many_cells"}
"""Codes of what only another file mends."""
WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
DECIMAL = re.compile(r"[+-]?[0-9]{1,9}([.,][0-9]{1,9})?")
EXCEL_SAYS = re.compile(r"sep=(.)\n", re.IGNORECASE)


class Unreadable(Exception):
    """The file as a whole is refused: the code of a sentence and its arguments."""

    def __init__(self, code: str, **arguments: Any) -> None:
        super().__init__(code)
        self.code = code
        self.arguments = arguments


@dataclass(frozen=True)
class Line:
    """One row: its `number` as a spreadsheet shows it, the members of a request, and what could not be read."""

    number: int
    wish: dict[str, Any]
    problems: list[Problem]


def read(content: bytes) -> list[Line]:
    """The lines of a CSV file in UTF-8, with comma, semicolon or tab; the first row names its columns.

    A file whose first row names no column is a list of prompts. Empty rows are skipped. Raises `Unreadable`.
    """
    if len(content) > BYTES_MAX:
        raise Unreadable("too_large", kilobytes=BYTES_MAX // 1024)
    try:
        text = _unix(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Unreadable("not_utf8") from error
    told = EXCEL_SAYS.match(text)
    separators = (told[1],) if told and told[1] in SEPARATORS else SEPARATORS
    skipped = 1 if told else 0
    text = text[told.end() :] if told else text
    names, separator = _header(text.split("\n", 1)[0], separators)
    if not names:
        return _few_enough(_prompts((number + skipped, words) for number, words in _list(text)))
    rows = [(number + skipped, row) for number, row in _rows(text, separator) if any(cell.strip() for cell in row)]
    return _few_enough(_named(names, rows))


def read_prompts(text: str) -> list[Line]:
    """The lines of a text with a prompt in each. Raises `Unreadable`."""
    if len(text.encode("utf-8", "replace")) > BYTES_MAX:
        raise Unreadable("too_large", kilobytes=BYTES_MAX // 1024)
    return _few_enough(_prompts((number, row) for number, row in enumerate(_unix(text).split("\n"), start=1)))


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _header(first: str, separators: Iterable[str]) -> tuple[list[str], str]:
    """The names of the columns and what separates them; no names where the first row is no header."""
    for separator in separators:
        cells = next(csv.reader([first[:HEADER_READ]], delimiter=separator), [])
        names = ["_".join(cell.lower().split()) for cell in cells]
        known = [name for name in names if name in COLUMNS]
        if "prompt" in known or (known and 2 * len(known) >= len(names)):
            return _checked(names), separator
    return [], NONE_OF_THEM


def _checked(names: list[str]) -> list[str]:
    """The same names. Raises `Unreadable` where some are not known, one stands twice, or the prompt is missing."""
    unknown = list(dict.fromkeys(shown(name, most=40) for name in names if name and name not in COLUMNS))
    if len(unknown) == 1:
        raise Unreadable("unknown_column", name=unknown[0], columns=", ".join(COLUMNS))
    if unknown:
        quoted = ", ".join(f"“{name}”" for name in unknown[:UNKNOWN_NAMED])
        rest = ", …" if len(unknown) > UNKNOWN_NAMED else ""
        raise Unreadable("unknown_columns", names=quoted + rest, columns=", ".join(COLUMNS))
    for name in names:
        if name and names.count(name) > 1:
            raise Unreadable("column_twice", name=name)
    if "prompt" not in names:
        raise Unreadable("no_prompt_column")
    return names


def _list(text: str) -> Iterable[tuple[int, str]]:
    """A prompt a line, in quotation marks or not; where they do not fit together they are part of the words."""
    try:
        return [(number, row[0]) for number, row in _rows(text, NONE_OF_THEM) if row]
    except Unreadable:
        return enumerate(text.split("\n"), start=1)


def _rows(text: str, separator: str) -> Iterable[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        yield from enumerate(reader, start=1)
    except csv.Error as error:
        raise Unreadable("broken_csv", line=reader.line_num) from error


def _named(names: list[str], rows: list[tuple[int, list[str]]]) -> list[Line]:
    return [_line(number, names, cells) for number, cells in rows[1:]]


def _prompts(rows: Iterable[tuple[int, str]]) -> list[Line]:
    return [_line(number, ["prompt"], [text]) for number, text in rows if text.strip()]


def _line(number: int, names: list[str], cells: list[str]) -> Line:
    wish: dict[str, Any] = {"prompt": ""}
    problems: list[Problem] = []
    beyond = [
        cell for name, cell in zip([*names, *[""] * len(cells)], cells, strict=False) if not name and cell.strip()
    ]
    if beyond:
        problems.append(("", "too_many_cells", {"columns": len(names)}))
    for name, cell in zip(names, cells, strict=False):
        if not name or not cell.strip():
            continue
        wish[name], code = _value(name, cell.strip())
        if code:
            problems.append((name, code, {}))
    return Line(number, wish, problems)


def _value(name: str, cell: str) -> tuple[Any, str]:
    """The value, and the code of what is wrong with it or ""; what is wrong is kept as it can be shown."""
    if not is_clean(cell):
        return UNWANTED.sub("\N{REPLACEMENT CHARACTER}", cell), "control_characters"
    return COLUMNS[name](cell)


def _text(cell: str) -> tuple[Any, str]:
    return cell, ""


def _whole(cell: str) -> tuple[Any, str]:
    return (int(cell), "") if WHOLE.fullmatch(cell) else (cell, "not_a_whole_number")


def _decimal(cell: str) -> tuple[Any, str]:
    return (float(cell.replace(",", ".")), "") if DECIMAL.fullmatch(cell) else (cell, "not_a_number")


COLUMNS: dict[str, Callable[[str], tuple[Any, str]]] = {
    "prompt": _text,
    "negative_prompt": _text,
    "model": _text,
    "style": _text,
    "width": _whole,
    "height": _whole,
    "steps": _whole,
    "guidance": _decimal,
    "scheduler": _text,
    "seed": _whole,
    "images": _whole,
    "source_image": _text,
    "strength": _decimal,
}
"""What a file may name, and how each is read."""


def _few_enough(lines: list[Line]) -> list[Line]:
    if not lines:
        raise Unreadable("no_lines")
    if len(lines) > LINES_MAX:
        raise Unreadable("too_many_lines", most=LINES_MAX, lines=len(lines))
    return lines
