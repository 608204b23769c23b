"""Who is in the stories: Alice owns, Bob shares, Mallory knocks."""

import os
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.test import Client

from accounts.models import Plan, User
from generator import catalogue


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    """Budgets and usual seconds of one test do not reach the next."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    """A media folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def plans(db: None) -> None:
    """The three plans, brought back where a test of real transactions left an empty database."""
    if not Plan.objects.exists():
        import_module("accounts.migrations.0002_plans").add_plans(apps, None)


@pytest.fixture
def person(plans: None) -> Callable[..., User]:
    """Make somebody: `person("carol", plan=...)`."""

    def make(handle: str, **fields: Any) -> User:
        return User.objects.create_user(f"{handle}@example.org", "a fine pass phrase", handle=handle, **fields)

    return make


@pytest.fixture
def alice(person: Callable[..., User]) -> User:
    return person("alice", name="Alice Martin")


@pytest.fixture
def bob(person: Callable[..., User]) -> User:
    return person("bob")


@pytest.fixture
def mallory(person: Callable[..., User]) -> User:
    return person("mallory")


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A signed-in browser without JavaScript."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed_in


@pytest.fixture
def shipped(db: None) -> None:
    """The catalogue as it ships."""
    catalogue.sync()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """In CI a skipped test is a failed one: a part that is missing there must be seen."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Skipped in CI: {report.longrepr}"
