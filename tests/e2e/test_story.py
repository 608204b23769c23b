"""From sign-up to sign-out, as people do it."""

import pytest
from playwright.sync_api import expect

from tests.e2e import steps
from tests.e2e.conftest import LOOKS, Enter, Visit

pytestmark = pytest.mark.browser
PROMPTS = {"en": "a red mug on a yellow background, studio lighting", "fr": "une tasse rouge sur un fond jaune"}


@LOOKS
def test_from_sign_up_to_sign_out(visit: Visit, width: int, theme: str, language: str) -> None:
    page = visit(width=width, theme=theme, language=language)
    steps.sign_up(page)
    assert page.locator("html").get_attribute("lang") == language

    steps.ask(page, PROMPTS[language], steps=60, side=512)
    seen = steps.steps_seen_until_picture(page)
    steps.picture(page)
    page.goto("/gallery/")
    expect(page.locator(".tile")).to_have_count(1)
    page.locator(".tile a").first.click()
    expect(page.locator("h1")).to_have_text(PROMPTS[language])
    page.locator("form[action$='/trash'] button").click()
    expect(page.locator("#toasts form button")).to_be_visible()
    page.goto("/gallery/trash/")
    expect(page.locator(".tile")).to_have_count(1)
    page.locator(".leaving form[action$='/restore'] button").click()
    page.goto("/gallery/")
    expect(page.locator(".tile")).to_have_count(1)
    steps.sign_out(page)

    assert len(seen) >= 5
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_main_path_works_without_javascript(visit: Visit) -> None:
    page = visit(javascript=False)
    steps.sign_up(page)

    steps.ask(page, "a green bottle on a white background")
    page.wait_for_url("**/generations/**")
    for _ in range(60):
        if page.locator("main img").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator("main img").first).to_be_visible()
    page.goto("/gallery/")
    page.locator(".tile a").first.click()
    page.locator("form[action$='/trash'] button").click()
    page.locator("#toasts form button").click()
    page.goto("/gallery/")

    expect(page.locator(".tile")).to_have_count(1)
    steps.sign_out(page)


def test_nothing_is_lost_when_the_page_is_left(enter: Enter) -> None:
    page = enter()
    steps.ask(page, "a blue chair on a pink background", steps=60, side=512)
    expect(page.locator("#running .job")).to_have_count(1)

    page.goto("/account/")
    page.goto("/")

    steps.picture(page)


def test_several_run_at_once_and_one_is_cancelled(enter: Enter) -> None:
    page = enter()
    for number in range(3):
        steps.ask(page, f"a red apple, number {number}", steps=60, side=512)
        expect(page.locator("#running .job progress")).to_have_count(number + 1)

    page.locator("#running .job").last.locator("form button").click()

    expect(page.locator("#running .job progress")).to_have_count(2)
    steps.picture(page)


def test_the_same_seed_gives_the_same_pixels_again(enter: Enter) -> None:
    page = enter()
    steps.ask(page, "a white boat at sunset", seed=42)
    steps.picture(page)
    first = page.locator("#stage img").get_attribute("src")

    page.locator("#stage a").click()
    page.locator("form[action$='/again'] button").click()
    page.wait_for_url("**/generations/**")
    page.goto("/")
    steps.another_picture(page, first)
    second = page.locator("#stage img").get_attribute("src")

    pixels = """async (addresses) => {
      const read = async (address) => {
        const bitmap = await createImageBitmap(await (await fetch(address)).blob());
        const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
        canvas.getContext("2d").drawImage(bitmap, 0, 0);
        return canvas.getContext("2d").getImageData(0, 0, bitmap.width, bitmap.height).data.join();
      };
      const [first, second] = await Promise.all(addresses.map(read));
      return first === second;
    }"""
    assert first != second
    assert page.evaluate(pixels, [first, second])


def test_a_source_picture_gives_a_variation_of_it(enter: Enter) -> None:
    page = enter()
    steps.ask(page, "a red mug on a yellow background")
    steps.picture(page)
    first = page.locator("#stage img").get_attribute("src")

    page.locator("#stage a").click()
    page.locator("a[href*='?source=']").click()
    page.fill("#composer [name=strength]", "0.5")
    steps.ask(page, "a blue mug on a yellow background", steps=20)
    steps.another_picture(page, first)
    page.locator("#stage a").click()

    expect(page.locator(".facts").first).to_contain_text("0.5")


def test_the_eleventh_picture_of_the_day_is_refused_with_when_it_returns(enter: Enter) -> None:
    page = enter()
    page.locator("#composer [name=images][value='4']").check(force=True)
    for left in ("6 left today", "2 left today"):
        steps.ask(page, "a red key")
        expect(page.locator("#quota")).to_contain_text(left)
    page.locator("#composer [name=images][value='2']").check(force=True)
    steps.ask(page, "a red key, the last ones")
    expect(page.locator("#quota")).to_contain_text("0 left today")

    page.locator("#composer [name=images][value='1']").check(force=True)
    steps.ask(page, "a red key too many")

    expect(page.locator("#toasts")).to_contain_text("UTC")


def test_a_word_that_the_model_does_not_know_is_named(enter: Enter) -> None:
    page = enter()

    page.locator("#id_prompt").press_sequentially("a red dragon on a yellow background", delay=5)

    expect(page.locator("#hint")).to_contain_text("dragon")


def test_a_bad_wish_is_told_on_its_field(enter: Enter) -> None:
    page = enter()

    steps.ask(page, "   ")

    expect(page.locator("#id_prompt_error")).to_be_visible()
