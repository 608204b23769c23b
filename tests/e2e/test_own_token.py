"""Somebody brings a Hugging Face token of their own."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e import steps

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]


@pytest.mark.parametrize(
    ("width", "theme", "javascript"), [(390, "dark", True), (1440, "light", True), (390, "light", False)]
)
def test_a_token_is_refused_kept_checked_and_removed(visit: Visit, width: int, theme: str, javascript: bool) -> None:
    page = visit(width=width, theme=theme, javascript=javascript)
    steps.sign_up(page)
    page.goto("/account/")
    page.locator("a[href='/account/huggingface/']").click()

    for secret, words in [("hf_expired", "has expired"), ("hf_nocredit", "is used up"), ("hf_good", "accepts it")]:
        page.fill("#id_token", secret)
        page.locator("main form button", has_text="Keep the token").click()
        expect(page.locator("main")).to_contain_text(words)
        assert page.input_value("#id_token") == ""
        if javascript:
            assert_accessible(page)
    page.locator("main form button", has_text="Check it now").click()
    expect(page.locator("main dl")).to_contain_text("…good")
    page.locator("main form button", has_text="Remove it").click()

    expect(page.locator("main")).to_contain_text("This studio has no token of its own")
    assert "hf_good" not in page.content()


def assert_accessible(page: Page) -> None:
    """Nobody is kept from reading this page, and it is no wider than the screen."""
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        raise AssertionError("wider than the screen")
    found = Axe().run(page).response["violations"]
    assert [each["id"] for each in found if each["impact"] in {"serious", "critical"}] == []
