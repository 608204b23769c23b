"""Whose Hugging Face token pays: a person's own, the server's, or nobody's."""

import io
import threading
from datetime import date
from typing import Any

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection

from accounts.models import HuggingFaceToken, Plan, ServerSpending, User
from accounts.services import huggingface, plans
from accounts.services.huggingface import Key, account_of
from common import ciphers

NOON = "2026-11-21T12:00:00Z"
TODAY = date(2026, 11, 21)


def entered(user: User, secret: str = "hf_alices") -> User:
    """Somebody with a token of their own, as the next request sees them."""
    HuggingFaceToken.objects.create(
        user=user, secret=ciphers.close(secret), account=account_of(secret), last_four=secret[-4:]
    )
    return User.objects.get(pk=user.pk)


class TestWhosePays:
    def test_ones_own_token_comes_before_the_servers(self, alice: User, settings: Any) -> None:
        settings.HF_TOKEN = "hf_server"

        key = huggingface.key_of(entered(alice))

        assert key == Key("hf_alices", account_of("hf_alices"), is_server=False)

    def test_the_servers_token_serves_who_has_none(self, alice: User, settings: Any) -> None:
        settings.HF_TOKEN = "hf_server"

        key = huggingface.key_of(alice)

        assert key == Key("hf_server", account_of("hf_server"), is_server=True)

    def test_a_plan_without_it_has_no_key(self, alice: User, settings: Any) -> None:
        settings.HF_TOKEN = "hf_server"
        Plan.objects.filter(slug="pro").update(server_token=False)
        plans.change(user=alice, plan=Plan.objects.get(slug="pro"))

        assert huggingface.key_of(alice) is None

    def test_a_studio_without_a_token_has_no_key(self, alice: User) -> None:
        assert huggingface.key_of(alice) is None

    def test_a_token_that_no_key_opens_is_said_and_nobody_else_pays(self, alice: User, settings: Any) -> None:
        settings.HF_TOKEN = "hf_server"
        user = entered(alice)
        settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

        with pytest.raises(huggingface.TokenUnreadable) as refusal:
            huggingface.key_of(user)

        assert "Enter it again" in refusal.value.message

    def test_a_key_does_not_tell_its_token(self) -> None:
        assert "hf_alices" not in f"{Key('hf_alices', account_of('hf_alices'), is_server=False)!r}"

    def test_accounts_are_told_apart_without_telling_tokens(self) -> None:
        assert account_of("hf_a") != account_of("hf_b")
        assert len(account_of("hf_a")) == 24
        assert int(account_of("hf_a"), 16)


@pytest.mark.django_db
class TestMoneyOfTheServer:
    @pytest.fixture(autouse=True)
    def noon(self) -> Any:
        with time_machine.travel(NOON, tick=False) as traveller:
            yield traveller

    def test_it_stops_at_the_days_number(self, settings: Any) -> None:
        settings.HF_DAILY_IMAGES = 2

        spent = [huggingface.spend_server_picture() for _ in range(3)]

        assert spent == [TODAY, TODAY, None]
        assert huggingface.server_pictures_left() == 0
        assert ServerSpending.objects.get(day=TODAY).images == 2

    def test_a_number_of_zero_spends_nothing(self, settings: Any) -> None:
        settings.HF_DAILY_IMAGES = 0

        assert huggingface.spend_server_picture() is None
        assert huggingface.server_pictures_left() == 0

    def test_without_a_number_it_is_counted_all_the_same(self, settings: Any) -> None:
        settings.HF_DAILY_IMAGES = None

        assert huggingface.spend_server_picture() == TODAY

        assert huggingface.server_pictures_left() is None
        assert ServerSpending.objects.get(day=TODAY).images == 1

    def test_a_number_lowered_during_the_day_leaves_nothing(self, settings: Any) -> None:
        settings.HF_DAILY_IMAGES = 1
        ServerSpending.objects.create(day=TODAY, images=3)

        assert huggingface.server_pictures_left() == 0

    def test_what_was_not_made_is_given_back_to_its_day(self, settings: Any, noon: Any) -> None:
        settings.HF_DAILY_IMAGES = 1
        huggingface.spend_server_picture()
        noon.shift(24 * 3600)

        huggingface.return_server_picture(TODAY)
        huggingface.return_server_picture(TODAY)

        assert ServerSpending.objects.get(day=TODAY).images == 0
        assert huggingface.server_pictures_left() == 1


class TestKeysOfTheStudio:
    def test_a_token_is_encrypted_anew_with_the_first_key(self, alice: User, bob: User, settings: Any) -> None:
        entered(bob, "hf_bobs")
        [old] = settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
        entered(alice)
        new = Fernet.generate_key().decode()
        settings.TOKEN_ENCRYPTION_KEYS = [new, old]
        said = io.StringIO()

        call_command("rotate_tokens", stdout=said)

        settings.TOKEN_ENCRYPTION_KEYS = [new]
        key = huggingface.key_of(User.objects.get(pk=alice.pk))
        assert key is not None
        assert key.secret == "hf_alices"
        assert said.getvalue().splitlines() == [
            "Tokens encrypted anew: 1.",
            "Tokens that no key opens, which their owners must enter again: 1.",
            "Secrets of webhooks encrypted anew: 0.",
        ]

    def test_an_old_key_still_opens(self, alice: User, settings: Any) -> None:
        user = entered(alice)
        settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.TOKEN_ENCRYPTION_KEYS]

        key = huggingface.key_of(user)

        assert key is not None
        assert key.secret == "hf_alices"

    def test_the_database_does_not_hold_what_was_entered(self, alice: User) -> None:
        entered(alice)

        assert "hf_alices" not in str(HuggingFaceToken.objects.values().get())


@pytest.mark.django_db(transaction=True)
def test_of_twelve_who_ask_at_once_no_more_are_paid_than_the_day_has(settings: Any) -> None:
    settings.HF_DAILY_IMAGES = 5
    gate = threading.Barrier(12)
    spent: list[date | None] = []

    def ask() -> None:
        gate.wait(30)
        spent.append(huggingface.spend_server_picture())
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert (spent.count(None), len(spent)) == (7, 12)
    assert ServerSpending.objects.get().images == 5
