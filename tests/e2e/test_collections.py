"""Collections as people use them: made, filled, put in order, shared with somebody, saved."""

import re
from collections.abc import Callable
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.conftest import LOOKS, Enter, Visit

pytestmark = pytest.mark.browser
WHOLE = """() => {
  const sheet = document.querySelector(".entry-menu[open] .menu-sheet").getBoundingClientRect();
  const buttons = [...document.querySelectorAll(".entry-menu[open] .menu-sheet > button")];
  return sheet.left >= 0 && sheet.right <= innerWidth && sheet.top >= 0 && sheet.bottom <= innerHeight + 1
    && buttons.every((each) => each.offsetHeight < 48);
}"""


@pytest.fixture
def collected(enter: Enter) -> Callable[..., Page]:
    """A collection of somebody new with so many pictures in it: `collected(4, width=390)`."""

    def of(count: int, **look: object) -> Page:
        page = enter("", pictures=count, collection="Les tasses", **look)
        expect(page.locator(".entry")).to_have_count(count)
        return page

    return of


def order(page: Page) -> list[str]:
    """The ids of the pictures as they stand."""
    return page.locator(".entry").evaluate_all("entries => entries.map((entry) => entry.dataset.image)")


def kept(page: Page, shown: list[str]) -> None:
    """The order that is shown is the one that is kept, as soon as the studio was told."""
    for _ in range(100):
        if re.findall(r'data-image="([^"]+)"', page.request.get(page.url).text()) == shown:
            break
        page.wait_for_timeout(100)
    page.reload()
    assert order(page) == shown


@LOOKS
def test_pictures_are_put_in_order_by_drag_and_by_keyboard(
    collected: Callable[..., Page], width: int, theme: str, language: str
) -> None:
    page = collected(4, width=width, theme=theme, language=language)
    a, b, c, d = order(page)
    page.wait_for_load_state("networkidle")

    page.locator(".entry").first.hover()
    page.locator("[data-grip]").first.hover()
    page.mouse.down()
    to = page.locator(".entry").nth(2).bounding_box()
    assert to
    expect(page.locator(".entry.moving")).to_have_count(1)
    page.mouse.move(to["x"] + to["width"] / 2, to["y"] + to["height"] / 2, steps=12)
    expect(page.locator(".entry").nth(2)).to_have_attribute("data-image", a)
    page.mouse.up()
    assert order(page) == [b, c, a, d]
    kept(page, [b, c, a, d])

    page.locator("[data-grip]").nth(3).focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    assert order(page) == [d, b, c, a]
    assert page.evaluate("document.activeElement.closest('.entry').dataset.image") == d
    expect(page.locator("#said")).to_contain_text("1")
    kept(page, [d, b, c, a])


@LOOKS
def test_it_is_put_in_order_without_javascript(
    collected: Callable[..., Page], visit: Visit, width: int, theme: str, language: str
) -> None:
    page = collected(3, width=width, theme=theme, language=language)
    a, b, c = order(page)
    plain = visit(width=width, theme=theme, language=language, javascript=False)
    plain.context.add_cookies(page.context.cookies())
    plain.goto(page.url)

    expect(plain.locator("[data-grip]").first).to_be_hidden()
    plain.locator(".entry-menu > summary").nth(2).click()
    plain.locator(".entry-menu[open] button[value=first]").click()
    kept(page, [c, a, b])

    plain.locator(".entry-menu > summary").first.click()
    plain.locator(".entry-menu[open] button:not([formaction])").click()
    expect(plain.locator(".entry")).to_have_count(2)
    plain.locator("#toasts form button").first.click()
    kept(page, [c, a, b])


