"""The database: its clock, its connection given back before something slow, and what a failure of it means."""

import sqlite3
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection
from django.db.models import DateTimeField, Value
from django.db.models.expressions import Combinable, Func
from django.utils import timezone


def database_now() -> Combinable:
    """The time by the database's clock, as an expression (SQLite: by ours, its own has only milliseconds)."""
    if connection.vendor == "postgresql":
        return Func(function="clock_timestamp", template="%(function)s()", output_field=DateTimeField())
    return Value(timezone.now(), output_field=DateTimeField())


def release_connection() -> None:
    """Close this thread's connection (the pool takes it back), unless a transaction of the caller is open."""
    if not connection.in_atomic_block:
        connection.close()


def insist(write: Callable[[], object]) -> None:
    """Do a write that may be repeated; once more, over a new connection, where the database went away in its middle.

    Inside a transaction of the caller it is done once.
    """
    try:
        write()
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block:
            raise
        release_connection()
        write()


def disk_is_full(error: BaseException) -> bool:
    """Whether SQLite raised this because it had no room to write."""
    return getattr(error.__cause__, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
