"""A list of prompts from a file, and being told of what ends meanwhile, as somebody sees it in a browser."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e import steps
from tests.e2e.conftest import Enter

pytestmark = pytest.mark.browser

FILE = """prompt,width,height,steps
"a red mug, studio lighting",64,64,5
a white boat at sunset,65,64,5
a brown dog on the grass,64,64,5
"""

CLICKED = """async (notification) => {
  const done = [];
  WindowClient.prototype.focus = async function () { done.push(["focus", this.url]); };
  clients.openWindow = async (address) => done.push(["open", address]);
  const event = new ExtendableEvent("notificationclick");
  let leading;
  event.waitUntil = (promise) => (leading = promise);
  event.notification = { ...notification, close() {} };
  dispatchEvent(event);
  await leading;
  return done;
}"""
"""Press a notification, and see what the worker does."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three lines, of which the second is wrong."""
    path = tmp_path / "mugs.csv"
    path.write_text(FILE)
    return path


@pytest.mark.parametrize(
    ("width", "theme", "language", "javascript"),
    [(1440, "light", "en", False), (390, "dark", "fr", True)],
)
def test_a_file_is_read_queued_and_watched_until_its_results_can_be_taken(
    enter: Enter, file: Path, width: int, theme: str, language: str, javascript: bool
) -> None:
    page = enter("/batches/", width=width, theme=theme, language=language, javascript=javascript)

    page.set_input_files("#id_file", file)
    page.locator("main form .btn-primary").click()
    expect(page.locator(".lines tbody tr")).to_have_count(3)
    expect(page.locator(".lines .line-state code")).to_have_text(["width"])

    page.locator("#queue").click()
    if javascript:
        page.evaluate("document.getElementById('quota').textContent = 'before'")
    expect(page.locator(".lines .thumbs img")).to_have_count(2, timeout=60_000)
    expect(page.locator("#quota")).to_contain_text("8")
    expect(page.locator("#cancel")).to_have_count(0)
    if javascript:
        assert steps.faults(page) == []

    with page.expect_download() as download:
        page.locator("a[href$='results.csv']").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert [row["status"] for row in rows] == ["succeeded", "problem", "succeeded"]

    page.locator(".lines .thumbs a").first.click()
    expect(page.locator("h1")).to_contain_text("a red mug")


def test_a_deleted_list_comes_back_by_its_undo(enter: Enter) -> None:
    page = enter("/batches/")
    page.fill("#id_lines", "a red mug\na white boat")
    page.locator("main form .btn-primary").click()

    page.locator("#delete").click()
    expect(page.locator(".lists .rows a")).to_have_count(0)
    page.locator("#toasts form button").click()

    expect(page.locator(".lines tbody tr")).to_have_count(2)


def test_what_ends_while_one_looks_elsewhere_stands_in_the_title_and_on_the_icon(enter: Enter) -> None:
    page = enter()
    page.add_init_script("Object.defineProperty(document, 'hidden', {get: () => Boolean(window.away)})")
    page.goto("/")
    title, icon = page.title(), page.locator("link[rel=icon]").get_attribute("href")
    page.evaluate("window.away = true")

    steps.ask(page, "a red mug", side=64)
    steps.picture(page)

    expect(page).to_have_title(f"(1) {title}")
    assert "mark-badge" in str(page.locator("link[rel=icon]").get_attribute("href"))
    expect(page.locator("#said")).to_contain_text("a red mug")

    page.evaluate("window.away = false; document.dispatchEvent(new Event('visibilitychange'))")
    expect(page).to_have_title(title)
    steps.until(page, "icon => document.querySelector('link[rel=icon]').href.endsWith(icon)", icon)


def test_the_system_tells_of_it_only_where_that_was_asked_for(enter: Enter) -> None:
    page = enter()
    page.add_init_script(
        """
        window.told = [];
        window.Notification = class extends EventTarget {
          static permission = "default";
          static requestPermission() { this.permission = "granted"; return Promise.resolve("granted"); }
          constructor(title, options) { super(); window.told.push(options.body); }
        };
        Object.defineProperty(document, "hidden", {get: () => Boolean(window.away)});
        """
    )
    page.goto("/")
    expect(page.locator("#tell-me")).to_have_count(0)
    steps.ask(page, "a white boat at sunset", steps=50)

    page.locator("#tell-me").click()
    page.evaluate("window.away = true")

    expect(page.locator("#tell-me")).to_be_hidden()
    steps.picture(page)
    steps.until(page, "words => window.told.some((one) => one.includes(words))", "a white boat at sunset")


def test_the_page_of_a_generation_tells_of_its_end_too(enter: Enter) -> None:
    page = enter()
    page.add_init_script("Object.defineProperty(document, 'hidden', {get: () => Boolean(window.away)})")
    page.goto("/")
    steps.ask(page, "a red mug", steps=100, side=512)
    page.locator("#running .job-prompt").click()
    expect(page.locator("#tell-me")).to_have_count(1)
    title = page.title()

    page.evaluate("window.away = true; document.dispatchEvent(new Event('visibilitychange'))")

    expect(page.locator("#generation .made img")).to_be_visible(timeout=60_000)
    expect(page).to_have_title(f"(1) {title}")


def test_where_only_its_worker_may_tell_the_worker_tells_and_a_click_leads_there(enter: Enter) -> None:
    page = enter()
    page.context.grant_permissions(["notifications"])
    page.add_init_script(
        """
        window.Notification = class {
          static permission = "granted";
          constructor() { throw new TypeError("Illegal constructor."); }
        };
        window.told = [];
        ServiceWorkerRegistration.prototype.showNotification = async (title, options) => window.told.push(options);
        Object.defineProperty(document, "hidden", {get: () => Boolean(window.away)});
        """
    )
    page.goto("/")
    steps.ask(page, "a white boat at sunset", steps=50)
    page.evaluate("window.away = true")
    steps.until(page, "words => window.told.some((one) => one.body.includes(words))", "a white boat at sunset")

    told = page.evaluate("window.told[0]")
    assert told["tag"].startswith("/generations/")
    [worker] = page.context.service_workers
    answered = worker.evaluate(CLICKED, told)
    assert answered == [["focus", page.url]]
    assert worker.evaluate(CLICKED, {**told, "data": "http://elsewhere/"}) == [["open", told["tag"]]]
