"""What the studio does besides making pictures: it remembers, explains, and takes recipes and pictures."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.conftest import LOOKS, Enter

pytestmark = pytest.mark.browser
TEXT = "a green bottle\nNegative prompt: fog\nSteps: 7, Sampler: DDIM, CFG scale: 3.5, Seed: 99, Size: 128x64"
PASTE = """(text) => {
  const field = document.getElementById("id_prompt");
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  field.focus();
  field.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
}"""
DROP = """async (address) => {
  const blob = await (await fetch(address)).blob();
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([blob], "picture.png", {type: blob.type}));
  const area = document.getElementById("id_prompt");
  area.dispatchEvent(new DragEvent("drop", {dataTransfer, bubbles: true, cancelable: true}));
}"""

UNDER = """() => {
  const focused = document.activeElement;
  const {left, top, width, height} = focused.getBoundingClientRect();
  const seen = document.elementFromPoint(left + width / 2, top + height / 2);
  const bar = seen?.closest(".dock, .tabbar, .topbar");
  return focused === document.body || (seen && (!bar || bar.contains(focused))) ? "" : focused.outerHTML.slice(0, 120);
}"""
"""What has the focus, where a bar covers its middle or it is out of sight."""


def setting(page: Page, name: str) -> str:
    return page.locator(f"#composer [name={name}]").first.input_value()


def made(page: Page, prompt: str, seed: int = 42) -> str:
    """The address of a new picture's page."""
    steps.ask(page, prompt, side=64, seed=seed)
    steps.picture(page)
    return page.locator("#stage > a").get_attribute("href") or ""


@LOOKS
def test_everything_that_opens_is_accessible_and_fits(enter: Enter, width: int, theme: str, language: str) -> None:
    page = enter(width=width, theme=theme, language=language)
    made(page, "a red mug")
    page.locator(".more-styles summary").click()
    page.locator("#parameters .fold summary").click()
    page.locator("#composer .keep summary").click()

    assert steps.faults(page) == []
    for opener in ("#history-open", "#composer [popovertarget=recipe]", "#composer [popovertarget=help-steps]"):
        page.locator(opener).click()
        expect(page.locator(":popover-open")).to_have_count(1)
        box = page.locator(":popover-open").bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert steps.faults(page) == []
        page.keyboard.press("Escape")


def test_the_settings_of_last_time_and_what_was_not_sent_are_there_again(enter: Enter) -> None:
    page = enter()
    page.locator("#composer [name=style][value=product]").check(force=True)
    made(page, "a red mug")

    page.goto("/gallery/")
    page.goto("/")
    assert (setting(page, "prompt"), setting(page, "steps"), setting(page, "seed")) == ("a red mug", "5", "")
    expect(page.locator("#composer [name=style][value=product]")).to_be_checked()

    page.fill("#id_prompt", "a half-written wi")
    page.fill("#composer [name=guidance]", "3.5")
    page.goto("/gallery/")
    page.goto("/")
    assert (setting(page, "prompt"), setting(page, "guidance")) == ("a half-written wi", "3.5")

    page.locator("[data-fresh]").click()
    assert (setting(page, "prompt"), setting(page, "guidance")) == ("", "6")


def test_what_is_chosen_afterwards_goes_before_what_was_not_sent(enter: Enter) -> None:
    page = enter()
    made(page, "a red mug")
    page.fill("#composer [name=steps]", "9")
    page.locator("#composer .keep summary").click()
    page.fill("#id_preset_name", "Quick")
    page.locator("#preset-save").click()
    expect(page.locator("#presets a.chip")).to_have_text(["Quick"])

    def come_back(prompt: str) -> None:
        page.fill("#id_prompt", prompt)
        page.fill("#composer [name=steps]", "33")
        page.goto("/gallery/")
        page.goto("/")
        assert (setting(page, "prompt"), setting(page, "steps")) == (prompt, "33")

    come_back("a first draft")
    page.locator("#presets a.chip").click()
    expect(page.locator("#composer [name=steps]")).to_have_value("9")
    assert setting(page, "prompt") == "a first draft"

    come_back("a second draft")
    page.locator("#history-open").click()
    page.locator("#history-list .btn").click()
    expect(page.locator("#id_prompt")).to_have_value("a red mug")
    assert setting(page, "steps") == "5"

    come_back("a third draft")
    page.locator("#composer [popovertarget=recipe]").click()
    page.fill("#id_recipe", TEXT)
    page.locator("#recipe-fill").click()
    expect(page.locator("#id_prompt")).to_have_value("a green bottle")
    assert setting(page, "steps") == "7"

    page.goto("/gallery/")
    page.goto("/")
    assert (setting(page, "prompt"), setting(page, "steps")) == ("a green bottle", "7")


