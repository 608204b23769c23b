"""One picture in a browser: looked at closely, walked past, compared, copied, downloaded, tagged."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from defusedxml import ElementTree
from PIL import Image as Pixels
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.conftest import LOOKS, Visit
from tests.real.studio import Studio

pytestmark = pytest.mark.browser

TRAINED = b"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


@pytest.fixture(scope="module")
def somebody(arrive: Callable[..., dict[str, Any]]) -> str:
    """The session of somebody with six pictures."""
    return str(arrive(pictures=6)["session"])


@pytest.fixture
def newest(visit: Visit, studio: Studio, somebody: str) -> Callable[..., Page]:
    """The page of their newest picture, as `visit` would open it."""

    def open_page(**how: Any) -> Page:
        page = visit(**how)
        page.context.add_cookies([{"name": "sessionid", "value": somebody, "url": studio.address}])
        page.goto("/gallery/")
        page.locator(".tile a[href*='/images/']").first.click()
        page.wait_for_url("**/images/*/**")
        expect(page.locator("[data-zoom] img")).to_be_visible()
        return page

    return open_page


def percent(page: Page) -> int:
    return int(re.sub(r"\D", "", page.locator("[data-percent]").inner_text()))


def place(page: Page) -> tuple[float, float]:
    box = page.locator("[data-zoom] img").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


class TestZoom:
    def test_it_comes_closer_by_buttons_keys_wheel_and_double_click(self, newest: Callable[..., Page]) -> None:
        page = newest()
        fit = percent(page)

        page.locator("[data-zoom-by='1.25']").click()
        by_button = percent(page)
        page.keyboard.press("+")
        by_key = percent(page)
        page.mouse.move(*place(page))
        page.mouse.wheel(0, -200)
        steps.until(page, "known => document.querySelector('[data-percent]').textContent !== known", f"{by_key} %")
        by_wheel = percent(page)
        page.keyboard.press("-")
        smaller = percent(page)
        page.keyboard.press("0")
        whole = percent(page)
        page.locator("[data-zoom] img").dblclick()
        twice = percent(page)
        page.locator("[data-zoom] img").dblclick()

        assert fit < by_button < by_key < by_wheel > smaller > whole == fit < twice
        assert percent(page) == fit

    def test_what_is_under_the_pointer_stays_there(self, newest: Callable[..., Page]) -> None:
        page = newest()
        box = page.locator("[data-zoom] img").bounding_box()
        assert box
        at = (box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.25)

        page.mouse.dblclick(*at)

        after = page.locator("[data-zoom] img").bounding_box()
        assert after
        assert (at[0] - after["x"]) / after["width"] == pytest.approx(0.25, abs=0.02)
        assert (at[1] - after["y"]) / after["height"] == pytest.approx(0.25, abs=0.02)

    def test_it_is_moved_by_dragging_and_with_the_arrows_but_never_out_of_sight(
        self, newest: Callable[..., Page]
    ) -> None:
        page = newest()
        address = page.url
        page.locator("[data-zoom] img").dblclick()
        start = place(page)

        page.mouse.move(500, 400)
        page.mouse.down()
        page.mouse.move(560, 430, steps=3)
        page.mouse.up()
        dragged = place(page)
        page.keyboard.press("ArrowRight")
        pushed = place(page)
        for _ in range(40):
            page.keyboard.press("ArrowDown")

        ground, picture = page.locator("[data-zoom]").bounding_box(), page.locator("[data-zoom] img").bounding_box()
        assert ground
        assert picture
        assert dragged == pytest.approx((start[0] + 60, start[1] + 30), abs=2)
        assert pushed == pytest.approx((dragged[0] - 80, dragged[1]), abs=2)
        assert picture["y"] + picture["height"] > ground["y"] + ground["height"] / 2
        assert page.url == address

    def test_two_fingers_pinch_it(self, newest: Callable[..., Page]) -> None:
        page = newest(width=390)
        before = percent(page)

        page.evaluate(
            """() => {
              const picture = document.querySelector("[data-zoom] img");
              const say = (type, pointerId, clientX) =>
                picture.dispatchEvent(new PointerEvent(type, { bubbles: true, pointerId, clientX, clientY: 200 }));
              say("pointerdown", 1, 150);
              say("pointerdown", 2, 200);
              say("pointermove", 2, 250);
              say("pointerup", 1, 150);
              say("pointerup", 2, 250);
            }"""
        )

        assert percent(page) == pytest.approx(2 * before, abs=2)

    def test_the_arrows_walk_the_search_it_came_from(self, newest: Callable[..., Page]) -> None:
        page = newest()
        first = page.url

        page.keyboard.press("ArrowRight")
        page.wait_for_url(lambda address: address != first)
        page.keyboard.press("ArrowLeft")
        page.wait_for_url(first)


class TestRecipe:
    def test_it_is_copied_as_json(self, newest: Callable[..., Page]) -> None:
        page = newest()
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])

        page.locator("[data-copy]").click()

        expect(page.locator("[data-copy]")).to_have_text(page.locator("[data-copy]").get_attribute("data-copied") or "")
        copied = json.loads(page.evaluate("() => navigator.clipboard.readText()"))
        assert str(copied["seed"]) in page.locator(".facts").first.inner_text()

    def test_without_javascript_it_is_a_link_to_the_json(self, newest: Callable[..., Page]) -> None:
        page = newest(javascript=False)

        page.locator("[data-copy]").click()

        assert '"full_prompt"' in page.locator("body").inner_text()


class TestDownload:
    @pytest.mark.parametrize(
        ("format", "preset", "width", "language"),
        [("png", "shop", 390, "fr"), ("jpeg", "1024", 1440, "en"), ("webp", "own", 390, "fr")],
    )
    def test_a_file_has_the_format_the_size_and_the_mark(
        self, format: str, preset: str, width: int, language: str, newest: Callable[..., Page]
    ) -> None:
        page = newest(width=width, language=language)
        self._choose(page, format, preset)
        if preset == "own":
            page.fill("#download-width", "300")
            page.fill("#download-height", "200")

        content = self._saved(page)

        picture = Pixels.open(io.BytesIO(content))
        sides = {"shop": {(1000, 1000)}, "own": {(300, 200)}}.get(preset)
        assert picture.format == format.upper()
        assert picture.size in sides if sides else max(picture.size) == 1024
        assert TRAINED in content

    @LOOKS
    def test_an_svg_is_paths_and_the_recipe_can_stay_out(
        self, newest: Callable[..., Page], width: int, theme: str, language: str
    ) -> None:
        page = newest(width=width, theme=theme, language=language)
        self._choose(page, "svg", "same")
        page.check(".download [name=recipe]")

        content = self._saved(page)

        tags = {part.tag.rpartition("}")[2] for part in ElementTree.fromstring(content).iter()}
        assert "path" in tags
        assert not {"image", "script", "foreignObject"} & tags
        assert TRAINED in content
        assert b"Recipe" not in content

    @staticmethod
    def _choose(page: Page, format: str, preset: str) -> None:
        page.locator(".download summary").click()
        page.locator(f".download [name=format][value={format}]").check(force=True)
        page.select_option("#download-preset", preset)

    @staticmethod
    def _saved(page: Page) -> bytes:
        with page.expect_download() as saved:
            page.locator(".download form button").click()
        return Path(saved.value.path()).read_bytes()


class TestTags:
    @pytest.mark.parametrize("javascript", [True, False])
    def test_they_come_and_go(self, javascript: bool, newest: Callable[..., Page]) -> None:
        page = newest(javascript=javascript)
        if page.locator(".titles .chip").count():
            page.locator(".titles .chip button").first.click()
            expect(page.locator(".titles .chip")).to_have_count(0)

        page.fill("#id_tags", "shop, <b>red</b> mug")
        page.locator("#id_tags + button").click()
        expect(page.locator(".titles .chip")).to_have_count(2)
        page.locator(".titles .chip button").first.click()

        expect(page.locator(".titles .chip")).to_have_count(1)
        expect(page.locator(".titles .chip span").first).to_have_text("<b>red</b> mug")


class TestCompare:
    def test_the_slider_shows_more_of_one_or_of_the_other(self, newest: Callable[..., Page]) -> None:
        page = newest()
        page.locator(".quiet-actions a[href$='/compare/']").click()
        with page.expect_navigation():
            page.locator(".tile a").first.click()
        first, slider = page.locator(".compare-one").first, page.locator("[data-split]")
        half = first.evaluate("element => getComputedStyle(element).clipPath")

        slider.focus()
        page.keyboard.press("End")
        whole = first.evaluate("element => getComputedStyle(element).clipPath")
        page.locator(".compare").click(position={"x": 100, "y": 100})
        little = first.evaluate("element => getComputedStyle(element).clipPath")

        assert len({half, whole, little}) == 3
        assert float(slider.input_value()) < 50
        expect(page.locator(".differences tbody tr")).not_to_have_count(0)

    def test_without_javascript_they_stand_side_by_side(self, newest: Callable[..., Page]) -> None:
        page = newest(javascript=False)
        page.locator(".quiet-actions a[href$='/compare/']").click()
        page.locator(".tile a").first.click()
        page.wait_for_url("**/compare/*/")
        left, right = (page.locator(".compare-one").nth(each).bounding_box() for each in (0, 1))
        assert left
        assert right
        assert left["x"] + left["width"] <= right["x"]
        expect(page.locator("[data-split]")).to_be_hidden()


@LOOKS
def test_what_opens_on_its_page_is_whole(newest: Callable[..., Page], width: int, theme: str, language: str) -> None:
    page = newest(width=width, theme=theme, language=language)

    page.locator(".download summary").click()
    page.select_option("#download-preset", "own")

    assert steps.faults(page) == []
