"""Keys that stand for what a page offers, and the sheet that lists them."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.conftest import LOOKS, Enter, Visit

pytestmark = pytest.mark.browser


def listed(page: Page) -> str:
    """Press the key that opens the sheet; what it lists."""
    page.locator("h1").first.wait_for()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    assert steps.faults(page) == []
    return page.locator("#keys").inner_text()


@LOOKS
def test_keys_are_listed_lead_elsewhere_and_make_a_favourite(
    enter: Enter, width: int, theme: str, language: str
) -> None:
    page = enter("/gallery/", pictures=2, width=width, theme=theme, language=language)

    assert page.locator("#keys kbd", has_text="↑").count() == 1
    listed(page)
    page.keyboard.press("f")
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    with page.expect_navigation():
        page.locator(".tile > a").first.click()
    page.keyboard.press("f")
    expect(page.locator(".panel .star [aria-pressed=true]")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("s")

    page.wait_for_url("**/")
    expect(page.locator("#composer")).to_be_visible()


@LOOKS
def test_a_stranger_is_told_the_keys_of_the_showcase_only(visit: Visit, width: int, theme: str, language: str) -> None:
    page = visit(width=width, theme=theme, language=language)
    page.goto("/showcase/")

    keys = listed(page)
    page.keyboard.press("Escape")
    page.keyboard.press("/")

    expect(page.locator("#q")).to_be_focused()
    assert "Ctrl" not in keys
    assert page.locator("#keys section").count() == 2
