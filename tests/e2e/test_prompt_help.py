"""Better words, and the picture that is there already, as somebody sees them in a browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.conftest import LOOKS, Enter
from tests.hf_server import HFServer

pytestmark = pytest.mark.browser

WORDS = "une tasse rouge sur un fond jaune"
BETTER = f"{WORDS}, lumière douce du matin, table en chêne"


@pytest.fixture(autouse=True)
def model(provider: HFServer) -> Iterator[HFServer]:
    """A language model that knows what to add."""
    provider.reset()
    provider.settings(chat_answer=BETTER)
    yield provider
    provider.reset()


@pytest.fixture
def newcomer(enter: Enter) -> Enter:
    """The studio of somebody with a Hugging Face token, who has typed some words."""

    def new(**look: Any) -> Page:
        page = enter(**look)
        steps.bring_token(page)
        page.goto("/")
        page.fill("#id_prompt", WORDS)
        return page

    return new


def box(page: Page, selector: str) -> dict[str, float]:
    found = page.locator(selector).bounding_box()
    assert found is not None
    return dict(found)


@pytest.mark.parametrize(
    ("width", "theme", "language"), [(1440, "light", "en"), (820, "dark", "en"), (390, "dark", "fr")]
)
def test_the_proposal_stands_beside_ones_words_and_can_be_edited_and_taken(
    newcomer: Enter, width: int, theme: str, language: str
) -> None:
    page = newcomer(width=width, theme=theme, language=language)

    page.locator("#improve").click()

    expect(page.locator("#id_proposal")).to_be_focused()
    expect(page.locator("#id_proposal")).to_have_value(BETTER)
    expect(page.locator("#id_prompt")).to_have_value(WORDS)
    expect(page.locator("#proposal mark")).to_have_text(["lumière douce du matin", "table en chêne"])
    words, proposal = box(page, ".prompt"), box(page, "#proposal")
    if width < 768:
        assert proposal["y"] > words["y"] + words["height"]
    else:
        assert proposal["x"] > words["x"] + words["width"]
        assert abs(proposal["y"] - words["y"]) < 2
    assert proposal["x"] + proposal["width"] <= width
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")

    page.keyboard.press("Control+End")
    page.keyboard.type(", vapeur")
    page.locator("#proposal [value=theirs]").click()
    expect(page.locator("#id_prompt")).to_be_focused()
    expect(page.locator("#id_prompt")).to_have_value(f"{BETTER}, vapeur")
    expect(page.locator("[data-counter]")).to_have_text(f"{len(BETTER) + 8} / 1000")
    expect(page.locator("#proposal")).to_be_hidden()


def test_keeping_ones_own_words_leaves_them_and_the_settings_alone(newcomer: Enter) -> None:
    page = newcomer()
    page.fill("#composer [name=seed]", "42")
    page.locator("#improve").click()
    expect(page.locator("#id_proposal")).to_be_visible()

    page.locator("#keep-mine").click()

    expect(page.locator("#proposal")).to_be_hidden()
    expect(page.locator("#id_prompt")).to_be_focused()
    expect(page.locator("#id_prompt")).to_have_value(WORDS)
    expect(page.locator("#composer [name=seed]")).to_have_value("42")


def test_while_it_looks_the_button_says_so_and_typing_goes_on(newcomer: Enter, model: HFServer) -> None:
    model.settings(default_delay=2, chat_answer=BETTER)
    page = newcomer()

    page.locator("#improve").click()

    expect(page.locator("#improve .busy")).to_be_visible()
    page.locator("#improve").click()
    page.fill("#id_prompt", f"{WORDS}, encore")
    expect(page.locator("#id_proposal")).to_be_visible()
    expect(page.locator("#improve .busy")).to_be_hidden()
    expect(page.locator("#id_prompt")).to_have_value(f"{WORDS}, encore")
    assert len(model.seen(kind="chat", prompt=WORDS)) == 1


def test_what_went_wrong_is_told_in_place_and_closed(newcomer: Enter, model: HFServer) -> None:
    page = newcomer(language="fr")
    model.script(row="chat_empty_200", kind="chat")

    page.locator("#improve").click()

    expect(page.locator("#proposal p")).to_be_visible()
    expect(page.locator("#keep-mine")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#proposal")).to_be_hidden()
    expect(page.locator("#id_prompt")).to_have_value(WORDS)


def test_who_has_no_token_learns_what_it_needs(enter: Enter, model: HFServer) -> None:
    page = enter(width=390, theme="dark")
    page.fill("#id_prompt", WORDS)

    page.locator("#improve").click(force=True)

    expect(page.locator("#proposal p")).to_contain_text("needs a Hugging Face token")
    assert steps.faults(page) == []
    assert model.seen(kind="chat") == []


def test_without_javascript_the_same_is_a_round_trip_that_keeps_everything(newcomer: Enter) -> None:
    page = newcomer(javascript=False)
    page.fill("#composer [name=seed]", "42")

    page.locator("#improve").click()

    expect(page.locator("#id_proposal")).to_have_value(BETTER)
    expect(page.locator("#composer [name=seed]")).to_have_value("42")
    page.locator("#proposal [value=theirs]").click()
    expect(page.locator("#id_prompt")).to_have_value(BETTER)
    expect(page.locator("#composer [name=seed]")).to_have_value("42")


@LOOKS
def test_the_picture_that_is_there_is_offered_and_can_be_made_again(
    enter: Enter, width: int, theme: str, language: str
) -> None:
    page = enter(width=width, theme=theme, language=language)
    steps.ask(page, WORDS, seed=42)
    steps.picture(page)
    first = page.locator("#stage img").get_attribute("src")

    page.locator("#composer [name=seed]").press("Enter")

    expect(page.locator("#offer a.btn")).to_be_focused()
    expect(page.locator("#offer a.btn")).to_be_in_viewport()
    assert page.locator("#offer a.btn").get_attribute("href") == page.locator("#stage a").get_attribute("href")
    page.locator("#offer button").click()
    steps.another_picture(page, first)
    expect(page.locator("#offer")).to_be_hidden()


def test_pictures_of_nearly_the_same_words_show_while_typing(enter: Enter) -> None:
    page = enter()
    steps.ask(page, WORDS)
    steps.picture(page)
    image = page.locator("#stage a").get_attribute("href") or ""

    page.fill("#id_prompt", "")
    page.locator("#id_prompt").press_sequentially("Tasses rouges sur fond jaune")

    expect(page.locator("#alike a")).to_have_attribute("href", image)
    page.locator("#id_prompt").press_sequentially(" avec un chien noir dans une forêt de pins")
    expect(page.locator("#alike a")).to_have_count(0)
