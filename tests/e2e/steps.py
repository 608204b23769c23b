"""What people do on the pages, whatever their language."""

import re
import uuid

from playwright.sync_api import Page, expect

PASSWORD = "a fine pass phrase"


def sign_up(page: Page) -> str:
    """A new account, and its e-mail; the visitor stands in the studio. Who signs up too often in a minute waits."""
    email = f"{uuid.uuid4().hex[:12]}@example.org"
    for _ in range(30):
        page.goto("/accounts/signup/")
        page.fill("input[name=email]", email)
        page.fill("input[name=password1]", PASSWORD)
        page.locator("main form button").first.click()
        if "429" not in page.locator("main").inner_text():
            break
        page.wait_for_timeout(3000)
    expect(page.locator("#composer")).to_be_visible()
    return email


def bring_token(page: Page, token: str = "hf_good") -> None:
    """Enter a Hugging Face token of one's own; the visitor stands on its page."""
    page.goto("/account/huggingface/")
    page.fill("main input[type=password]", token)
    page.locator("main .card-quiet form button").click()


def ask(page: Page, prompt: str, *, steps: int = 5, side: int | None = None, seed: int | None = None) -> None:
    """Fill the composer and press the main button."""
    page.fill("#id_prompt", prompt)
    page.fill("#composer [name=steps]", str(steps))
    if seed is not None:
        page.fill("#composer [name=seed]", str(seed))
    if side:
        fold = page.locator("#parameters details")
        if fold.get_attribute("open") is None:
            fold.locator("summary").click()
        page.fill("#composer [name=width]", str(side))
        page.fill("#composer [name=height]", str(side))
    page.locator("#make").click()


def steps_seen_until_picture(page: Page) -> set[int]:
    """Watch the running row until the picture is on the stage; the different steps that it showed."""
    seen: set[int] = set()
    picture = page.locator("#stage img")
    expect(page.locator("#running .job")).to_have_count(1)
    for _ in range(900):
        if picture.count():
            return seen
        seen |= {int(step) for step in re.findall(r"(?:step|étape)\s+(\d+)", page.locator("#running").inner_text())}
        page.wait_for_timeout(100)
    raise AssertionError("The picture did not come")


def picture(page: Page) -> None:
    """Wait for the picture on the stage, really loaded."""
    expect(page.locator("#stage img")).to_be_visible(timeout=60_000)
    until(page, "() => document.querySelector('#stage img').naturalWidth > 0")


def another_picture(page: Page, first: str | None) -> None:
    """Wait until the stage shows another picture than the `first`."""
    until(page, "first => document.querySelector('#stage img')?.getAttribute('src') !== first", first)


def until(page: Page, question: str, about: str | None = None) -> None:
    """Ask the page until it says yes. Playwright's own waiting evaluates strings later, which our policy forbids."""
    for _ in range(600):
        if page.evaluate(question, about):
            return
        page.wait_for_timeout(100)
    raise AssertionError(question)


def sign_out(page: Page) -> None:
    """Through the menu of the avatar."""
    page.locator(".menu > summary").click()
    page.locator(".menu form[action*=logout] button").click()
    if page.locator("main form[action*=logout] button").count():
        page.locator("main form[action*=logout] button").click()
    expect(page.locator("input[name=login]")).to_be_visible()
