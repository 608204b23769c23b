"""The studio is told what happens; where it cannot be told, it asks."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.conftest import Enter

pytestmark = pytest.mark.browser
STREAM = "**/events"


def counted(page: Page) -> Callable[[], tuple[int, int]]:
    """How often the page asked what is being made, and how often for a stream, until now."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "GET" else None)

    def count() -> tuple[int, int]:
        return sum("/generations/running?" in url for url in asked), sum(url.endswith("/events") for url in asked)

    return count


def test_a_picture_arrives_though_the_page_seldom_asks(enter: Enter) -> None:
    page = enter()
    count = counted(page)

    steps.ask(page, "a red mug", steps=150, side=512)
    seen = steps.steps_seen_until_picture(page)

    asked, streams = count()
    assert streams == 1
    assert len(seen) > 4
    assert asked <= len(seen) // 2 + 6
    expect(page.locator("#running .job")).to_have_count(0)


def test_where_the_stream_is_blocked_the_page_asks_as_ever(enter: Enter) -> None:
    page = enter()
    page.route(STREAM, lambda route: route.abort())
    count = counted(page)

    steps.ask(page, "a red mug", steps=60, side=512)
    steps.picture(page)

    assert count()[0] > 2
    expect(page.locator("#running .job")).to_have_count(0)


def test_the_page_of_a_generation_is_told_of_its_end(enter: Enter) -> None:
    page = enter()
    steps.ask(page, "a red mug", steps=100, side=512)
    page.locator("#running .job-prompt").click()
    count = counted(page)

    expect(page.locator("#generation .made img")).to_be_visible(timeout=60_000)

    assert count()[1] <= 1
    expect(page.locator("#generation[data-live]")).to_have_count(0)


def test_a_studio_where_nothing_is_made_listens_to_nothing(enter: Enter) -> None:
    page = enter()
    count = counted(page)

    page.goto("/")
    expect(page.locator("#composer")).to_be_visible()
    page.wait_for_timeout(1500)

    assert count() == (0, 0)
