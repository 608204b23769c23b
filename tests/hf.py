"""Hugging Face for a test: import the fixture into a conftest or a test file (`from tests.hf import hf as hf`)."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.hf_server import HFServer


@pytest.fixture
def hf(settings: Any) -> Iterator[HFServer]:
    """The emulator, and the studio's settings pointed at it."""
    with HFServer() as server:
        settings.HF_HUB_URL = settings.HF_ROUTER_URL = server.url
        settings.HF_TOKEN = "hf_good"
        yield server
