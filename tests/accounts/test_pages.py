"""The account page, tokens, language and theme."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import ApiToken, Plan, User
from accounts.services import plans, quota, tokens
from tests.hostile import ALICE


@pytest.fixture
def browser(alice: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(alice)


def words(response: Any) -> str:
    """What a reader sees, with single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def profile(**changed: str) -> dict[str, str]:
    return {"name": ALICE, "handle": "alice", "language": "", **changed}


def test_a_stranger_is_sent_to_sign_in(db: None) -> None:
    assert Client().get("/account/")["Location"] == "/accounts/login/?next=/account/"
    assert Client().get("/account/tokens/")["Location"].startswith("/accounts/login/")


def test_the_account_says_what_is_left_of_today(browser: Client, alice: User) -> None:
    quota.reserve(user=alice, amount=3, reference="a")

    page = words(browser.get("/account/"))

    assert "7 of 10 left" in page
    assert "1 generation is not finished" in page
    assert "Plan: Free" in page


def test_without_a_limit_there_is_none_to_show(browser: Client, alice: User) -> None:
    plans.change(user=alice, plan=Plan.objects.get(slug="pro"))
    quota.reserve(user=alice, amount=3, reference="a")
    quota.settle(reference="a", spent=3)

    page = words(browser.get("/account/"))

    assert "3 images made, no limit" in page
    assert "full again" not in page


def test_the_account_page_asks_the_database_little(browser: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(9):
        browser.get("/account/")


def test_the_page_has_nothing_inline(browser: Client) -> None:
    page = browser.get("/account/").content.decode() + browser.get("/account/tokens/").content.decode()

    assert "style=" not in page
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)


