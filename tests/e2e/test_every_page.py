"""Every page, in both themes, languages and widths: accessible, no wider than the screen, without errors.

A screenshot of each visit is kept in the folder that `SCREENSHOTS` names, for eyes.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, resolve, reverse
from playwright.sync_api import Browser, ConsoleMessage, Page, Response

from accounts.models import User
from accounts.services import curators
from tests.e2e import steps
from tests.e2e.conftest import SCREENSHOTS, same_host
from tests.e2e.wording import in_english
from tests.real.studio import Studio

NOBODY = "00000000-0000-4000-8000-000000000000"
UNFOLD = "document.querySelectorAll('main details').forEach((each) => { each.open = true; })"
SELECT = "document.querySelectorAll('[data-tick]').forEach((each, at) => { if (at < 3) each.click(); })"
OPEN = "document.querySelectorAll('[id*=-generations_list] [aria-expanded=false]').forEach((each) => each.click())"
LOADED = """() => Promise.race([
  Promise.all([...document.images].map((each) => each.decode().catch(() => null))),
  new Promise((late) => setTimeout(late, 500)),
])"""
SHOW_SECRET = "document.querySelector('main form [value=show]').click()"
THEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
FORGE = "const form = document.querySelector('main form'); form.csrfmiddlewaretoken.value = 'x'; form.submit()"


@dataclass(frozen=True)
class Seen:
    """A page as somebody sees it (`who` is nobody: a stranger), and what they do before it is looked at.

    What they do `leaves` the address where it leads on to another page.

    One that a script draws is there when something of it is `drawn`: a selector.
    """

    name: str
    address: str
    who: str = ""
    act: str = ""
    status: int = 200
    leaves: bool = False
    drawn: str = ""


PAGES = [
    Seen("sign-in", "/accounts/login/"),
    Seen("sign-in-theme", "/accounts/login/", act="document.querySelector('summary.switch').click()"),
    Seen("sign-up", "/accounts/signup/"),
    Seen("password-reset", "/accounts/password/reset/"),
    Seen("password-reset-sent", "/accounts/password/reset/done/"),
    Seen("password-reset-link-used", "/accounts/password/reset/key/1-x/"),
    Seen("password-reset-done", "/accounts/password/reset/key/done/"),
    Seen("email-confirm", "/accounts/confirm-email/x/"),
    Seen("email-sent", "/accounts/confirm-email/"),
    Seen("account-inactive", "/accounts/inactive/"),
    Seen("accessibility", "/accessibility/"),
    Seen("offline", "/offline/"),
    Seen("api-docs", "/api/docs/", drawn=".opblock", act=OPEN),
    Seen("api-errors", "/api/docs/errors/"),
    Seen("showcase", "/showcase/"),
    Seen("showcase-picture", "/showcase/{published}/"),
    Seen("showcase-report", "/showcase/{published}/report"),
    Seen("shared", "/s/{key}/"),
    Seen("shared-without-recipe", "/s/{bare}/"),
    Seen("shared-locked", "/s/{locked}/"),
    Seen("shared-report", "/s/{key}/report"),
    Seen("error-404", "/no-such-page/", status=404),
    Seen("error-403", "/accounts/login/", act=FORGE, leaves=True),
    Seen("studio", "/", "alice"),
    Seen("studio-new", "/", "newcomer"),
    Seen("studio-remix", "/?remix={key}", "bob"),
    Seen("studio-from-picture", "/?source={image}", "alice"),
    Seen("studio-vary", "/?vary={image}", "alice"),
    Seen("studio-unfolded", "/", "alice", act=UNFOLD),
    Seen("menu", "/", "alice", act="document.querySelector('summary.avatar').click()"),
    Seen("keyboard", "/", "alice", act="document.getElementById('keys').showModal()"),
    Seen("history", "/studio/history/", "alice"),
    Seen("history-empty", "/studio/history/", "newcomer"),
    Seen("picker", "/studio/pictures/", "alice"),
    Seen("picker-empty", "/studio/pictures/", "newcomer"),
    Seen("presets", "/studio/presets/", "alice"),
    Seen("presets-empty", "/studio/presets/", "newcomer"),
    Seen("generation-failed", "/generations/{failed}/", "alice"),
    Seen("generation-waiting", "/generations/{waiting}/", "alice"),
    Seen("batches", "/batches/", "alice"),
    Seen("batches-empty", "/batches/", "newcomer"),
    Seen("batch", "/batches/{batch}/", "alice"),
    Seen("gallery", "/gallery/", "alice"),
    Seen("gallery-empty", "/gallery/", "newcomer"),
    Seen("gallery-search", "/gallery/?q=mug+model:builtin", "alice"),
    Seen("gallery-nothing-found", "/gallery/?q=zebra+is:favourite", "alice"),
    Seen("gallery-bad-search", "/gallery/?q=steps:many", "alice", status=422),
    Seen("gallery-filters", "/gallery/", "alice", act=UNFOLD),
    Seen("gallery-selected", "/gallery/", "alice", act=SELECT),
    Seen("trash", "/gallery/trash/", "alice"),
    Seen("trash-empty", "/gallery/trash/", "newcomer"),
    Seen("trash-for-good", "/gallery/trash/empty", "alice"),
    Seen("picture", "/images/{image}/", "alice"),
    Seen("picture-unfolded", "/images/{image}/", "alice", act=UNFOLD),
    Seen("picture-of-a-friend", "/images/{image}/", "bob"),
    Seen("picture-share", "/images/{image}/share", "alice"),
    Seen("compare-choose", "/images/{image}/compare/", "alice"),
    Seen("compare", "/images/{image}/compare/{other}/", "alice"),
    Seen("collections", "/collections/", "alice"),
    Seen("collections-empty", "/collections/", "newcomer"),
    Seen("collection", "/collections/{collection}/", "alice"),
    Seen("collection-of-a-friend", "/collections/{collection}/", "bob"),
    Seen("collection-empty", "/collections/{empty}/", "alice"),
    Seen("account", "/account/", "alice"),
    Seen("tokens", "/account/tokens/", "alice"),
    Seen("connect", "/account/connect/", "alice"),
    Seen("hugging-face", "/account/huggingface/", "alice"),
    Seen("webhooks", "/account/webhooks/", "alice"),
    Seen("webhooks-empty", "/account/webhooks/", "newcomer"),
    Seen("webhooks-default-secret", "/account/webhooks/", "alice", act=SHOW_SECRET, leaves=True),
    Seen("webhooks-single", "/account/webhooks/single/", "alice"),
    Seen("webhook", "/account/webhooks/{webhook}/", "alice"),
    Seen("webhook-unfolded", "/account/webhooks/{webhook}/", "alice", act=UNFOLD),
    Seen("delivery", "/account/webhooks/deliveries/{delivery}/", "alice", act=UNFOLD),
    Seen("e-mail", "/accounts/email/", "alice"),
    Seen("password", "/accounts/password/change/", "alice"),
    Seen("sign-out", "/accounts/logout/", "alice"),
    Seen("reauthenticate", "/accounts/reauthenticate/", "alice"),
    Seen("error-404-inside", "/images/{bobs}/", "alice", status=404),
]  # fmt: skip
BACK_OFFICE = [
    Seen("admin", "/admin/"),
    Seen("admin-pictures", "/admin/gallery/image/"),
    Seen("admin-picture", "/admin/gallery/image/{reported}/change/"),
    Seen("admin-reports", "/admin/gallery/report/"),
    Seen("admin-report", "/admin/gallery/report/{report}/change/"),
    Seen("admin-models", "/admin/generator/aimodel/"),
    Seen("admin-model", "/admin/generator/aimodel/{model}/change/"),
    Seen("admin-spending", "/admin/generator/aimodel/spending/"),
    Seen("admin-styles", "/admin/generator/style/"),
    Seen("admin-style", "/admin/generator/style/{style}/change/"),
    Seen("admin-generations", "/admin/generator/generation/"),
    Seen("admin-generation", "/admin/generator/generation/{failed}/change/"),
    Seen("admin-breakers", "/admin/generator/breaker/"),
    Seen("admin-people", "/admin/accounts/user/"),
    Seen("admin-person", "/admin/accounts/user/{person}/change/"),
    Seen("admin-plans", "/admin/accounts/plan/"),
    Seen("admin-plan", "/admin/accounts/plan/{plan}/change/"),
    Seen("admin-invitations", "/admin/accounts/invitation/"),
    Seen("admin-invitation", "/admin/accounts/invitation/add/"),
    Seen("admin-usage", "/admin/accounts/usage/"),
    Seen("admin-server-spending", "/admin/accounts/serverspending/"),
    Seen("admin-ledger", "/admin/accounts/ledgerentry/"),
    Seen("admin-webhooks", "/admin/events/webhookendpoint/"),
    Seen("admin-webhook", "/admin/events/webhookendpoint/{webhook}/change/"),
]  # fmt: skip
NO_PAGES = {
    "files": ["image_file", "image_thumbnail", "shared_file", "shared_thumbnail", "shared_preview", "published_file"],
    "more files": ["published_thumbnail", "published_preview", "batch_example", "batch_results", "collection_archive"],
    "parts of a page": ["hint", "running"],
    "what programs read": ["schema", "manifest", "service_worker", "healthz", "readyz"],
    "the original design": ["api_original_models", "api_original_download"],
    "what only leads elsewhere": [
        "account_set_password", "account_confirm_login_code", "gallery_filters", "gallery_scroll", "generations",
        "shared_unlock", "api_error",
    ],
}  # fmt: skip
WINDOWS = (
    ((390, "dark", "fr"), (1440, "light", "en")),
    ((390, "light", "en"), (1440, "dark", "fr")),
)
"""What one page is seen in: both of each. Two pages in a row are seen in all four."""
VISITS = [
    pytest.param(seen, *window, id=f"{seen.name}-{'-'.join(map(str, window))}")
    for number, seen in enumerate(PAGES)
    for window in WINDOWS[number % len(WINDOWS)]
]
OFFICE_VISITS = [
    pytest.param(seen, *((390, "fr"), (1440, "en"))[(number + number // 2) % 2], id=seen.name)
    for number, seen in enumerate(BACK_OFFICE)
]
"""One of each page of the back office, for its curators are few: at one width, in both themes."""
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def things(studio: Studio) -> dict[str, Any]:
    """Who there is, and what addresses are made of (tests/e2e/population.py)."""
    printed = studio.manage("shell", "--verbosity", "0", "-c", "from tests.e2e import population; population.run()")
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def window(chromium: Browser, studio: Studio, things: dict[str, Any]) -> Iterator[Open]:
    """A window of somebody, which one page after the other opens in.

    Every second window has chosen the theme against what the system says.
    """
    windows: dict[tuple[str, int, str, str], Page] = {}

    def opened(who: str, width: int, theme: str, language: str) -> Page:
        key = (who, width, theme, language)
        if key not in windows:
            system = theme if width < 1000 else {"light": "dark", "dark": "light"}[theme]
            context = chromium.new_context(
                viewport={"width": width, "height": 900},
                color_scheme="dark" if system == "dark" else "light",
                locale=language,
                reduced_motion="reduce",
                service_workers="block",
                base_url=studio.address,
            )
            cookies = {"theme": theme if system != theme else "system"}
            if who:
                cookies["sessionid"] = things["sessions"][who]
            context.add_cookies([{"name": n, "value": v, "url": studio.address} for n, v in cookies.items()])
            windows[key] = context.new_page()
            windows[key].set_default_timeout(15_000)
        return windows[key]

    yield opened
    for page in windows.values():
        page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize(("seen", "width", "theme", "language"), VISITS)
def test_a_page_is_for_everybody(
    window: Open, studio: Studio, things: dict[str, Any], seen: Seen, width: int, theme: str, language: str
) -> None:
    page = window(seen.who, width, theme, language)

    with listening(page, studio) as wrong:
        answer = page.goto(seen.address.format(**things))
        if seen.drawn:
            page.wait_for_selector(seen.drawn, timeout=60_000)
        with page.expect_navigation() if seen.leaves else nullcontext():
            page.evaluate(f"() => {{ {seen.act} }}")
        page.evaluate(LOADED)
        photograph(page, f"{seen.name}-{width}-{theme}-{language}")
        wrong += faults(page, answer, seen, language)

    assert wrong == []


@pytest.mark.browser
@pytest.mark.parametrize(("seen", "width", "language"), OFFICE_VISITS)
def test_a_page_of_the_back_office_is_for_every_curator(
    window: Open, studio: Studio, things: dict[str, Any], seen: Seen, width: int, language: str
) -> None:
    page = window("curator", width, "light", language)

    with listening(page, studio) as wrong:
        answer = page.goto(seen.address.format(**things))
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            photograph(page, f"{seen.name}-{width}-{theme}-{language}")
            wrong += faults(page, answer, seen, language)

    assert wrong == []


@contextmanager
def listening(page: Page, studio: Studio) -> Iterator[list[str]]:
    """What goes wrong until the window is empty again: errors, and what the page asks of other hosts."""
    wrong: list[str] = []
    listeners: dict[Any, Callable[[Any], None]] = {
        "pageerror": lambda error: wrong.append(str(error)),
        "request": lambda request: same_host(request.url, studio, wrong),
        "response": lambda answer: wrong.append(f"{answer.status} {answer.url}") if missing(answer) else None,
        "console": lambda line: wrong.append(line.text) if line.type == "error" and not told(line) else None,
    }
    for event, listener in listeners.items():
        page.on(event, listener)
    try:
        yield wrong
    finally:
        for event, listener in listeners.items():
            page.remove_listener(event, listener)
        page.goto("about:blank")


def photograph(page: Page, name: str) -> None:
    """Keep all of this page for eyes."""
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True, animations="disabled")


def missing(answer: Response) -> bool:
    """Whether something that a page is made of was not there."""
    return answer.status >= 400 and answer.request.resource_type != "document"


def told(line: ConsoleMessage) -> bool:
    """Whether the console only says what its response said already."""
    return line.text.startswith("Failed to load resource")


def faults(page: Page, answer: Response | None, seen: Seen, language: str) -> list[str]:
    """What is wrong with a page that stands in its window."""
    found = [] if answer and answer.status == seen.status else [f"answers {answer and answer.status}"]
    if page.locator("html").get_attribute("lang") != language:
        found.append(f"is not in {language}")
    if page.locator("h1").count() != 1:
        found.append(f"has {page.locator('h1').count()} headings of the first order")
    if len(page.title().partition(" · ")[0].strip()) < 3:
        found.append(f"is called {page.title()!r}")
    if language == "fr":
        found += [f"says in English: {text}" for text in in_english(page)]
    return found + too_wide(page) + steps.axe(page)


def too_wide(page: Page) -> list[str]:
    """The widths at which the page has to be scrolled sideways: its own, and for a phone the smallest there is."""
    size = page.viewport_size
    assert size
    found = []
    for width in {size["width"], 320 if size["width"] < 1000 else size["width"]}:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"is wider than {width} pixels")
    page.set_viewport_size(size)
    return found


def test_every_route_that_is_a_page_is_visited(alice: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(alice)
    known = visited() | {name for names in NO_PAGES.values() for name in names}

    unseen = [name for name in routes() if name not in known and client.get(somewhere(name)).status_code != 405]

    assert unseen == []


def test_what_is_no_page_is_a_route_and_is_visited_nowhere() -> None:
    others = {name for names in NO_PAGES.values() for name in names}

    assert others - set(routes()) == set()
    assert others & visited() == set()


@pytest.mark.django_db
def test_every_list_that_curators_have_is_visited(client_of: Callable[[User], Client]) -> None:
    curator = curators.make(email="curator@example.org")[0]

    apps = client_of(curator).get("/admin/").context["app_list"]

    lists = {model["admin_url"] for app in apps for model in app["models"]}
    assert lists - {seen.address for seen in BACK_OFFICE} == set()


def visited() -> set[str]:
    """The names of the routes that the table has."""
    things = dict.fromkeys(
        ["image", "other", "published", "collection", "empty", "failed", "waiting", "batch", "webhook", "delivery"],
        NOBODY,
    )
    things |= dict.fromkeys(["key", "bare", "locked"], "x")
    pages = [seen for seen in PAGES if seen.status != 404]
    return {str(resolve(seen.address.partition("?")[0].format(**things)).url_name) for seen in pages}


def somewhere(name: str) -> str:
    """An address of this route; what it names does not exist."""
    values = {each: NOBODY if each.endswith("_id") else "x" for each in routes()[name]}
    return reverse(name, kwargs={each: 320 if each == "size" else value for each, value in values.items()})


def routes() -> dict[str, list[str]]:
    """Each address that has a name, and its parameters; the API and the back office have tables of their own."""
    return dict(_routes(get_resolver(), ""))


def _routes(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, list[str]]]:
    for pattern in resolver.url_patterns:
        address = prefix + str(pattern.pattern)
        if address.startswith(("api/v1/", "admin/")):
            continue
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern, address)
        elif pattern.name:
            yield pattern.name, list(pattern.pattern.regex.groupindex)
