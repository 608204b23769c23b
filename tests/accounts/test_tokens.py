"""Tokens: shown once, kept hashed, turned away when they should be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts import queries
from accounts.models import ApiToken, User
from accounts.services import tokens
from common.errors import InvalidInput
from tests.hostile import hostile

URL = "/api/v1/account"


def make(user: User, *scopes: str, **fields: Any) -> tuple[ApiToken, str]:
    return tokens.make(user=user, name=hostile("shop import", 50), scopes=scopes or tokens.SCOPES, **fields)


def ask(authorization: str | None, url: str = URL, **headers: str) -> Any:
    extra = {"HTTP_AUTHORIZATION": authorization} if authorization is not None else {}
    return Client().get(url, **extra, **headers)


def test_the_secret_is_kept_nowhere(alice: User) -> None:
    token, secret = make(alice)

    row = ApiToken.objects.filter(pk=token.pk).values().get()

    assert secret.startswith("tea_")
    assert len(secret) > 40
    assert secret not in str(row)
    assert secret.startswith(row["start"])


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Token", "TOKEN"])
def test_a_token_opens_the_api(alice: User, scheme: str) -> None:
    _, secret = make(alice)

    response = ask(f"{scheme} {secret}")

    assert response.status_code == 200
    assert response.json()["handle"] == "alice"


@pytest.mark.parametrize(
    "authorization",
    [
        None, "", "Bearer", "Bearer ", "Bearer  ", "Bearer tea_wrong", "Bearer tea_" + "a" * 10_000,
        "Bearer two words", "Bearer tea_\xff\xfe", "Bearer \x00", "Basic YTpi", "tea_bare", "Token é", " Bearer x",
        "Bearer tea_\udc80",
    ],
    ids=range(15),
)  # fmt: skip
def test_no_token_or_a_bad_one_is_answered_401(db: None, authorization: str | None) -> None:
    response = ask(authorization)

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == 401


def test_a_revoked_token_is_turned_away(alice: User) -> None:
    token, secret = make(alice)

    assert tokens.revoke(user=alice, token_id=token.pk) is True

    assert ask(f"Bearer {secret}").status_code == 401
    assert tokens.revoke(user=alice, token_id=token.pk) is False


def test_mallory_cannot_revoke_alices_token(alice: User, mallory: User) -> None:
    token, secret = make(alice)

    assert tokens.revoke(user=mallory, token_id=token.pk) is False

    assert ask(f"Bearer {secret}").status_code == 200


def test_a_token_ends_at_its_hour(alice: User) -> None:
    _, secret = make(alice, expires_at=timezone.now() + timedelta(hours=1))

    with time_machine.travel(timezone.now() + timedelta(minutes=59)):
        assert ask(f"Bearer {secret}").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert ask(f"Bearer {secret}").status_code == 401


def test_the_token_of_a_closed_account_is_turned_away(alice: User) -> None:
    _, secret = make(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert ask(f"Bearer {secret}").status_code == 401


def test_a_token_without_the_scope_is_told_which(alice: User) -> None:
    _, secret = make(alice, "generate")

    response = ask(f"Bearer {secret}")

    assert response.status_code == 403
    assert response.json()["code"] == "insufficient_scope"
    assert "read" in response.json()["detail"]


def test_a_method_that_the_route_lacks_is_405_with_a_token_and_401_without(alice: User) -> None:
    _, secret = make(alice)

    assert Client().delete(URL, HTTP_AUTHORIZATION=f"Bearer {secret}").status_code == 405
    assert Client().delete(URL).status_code == 401


def test_a_token_costs_one_query_a_request_and_one_write_a_minute(alice: User, django_assert_num_queries: Any) -> None:
    _, secret = make(alice)

    with time_machine.travel("2026-11-21T12:00:00Z", tick=False):
        with django_assert_num_queries(2):
            ask(f"Bearer {secret}")
        with django_assert_num_queries(1):
            ask(f"Bearer {secret}")
    with time_machine.travel("2026-11-21T12:01:01Z", tick=False), django_assert_num_queries(2):
        ask(f"Bearer {secret}")


def test_a_token_speaks_the_profiles_language_unless_the_request_asks(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(language="fr")
    _, secret = make(alice)

    assert ask(f"Bearer {secret}")["Content-Language"] == "fr"
    assert ask(f"Bearer {secret}", HTTP_ACCEPT_LANGUAGE="en")["Content-Language"] == "en"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": " "}, ("name", "required")),
        ({"name": "x" * 81}, ("name", "too_long")),
        ({"scopes": []}, ("scopes", "required")),
        ({"scopes": ["read", "admin"]}, ("scopes", "not_a_choice")),
        ({"expires_at": timezone.now() - timedelta(days=1)}, ("expires_at", "in_the_past")),
    ],
)
def test_a_token_that_makes_no_sense_is_refused(alice: User, fields: dict[str, Any], wrong: tuple[str, str]) -> None:
    asked: dict[str, Any] = {"name": "shop", "scopes": ["read"], **fields}

    with pytest.raises(InvalidInput) as refusal:
        tokens.make(user=alice, **asked)

    assert [error[:2] for error in refusal.value.errors] == [wrong]
    assert all(member["message"] for member in refusal.value.as_members())
    assert not ApiToken.objects.exists()


class TestUse:
    def test_a_token_says_when_and_from_where_it_was_used_last(self, alice: User) -> None:
        token, secret = make(alice)

        with time_machine.travel("2026-11-21T12:00:00Z", tick=False):
            ask(f"Bearer {secret}", REMOTE_ADDR="203.0.113.7")

        token.refresh_from_db()
        assert (token.last_used_at, token.last_used_from) == (datetime(2026, 11, 21, 12, tzinfo=UTC), "203.0.113.7")

    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            ({"REMOTE_ADDR": "2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::"),
            ({"REMOTE_ADDR": ""}, None),
            ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "198.51.100.9"}, "10.0.0.1"),
        ],
    )
    def test_the_address_is_the_one_that_budgets_count(
        self, sent: dict[str, str], kept: str | None, alice: User
    ) -> None:
        token, secret = make(alice)

        assert ask(f"Bearer {secret}", **sent).status_code == 200

        token.refresh_from_db()
        assert token.last_used_from == kept

    def test_behind_a_proxy_the_address_is_the_clients(self, alice: User, settings: Any) -> None:
        settings.TRUSTED_PROXY_COUNT = 1
        token, secret = make(alice)

        ask(f"Bearer {secret}", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="evil, 198.51.100.9")

        token.refresh_from_db()
        assert token.last_used_from == "198.51.100.9"

    def test_within_a_minute_the_first_use_stands(self, alice: User) -> None:
        token, secret = make(alice)

        with time_machine.travel("2026-11-21T12:00:00Z", tick=False):
            ask(f"Bearer {secret}", REMOTE_ADDR="203.0.113.7")
        with time_machine.travel("2026-11-21T12:00:59Z", tick=False):
            ask(f"Bearer {secret}", REMOTE_ADDR="203.0.113.8")

        token.refresh_from_db()
        assert token.last_used_from == "203.0.113.7"

    def test_who_is_refused_has_not_used_it(self, alice: User) -> None:
        token, secret = make(alice)
        tokens.revoke(user=alice, token_id=token.pk)

        ask(f"Bearer {secret}")

        token.refresh_from_db()
        assert token.last_used_at is None


class TestHowMany:
    @pytest.fixture(autouse=True)
    def few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tokens, "WORKING_MAX", 2)

    def test_nobody_has_more_working_tokens_than_fifty(self, alice: User, bob: User) -> None:
        make(alice)
        make(alice)

        with pytest.raises(tokens.TooManyTokens) as refusal:
            make(alice)

        assert (refusal.value.code, refusal.value.status) == ("too_many_tokens", 409)
        assert "2 working tokens" in refusal.value.message
        assert make(bob)

    def test_the_ended_ones_do_not_count(self, alice: User) -> None:
        make(alice, expires_at=timezone.now() + timedelta(hours=1))
        revoked, _ = make(alice)
        tokens.revoke(user=alice, token_id=revoked.pk)

        with time_machine.travel(timezone.now() + timedelta(hours=2)):
            make(alice)
            make(alice)

        assert alice.tokens.count() == 4

    def test_what_ended_a_month_ago_is_forgotten_when_the_next_is_made(self, alice: User) -> None:
        revoked, _ = make(alice)
        tokens.revoke(user=alice, token_id=revoked.pk)
        make(alice, expires_at=timezone.now() + timedelta(hours=1))

        with time_machine.travel(timezone.now() + timedelta(days=31)):
            kept, _ = make(alice)

        assert list(alice.tokens.all()) == [kept]


def test_the_list_has_the_working_ones_first_and_the_ended_ones_for_a_month(alice: User, bob: User) -> None:
    ended, _ = make(alice)
    tokens.revoke(user=alice, token_id=ended.pk)
    short, _ = make(alice, expires_at=timezone.now() + timedelta(days=2))
    lasting, _ = make(alice)
    make(bob)

    assert queries.tokens(alice) == [lasting, short, ended]
    with time_machine.travel(timezone.now() + timedelta(days=29)):
        assert queries.tokens(alice) == [lasting, short, ended]
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert queries.tokens(alice) == [lasting, short]
    with time_machine.travel(timezone.now() + timedelta(days=33)):
        assert queries.tokens(alice) == [lasting]


def test_a_token_that_works_now_is_asked_about_by_its_id(alice: User) -> None:
    token, _ = make(alice)
    assert tokens.still_works(token.pk) is True

    tokens.revoke(user=alice, token_id=token.pk)

    assert tokens.still_works(token.pk) is False


def test_an_expired_token_is_not_revoked_again(alice: User) -> None:
    token, _ = make(alice, expires_at=timezone.now() + timedelta(hours=1))

    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert tokens.revoke(user=alice, token_id=token.pk) is False
