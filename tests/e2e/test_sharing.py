"""Alice shows a picture to others: by a link with a password, and in the showcase."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.conftest import LOOKS, Enter, Visit
from tests.real.studio import Studio

pytestmark = pytest.mark.browser


def to_the_links(page: Page) -> str:
    """The address of the page of the links of the newest picture, where its owner stands then."""
    address = page.locator(".tile a[href^='/images/']").first.get_attribute("href") or ""
    page.goto(f"{address}share")
    return f"{address}share"


def make_link(page: Page, password: str = "") -> str:
    """Make a link; its path."""
    page.fill("form[action$='/share'] [name=password]", password)
    page.locator("form[action$='/share'] button").click()
    address = page.locator(".share-address input").first.input_value()
    return address[address.index("/s/") :]


def is_drawn(page: Page) -> None:
    """The picture is there, really loaded."""
    expect(page.locator(".shown-ground img")).to_be_visible()
    steps.until(page, "() => document.querySelector('.shown-ground img').naturalWidth > 0")


def status(page: Page, address: str) -> int:
    """What this visitor is answered there."""
    return page.request.get(address).status


@pytest.mark.parametrize(
    ("width", "theme", "language", "javascript"),
    [(390, "dark", "fr", True), (1440, "light", "en", True), (390, "light", "en", False)],
)
def test_a_link_with_a_password_opens_is_liked_reported_and_dies(
    enter: Enter, visit: Visit, width: int, theme: str, language: str, javascript: bool
) -> None:
    seen = {"width": width, "theme": theme, "language": language, "javascript": javascript}
    owner, guest = enter("/gallery/", pictures=1, **seen), visit(**seen)
    panel = to_the_links(owner)
    link = make_link(owner, "open sesame")

    guest.goto(link)
    for password, opens in [("open barley", False), ("open sesame", True)]:
        expect(guest.locator("main img")).to_have_count(0)
        guest.fill("main input[type=password]", password)
        guest.locator("main form button").click()
        expect(guest.locator("#id_password_error")).to_have_count(0 if opens else 1)
        if javascript and not opens:
            assert steps.faults(guest) == []
    is_drawn(guest)

    guest.locator("#like a").click()
    expect(guest.locator("input[name=login]")).to_be_visible()
    steps.sign_up(guest)
    guest.goto(link)
    guest.locator("#like-button").click()
    expect(guest.locator("#like-button")).to_have_attribute("aria-pressed", "true")

    guest.locator("a[href$='/report']").click()
    guest.locator("input[value=rights]").check()
    guest.fill("main textarea", "<b>My logo</b>")
    guest.locator("main form button").click()
    expect(guest.locator(".toast-card")).to_be_visible()
    is_drawn(guest)

    owner.goto(panel)
    expect(owner.locator(".share-facts li").nth(1)).not_to_have_text(re.compile(r"^0\b"))
    picture = guest.locator(".shown-ground img").get_attribute("src") or ""
    assert status(guest, picture) == 200
    owner.locator("form[action$='/revoke'] button").click()
    expect(owner.locator(".share-link")).to_have_count(0)
    assert (status(guest, link), status(guest, picture)) == (404, 404)

    owner.locator("form[action^='/undo/'] button").click()
    expect(owner.locator(".share-link")).to_have_count(1)
    assert status(guest, link) == 200


def test_an_address_is_copied_and_a_link_is_changed(enter: Enter, studio: Studio) -> None:
    page = enter("/gallery/", pictures=1)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    to_the_links(page)
    link = make_link(page)

    page.locator("[data-copy]").click()
    assert page.evaluate("navigator.clipboard.readText()") == f"{studio.address}{link}"

    page.locator(".share-link summary").click()
    page.locator(".share-link select").select_option("")
    page.locator(".share-link [name$=recipe_shown]").uncheck()
    page.locator(".share-link details button").click()
    expect(page.locator(".share-facts time")).to_have_count(0)
    page.goto(link)
    expect(page.locator(".facts")).to_have_count(0)


@LOOKS
def test_a_curator_publishes_what_is_shared_and_everybody_finds_it(
    enter: Enter, visit: Visit, width: int, theme: str, language: str
) -> None:
    owner, guest = enter("/gallery/", pictures=1, language=language), visit(width=width, theme=theme, language=language)
    panel = to_the_links(owner)
    make_link(owner)
    pk = panel.split("/")[2]

    office = enter(f"/admin/gallery/image/?q={pk}", curator=True)
    office.locator("input.action-select").check()
    office.locator("select[name=action]").select_option("publish")
    office.locator("button[name=index]").click()
    expect(office.locator(".messagelist")).to_contain_text("1 picture is in the showcase.")
    office.goto(f"/admin/gallery/image/{pk}/change/")
    steps.until(office, "() => document.querySelector('.readonly img').naturalWidth > 0")

    guest.goto("/showcase/")
    guest.fill("#q", "MUG yellow")
    guest.keyboard.press("Enter")
    guest.locator(f"a[href='/showcase/{pk}/']").click()
    is_drawn(guest)
    guest.locator("a[href*='remix=']").click()
    expect(guest.locator("input[name=login]")).to_be_visible()

    owner.goto(panel)
    owner.locator("button[name=withdraw]").click()
    assert status(guest, f"/showcase/{pk}/") == 404
