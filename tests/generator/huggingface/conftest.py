"""What the stories of Hugging Face need: the emulator, and one call after the other."""

import pytest

from generator.backends.huggingface import linked, queued
from tests.hf import hf as hf


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests wait less between two questions."""
    monkeypatch.setattr(linked, "PAUSES", (0.01, 0.01))
    monkeypatch.setattr(queued, "FIRST_PAUSE", 0.01)
