"""What people do on the pages, whatever their language."""

import re
import uuid

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

PASSWORD = "a fine pass phrase"
SERIOUS = """() => axe
  .run({ reporter: "no-passes", resultTypes: ["violations"], selectors: false, preload: false })
  .then(({ violations }) => violations
    .filter((each) => ["serious", "critical"].includes(each.impact))
    .flatMap((each) => each.nodes.slice(0, 3).map((node) => `${each.id}: ${node.html.slice(0, 200)}`)))"""


def sign_up(page: Page) -> None:
    """A new account; the visitor stands in the studio. Who signs up too often in a minute waits."""
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


def axe(page: Page) -> list[str]:
    """The faults that axe calls serious or critical here; its own preloading would break our content policy."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(SERIOUS)
    return found


def faults(page: Page) -> list[str]:
    """What keeps somebody from reading this page: what `axe` finds, and a page that is wider than the screen."""
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return axe(page) + ["wider than the screen"] * wide


def sign_out(page: Page) -> None:
    """Through the menu of the avatar."""
    page.locator(".menu > summary.avatar").click()
    page.locator(".menu form[action*=logout] button").click()
    if page.locator("main form[action*=logout] button").count():
        page.locator("main form[action*=logout] button").click()
    expect(page.locator("input[name=login]")).to_be_visible()
