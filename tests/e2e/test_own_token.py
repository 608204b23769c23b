"""Somebody brings a Hugging Face token of their own."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Enter

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("javascript", [True, False])
def test_a_token_is_refused_kept_checked_and_removed(enter: Enter, javascript: bool) -> None:
    page = enter("/account/", width=390, javascript=javascript)
    page.locator("a[href='/account/huggingface/']").click()

    for secret, words in [("hf_expired", "has expired"), ("hf_nocredit", "is used up"), ("hf_good", "accepts it")]:
        page.fill("#id_token", secret)
        page.locator("main form button", has_text="Keep the token").click()
        expect(page.locator("main")).to_contain_text(words)
        assert page.input_value("#id_token") == ""
    page.locator("main form button", has_text="Check it now").click()
    expect(page.locator("main dl")).to_contain_text("…good")
    expect(page.locator("main form button", has_text="Remove this token")).to_be_hidden()
    page.locator("main details summary", has_text="Remove").click()
    expect(page.locator("main details")).to_contain_text("to use it again you enter it again")
    page.locator("main form button", has_text="Remove this token").click()

    expect(page.locator("main")).to_contain_text("This studio has no token of its own")
    assert "hf_good" not in page.content()
