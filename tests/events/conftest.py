"""Programs that listen, and something to tell them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from events import tasks, types, webhooks
from events.models import Delivery, Event, WebhookEndpoint
from events.services import emit
from tests.events.receiver import Receiver
from tests.hostile import hostile

Listen = Callable[..., Receiver]
Add = Callable[..., tuple[WebhookEndpoint, str]]


@pytest.fixture
def listen(settings: Any) -> Iterator[Listen]:
    """Start a receiver with these answers; our own machine may be reached."""
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with ExitStack() as running:
        yield lambda *answers: running.enter_context(Receiver(*answers))


@pytest.fixture
def add() -> Add:
    """A webhook of somebody's, and its secret."""

    def make(user: User, receiver: Receiver, **fields: Any) -> tuple[WebhookEndpoint, str]:
        fields = {"url": receiver.address, "events": list(types.TOLD), "description": hostile("shop", 200), **fields}
        return webhooks.add(user=user, **fields)

    return make


def happened(user: User, name: str = types.SUCCEEDED, *, also_to: str = "", reference: str = "g") -> Event:
    """Something happened to a generation of theirs."""
    with transaction.atomic():
        return emit(
            name, user=user, reference=reference, data={"id": reference, "prompt": hostile("é")}, also_to=also_to
        )


def send_due(*, hurry: bool = False) -> None:
    """Send what is due; with `hurry`, also what would be due later."""
    if hurry:
        Delivery.objects.filter(status="waiting").update(next_try_at=timezone.now())
    tasks.run_deliveries()


def try_all(times: int = 8) -> None:
    """So many tries, however long they are to wait."""
    for _ in range(times):
        send_due(hurry=True)
