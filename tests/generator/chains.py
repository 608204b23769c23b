"""Generations that go down their chains over scripted providers (`from tests.generator.chains import ask as ask`)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.models import User
from generator import backends, runner, services
from generator.models import Generation
from generator.params import Params
from tests.generator.providers import Providers
from tests.hostile import MUG, NOTE

SCHNELL, TURBO = "black-forest-labs/FLUX.1-schnell", "Tongyi-MAI/Z-Image-Turbo"
Ask = Callable[..., Generation]


@pytest.fixture
def providers(monkeypatch: pytest.MonkeyPatch, settings: Any, shipped: None) -> Iterator[None]:
    """The shipped catalogue, run by `Providers` with the server's token."""
    Providers.reset()
    settings.HF_TOKEN = "hf_server"
    monkeypatch.setitem(backends.BACKENDS, "huggingface", "tests.generator.providers.Providers")
    backends._made.cache_clear()
    yield
    monkeypatch.undo()
    backends._made.cache_clear()


@pytest.fixture
def ask(providers: None) -> Ask:
    def submit(user: User, **wishes: Any) -> Generation:
        asked = {"prompt": MUG, "model": "flux-1-schnell", "width": 64, "height": 64, **wishes}
        return services.submit(user=user, params=Params(**asked), metadata=NOTE)

    return submit


def take(generation: Generation, *, turns: int = 1, queue: str = "provider") -> Generation:
    """After so many turns, each of them due at once."""
    for _ in range(turns):
        Generation.objects.filter(pk=generation.pk).update(not_before=None)
        runner.take_turn(queue)
    generation.refresh_from_db()
    return generation


def story(generation: Generation) -> list[tuple[str, str, str, str]]:
    """Model, provider, outcome and code of each attempt."""
    rows = generation.attempts.select_related("model").order_by("pk")
    return [(row.model.slug, row.provider, row.outcome, row.code) for row in rows]
