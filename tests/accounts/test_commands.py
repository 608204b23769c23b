"""create_token, make_curator, and what the start warns of."""

import io
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import checks, queries
from accounts.models import ApiToken, User
from accounts.services import tokens

LONG = f"c@{'x' * 60}.{'x' * 60}.{'x' * 60}.{'x' * 60}.{'x' * 20}.example.org"


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_create_token_prints_the_token_and_nothing_else(db: None) -> None:
    printed = run("create_token", "Carol@example.org")

    token = tokens.find(printed.removesuffix("\n"))
    assert token is not None
    assert token.scopes == ["read", "generate", "manage"]
    assert token.user.email == "carol@example.org"
    assert EmailAddress.objects.get(user=token.user).verified


def test_create_token_takes_the_account_that_there_is(alice: User) -> None:
    printed = run("create_token", "alice@example.org", "--plan", "pro", "--name", "bench", "--scopes", "read")

    token = tokens.find(printed.strip())
    assert token is not None
    assert (token.user, token.user.plan.slug, token.name, token.scopes) == (alice, "pro", "bench", ["read"])


@pytest.mark.parametrize(
    "arguments",
    [["no address"], [LONG], ["c@example.org", "--plan", "gold"], ["c@example.org", "--name", " "]],
    ids=str,
)
def test_a_mistake_is_one_sentence_and_leaves_nothing_behind(db: None, arguments: list[str]) -> None:
    with pytest.raises(CommandError) as refusal:
        run("create_token", *arguments)

    assert "\n" not in str(refusal.value)
    assert not User.objects.exists()
    assert not ApiToken.objects.exists()


def test_one_token_too_many_is_one_sentence(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "WORKING_MAX", 0)

    with pytest.raises(CommandError, match="Revoke one that nothing uses"):
        run("create_token", "alice@example.org")


def test_a_new_curator_gets_a_link_to_choose_a_password(db: None) -> None:
    printed = run("make_curator", "carol@example.org")

    link = printed.split()[-1]
    form = Client().get(link.removeprefix("http://127.0.0.1:8000"), follow=True)
    assert "Choose a password" in form.content.decode()
    assert queries.has_curator()


def test_a_curator_is_staff_and_no_superuser(alice: User) -> None:
    assert not queries.has_curator()

    printed = run("make_curator", "alice@example.org")
    again = run("make_curator", "Alice@example.org")

    curator = User.objects.get(pk=alice.pk)
    assert (curator.is_staff, curator.is_superuser) == (True, False)
    assert curator.has_perms(["accounts.change_user", "accounts.add_invitation", "generator.change_aimodel"])
    assert not curator.has_perm("auth.change_group")
    assert printed == again == "alice@example.org is a curator.\n"


@pytest.mark.parametrize(
    ("changed", "warned"),
    [
        ({}, True),
        ({"HF_TOKEN": ""}, False),
        ({"SIGNUP": "invite"}, False),
        ({"HF_DAILY_IMAGES": 0}, False),
        ({"PUBLIC_HOST": "localhost"}, False),
        ({"PUBLIC_HOST": "127.0.0.1", "HOST": "0.0.0.0"}, True),
    ],
)
def test_the_start_warns_when_strangers_could_spend_the_servers_credits(
    settings: Any, changed: dict[str, Any], warned: bool
) -> None:
    settings.HF_TOKEN, settings.SIGNUP, settings.HF_DAILY_IMAGES = "hf_secret", "open", None
    settings.HOST, settings.PUBLIC_HOST = "127.0.0.1", "studio.example.org"
    for name, value in changed.items():
        setattr(settings, name, value)

    warnings = checks.money_is_guarded()

    assert bool(warnings) is warned
    assert "hf_secret" not in str(warnings)
