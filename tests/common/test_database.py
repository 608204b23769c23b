"""A write that the database drops is done once more, where that is safe."""

import pytest
from django.db import Error, IntegrityError, InterfaceError, OperationalError, transaction

from common.database import insist


class Write:
    """Fails with each of `failures`, one after the other, and then works."""

    def __init__(self, *failures: Error) -> None:
        self.failures = list(failures)
        self.calls = 0

    def __call__(self) -> None:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)


@pytest.mark.parametrize("failure", [OperationalError(), InterfaceError()])
def test_a_write_whose_connection_broke_is_done_once_more(failure: Error) -> None:
    write = Write(failure)

    insist(write)

    assert write.calls == 2


def test_a_database_that_stays_away_is_not_asked_for_ever() -> None:
    write = Write(*[OperationalError()] * 3)

    with pytest.raises(OperationalError):
        insist(write)

    assert write.calls == 2


def test_a_write_that_breaks_a_rule_is_not_repeated() -> None:
    write = Write(IntegrityError())

    with pytest.raises(IntegrityError):
        insist(write)

    assert write.calls == 1


@pytest.mark.django_db
def test_a_write_inside_a_transaction_is_not_repeated_without_the_rest_of_it() -> None:
    write = Write(OperationalError())

    with pytest.raises(OperationalError), transaction.atomic():
        insist(write)

    assert write.calls == 1
