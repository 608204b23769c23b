"""The orders in which images and collections are listed, and how a list goes on from any place in it."""

import base64
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import BigIntegerField, ExpressionWrapper, F, Func, Model, Q, QuerySet
from django.db.models.functions import Cast, Left

from common.errors import InvalidInput
from common.texts import is_clean

Row = TypeVar("Row", bound=Model)
COMPARED = 60
MOMENT = "%Y%m%dT%H%M%S%f"


@dataclass(frozen=True)
class Order:
    """By `key` and then by id, both the same way round; `of` computes the key of one row as the database does.

    `write` and `read` put a key into a cursor, without underscores; `read` raises `ValueError` for what none wrote.
    """

    key: F | Func | ExpressionWrapper
    of: Callable[[Any], Any]
    write: Callable[[Any], str]
    read: Callable[[str], Any]
    descending: bool = True

    def sorted(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """All of them in this order."""
        return self._sorted(rows, self.descending)

    def after(self, rows: QuerySet[Row], key: Any, pk: UUID) -> QuerySet[Row]:
        """Those that come after this place, the nearest first."""
        return self._beyond(rows, key, pk, self.descending)

    def before(self, rows: QuerySet[Row], key: Any, pk: UUID) -> QuerySet[Row]:
        """Those that come before this place, the nearest first."""
        return self._beyond(rows, key, pk, not self.descending)

    def _beyond(self, rows: QuerySet[Row], key: Any, pk: UUID, descending: bool) -> QuerySet[Row]:
        """The second condition repeats part of the first, as the range that an index can be read in."""
        way = "lt" if descending else "gt"
        beyond = Q(**{f"place__{way}": key}) | Q(**{f"pk__{way}": pk})
        further: Any = rows.alias(place=self.key).filter(beyond, **{f"place__{way}e": key})
        return self._sorted(further, descending)

    def _sorted(self, rows: QuerySet[Row], descending: bool) -> QuerySet[Row]:
        return rows.order_by(*((self.key.desc(), "-pk") if descending else (self.key.asc(), "pk")))


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows in some order; `newer` and `older` are cursors of the pages before and after it in that order, or ""."""

    rows: list[Row]
    newer: str
    older: str


def page(of: QuerySet[Row], *, sort: str, size: int, cursor: str = "") -> Page[Row]:
    """Of whatever rows those at `cursor`, `size` at most, in an order of `ORDERS`.

    Takes the same time at any depth where an index has the order. Raises `InvalidInput` on `cursor` for one that no
    page in this order gave.
    """
    order = ORDERS[sort]
    if not cursor:
        rows = list(order.sorted(of)[: size + 1])
        return Page(rows[:size], "", _cursor("older", sort, rows[size - 1]) if len(rows) > size else "")
    direction, place = _parsed(cursor, sort)
    if direction == "older":
        rows = list(order.after(of, *place)[: size + 1])
        shown, more_newer, more_older = rows[:size], True, len(rows) > size
    else:
        rows = list(order.before(of, *place)[: size + 1])
        shown, more_newer, more_older = rows[:size][::-1], len(rows) > size, True
    return Page(
        shown,
        _cursor("newer", sort, shown[0]) if shown and more_newer else "",
        _cursor("older", sort, shown[-1]) if shown and more_older else "",
    )


def _cursor(direction: str, sort: str, row: Row) -> str:
    order = ORDERS[sort]
    return f"{direction}_{sort}_{order.write(order.of(row))}_{row.pk.hex}"


def _parsed(cursor: str, sort: str) -> tuple[str, tuple[Any, UUID]]:
    try:
        direction, of_sort, value, pk = cursor.split("_")
        if direction not in ("older", "newer") or of_sort != sort:
            raise ValueError(cursor)
        return direction, (ORDERS[sort].read(value), UUID(pk))
    except (ValueError, OverflowError) as error:
        raise InvalidInput([("cursor", "bad_cursor", {})]) from error


def _write_moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(MOMENT)


def _read_moment(text: str) -> datetime:
    return datetime.strptime(text, MOMENT).replace(tzinfo=UTC)


def _write_text(text: str) -> str:
    return base64.b16encode(text.encode()).decode()


def _read_text(text: str) -> str:
    words = base64.b16decode(text).decode()
    if not is_clean(words):
        raise ValueError(text)
    return words


def _read_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValueError(text)
    return int(text)


def _read_position(text: str) -> float:
    position = float.fromhex(text)
    if not math.isfinite(position):
        raise ValueError(text)
    return position


def _by_moment(field: str, *, descending: bool = True) -> Order:
    return Order(F(field), lambda row: getattr(row, field), _write_moment, _read_moment, descending)


ORDERS = {
    "newest": _by_moment("created_at"),
    "oldest": _by_moment("created_at", descending=False),
    "title": Order(
        Left("search_text", COMPARED),
        lambda image: image.search_text[:COMPARED],
        _write_text,
        _read_text,
        descending=False,
    ),
    "largest": Order(
        ExpressionWrapper(Cast("width", BigIntegerField()) * F("height"), BigIntegerField()),
        lambda image: image.width * image.height,
        str,
        _read_number,
    ),
    "published": _by_moment("published_at"),
    "deleted": _by_moment("deleted_at"),
    "placed": Order(F("position"), lambda entry: entry.position, float.hex, _read_position, descending=False),
}
"""`placed` is the order that somebody gave a collection.

`title` goes by what an image is called where it is listed: its title, or else the beginning of its prompt.

`largest` says twice that its products are large: PostgreSQL computes with what it is given, and Django leaves out a
comparison with what its field could not hold.
"""
