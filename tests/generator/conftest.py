"""What the stories of the generator need: a quick model, and words for what was asked."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import tokens
from generator import backends, services
from generator.models import Generation
from generator.params import Params
from tests.hostile import BLUR, MUG, NOTE, Watchful, hostile


@pytest.fixture
def run_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[type], None]:
    """The built-in model is run by this stand-in."""

    def use(backend: type) -> None:
        monkeypatch.setitem(backends.BACKENDS, "builtin", f"{backend.__module__}.{backend.__name__}")
        backends._made.cache_clear()

    yield use
    monkeypatch.undo()
    backends._made.cache_clear()


@pytest.fixture
def ask(shipped: None) -> Callable[..., Generation]:
    """Submit a small picture of a red mug for somebody."""

    def submit(user: User, **wishes: Any) -> Generation:
        taken = {} if "model" in wishes else {"negative_prompt": BLUR}
        params = Params(**{"prompt": MUG, **taken, "width": 64, "height": 64, "steps": 5, **wishes})
        return services.submit(user=user, params=params, metadata=NOTE)

    return submit


@pytest.fixture
def api(shipped: None) -> Callable[..., Client]:
    """A program with a token: `api(alice)`, `api(alice, "read")`."""

    def client(owner: User, *scopes: str) -> Client:
        _, secret = tokens.make(user=owner, name=hostile("test", 50), scopes=scopes or tokens.SCOPES)
        return Watchful(headers={"authorization": f"Bearer {secret}"})

    return client
