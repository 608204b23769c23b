"""With a token of one's own: the large models, the next of the chain, and one sentence where nothing can be made."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.conftest import LOOKS, Enter
from tests.hf_server import HFServer

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _well(provider: HFServer) -> Iterator[None]:
    """Every provider works, unless the test says otherwise."""
    provider.reset()
    yield
    provider.reset()


def make_with(page: Page, model: str, prompt: str) -> None:
    page.goto(f"/?model={model}")
    page.fill("#id_prompt", prompt)
    page.locator("#make").click()


def newest_generation(page: Page) -> None:
    page.goto(page.locator("#stage a").get_attribute("href") or "")


@LOOKS
def test_with_a_token_a_large_model_makes_the_picture(
    enter: Enter, provider: HFServer, width: int, theme: str, language: str
) -> None:
    page = enter(width=width, theme=theme, language=language)
    steps.bring_token(page)
    expect(page.locator("main")).to_contain_text("…good")

    make_with(page, "flux-1-schnell", "a lighthouse in a storm")
    steps.picture(page)

    assert provider.created(prompt="a lighthouse in a storm") == 1
    assert provider.faults == []


def test_when_the_model_is_gone_the_next_one_makes_it_and_the_page_says_why(enter: Enter, provider: HFServer) -> None:
    provider.script(row="gone_410", kind="create", model="black-forest-labs/FLUX.1-schnell")
    page = enter()
    steps.bring_token(page)

    make_with(page, "flux-1-schnell", "a lighthouse at noon")
    steps.picture(page)
    page.locator("#running .job-prompt").first.click()

    expect(page.locator(".notice")).to_contain_text("instead of FLUX.1 schnell")
    assert page.locator(".chapter").count() >= 2
    assert page.locator(".chapter-ok").count() == 1


def test_a_token_without_credit_ends_in_one_sentence(enter: Enter, provider: HFServer) -> None:
    page = enter()
    steps.bring_token(page, "hf_nocredit")

    make_with(page, "flux-1-schnell", "a lighthouse at night")

    expect(page.locator("#running .job-note")).to_contain_text("credit")
    assert provider.created(prompt="a lighthouse at night") == 0


def test_a_token_that_cannot_serve_is_refused_with_its_reason(enter: Enter, provider: HFServer) -> None:
    page = enter()

    steps.bring_token(page, "dummy")
    expect(page.locator("main .wrong").first).to_be_visible()
    assert provider.calls == []

    said = set()
    for token in ("hf_expired", "hf_noscope", "hf_nobody"):
        steps.bring_token(page, token)
        said.add(page.locator("main .wrong").first.inner_text())
        assert page.locator("main input[type=password]").input_value() == ""
    assert len(said) == 3
