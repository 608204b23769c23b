"""Curators in the back office: a chain ordered by hand, a real check, pages that everybody can read."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Enter

pytestmark = pytest.mark.browser
MODELS = "/admin/generator/aimodel/"


@pytest.fixture
def office(enter: Enter) -> Enter:
    """A curator at the list of models."""
    return lambda **look: enter(MODELS, curator=True, **look)


def open_model(page: Page, name: str) -> None:
    page.goto(MODELS)
    page.locator("#result_list").get_by_role("link", name=name, exact=True).click()
    expect(page.locator(".health")).to_be_visible()


def chain(page: Page) -> list[str]:
    """The links as the page shows them, those without a model left out."""
    shown = page.locator("#links-group tr.form-row:not(.empty-form) select option:checked").all_inner_texts()
    return [name for name in shown if name != "---------"]


def save(page: Page, name: str) -> None:
    page.locator("input[name=_save]").click()
    expect(page.locator(".messagelist")).to_contain_text(name)


def test_a_chain_is_ordered_by_dragging_and_by_the_keyboard(office: Enter) -> None:
    page = office()
    open_model(page, "Krea 2 Turbo")
    assert chain(page) == ["Z-Image Turbo", "FLUX.1 Krea dev"]

    page.locator("#links-1 .chain-grip").drag_to(page.locator("#links-0 .field-next"), target_position={"x": 5, "y": 2})
    assert chain(page) == ["FLUX.1 Krea dev", "Z-Image Turbo"]
    save(page, "Krea 2 Turbo")
    open_model(page, "Krea 2 Turbo")
    assert chain(page) == ["FLUX.1 Krea dev", "Z-Image Turbo"]

    page.locator("#links-0 [data-move='1']").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#links-0 [data-move='1']")).to_be_focused()
    save(page, "Krea 2 Turbo")
    open_model(page, "Krea 2 Turbo")
    assert chain(page) == ["Z-Image Turbo", "FLUX.1 Krea dev"]


def test_a_chain_grows_at_its_end(office: Enter) -> None:
    page = office()
    open_model(page, "ERNIE-Image")

    page.locator("#links-group .add-row a").click()
    page.locator("#links-3 select").select_option(label="GLM-Image")
    page.locator("#links-2 select").select_option(label="Ideogram 4")
    page.locator("#links-3 [data-move='-1']").click()
    save(page, "ERNIE-Image")

    open_model(page, "ERNIE-Image")
    assert chain(page) == ["Qwen-Image", "Z-Image Turbo", "GLM-Image", "Ideogram 4"]


def test_without_scripts_the_numbers_order_a_chain(office: Enter) -> None:
    page = office(javascript=False)
    open_model(page, "HiDream I1 Full")
    expect(page.locator("#links-0 .chain-move")).to_be_hidden()

    page.locator("#links-0 [name$=-position]").fill("5")
    save(page, "HiDream I1 Full")

    open_model(page, "HiDream I1 Full")
    assert chain(page) == ["FLUX.1 dev", "Qwen-Image"]


def test_a_real_check_of_the_built_in_model(office: Enter) -> None:
    page = office()
    open_model(page, "Built-in")

    page.get_by_role("button", name="Check now").click()

    for _ in range(120):
        if page.get_by_text("It made a picture.").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator(".health")).to_contain_text("It made a picture.")


def test_our_parts_of_the_back_office_have_no_accessibility_fault(office: Enter) -> None:
    page = office(theme="dark")
    open_model(page, "FLUX.1 schnell")
    faults = faults_in(page, ".health", "#links-group")

    page.goto(f"{MODELS}add/")
    faults += faults_in(page, ".look-up")
    page.goto(f"{MODELS}spending/")
    faults += faults_in(page, "#content-main")

    assert faults == []


def faults_in(page: Page, *parts: str) -> list[str]:
    """Serious faults of these parts; the checker's own preloading would break our content policy."""
    found = Axe().run(page, context={"include": [[part] for part in parts]}, options={"preload": False})
    serious = [each for each in found.response["violations"] if each["impact"] in {"serious", "critical"}]
    return [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in serious]
