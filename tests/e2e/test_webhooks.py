"""A program is told of a picture, and its owner looks at what was sent."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.conftest import Enter
from tests.events.receiver import Receiver

pytestmark = pytest.mark.browser


def add(page: Page, address: str) -> str:
    """Add a webhook from the account page; its secret."""
    page.goto("/account/")
    page.locator("main a[href='/account/webhooks/']").first.click()
    page.fill("#id_url", address)
    page.fill("#id_description", "shop import")
    page.locator("main .card-quiet form button").click()
    return page.input_value("#secret")


def wait_until(page: Page, state: str) -> None:
    """Look at a delivery, with or without JavaScript, until it is in this state."""
    expect(page.locator("#delivery [role=status]")).to_have_text(state, timeout=30_000)


def test_a_page_with_a_secret_that_is_loaded_again_makes_no_second_one(enter: Enter) -> None:
    page = enter("/account/tokens/")
    page.fill("#id_name", "shop import")
    page.locator("main .card-quiet form button").click()
    expect(page.locator("#secret")).to_be_visible()

    page.reload()

    expect(page.locator("main .rows > li")).to_have_count(1)
    expect(page.locator("#secret")).to_have_count(0)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_receiver_is_added_tried_and_sent_to_again(enter: Enter, javascript: bool) -> None:
    page = enter("/account/", width=390, javascript=javascript)
    with Receiver() as receiver:
        secret = add(page, receiver.address)
        page.locator("main button", has_text="Send a test").click()
        wait_until(page, "delivered")
        page.locator("main button", has_text="Send it again").click()
        expect(page.locator("#delivery ol > li")).to_have_count(2, timeout=30_000)
        wait_until(page, "delivered")

        assert [receiver.believes(secret, number)["type"] for number in range(2)] == ["webhook.test"] * 2
        assert receiver.headers(0)["webhook-id"] == receiver.headers(1)["webhook-id"]
    page.locator("#delivery details summary", has_text="The answer").first.click()
    expect(page.locator("#delivery pre", has_text="thanks").first).to_be_visible()
    assert secret not in page.content()


def test_a_program_hears_of_a_picture(enter: Enter) -> None:
    page = enter("/account/")
    with Receiver() as receiver:
        secret = add(page, receiver.address)
        page.goto("/")
        steps.ask(page, "a red mug", side=256)
        steps.picture(page)
        page.goto("/account/webhooks/")
        page.locator("main .rows a").first.click()
        for _ in range(30):
            if page.locator("main .rows .badge-quiet", has_text="delivered").count():
                break
            page.wait_for_timeout(500)
            page.reload()

        told = receiver.believes(secret)
    assert told["type"] == "generation.succeeded"
    assert told["data"]["status"] == "succeeded"
    assert len(told["data"]["images"]) == 1
    page.locator("main .rows a", has_text="generation.succeeded").click()
    page.locator("#delivery dl a").click()
    expect(page).to_have_url(re.compile(f"/generations/{told['data']['id']}/"))


def test_a_receiver_that_is_gone_is_switched_off_and_says_why(enter: Enter) -> None:
    page = enter("/account/")
    with Receiver(b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") as receiver:
        add(page, receiver.address)
        page.locator("main button", has_text="Send a test").click()
        wait_until(page, "failed")
    page.locator("#delivery > a").click()
    expect(page.locator("main [role=alert]")).to_contain_text("Your program answered 410")
    page.locator("main button", has_text="Switch on").click()

    expect(page.locator("main .spread .badge-quiet").first).to_have_text("on")
    expect(page.locator("main [role=alert]")).to_have_count(0)
    page.locator("main summary", has_text="Delete").click()
    page.locator("main button", has_text="Delete this webhook").click()
    expect(page.locator("#toasts")).to_contain_text("Nothing more is sent to it.")
