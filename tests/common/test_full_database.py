"""A laptop whose disk is full: what cannot be written down is refused, not a bug."""

import sqlite3

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory

from common import drf
from common.middleware import DomainErrorMiddleware


def failed_write(statement: str) -> OperationalError:
    """What Django raises for a statement in a SQLite database that may not grow."""
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE texts (text)")
        database.execute("PRAGMA max_page_count = 2")
        with pytest.raises(sqlite3.OperationalError) as raised:
            database.execute(statement, ["x" * 100_000])
    failure = OperationalError(*raised.value.args)
    failure.__cause__ = raised.value
    return failure


def test_a_database_that_has_no_room_is_refused_at_both_doors() -> None:
    failure = failed_write("INSERT INTO texts VALUES (?)")

    by_api = drf.problem(failure, {})
    by_page = DomainErrorMiddleware(lambda request: HttpResponse()).process_exception(
        RequestFactory().get("/api/"), failure
    )

    assert by_api is not None
    assert by_page is not None
    assert (by_api.status_code, by_page.status_code) == (507, 507)
    assert b"a disk is full" in by_api.content


def test_another_failure_of_the_database_stays_loud() -> None:
    failure = failed_write("INSERT INTO no_such_table VALUES (?)")

    assert drf.problem(failure, {}) is None