def test_what_was_filled_in_is_a_draft_too(enter: Enter) -> None:
    page = enter()
    page.evaluate(PASTE, TEXT)
    page.locator("#recipe-fill").click()
    expect(page.locator("#id_prompt")).to_have_value("a green bottle")

    page.goto("/gallery/")
    page.goto("/")

    assert (setting(page, "prompt"), setting(page, "guidance")) == ("a green bottle", "3.5")


def test_only_the_words_of_before_leave_the_settings_as_they_are(enter: Enter) -> None:
    page = enter()
    made(page, "a red mug")
    page.fill("#id_prompt", "a first draft")
    page.goto("/gallery/")
    page.goto("/")
    page.fill("#composer [name=guidance]", "3.5")
    page.locator("#composer [name=style][value=product]").check(force=True)

    page.locator("#history-open").click()
    page.locator("#history-list .earlier-words").click()

    expect(page.locator("#id_prompt")).to_have_value("a red mug")
    expect(page.locator("#id_prompt")).to_be_focused()
    expect(page.locator("#history")).not_to_be_visible()
    assert setting(page, "guidance") == "3.5"
    expect(page.locator("#composer [name=style][value=product]")).to_be_checked()


def test_on_its_own_page_the_history_leads_into_the_studio(enter: Enter) -> None:
    page = enter()
    made(page, "a red mug")

    page.goto("/studio/history/")
    page.locator(".earlier .btn").click()

    expect(page.locator("#id_prompt")).to_have_value("a red mug")
    assert setting(page, "seed") == "42"


def test_a_draft_keeps_the_picture_that_was_just_chosen_to_begin_with(enter: Enter) -> None:
    page = enter()
    image = made(page, "a red mug").split("/")[2]
    page.fill("#id_prompt", "not sent yet")

    page.goto(f"/?source={image}")

    expect(page.locator("#id_prompt")).to_have_value("not sent yet")
    expect(page.locator("#composer [value=image-to-image]")).to_be_checked()
    expect(page.locator("#composer [name=source_image]")).to_have_value(image)


def test_a_preset_leaves_the_seed_and_the_original_of_a_remix(enter: Enter) -> None:
    page = enter()
    image = made(page, "a red mug").split("/")[2]
    page.locator("#composer .keep summary").click()
    page.fill("#id_preset_name", "Quick")
    page.locator("#preset-save").click()
    expect(page.locator("#presets a.chip")).to_have_text(["Quick"])
    page.goto(f"/?remix={image}")
    page.fill("#composer [name=seed]", "77")
    page.fill("#composer [name=steps]", "40")

    page.locator("#presets a.chip").click()

    expect(page.locator("#composer [name=steps]")).to_have_value("5")
    assert setting(page, "seed") == "77"
    expect(page.locator("#composer [name=remix_of]")).to_have_value(image)


def test_another_person_in_the_same_tab_sees_no_draft(enter: Enter) -> None:
    page = enter()
    page.fill("#id_prompt", "a secret")
    page.context.clear_cookies()

    steps.sign_up(page)

    assert setting(page, "prompt") == ""


def test_a_preset_is_saved_with_enter_applied_and_its_deletion_undone(enter: Enter) -> None:
    page = enter()
    page.fill("#composer [name=steps]", "9")
    page.locator("#composer .keep summary").click()
    page.fill("#id_preset_name", "Quick")
    page.locator("#id_preset_name").press("Enter")
    expect(page.locator("#presets a.chip")).to_have_text(["Quick"])
    expect(page.locator("#running .job")).to_have_count(0)

    page.fill("#composer [name=steps]", "40")
    page.fill("#id_prompt", "my own words")
    page.locator("#presets a.chip").click()
    expect(page.locator("#composer [name=steps]")).to_have_value("9")
    assert setting(page, "prompt") == "my own words"

    page.goto("/studio/presets/")
    page.locator("form[action$='/delete'] button").click()
    expect(page.locator(".preset")).to_have_count(0)
    page.locator("#toasts form button").click()
    expect(page.locator(".preset")).to_have_count(1)


