"""Idempotency keys of the day before an update are known after it, and after the way back."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.models import User
from generator import once
from generator.models import Generation
from tests.gallery.test_migrations import migrate, migrate_on

BEFORE = [("generator", "0005_webhook_of_a_generation")]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def whole() -> Iterator[None]:
    """Afterwards the database is as it is today."""
    yield
    migrate_on()


def test_a_key_outlives_the_move_and_the_way_back(alice: User, ask: Callable[..., Generation], whole: None) -> None:
    keyed, found = ask(alice), ask(alice)
    once.answer(user=alice, key="made", digest="body", find_or_make=lambda: (keyed, True))
    for key in ("older", "newer"):
        once.answer(user=alice, key=key, digest="body", find_or_make=lambda: (found, False))

    old: Any = migrate(BEFORE).get_model("generator", "Generation").objects
    keys = {row.pk: (row.idempotency_key, row.idempotency_digest) for row in old.all()}
    migrate_on()

    assert keys == {keyed.pk: ("made", "body"), found.pk: ("older", "body")}
    assert once.of_key(user=alice, key="made", digest="body") == keyed
    assert once.of_key(user=alice, key="older", digest="body") == found
    assert once.of_key(user=alice, key="newer", digest="body") is None
