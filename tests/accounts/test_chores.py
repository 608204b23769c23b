from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import tasks
from accounts.models import User
from config.celery import app


def test_sessions_that_ran_out_are_removed(alice: User, client_of: Callable[[User], Client]) -> None:
    client_of(alice)
    client_of(alice)
    old = Session.objects.first()
    assert old is not None
    Session.objects.filter(pk=old.pk).update(expire_date=timezone.now() - timedelta(days=1))

    tasks.sweep()

    assert not Session.objects.filter(pk=old.pk).exists()
    assert Session.objects.count() == 1


@pytest.mark.parametrize("name", settings.CHORES)
def test_every_chore_is_a_task(name: str) -> None:
    app.loader.import_default_modules()

    assert name in app.tasks


@pytest.mark.parametrize("address", ["/", "/gallery/", "/account/", "/no-such-page/"])
def test_a_private_page_is_kept_by_no_cache(
    alice: User, client_of: Callable[[User], Client], shipped: None, address: str
) -> None:
    assert client_of(alice).get(address)["Cache-Control"] == "private, no-store"
