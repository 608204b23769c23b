"""Pages that only come up on the way, the back office, the theme and the language, and the page without a network.

Every page that has an address of its own is looked at by test_every_page.py.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.conftest import LOOKS, Enter
from tests.e2e.wording import in_english
from tests.hf_server import HFServer

pytestmark = pytest.mark.browser
KEPT = """async () => {
  const shelves = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  const requests = await Promise.all(shelves.map((shelf) => shelf.keys()));
  return requests.flat().map((request) => new URL(request.url).pathname);
}"""


@pytest.fixture
def hub(provider: HFServer) -> Iterator[HFServer]:
    """Every provider works, and the language model knows what to add to the words."""
    provider.reset()
    provider.settings(chat_answer="une tasse rouge sur un fond jaune, vapeur")
    yield provider
    provider.reset()


def on_the_way(page: Page, hub: HFServer) -> Iterator[str]:
    """What somebody comes to see without asking for it by an address; its name."""
    steps.ask(page, "une tasse rouge sur un fond jaune", seed=42)
    steps.picture(page)
    yield "a picture on the stage"
    page.locator("#composer [name=seed]").press("Enter")
    expect(page.locator("#offer a.btn")).to_be_visible()
    yield "the picture that is there already"
    yield from with_a_token(page, hub)


def with_a_token(page: Page, hub: HFServer) -> Iterator[str]:
    """Better words, what is there already, another model than the asked one, and what could not be made."""
    steps.bring_token(page, "hf_expired")
    yield "a token that is refused"
    steps.bring_token(page)
    yield "a token that is kept"
    page.goto("/?model=hidream-i1-full")
    page.fill("#id_prompt", "une tasse rouge sur un fond jaune")
    page.locator("#improve").click()
    expect(page.locator("#id_proposal")).to_be_visible()
    expect(page.locator("#alike a").first).to_be_visible()
    yield "better words, and pictures of the same words"
    page.locator("#keep-mine").click()
    hub.script(row="validation_422_fal", kind="create", model="HiDream-ai/HiDream-I1-Full")
    yield from the_ending_of(page, "a picture of another model")
    hub.script(row="content_policy_422", kind="create")
    yield from the_ending_of(page, "a picture that was refused")


def the_ending_of(page: Page, what: str) -> Iterator[str]:
    """Press the button, and see what came of it in the studio and on a page of its own, all of it unfolded."""
    page.goto("/?model=hidream-i1-full")
    page.fill("#id_prompt", what)
    page.locator("#make").click()
    row = page.locator("#running .job", has_text=what)
    expect(row.locator(".job-note")).to_be_visible()
    yield f"{what}, in the studio"
    row.locator(".job-prompt").click()
    page.locator(".story summary").first.click()
    yield f"{what}, on its page"


@LOOKS
def test_what_comes_up_on_the_way_is_for_everybody(
    enter: Enter, hub: HFServer, width: int, theme: str, language: str
) -> None:
    page = enter(width=width, theme=theme, language=language)
    faults: list[str] = []

    for name in on_the_way(page, hub):
        assert page.locator("html").get_attribute("lang") == language, name
        english = in_english(page) if language == "fr" else []
        faults += [f"{name}: {fault}" for fault in steps.faults(page) + english]

    assert faults == []


def test_a_crawl_of_the_back_office_in_french_finds_no_english_sentence(enter: Enter, hub: HFServer) -> None:
    page = enter(curator=True, language="fr")
    steps.bring_token(page, "hf_nocredit")
    page.goto("/?model=qwen-image")
    page.fill("#id_prompt", "un phare")
    page.locator("#make").click()
    expect(page.locator("#running .job-note")).to_be_visible()

    assert english_on(page, the_back_office(page)) == []


def the_back_office(page: Page) -> Iterator[str]:
    """The pages of curators; its address."""
    models = "/admin/generator/aimodel/"
    for address in ["/admin/", models, f"{models}add/", f"{models}spending/", "/admin/generator/breaker/"]:
        page.goto(address)
        yield address
    page.goto("/admin/generator/generation/")
    page.locator("#result_list tbody th a").first.click()
    expect(page.locator("#attempts-group")).to_be_visible()
    yield "a generation"
    page.goto(models)
    page.locator("#result_list").get_by_role("link", name="Qwen-Image", exact=True).click()
    page.locator(".health form button").first.click()
    expect(page.locator(".health")).to_be_visible()
    yield "a model"
    page.goto(f"{models}look-up/?repo_id=nobody/nothing")
    yield "a model that the Hub does not know"


def english_on(page: Page, addresses: Iterator[str]) -> list[str]:
    """What is told in English on these pages, all of them pages in French."""
    found: list[str] = []
    for address in addresses:
        assert page.locator("html").get_attribute("lang") == "fr", address
        found += [f"{address}: {text}" for text in in_english(page)]
    return found


def test_the_theme_and_the_language_that_were_chosen_stay(enter: Enter) -> None:
    page = enter()

    page.fill("#id_prompt", "a red mug that is not made yet")
    page.locator(".topbar summary.switch").click()
    page.locator(".topbar button[value=dark]:visible").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator("#id_prompt")).to_have_value("a red mug that is not made yet")
    page.locator(".topbar button[value=fr]:visible").click()
    page.goto("/gallery/")

    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    assert page.locator("html").get_attribute("lang") == "fr"


def test_a_theme_that_was_refused_is_not_painted_and_the_page_says_why(enter: Enter) -> None:
    page = enter("/account/")
    page.context.clear_cookies(name="csrftoken")

    page.locator(".topbar summary.switch").click()
    page.locator(".topbar button[value=dark]:visible").click()

    expect(page.locator("main")).to_contain_text("Reload it and try again.")
    assert page.locator("html").get_attribute("data-bs-theme") is None


def test_without_javascript_there_is_no_button_that_does_nothing(enter: Enter) -> None:
    page = enter("/gallery/", pictures=1, javascript=False)
    picture = page.locator(".tile > a").first.get_attribute("href") or ""

    for address in [picture, f"{picture.partition('?')[0]}share", "/account/connect/"]:
        page.goto(address)
        if "share" in address:
            page.locator("form[action$='/share'] button").click()
            expect(page.locator(".share-address input")).to_be_visible()
        expect(page.locator("button[type=button]:visible")).to_have_count(0)


def test_the_studio_can_be_installed(enter: Enter) -> None:
    page = enter()
    devtools = page.context.new_cdp_session(page)

    manifest = devtools.send("Page.getAppManifest")
    errors = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]

    assert manifest["errors"] == []
    assert [error for error in errors if error["errorId"] != "in-incognito"] == []


def test_without_a_network_a_page_says_so_and_shows_nothing_of_anybodys(enter: Enter) -> None:
    page = enter(language="fr")
    steps.until(page, "async () => Boolean((await navigator.serviceWorker.ready).active)")
    steps.until(page, "() => Boolean(navigator.serviceWorker.controller)")

    page.context.set_offline(True)
    page.goto("/gallery/")
    expect(page.locator("main a.btn")).to_have_attribute("href", "")
    expect(page.locator(".avatar, .tile, #quota")).to_have_count(0)
    assert page.evaluate("getComputedStyle(document.body).display") == "flex"
    page.context.set_offline(False)
    page.locator("main a.btn").click()

    expect(page.locator(".avatar")).to_be_visible()
    addresses = page.evaluate(KEPT)
    assert [address for address in addresses if not address.startswith("/static/")] == ["/offline/"]