def test_the_chart_has_plain_numbers_in_french_too(browser: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(language="fr")

    page = browser.get("/account/").content.decode()

    assert not re.search(r'<rect[^>]*"\d+,\d+"', page)


def test_alice_changes_her_name_and_handle(browser: Client, alice: User) -> None:
    response = browser.post("/account/", profile(name="Alice 🌻", handle="alice_m"), follow=True)

    alice.refresh_from_db()
    assert (alice.name, alice.handle) == ("Alice 🌻", "alice_m")
    assert "Your profile is saved." in words(response)


@pytest.mark.parametrize("handle", ["bob", "Alice", "ab", "x" * 31, "al ice", "alice\n", "älice", ""])
def test_a_handle_that_cannot_be_is_refused_and_nothing_changes(
    browser: Client, alice: User, bob: User, handle: str
) -> None:
    response = browser.post("/account/", profile(name="New", handle=handle))

    alice.refresh_from_db()
    assert (alice.name, alice.handle) == ("New", "alice") if handle == "alice\n" else (ALICE, "alice")
    assert response.status_code == (302 if handle == "alice\n" else 422)


def test_a_name_has_no_control_characters(browser: Client, alice: User) -> None:
    assert browser.post("/account/", profile(name="Al\x07ice")).status_code == 422


def test_a_name_is_shown_as_text(browser: Client) -> None:
    browser.post("/account/", profile(name="<script>alert(1)</script>"))

    assert "<script>alert(1)" not in browser.get("/account/").content.decode()


def test_the_profiles_language_wins_on_pages(browser: Client, alice: User) -> None:
    browser.post("/account/", profile(language="fr"))

    assert browser.get("/account/", HTTP_ACCEPT_LANGUAGE="en")["Content-Language"] == "fr"


def test_a_profile_without_a_language_asks_the_browser_again(browser: Client) -> None:
    browser.post("/account/language", {"language": "fr"})
    browser.post("/account/", profile(language=""))

    assert browser.get("/account/", HTTP_ACCEPT_LANGUAGE="en")["Content-Language"] == "en"


def test_a_stranger_chooses_the_language_for_the_browser(db: None) -> None:
    client = Client()

    response = client.post("/account/language", {"language": "fr", "next": "/accounts/login/"})

    assert response["Location"] == "/accounts/login/"
    assert client.get("/accounts/login/")["Content-Language"] == "fr"


def test_alices_choice_is_kept_in_her_profile(browser: Client, alice: User) -> None:
    browser.post("/account/language", {"language": "fr"})

    alice.refresh_from_db()
    assert alice.language == "fr"


@pytest.mark.parametrize("code", ["", "xx", "fr'", "../fr", "\x00"])
def test_a_language_we_do_not_speak_changes_nothing(browser: Client, alice: User, code: str) -> None:
    assert browser.post("/account/language", {"language": code}).status_code == 302

    alice.refresh_from_db()
    assert alice.language == ""


@pytest.mark.parametrize(("theme", "shown"), [("dark", 'data-bs-theme="dark"'), ("light", 'data-bs-theme="light"')])
def test_a_theme_is_remembered(browser: Client, theme: str, shown: str) -> None:
    browser.post("/account/theme", {"theme": theme})

    assert shown in browser.get("/account/").content.decode()


def test_the_systems_theme_is_no_theme_of_ours(browser: Client) -> None:
    browser.post("/account/theme", {"theme": "dark"})
    browser.post("/account/theme", {"theme": "system"})
    browser.post("/account/theme", {"theme": '"><script>'})

    assert 'data-bs-theme="' not in browser.get("/account/").content.decode()


@pytest.mark.parametrize(
    ("theme", "around"), [("", ["#f7f6f3", "#121110"]), ("light", ["#f7f6f3"] * 2), ("dark", ["#121110"] * 2)]
)
def test_the_browser_paints_around_the_page_what_the_theme_says(browser: Client, theme: str, around: list[str]) -> None:
    browser.post("/account/theme", {"theme": theme})

    assert re.findall(r'name="theme-color"[^>]*content="(#\w+)"', browser.get("/account/").content.decode()) == around


@pytest.mark.parametrize("theme", ["system", "light", "dark"])
def test_the_theme_that_was_chosen_is_the_one_that_is_pressed(browser: Client, theme: str) -> None:
    browser.post("/account/theme", {"theme": theme})

    page = browser.get("/account/").content.decode()

    assert set(re.findall(r'name="theme" value="(\w+)" aria-pressed="true"', page)) == {theme}


def test_a_stranger_chooses_the_theme_without_an_account(db: None) -> None:
    client = Client()

    client.post("/account/theme", {"theme": "dark", "next": "/accounts/login/"})

    assert 'data-bs-theme="dark"' in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize("url", ["/account/theme", "/account/language"])
@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_nobody_is_sent_to_another_site(browser: Client, url: str, elsewhere: str) -> None:
    response = browser.post(url, {"theme": "dark", "language": "fr", "next": elsewhere})

    assert response["Location"] == "/"


@pytest.mark.parametrize("url", ["/account/theme", "/account/language"])
def test_a_choice_is_made_by_sending_not_by_visiting(browser: Client, url: str) -> None:
    assert browser.get(url).status_code == 405


def make(browser: Client, **changed: Any) -> Any:
    return browser.post("/account/tokens/", {"name": "shop", "scopes": ["read", "generate"], "expires": "", **changed})


def test_a_token_is_shown_once(browser: Client, alice: User) -> None:
    response = make(browser)

    secret = re.search(r"tea_[\w-]{43}", response.content.decode())
    assert secret is not None
    assert "no-store" in response["Cache-Control"]
    assert tokens.find(secret.group()) == ApiToken.objects.get(user=alice, name="shop")
    assert secret.group() not in browser.get("/account/tokens/").content.decode()


def test_a_token_may_have_an_end(browser: Client) -> None:
    make(browser, expires="7")

    token = ApiToken.objects.get()
    assert token.expires_at is not None
    assert round((token.expires_at - token.created_at).total_seconds() / 86400) == 7


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"name": "x" * 81}, {"name": "a\x07b"}, {"scopes": []}, {"scopes": ["admin"]}, {"expires": "0"}],
    ids=str,
)
def test_a_token_that_makes_no_sense_is_not_made(browser: Client, wrong: dict[str, Any]) -> None:
    response = make(browser, **wrong)

    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("page", ["password/change/", "password/reset/", "signup/", "login/", "email/"])
def test_a_field_says_what_it_is_once(browser: Client, page: str) -> None:
    visitor = browser if page in {"password/change/", "email/"} else Client()

    form = visitor.get(f"/accounts/{page}").content.decode()

    assert "<input" in form
    assert "placeholder=" not in form


def test_alice_revokes_a_token(browser: Client, alice: User) -> None:
    token, secret = tokens.make(user=alice, name="old laptop", scopes=["read"])

    response = browser.post(f"/account/tokens/{token.pk}/revoke", follow=True)

    assert tokens.find(secret) is None
    assert "“old laptop” is revoked." in words(response)
    assert f"{token.pk}/revoke" not in response.content.decode()


def test_mallory_neither_sees_nor_revokes_alices_tokens(
    alice: User, mallory: User, client_of: Callable[[User], Client]
) -> None:
    token, secret = tokens.make(user=alice, name="old laptop", scopes=["read"])
    client = client_of(mallory)

    client.post(f"/account/tokens/{token.pk}/revoke")

    assert tokens.find(secret) is not None
    assert "old laptop" not in words(client.get("/account/tokens/"))
