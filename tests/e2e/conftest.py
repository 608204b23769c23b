"""A studio as `make run` starts it, and Chromium to visit it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.utils.text import slugify
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests import chromium as installed
from tests.conftest import HAS_FAILED
from tests.e2e.neighbour import website
from tests.hf_server import HFServer
from tests.real import servers
from tests.real.studio import ROOT, Studio

SCREENSHOTS = Path(os.environ.get("SCREENSHOTS") or ROOT / "var/screenshots")
expect.set_options(timeout=15_000)  # two cores draw for several browsers and studios at once


@pytest.fixture(scope="session")
def provider() -> Iterator[HFServer]:
    """Hugging Face, as far as this studio knows; it has no token of the server's, people bring theirs."""
    with HFServer() as server:
        yield server


@pytest.fixture(scope="session")
def neighbour() -> Iterator[str]:
    """The origin of somebody else's website, whose pages may use the API."""
    with website() as origin:
        yield origin


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory, provider: HFServer, neighbour: str) -> Iterator[Studio]:
    environment = {"HF_HUB_URL": provider.url, "HF_ROUTER_URL": provider.url, "CORS_ALLOWED_ORIGINS": neighbour}
    environment["WEBHOOK_ALLOW_PRIVATE"] = "true"
    studio = Studio(tmp_path_factory.mktemp("e2e"), **environment)
    supervisor = subprocess.Popen([sys.executable, "manage.py", "up"], cwd=ROOT, env=studio.environment)
    servers.until(lambda: servers.answers(studio.port), seconds=120, what="the studio answering")
    yield studio
    supervisor.terminate()
    supervisor.wait(20)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Closed before other tests go on in this process: its event loop runs in their thread."""
    if not installed.PROGRAM.exists():
        pytest.skip("Chromium is not installed (Debian: chromium-headless-shell)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed.PROGRAM, args=installed.FLAGS)
        yield browser
        browser.close()


Visit = Callable[..., Page]
Enter = Callable[..., Page]
LOOKS = pytest.mark.parametrize(("width", "theme", "language"), [(1440, "light", "en"), (390, "dark", "fr")])
"""Each width, theme and language once; every page in every pair of them is for test_every_page.py."""


@pytest.fixture
def visit(chromium: Browser, studio: Studio, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A page of a new visitor: `visit(width=390, theme="dark", language="fr", javascript=False)`.

    In the end nothing was asked of another host, and nothing broke the content policy or threw. Where the test failed,
    a screenshot of each page stays among those of test_every_page.py, and what was asked is told.
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []
    asked: list[str] = []

    def new(*, width: int = 1440, theme: str = "light", language: str = "en", javascript: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            locale=language,
            java_script_enabled=javascript,
            base_url=studio.address,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: wrong.append(line.text) if "Content Security Policy" in line.text else None)
        page.on("request", lambda request: same_host(request.url, studio, wrong))
        page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
        page.on("response", lambda response: asked.append(f"{response.status} {response.url}"))
        return page

    yield new
    if request.node.stash.get(HAS_FAILED, False):
        keep_what_was_seen(request.node.name, contexts)
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture(scope="session")
def arrive(studio: Studio) -> Iterator[Callable[..., dict[str, Any]]]:
    """Somebody new: `arrive(pictures=6)` (tests/e2e/arrivals.py)."""
    script = "from tests.e2e import arrivals; arrivals.run()"
    command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", script]
    options: dict[str, Any] = {"cwd": ROOT, "env": studio.environment, "text": True}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options) as door:

        def ask(**wishes: Any) -> dict[str, Any]:
            assert door.stdin
            assert door.stdout
            print(json.dumps(wishes), file=door.stdin, flush=True)
            found: dict[str, Any] = json.loads(door.stdout.readline())
            return found

        yield ask


@pytest.fixture
def enter(visit: Visit, studio: Studio, arrive: Callable[..., dict[str, Any]]) -> Enter:
    """A page of somebody new who is signed in: `enter("/gallery/", pictures=6, width=390)`."""

    def new(at: str = "/", *, pictures: int = 0, curator: bool = False, collection: str = "", **look: Any) -> Page:
        found = arrive(pictures=pictures, curator=curator, collection=collection)
        page = visit(**look)
        page.context.add_cookies([{"name": "sessionid", "value": found["session"], "url": studio.address}])
        page.goto(at or found["collection"])
        return page

    return new


def keep_what_was_seen(test: str, contexts: list[BrowserContext]) -> None:
    """Screenshots of every open page, named after the test."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(page for context in contexts for page in context.pages):
        with suppress(PlaywrightError):
            page.screenshot(path=SCREENSHOTS / f"failed-{slugify(test)}-{number}.png")


def same_host(url: str, studio: Studio, wrong: list[str]) -> None:
    """Remember what was asked of another host than the studio."""
    if not url.startswith((studio.address, "data:", "blob:")):
        wrong.append(f"asked another host: {url}")
