"""The pages of tokens and of connecting a program: what is shown, once, and what works when it is copied."""

import ast
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts import snippets
from accounts.models import ApiToken, User
from accounts.services import tokens

CONNECT, TOKENS = "/account/connect/", "/account/tokens/"
NEW = {"name": "My program", "scopes": ["read", "generate"], "expires": ""}
SECRET = re.compile(r"tea_[\w-]{43}")


@pytest.fixture
def browser(alice: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(alice)


def example(response: Any, language: str) -> str:
    """The text that the button beside an example copies."""
    found = re.search(rf'<code id="{language}"[^>]*>(.*?)</code>', response.content.decode(), re.S)
    assert found
    return unescape(found[1])


def test_a_stranger_signs_in_first(db: None) -> None:
    assert Client().get(CONNECT)["Location"] == f"/accounts/login/?next={CONNECT}"


def test_the_page_names_the_address_and_the_variable_for_the_token(browser: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://studio.example"

    page = browser.get(CONNECT)

    assert 'value="https://studio.example/api/v1"' in page.content.decode()
    assert 'value="My program"' in page.content.decode()
    for language in ("curl", "python", "javascript"):
        assert "https://studio.example/api/v1" in example(page, language)
        assert "STUDIO_TOKEN" in example(page, language)
        assert "127.0.0.1" not in example(page, language)


def test_a_token_that_is_made_here_stands_in_every_example_once(browser: Client, alice: User) -> None:
    made = browser.post(CONNECT, NEW)

    secret = SECRET.search(made.content.decode())
    assert secret
    assert tokens.find(secret.group()) == alice.tokens.get()
    for language in ("curl", "python", "javascript"):
        assert example(made, language).count(secret.group()) == 1
    assert not SECRET.search(browser.get(CONNECT).content.decode())


def test_the_examples_are_programs(browser: Client) -> None:
    made = browser.post(CONNECT, NEW)

    ast.parse(example(made, "python"))
    assert 'os.environ["STUDIO_TOKEN"]' not in example(made, "python")
    assert "env.STUDIO_TOKEN" not in example(made, "javascript")
    assert example(made, "curl").startswith("export STUDIO_TOKEN=tea_")


@pytest.mark.parametrize("page", [CONNECT, TOKENS])
def test_a_secret_is_in_no_cache_address_or_message(page: str, browser: Client) -> None:
    made = browser.post(page, NEW)

    assert made.status_code == 200
    assert "no-store" in made["Cache-Control"]
    assert "Location" not in made
    assert not SECRET.search(str(made.headers) + str(made.cookies) + str(dict(browser.session)))


@pytest.mark.parametrize("page", [CONNECT, TOKENS])
@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "x" * 81}, {"scopes": []}, {"scopes": ["admin"]}])
def test_what_makes_no_sense_makes_no_token(page: str, wrong: dict[str, Any], browser: Client) -> None:
    answer = browser.post(page, {**NEW, **wrong})

    assert answer.status_code == 422
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("page", [CONNECT, TOKENS])
def test_one_token_too_many_is_refused_on_the_form(page: str, browser: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(tokens, "WORKING_MAX", 1)
    browser.post(page, NEW)

    answer = browser.post(page, {**NEW, "name": "the second"})

    assert answer.status_code == 409
    assert "Revoke one that nothing uses." in answer.content.decode()
    assert 'value="the second"' in answer.content.decode()
    assert ApiToken.objects.count() == 1


def test_the_address_cannot_break_out_of_the_terminal(settings: Any) -> None:
    settings.PUBLIC_URL = "https://x.example/$(touch x)"

    curl, python, _ = snippets.snippets()

    assert "'https://x.example/$(touch x)/api/v1'/generations" in curl.text
    assert ast.parse(python.text)


class TestTheList:
    def test_it_says_from_where_a_token_was_used(self, browser: Client, alice: User) -> None:
        _, secret = tokens.make(user=alice, name="shop", scopes=["read"])
        Client(REMOTE_ADDR="203.0.113.7").get("/api/v1/account", headers={"authorization": f"Bearer {secret}"})

        page = browser.get(TOKENS).content.decode()

        assert "203.0.113.7" in page
        assert secret not in page

    def test_a_revoked_token_stays_in_the_list_without_a_button(self, browser: Client, alice: User) -> None:
        token, secret = tokens.make(user=alice, name="old laptop", scopes=["read"])
        asked = {"authorization": f"Bearer {secret}"}
        assert Client().get("/api/v1/account", headers=asked).status_code == 200

        page = browser.post(f"/account/tokens/{token.pk}/revoke", follow=True).content.decode()

        assert "revoked <time" in page
        assert f"{token.pk}/revoke" not in page
        assert Client().get("/api/v1/account", headers=asked).status_code == 401

    def test_fifty_tokens_cost_as_many_queries_as_one(
        self, browser: Client, alice: User, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(5):
            tokens.make(user=alice, name=f"number {number}", scopes=["read"])

        with django_assert_max_num_queries(6):
            browser.get(TOKENS)


@pytest.mark.parametrize("page", ["/account/", TOKENS])
def test_the_way_there_is_on_the_pages_about_oneself(page: str, browser: Client) -> None:
    assert f'href="{CONNECT}"' in browser.get(page).content.decode()