def test_an_earlier_prompt_is_searched_and_taken(enter: Enter) -> None:
    page = enter()
    made(page, "a red mug")
    steps.ask(page, "une tasse élégante", side=64, seed=7)
    expect(page.locator("#recent .tile")).to_have_count(1, timeout=30_000)
    page.goto("/?fresh=1")

    page.locator("#history-open").click()
    expect(page.locator("#history-list li")).to_have_count(2)
    page.locator("#history [type=search]").press_sequentially("ELEGANTE")
    expect(page.locator("#history-list li")).to_have_count(1)
    page.locator("#history-list .btn").click()

    expect(page.locator("#id_prompt")).to_have_value("une tasse élégante")
    assert setting(page, "seed") == "7"
    expect(page.locator("#history")).not_to_be_visible()


def test_help_opens_and_closes_by_keyboard(enter: Enter) -> None:
    page = enter()
    opener = page.locator("[popovertarget=help-seed]")

    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#help-seed")).to_be_visible()
    expect(page.locator("#help-seed")).to_contain_text("same seed")
    page.keyboard.press("Escape")

    expect(page.locator("#help-seed")).not_to_be_visible()
    expect(opener).to_be_focused()


def test_pasted_recipes_fill_in_the_form(enter: Enter) -> None:
    page = enter()

    page.evaluate(PASTE, TEXT)
    expect(page.locator("#id_recipe")).to_have_value(TEXT)
    page.keyboard.press("Enter")
    expect(page.locator("#id_prompt")).to_have_value("a green bottle")
    assert [setting(page, name) for name in ("steps", "guidance", "seed", "scheduler", "width", "negative_prompt")] == [
        "7", "3.5", "99", "ddim", "128", "fog"
    ]  # fmt: skip
    expect(page.locator("#recipe")).not_to_be_visible()

    page.locator("#composer [popovertarget=recipe]").click()
    page.fill("#id_recipe", "no recipe at all")
    page.locator("#recipe-fill").click()
    expect(page.locator("#recipe [role=alert]")).to_be_visible()
    page.fill("#id_recipe", json.dumps({"prompt": "a brown dog", "model": "dreams-v3", "seed": 5}))
    page.locator("#recipe-fill").click()
    expect(page.locator("#id_prompt")).to_have_value("a brown dog")
    expect(page.locator("#composer [role=status]").first).to_contain_text("model")


def test_a_downloaded_picture_brings_its_recipe_back(enter: Enter, tmp_path: Path) -> None:
    page = enter()
    address = made(page, "a white boat at sunset")
    file = tmp_path / "boat.png"
    file.write_bytes(page.request.get(f"{address}file").body())
    page.goto("/?fresh=1")

    page.locator("#composer [popovertarget=recipe]").click()
    page.set_input_files("#id_recipe_file", file)
    page.locator("#recipe-fill").click()
    expect(page.locator("#id_prompt")).to_have_value("a white boat at sunset")
    assert setting(page, "seed") == "42"

    page.goto("/?fresh=1")
    page.evaluate(DROP, f"{address}file")
    expect(page.locator("#recipe")).to_be_visible()
    page.locator("#recipe-fill").click()
    expect(page.locator("#id_prompt")).to_have_value("a white boat at sunset")


def test_a_picture_is_dragged_or_picked_as_the_source(enter: Enter) -> None:
    page = enter()
    older = made(page, "a red mug").split("/")[2]
    steps.ask(page, "a blue mug", side=64)
    expect(page.locator("#recent .tile")).to_have_count(1, timeout=30_000)
    newer = (page.locator("#stage > a").get_attribute("href") or "").split("/")[2]

    page.goto("/")
    page.locator("#recent .tile img[alt='a red mug']").drag_to(page.locator("#id_prompt"))
    expect(page.locator("#composer [name=source_image]")).to_have_value(older)
    expect(page.locator("#composer [value=image-to-image]")).to_be_checked()
    steps.until(page, "() => document.querySelector('[data-preview]').naturalWidth > 0")

    page.locator("#source-drop [popovertarget=picker]").click()
    page.locator(f"#picker-list [data-use-source='{newer}']").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#composer [name=source_image]")).to_have_value(newer)
    expect(page.locator("#picker")).not_to_be_visible()
    assert setting(page, "prompt") == "a blue mug"


