"""Every page, in both themes and languages: accessible, and in one language only."""

import gettext
import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e import steps
from tests.real.studio import ROOT

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


def every_page(page: Page) -> Iterator[str]:
    """Visit each page, first as a stranger, then as somebody without and with a picture; its address."""

    def seen(*addresses: str) -> Iterator[str]:
        for address in addresses:
            page.goto(address)
            yield address

    yield from seen(*STRANGERS)
    steps.sign_up(page)
    yield from seen("/", "/gallery/")
    page.goto("/")
    steps.ask(page, "une tasse rouge sur un fond jaune")
    steps.picture(page)
    image = page.locator("#stage a").get_attribute("href")
    assert image
    yield from seen(*OURS, image, f"/?vary={image.split('/')[2]}", f"/?source={image.split('/')[2]}")


@pytest.mark.parametrize(
    ("width", "theme", "language"),
    [(1440, "light", "en"), (390, "dark", "fr"), (1440, "dark", "fr"), (390, "light", "en")],
)
def test_no_page_has_a_serious_accessibility_fault(visit: Visit, width: int, theme: str, language: str) -> None:
    page = visit(width=width, theme=theme, language=language)
    faults: list[str] = []

    for address in every_page(page):
        for violation in Axe().run(page).response["violations"]:
            if violation["impact"] in {"serious", "critical"}:
                faults.append(f"{address}: {violation['id']} {violation['nodes'][0]['html'][:160]}")
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            faults.append(f"{address}: wider than the screen")

    assert faults == []


def test_a_crawl_in_french_finds_no_english_sentence(visit: Visit) -> None:
    with (ROOT / "locale/fr/LC_MESSAGES/django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    english = {key for key, french in catalogue.items() if isinstance(key, str) and key != french and len(key) > 3}
    english -= set(catalogue.values())
    page = visit(language="fr")
    found: list[str] = []

    for address in every_page(page):
        for text in page.evaluate(WORDS):
            if text in english or len(ENGLISH.findall(text)) >= 2:
                found.append(f"{address}: {text}")

    assert found == []


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
