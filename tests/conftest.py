"""Who is in the stories: Alice owns, Bob shares, Mallory knocks."""

import os
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection
from django.test import Client

from accounts.models import Plan, User
from generator import catalogue
from tests.hostile import ALICE, Watchful, hostile

SECOND_BROWSER = {"test_every_page.py", "test_sharing.py", "test_pages.py", "test_admin_catalogue.py"}
SECOND_REAL = {"test_up.py", "test_crowd.py", "test_live.py", "test_original.py", "test_webhook_kills.py"}
"""About half of the seconds that tests of their kind take."""
HAS_FAILED = pytest.StashKey[bool]()
OTHERS_END = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database can be dropped in the end, whatever threads of this process still hold of it."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(OTHERS_END)


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
        fields.setdefault("name", hostile(handle, 80))
        return User.objects.create_user(f"{handle}@example.org", "a fine pass phrase", handle=handle, **fields)

    return make


@pytest.fixture
def alice(person: Callable[..., User]) -> User:
    return person("alice", name=ALICE)


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
        client = Watchful()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed_in


@pytest.fixture
def shipped(db: None) -> None:
    """The catalogue as it ships."""
    catalogue.sync()


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the marks when it comes to its turn
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browsers and whole studios keep to two processes each; the rest runs wherever there is room (`make test`)."""
    for item in items:
        if name := _process_of(item):
            item.add_marker(pytest.mark.xdist_group(name))


def _process_of(item: pytest.Item) -> str:
    """What its tests share a process with, "" where that does not matter."""
    if item.get_closest_marker("browser"):
        return "second browser" if item.path.name in SECOND_BROWSER else "browser"
    if item.get_closest_marker("real"):
        if item.path.parent.name == "schema":
            return "document"
        return "second real" if item.path.name in SECOND_REAL else "real"
    return ""


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """In CI a skipped test is a failed one: a part that is missing there must be seen. Fixtures learn who failed."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    item.stash[HAS_FAILED] = report.failed or item.stash.get(HAS_FAILED, False)
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Skipped in CI: {report.longrepr}"