@LOOKS
def test_it_is_shared_with_somebody_who_looks_and_then_changes_it(
    collected: Callable[..., Page], enter: Enter, width: int, theme: str, language: str
) -> None:
    alice = collected(2, width=width, theme=theme, language=language)
    bob = enter("/account/", pictures=1, width=width, theme=theme, language=language)
    handle = bob.input_value("input[name=handle]")
    bob.goto(alice.url)
    expect(bob.locator(".entry")).to_have_count(0)

    alice.locator("#people summary").click()
    alice.fill("#id_handle", handle)
    alice.locator("#people details button").click()
    expect(alice.locator(".people li")).to_have_count(1)
    assert steps.faults(alice) == []

    bob.goto("/collections/?show=shared")
    bob.locator(".card-collection").click()
    expect(bob.locator(".entry a img")).to_have_count(2)
    expect(bob.locator("[data-grip]")).to_have_count(0)
    steps.until(bob, "() => [...document.querySelectorAll('.entry a img')].every((image) => image.naturalWidth > 0)")

    alice.locator(".people button[value=editor]").click()
    bob.goto("/gallery/")
    bob.locator("#tiles .tile > a").click()
    bob.locator("#collections-of summary").click()
    bob.locator("#collections-of .menu-sheet button[name=collection]").click()
    alice.reload()
    expect(alice.locator(".entry")).to_have_count(3)

    alice.locator(".people form[action$=remove] button").click()
    expect(alice.locator(".entry")).to_have_count(2)
    alice.locator("#toasts form button").first.click()
    expect(alice.locator(".entry")).to_have_count(3)


def test_it_is_saved_as_a_zip_that_opens(collected: Callable[..., Page]) -> None:
    page = collected(3)

    with page.expect_download() as saving:
        page.locator("a[href$='/archive']").click()
    saved = saving.value

    assert saved.suggested_filename.startswith("les-tasses-img-srcx-onerroralert1")
    with ZipFile(saved.path()) as file:
        assert file.testzip() is None
        kinds = [name.rpartition(".")[2] for name in file.namelist()]
    assert kinds == ["png", "json"] * 3


@LOOKS
def test_a_shelf_is_filled_and_emptied(enter: Enter, width: int, theme: str, language: str) -> None:
    page = enter("/collections/", width=width, theme=theme, language=language)

    for name in ("Une", "Deux"):
        page.goto("/collections/")
        if page.locator(".shelf-new").count():
            page.locator(".shelf-new > summary").click()
        page.fill("main #id_name", name)
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text(name)

    page.locator("main form[action$=delete] button").click()
    expect(page.locator(".card-collection")).to_have_count(1)
    page.locator("#toasts form button").first.click()
    expect(page.locator(".card-collection")).to_have_count(2)


@pytest.mark.parametrize("javascript", [True, False])
def test_two_are_taken_out_and_both_come_back(collected: Callable[..., Page], visit: Visit, javascript: bool) -> None:
    page = collected(3)
    before = order(page)
    seen = visit(javascript=javascript)
    seen.context.add_cookies(page.context.cookies())
    seen.goto(page.url)

    for left in (2, 1):
        seen.locator(".entry").first.hover()
        seen.locator(".entry-menu > summary").first.click()
        seen.locator(".entry-menu[open] button:not([formaction])").click()
        expect(seen.locator(".entry")).to_have_count(left)
    for left in (1, 0):
        seen.locator("#toasts form button").last.click()
        expect(seen.locator("#toasts form")).to_have_count(left)

    kept(page, before)


def test_what_was_moved_to_a_place_is_at_hand_there(collected: Callable[..., Page]) -> None:
    page = collected(4)
    a, b, c, d = order(page)
    page.locator(".entry-menu > summary").first.focus()
    page.keyboard.press("Enter")
    page.fill(f"#place-{a}", "3")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**#more-{a}")
    assert order(page) == [b, c, a, d]
    expect(page.locator(f"#more-{a}")).to_be_focused()


@pytest.mark.parametrize(("width", "language"), [(390, "fr"), (768, "en"), (1100, "fr"), (1440, "en")])
def test_the_menu_of_every_picture_is_seen_whole(collected: Callable[..., Page], width: int, language: str) -> None:
    page = collected(5, width=width, language=language)

    for number in range(5):
        page.locator(".entry").nth(number).scroll_into_view_if_needed()
        page.locator(".entry").nth(number).hover()
        page.locator(".entry-menu > summary").nth(number).click()
        steps.until(page, WHOLE)
        page.keyboard.press("Escape")

    page.locator(".entry-menu > summary").last.click()
    assert steps.faults(page) == []
