"""A secret that was replaced before there could be several signs on, and again after going back."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from common import ciphers
from events import signing
from events.models import SigningKey, WebhookEndpoint
from tests.gallery.test_migrations import migrate, migrate_on

BEFORE = [("events", "0004_deliveries_of_a_user")]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def before(plans: None) -> Iterator[Any]:
    """The apps when one secret before the newest was kept; afterwards the database is whole again."""
    yield migrate(BEFORE)
    migrate_on()


def signatures(key: Any) -> int:
    return signing.signatures(key, message_id="msg_1", at=timezone.now(), body="{}").count("v1,")


def test_the_secret_before_signs_on_and_can_be_gone_back_to(alice: User, before: Any) -> None:
    closed = {"secret": ciphers.close(signing.new_secret())}
    was = {
        "previous_secret": ciphers.close(signing.new_secret()),
        "previous_until": timezone.now() + timedelta(hours=1),
    }
    Old, OldKey = (before.get_model("events", name) for name in ("WebhookEndpoint", "SigningKey"))
    Old.objects.create(user_id=alice.pk, url="http://127.0.0.1/", **closed, **was)
    Old.objects.create(user_id=alice.pk, url="http://127.0.0.2/", **closed)
    OldKey.objects.create(user_id=alice.pk, **closed, **was)

    migrate_on()

    assert [signatures(each) for each in WebhookEndpoint.objects.order_by("url")] == [2, 1]
    assert signatures(SigningKey.objects.get()) == 2
    Old = migrate(BEFORE).get_model("events", "WebhookEndpoint")
    rows = Old.objects.order_by("url").values_list("previous_secret", "previous_until")
    assert [(bytes(secret) if secret else None, until) for secret, until in rows] == [tuple(was.values()), (None, None)]
