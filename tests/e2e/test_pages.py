"""Every page, in both themes and languages: accessible, and in one language only."""

import gettext
import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.hf_server import HFServer
from tests.real.studio import ROOT, Studio

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]
STRANGERS = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/no-such-page/"]
OURS = [
    "/", "/gallery/", "/gallery/trash/", "/account/", "/account/tokens/", "/account/huggingface/",
    "/accounts/password/change/",
]  # fmt: skip
WORDS = """() => {
  const texts = [];
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    const ours = !parent.closest("script, style, textarea, code, pre, [lang=en], [dir=auto]");
    if (ours) texts.push(walker.currentNode.data);
  }
  for (const element of document.querySelectorAll("[title], [alt], [aria-label], [placeholder]")) {
    if (element.closest("[lang=en]")) continue;
    for (const name of ["title", "alt", "aria-label", "placeholder"]) texts.push(element.getAttribute(name) || "");
  }
  return texts.map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean);
}"""
ENGLISH = re.compile(r"\b(the|your|and|with|this|that|from|you|are|here|there|have|which|what|when)\b", re.IGNORECASE)


@pytest.fixture
def hub(provider: HFServer) -> Iterator[HFServer]:
    """Every provider works, and the language model knows what to add to the words."""
    provider.reset()
    provider.settings(chat_answer="une tasse rouge sur un fond jaune, vapeur")
    yield provider
    provider.reset()


def every_page(page: Page, hub: HFServer) -> Iterator[str]:
    """Visit each page, first as a stranger, then as somebody without and with a picture and a token; its name."""

    def seen(*addresses: str) -> Iterator[str]:
        for address in addresses:
            page.goto(address)
            yield address

    yield from seen(*STRANGERS)
    steps.sign_up(page)
    yield from seen("/", "/gallery/")
    page.goto("/")
    steps.ask(page, "une tasse rouge sur un fond jaune", seed=42)
    steps.picture(page)
    page.locator("#composer [name=seed]").press("Enter")
    expect(page.locator("#offer a.btn")).to_be_visible()
    yield "the picture that is there already"
    image = page.locator("#stage a").get_attribute("href")
    assert image
    yield from seen(*OURS, image, f"/?vary={image.split('/')[2]}", f"/?source={image.split('/')[2]}")
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


@pytest.mark.parametrize(
    ("width", "theme", "language"),
    [(1440, "light", "en"), (390, "dark", "fr"), (1440, "dark", "fr"), (390, "light", "en")],
)
def test_no_page_has_a_serious_accessibility_fault(
    visit: Visit, hub: HFServer, width: int, theme: str, language: str
) -> None:
    page = visit(width=width, theme=theme, language=language)
    faults: list[str] = []

    for address in every_page(page, hub):
        for violation in Axe().run(page).response["violations"]:
            if violation["impact"] in {"serious", "critical"}:
                faults.append(f"{address}: {violation['id']} {violation['nodes'][0]['html'][:160]}")
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            faults.append(f"{address}: wider than the screen")

    assert faults == []


def test_a_crawl_in_french_finds_no_english_sentence(visit: Visit, hub: HFServer) -> None:
    page = visit(language="fr")

    assert english_on(page, every_page(page, hub)) == []


def test_a_crawl_of_the_back_office_in_french_finds_no_english_sentence(
    visit: Visit, studio: Studio, hub: HFServer
) -> None:
    page = visit(language="fr")
    email = steps.sign_up(page)
    steps.bring_token(page, "hf_nocredit")
    page.goto("/?model=qwen-image")
    page.fill("#id_prompt", "un phare")
    page.locator("#make").click()
    expect(page.locator("#running .job-note")).to_be_visible()
    studio.manage("make_curator", email)

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
    with (ROOT / "locale/fr/LC_MESSAGES/django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    english = {key for key, french in catalogue.items() if isinstance(key, str) and key != french and len(key) > 3}
    english -= {*catalogue.values(), "provider"}  # the name of a queue, as operators know it
    found: list[str] = []
    for address in addresses:
        assert page.locator("html").get_attribute("lang") == "fr", address
        texts = [text for text in page.evaluate(WORDS) if text in english or len(ENGLISH.findall(text)) >= 2]
        found += [f"{address}: {text}" for text in texts]
    return found


def test_the_api_page_works_under_the_content_policy(visit: Visit) -> None:
    page = visit()

    page.goto("/api/docs/")

    page.wait_for_selector(".opblock", timeout=30_000)


def test_the_theme_and_the_language_that_were_chosen_stay(visit: Visit) -> None:
    page = visit()
    steps.sign_up(page)

    page.locator(".topbar .to-dark:visible").click()
    page.locator(".topbar button[value=fr]:visible").click()
    page.goto("/gallery/")

    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    assert page.locator("html").get_attribute("lang") == "fr"