def test_all_settings_of_before_bring_their_own_source_and_a_refusal_keeps_the_chosen_file(
    enter: Enter, tmp_path: Path
) -> None:
    page = enter()
    address = made(page, "a red mug")
    file = tmp_path / "mug.png"
    file.write_bytes(page.request.get(f"{address}file").body())
    page.goto(f"/?source={address.split('/')[2]}")
    steps.ask(page, "a mug on the table", side=64)
    expect(page.locator("#recent .tile")).to_have_count(1, timeout=30_000)

    page.set_input_files("#id_source", file)
    expect(page.locator("#composer [name=source_image]")).to_have_value("")
    page.fill("#id_prompt", "")
    page.locator("#make").click()
    expect(page.locator("#id_prompt_error")).to_be_visible()
    assert page.evaluate("document.getElementById('id_source').files.length") == 1

    page.locator("#history-open").click()
    page.locator("#history-list .btn").first.click()
    expect(page.locator("#id_prompt")).to_have_value("a mug on the table")
    expect(page.locator("#composer [name=source_image]")).to_have_value(address.split("/")[2])
    assert page.evaluate("document.getElementById('id_source').files.length") == 0


def test_four_variations_are_one_press(enter: Enter) -> None:
    page = enter()
    made(page, "a red mug")

    page.locator("#four-variations").click()
    expect(page.locator("#quota")).to_contain_text("5 left today")
    expect(page.locator("#recent .tile")).to_have_count(4, timeout=60_000)

    page.locator("#stage > a").click()
    expect(page.locator("main")).to_contain_text("46")


def test_a_remix_begins_with_the_recipe_of_a_link(enter: Enter) -> None:
    page = enter()
    image = made(page, "a red mug").split("/")[2]

    page.goto(f"/?remix={image}")
    expect(page.locator(".remix")).to_contain_text("a red mug")
    steps.ask(page, "a blue mug", side=64)
    expect(page.locator("#recent .tile")).to_have_count(1, timeout=30_000)

    expect(page.locator("#composer [name=remix_of]")).to_have_value(image)


def test_recipes_history_and_presets_work_without_javascript(enter: Enter) -> None:
    page = enter(javascript=False)

    page.locator("#composer [popovertarget=recipe]").click()
    page.fill("#id_recipe", TEXT)
    page.locator("#recipe-fill").click()
    expect(page.locator("#id_prompt")).to_have_value("a green bottle")
    page.locator("#composer .keep summary").click()
    page.fill("#id_preset_name", "Quick")
    page.locator("#preset-save").click()
    expect(page.locator("#presets a.chip")).to_have_text(["Quick"])
    page.locator("#make").click()
    page.wait_for_url("**/generations/**")
    page.goto("/")
    page.locator("#history-open").click()
    page.locator("#history-list a").click()

    expect(page.locator(".earlier-words")).to_have_text("a green bottle")


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1366, 768), (390, 844)])
def test_whatever_has_the_focus_is_not_under_the_main_button(enter: Enter, width: int, height: int) -> None:
    page = enter(width=width, pictures=2)
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(reduced_motion="reduce")  # nothing is still scrolling when it is asked
    page.locator("#id_prompt").focus()

    for key in ("Tab", "Shift+Tab"):
        under = set()
        for _ in range(55):
            page.keyboard.press(key)
            under.add(page.evaluate(UNDER))
        assert under == {""}


def test_the_main_button_says_whether_it_makes_one_picture_or_several(enter: Enter) -> None:
    page = enter(javascript=False)

    for images, words in (("2", "Make the pictures"), ("1", "Make the picture")):
        page.check(f"#composer [name=images][value='{images}']", force=True)

        assert page.locator("#make strong").inner_text() == words
