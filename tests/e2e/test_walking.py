"""A collection is walked through with the arrow keys, and a picture of it goes to the place that is written."""

import pytest
from playwright.sync_api import expect

from tests.e2e import steps
from tests.e2e.conftest import Enter

pytestmark = pytest.mark.browser


def test_a_picture_goes_to_a_place_by_enter_and_the_arrows_keep_to_the_collection(enter: Enter) -> None:
    page = enter("", pictures=4, collection="Les tasses", width=390, theme="dark", language="fr")
    entries = page.locator(".entry")
    expect(entries).to_have_count(4)
    before = [entries.nth(place).get_attribute("data-image") for place in range(4)]

    page.locator(".entry-menu > summary").first.click()
    sheet = page.locator(".entry-menu[open] .menu-sheet")
    box = sheet.bounding_box()
    assert box
    assert box["x"] >= 0
    assert steps.faults(page) == []
    sheet.locator("[name=place]").fill("3")
    sheet.locator("[name=place]").press("Enter")
    expect(entries.nth(2)).to_have_attribute("data-image", str(before[0]))
    shown = [before[1], before[2], before[0], before[3]]
    assert [entries.nth(place).get_attribute("data-image") for place in range(4)] == shown

    collection = page.url.partition("#")[0]
    with page.expect_navigation():
        entries.nth(1).locator(".tile > a").click()
    for key, place in (("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2)):
        page.keyboard.press(key)
        page.wait_for_url(f"**/images/{shown[place]}/?in=*")
    page.locator(f"a.hint[href='{collection[collection.index('/collections/') :]}']").click()
    expect(entries).to_have_count(4)
