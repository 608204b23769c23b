"""Programs that speak the original design's endpoints."""

import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from accounts.services import tokens
from gallery import storage
from gallery.models import Image
from gallery.services import images
from generator import backends, runner
from tests.gallery.conftest import drawn, recipe_of
from tests.hostile import MUG, hostile


@pytest.fixture
def program(shipped: None) -> Callable[..., Client]:
    """A program with a token: `program(alice)`, `program(alice, "read")`."""

    def client(owner: User, *scopes: str) -> Client:
        _, secret = tokens.make(user=owner, name=hostile("test", 50), scopes=scopes or tokens.SCOPES)
        return Client(headers={"authorization": f"Bearer {secret}"}, raise_request_exception=False)

    return client


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch, shipped: None) -> Iterator[Callable[[type], None]]:
    """A worker beside the test, whose built-in model is the one it is given: `worker(Painter)`."""
    stopping = threading.Event()

    def work() -> None:
        while not stopping.wait(0.02):
            runner.take_turn("local")
        connection.close()

    thread = threading.Thread(target=work)

    def use(backend: type) -> None:
        monkeypatch.setitem(backends.BACKENDS, "builtin", f"{backend.__module__}.{backend.__name__}")
        backends._made.cache_clear()
        thread.start()

    yield use
    stopping.set()
    thread.join()
    monkeypatch.undo()
    backends._made.cache_clear()


@pytest.fixture
def picture() -> Callable[[User], Image]:
    """An image of somebody, with its bytes."""

    def of(owner: User, prompt: str = MUG) -> Image:
        recipe = recipe_of(prompt=prompt)
        stored = storage.store(owner_id=owner.pk, marked=storage.marked(content=drawn(), recipe=recipe))
        return images.add_image(owner=owner, stored=stored, recipe=recipe)

    return of
