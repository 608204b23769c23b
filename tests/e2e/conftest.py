"""A studio as `make run` starts it, and Chromium to visit it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.hf_server import HFServer
from tests.real import servers
from tests.real.studio import ROOT, Studio

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    *["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
    *["--disable-background-networking", "--disable-component-update"],
]


@pytest.fixture(scope="session")
def provider() -> Iterator[HFServer]:
    """Hugging Face, as far as this studio knows; it has no token of the server's, people bring theirs."""
    with HFServer() as server:
        yield server


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory, provider: HFServer) -> Iterator[Studio]:
    studio = Studio(tmp_path_factory.mktemp("e2e"), HF_HUB_URL=provider.url, HF_ROUTER_URL=provider.url)
    supervisor = subprocess.Popen([sys.executable, "manage.py", "up"], cwd=ROOT, env=studio.environment)
    servers.until(lambda: servers.answers(studio.port), what="the studio answering")
    yield studio
    supervisor.terminate()
    supervisor.wait(20)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed (Debian: chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


Visit = Callable[..., Page]


@pytest.fixture
def visit(chromium: Browser, studio: Studio) -> Iterator[Visit]:
    """A page of a new visitor: `visit(width=390, theme="dark", language="fr", javascript=False)`.

    In the end nothing was asked of another host, and nothing broke the content policy or threw.
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

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
        page.on("request", lambda request: _same_host(request.url, studio, wrong))
        return page

    yield new
    for context in contexts:
        context.close()
    assert wrong == []


def _same_host(url: str, studio: Studio, wrong: list[str]) -> None:
    if not url.startswith((studio.address, "data:", "blob:")):
        wrong.append(f"asked another host: {url}")
