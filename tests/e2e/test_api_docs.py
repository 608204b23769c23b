"""The page of the API in Chromium, under the strict content policy."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.test_schema import METHODS

pytestmark = pytest.mark.browser


def test_it_shows_every_route_and_lets_one_be_tried(visit: Visit) -> None:
    page = visit()
    page.goto("/api/docs/")

    expect(page.locator(".opblock-summary-path", has_text="/api/v1/generations").first).to_be_visible()
    paths = page.request.get("/api/schema/?format=json").json()["paths"].values()
    expect(page.locator(".opblock")).to_have_count(sum(len(METHODS & set(path)) for path in paths))
    page.locator("#operations-catalogue-models_list .opblock-summary").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()

    expect(page.locator(".live-responses-table").get_by_text('"not_signed_in"').first).to_be_visible()


def test_without_javascript_it_leads_to_the_document(visit: Visit) -> None:
    page = visit(javascript=False)
    page.goto("/api/docs/")

    expect(page.locator("main noscript .notice")).to_be_visible()
    expect(page.locator("main").get_by_role("link").first).to_have_attribute("href", "/api/schema/?format=json")
