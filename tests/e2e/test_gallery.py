"""The gallery as people use it: looking for pictures, selecting many, undoing, scrolling without end, the trash."""

import re
import zipfile
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.conftest import LOOKS, Enter

pytestmark = pytest.mark.browser
CUT = """() => [...document.querySelectorAll("#selection :is(button, summary)")]
  .filter((each) => each.checkVisibility() && !each.closest(".menu-sheet, .visually-hidden"))
  .filter((each) => each.scrollWidth > each.clientWidth + 1 || each.getBoundingClientRect().right > innerWidth)
  .map((each) => each.innerText)"""
CARRIED = "() => document.querySelector('.tile > a').href"
DROPPED = """(address) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.setData("text/uri-list", address);
  const area = document.getElementById("source-drop");
  area.dispatchEvent(new DragEvent("drop", {dataTransfer, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def gallery(enter: Enter) -> Callable[..., Page]:
    """A gallery of somebody new with so many pictures: `gallery(30, width=390)`."""
    return lambda count, **look: enter("/gallery/", pictures=count, **look)


def tiles(page: Page) -> list[str]:
    """The ids of the tiles."""
    return page.locator(".tile").evaluate_all("tiles => tiles.map((tile) => tile.id)")


def tick(page: Page, number: int, *modifiers: str) -> None:
    page.locator("[data-tick]").nth(number).click(modifiers=modifiers)  # type: ignore[arg-type]


@LOOKS
def test_a_search_is_typed_narrowed_by_fields_and_kept(
    gallery: Callable[..., Page], width: int, theme: str, language: str
) -> None:
    page = gallery(26, width=width, theme=theme, language=language)

    page.keyboard.press("/")
    page.keyboard.type("mugs steps:20..21")
    page.keyboard.press("Enter")
    expect(page.locator(".token")).to_contain_text("steps:20..21")
    narrowed = len(tiles(page))
    page.locator(".token").click()
    expect(page.locator(".token")).to_have_count(0)
    all_mugs = len(tiles(page))

    page.locator("#filters").click()
    page.select_option("#id_model", "flux-1-schnell")
    page.locator(".filters .btn-ink").click()
    expect(page.locator(".token")).to_contain_text(re.compile("model:.*flux", re.IGNORECASE))
    assert "q=mugs+model%3Aflux-1-schnell" in page.url
    assert 0 < narrowed < all_mugs

    page.locator("details:has([name=query]) > summary").click()
    page.fill("#id_name", "Tasses")
    page.keyboard.press("Enter")
    expect(page.locator(".saved [aria-current]")).to_have_text("Tasses")
    assert steps.faults(page) == []


@LOOKS
def test_what_is_no_search_or_finds_nothing_says_so(
    gallery: Callable[..., Page], width: int, theme: str, language: str
) -> None:
    page = gallery(1, width=width, theme=theme, language=language)

    page.fill("#id_q", "mug colour:red")
    page.keyboard.press("Enter")
    expect(page.locator("#q_error")).to_be_visible()
    expect(page.locator("#id_q")).to_have_value("mug colour:red")

    page.fill("#id_q", "zebra")
    page.keyboard.press("Enter")
    expect(page.locator(".empty")).to_be_visible()
    page.locator(".empty a").click()
    expect(page.locator(".tile")).to_have_count(1)


@LOOKS
def test_many_are_selected_tagged_and_the_tag_is_undone(
    gallery: Callable[..., Page], width: int, theme: str, language: str
) -> None:
    page = gallery(8, width=width, theme=theme, language=language)
    expect(page.locator("#selection")).to_be_hidden()

    tick(page, 1)
    tick(page, 4, "Shift")
    expect(page.locator("[data-tick]:checked")).to_have_count(4)
    expect(page.locator(".picked .selected")).to_contain_text("4")
    page.locator("#tag").click()
    page.fill("#id_tag", "boutique")
    assert steps.faults(page) == []
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("boutique")
    expect(page.locator("[data-tick]:checked")).to_have_count(4)

    page.goto("/gallery/?q=tag:boutique")
    expect(page.locator(".tile")).to_have_count(4)
    page.go_back()
    page.goto("/gallery/?q=tag:boutique")
    tick(page, 0)
    page.locator("#selection [value=favourite]").click()
    expect(page.locator(".starred")).to_have_count(1)
    page.locator("#toasts form button").click()
    expect(page.locator(".starred")).to_have_count(0)
    expect(page.locator(".tile")).to_have_count(4)


def test_keys_select_all_none_and_a_range(gallery: Callable[..., Page]) -> None:
    page = gallery(6)

    page.keyboard.press("a")
    expect(page.locator("[data-tick]:checked")).to_have_count(6)
    page.keyboard.press("Escape")
    expect(page.locator("[data-tick]:checked")).to_have_count(0)
    page.locator("[data-tick]").nth(1).focus()
    page.keyboard.press("Space")
    page.locator("[data-tick]").nth(3).focus()
    page.keyboard.press("Shift+Space")
    expect(page.locator("[data-tick]:checked")).to_have_count(3)
    expect(page.locator(".picked .selected")).to_have_text("3 selected")
    page.locator(".tile > a").nth(5).focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-tick]:checked")).to_have_count(4)
    page.locator("#collect").click()
    page.keyboard.press("Escape")
    expect(page.locator("[data-tick]:checked")).to_have_count(4)


@LOOKS
def test_what_is_thrown_away_comes_back_by_undo_and_from_the_trash(
    gallery: Callable[..., Page], width: int, theme: str, language: str
) -> None:
    page = gallery(14, width=width, theme=theme, language=language)
    before = tiles(page)

    tick(page, 0)
    tick(page, 2, "Shift")
    page.locator("#selection [value=trash]").click()
    expect(page.locator(f"#{before[0]}")).to_have_count(0)
    expect(page.locator(".tile")).to_have_count(11)
    expect(page.locator("#selection")).to_be_hidden()
    page.locator("#toasts form button").click()
    expect(page.locator(".tile")).to_have_count(12)
    assert tiles(page) == before

    page.locator(".tile").first.hover()
    page.locator(f"#{before[0]} .tile-tools button").click()
    expect(page.locator(f"#{before[0]}")).to_have_count(0)
    page.goto("/gallery/trash/")
    expect(page.locator(".leaving time")).to_have_count(1)
    page.locator(".leaving form button").click()
    expect(page.locator(".empty")).to_be_visible()
    page.goto("/gallery/")
    assert tiles(page) == before


@LOOKS
def test_what_is_done_next_leaves_the_undo_of_what_was_done_before(
    gallery: Callable[..., Page], width: int, theme: str, language: str
) -> None:
    page = gallery(3, width=width, theme=theme, language=language)
    first, second, third = tiles(page)

    for gone, left in ((first, 2), (second, 1)):
        page.locator(f"#{gone} [data-tick]").click()
        page.locator("#selection [value=trash]").click()
        expect(page.locator(".tile")).to_have_count(left)
    tick(page, 0)
    page.locator("#selection [value=favourite]").click()
    expect(page.locator(".starred")).to_have_count(1)
    expect(page.locator("#toasts form")).to_have_count(3)
    assert steps.faults(page) == []
    page.locator("#toasts form button").first.click()

    expect(page.locator(".tile")).to_have_count(2)
    assert tiles(page) == [first, third]


def test_what_is_said_again_is_said_once_and_a_refusal_is_said(gallery: Callable[..., Page]) -> None:
    page = gallery(1)
    tick(page, 0)
    page.locator("#tag").click()

    for _ in range(2):
        page.fill("#id_tag", " ")
        with page.expect_response("**/selection*"):
            page.locator("[name=do][value=tag]").click()
        page.locator("#tag").click()

    expect(page.locator("#toasts")).to_contain_text("A tag is empty.")
    expect(page.locator(".toast-card")).to_have_count(1)


@LOOKS
def test_the_trash_is_emptied_on_a_page_of_its_own(
    gallery: Callable[..., Page], width: int, theme: str, language: str
) -> None:
    page = gallery(3, width=width, theme=theme, language=language)
    page.keyboard.press("a")
    page.locator("#selection [value=trash]").click()
    expect(page.locator(".empty")).to_be_visible()

    page.goto("/gallery/trash/")
    page.locator("#selection a").click()
    page.locator("main form button").click()

    expect(page.locator(".empty")).to_be_visible()
    expect(page.locator("#toasts")).to_contain_text("3")


@LOOKS
def test_the_gallery_goes_on_as_one_scrolls(
    gallery: Callable[..., Page], width: int, theme: str, language: str
) -> None:
    page = gallery(40, width=width, theme=theme, language=language)
    page.locator("#sort").click()
    page.locator("#endless").click()
    expect(page.locator("#pager a, .tile").first).to_be_visible()

    tick(page, 0)
    page.mouse.move(200, 500)
    for _ in range(60):
        if page.locator(".tile").count() == 40:
            break
        page.mouse.wheel(0, 4000)
        page.wait_for_timeout(250)
    expect(page.locator(".tile")).to_have_count(40)
    assert len(set(tiles(page))) == 40
    expect(page.locator("[data-tick]:checked")).to_have_count(1)
    assert "cursor=" in page.url

    tick(page, 39)
    page.locator("#selection [value=trash]").click()
    expect(page.locator(".tile")).to_have_count(38)
    last = page.locator(".tile > a").last
    last.click()
    expect(page.locator("main h1")).to_be_visible()
    page.go_back()
    expect(page.locator(".tile")).to_have_count(3)
    expect(page.locator(".pager-top a")).to_be_visible()
    assert steps.faults(page) == []


@pytest.mark.parametrize("width", [390, 1440])
def test_all_of_it_works_without_javascript(gallery: Callable[..., Page], width: int) -> None:
    page = gallery(3, javascript=False, width=width)

    expect(page.locator("#selection")).to_be_visible()
    page.locator("[data-tick]").first.check()
    page.locator("#download").click()
    assert len(names(page, "download_without_recipes")) == 1
    page.locator("#tag").click()
    page.fill("#id_tag", "shop")
    page.locator("[name=do][value=tag]").click()
    page.fill("#id_q", "tag:shop")
    page.keyboard.press("Enter")
    expect(page.locator(".tile")).to_have_count(1)
    page.locator("[data-tick]").first.check()
    page.locator("#selection [value=trash]").click()
    expect(page.locator(".empty")).to_be_visible()
    page.locator("#toasts form button").last.click()
    page.goto("/gallery/")
    expect(page.locator(".tile")).to_have_count(3)


@LOOKS
def test_the_selection_is_downloaded_with_its_recipes_or_without(
    gallery: Callable[..., Page], width: int, theme: str, language: str
) -> None:
    page = gallery(3, width=width, theme=theme, language=language)
    tick(page, 0)
    tick(page, 1)
    for stars in (2, 0):
        page.locator("#selection [value=favourite]").click()
        expect(page.locator(".starred")).to_have_count(stars)
    expect(page.locator("#toasts form")).to_have_count(2)
    page.locator("#download").click()
    assert steps.faults(page) == []

    whole, bare = names(page, "download"), names(page, "download_without_recipes")

    assert [name.rpartition(".")[2] for name in whole] == ["png", "json", "png", "json"]
    assert [name.rpartition(".")[2] for name in bare] == ["png", "png"]


def names(page: Page, button: str) -> list[str]:
    """What lies in the archive that this button of the open sheet saves."""
    with page.expect_download() as download:
        page.locator(f"#selection [value={button}]").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        return archive.namelist()


def test_two_of_a_selection_are_compared(gallery: Callable[..., Page]) -> None:
    page = gallery(3)
    tick(page, 0)
    tick(page, 1)

    page.locator("#selection [value=compare]").click()

    expect(page.locator("main input[type=range]")).to_be_visible()


@LOOKS
def test_a_picture_is_dragged_to_the_studio_as_its_source(
    gallery: Callable[..., Page], width: int, theme: str, language: str
) -> None:
    page = gallery(3, width=width, theme=theme, language=language)
    studio = page.locator("[data-source-way]:visible")
    picture = tiles(page)[1].removeprefix("tile-")

    page.locator(".tile > a").nth(1).hover()
    page.mouse.down()
    studio.hover()
    studio.hover(position={"x": 20, "y": 12})
    expect(studio).to_have_class("ready over")
    assert steps.faults(page) == []
    page.mouse.up()

    page.wait_for_url(f"**/?source={picture}")
    expect(page.locator("#composer [name=source_image]")).to_have_value(picture)
    expect(page.locator("#composer [value=image-to-image]")).to_be_checked()


def test_a_picture_that_is_dropped_elsewhere_leads_nowhere(gallery: Callable[..., Page]) -> None:
    page = gallery(2)

    page.locator(".tile > a").first.drag_to(page.locator("h1"))

    expect(page.locator("[data-source-way].ready")).to_have_count(0)
    assert page.url.endswith("/gallery/")


def test_a_picture_of_one_window_is_dropped_in_the_studio_of_another(gallery: Callable[..., Page]) -> None:
    page = gallery(2)
    picture = tiles(page)[0].removeprefix("tile-")
    carried = page.evaluate(CARRIED)
    other = page.context.new_page()
    other.goto("/")

    other.evaluate(DROPPED, carried)

    expect(other.locator("#composer [name=source_image]")).to_have_value(picture)
    steps.until(other, "() => document.querySelector('[data-preview]').naturalWidth > 0")


@LOOKS
def test_one_undo_in_the_gallery_leaves_the_other(
    gallery: Callable[..., Page], width: int, theme: str, language: str
) -> None:
    page = gallery(3, width=width, theme=theme, language=language)
    before = tiles(page)
    for gone, left in ((before[0], 2), (before[1], 1)):
        page.locator(f"#{gone} [data-tick]").click()
        page.locator("#selection [value=trash]").click()
        expect(page.locator(".tile")).to_have_count(left)
    page.evaluate("window.stayed = true")

    page.locator("#toasts form button").first.click()
    expect(page.locator(".tile")).to_have_count(2)
    expect(page.locator("#toasts form")).to_have_count(1)
    expect(page.locator("#count")).to_contain_text("2")
    assert page.evaluate("document.activeElement.closest('.toast-card') !== null")
    page.locator("#toasts form button").click()

    expect(page.locator(".tile")).to_have_count(3)
    assert tiles(page) == before
    assert page.evaluate("window.stayed")
    assert steps.faults(page) == []


@pytest.mark.parametrize(("width", "language"), [(320, "fr"), (390, "en"), (1440, "fr")])
def test_all_and_none_are_selected_by_buttons(gallery: Callable[..., Page], width: int, language: str) -> None:
    page = gallery(4, width=width, language=language)
    tick(page, 1)
    tick(page, 2)
    expect(page.locator("[data-two]")).to_be_visible()
    assert page.evaluate(CUT) == []

    page.locator("[data-every=on]").click()
    expect(page.locator("[data-tick]:checked")).to_have_count(4)
    expect(page.locator(".picked .selected")).to_contain_text("4")
    assert steps.faults(page) == []
    assert page.evaluate(CUT) == []
    page.locator("[data-every=off]").click()

    expect(page.locator("[data-tick]:checked")).to_have_count(0)
    expect(page.locator("#selection")).to_be_hidden()


def test_a_small_form_takes_what_is_typed_and_leaves_the_focus_where_it_was_opened(
    gallery: Callable[..., Page],
) -> None:
    page = gallery(2)
    tick(page, 0)
    page.locator("#tag").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#id_tag")).to_be_focused()

    page.keyboard.type("shop, red")
    page.keyboard.press("Enter")

    expect(page.locator("#toasts")).to_contain_text("1 picture got 2 tags.")
    expect(page.locator("#tag")).to_be_focused()
    expect(page.locator("#id_tag")).to_be_hidden()
