"""Signing up, in and out: open, by invitation, closed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.core import context
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.forms import SignupForm
from accounts.models import Invitation, User
from accounts.services import signup

SIGNUP = "/accounts/signup/"
PASSWORD = "a fine pass phrase"
LONG = f"c@{'x' * 60}.{'x' * 60}.{'x' * 60}.{'x' * 60}.{'x' * 20}.example.org"


def sign_up(client: Client, email: str = "carol@example.org", password: str = PASSWORD) -> Any:
    return client.post(SIGNUP, {"email": email, "password1": password})


def test_a_newcomer_signs_up_and_is_in(db: None) -> None:
    client = Client()

    response = sign_up(client, "Carol@Example.org")

    carol = User.objects.get(email="carol@example.org")
    assert response.status_code == 302
    assert client.get("/account/").status_code == 200
    assert carol.handle.startswith("u-")
    assert carol.plan.slug == "free"


def test_two_newcomers_have_two_handles(db: None) -> None:
    sign_up(Client(), "carol@example.org")
    sign_up(Client(), "carol@example.net")

    assert User.objects.filter(handle__startswith="u-").count() == 2


def test_a_taken_email_is_said_so_in_a_sentence(alice: User) -> None:
    response = sign_up(Client(), "ALICE@example.org")

    assert response.status_code == 200
    assert "There is an account with this e-mail already." in response.content.decode()
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("", PASSWORD),
        ("not an address", PASSWORD),
        (LONG, PASSWORD),
        ("c@example.org", "12345678"),
        ("c@example.org", ""),
    ],
)
def test_what_cannot_be_an_account_makes_none(db: None, email: str, password: str) -> None:
    response = sign_up(Client(), email, password)

    assert 'aria-invalid="true"' in response.content.decode()
    assert not User.objects.exists()


def test_of_two_sign_ups_with_one_email_at_once_the_second_is_refused(db: None, client: Client) -> None:
    request = client.get(SIGNUP).wsgi_request

    with context.request_context(request):
        first, second = (SignupForm({"email": "carol@example.org", "password1": PASSWORD}) for _ in range(2))
        assert first.is_valid()
        assert second.is_valid()
        first.save(request)
        with pytest.raises(signup.EmailTaken):
            second.save(request)

    assert User.objects.count() == 1


@pytest.mark.parametrize("login", ["alice@example.org", "Alice@EXAMPLE.org", "alice", "ALICE"])
def test_alice_signs_in_with_her_email_or_her_handle(alice: User, login: str) -> None:
    client = Client()

    client.post("/accounts/login/", {"login": login, "password": PASSWORD})

    assert client.get("/account/").status_code == 200


def test_a_wrong_password_is_one_sentence_whoever_it_is(alice: User) -> None:
    def try_in(login: str) -> str:
        answer = Client().post("/accounts/login/", {"login": login, "password": "wrong"})
        return answer.content.decode().replace(login, "")

    assert "do not belong together" in try_in("alice@example.org")
    assert "do not belong together" in try_in("nobody@example.org")


def test_guessing_a_password_is_stopped(alice: User) -> None:
    for _ in range(5):
        Client().post("/accounts/login/", {"login": "alice@example.org", "password": "wrong"})

    response = Client().post("/accounts/login/", {"login": "alice@example.org", "password": PASSWORD})

    assert "Too many failed attempts" in response.content.decode()


def test_signing_up_again_and_again_is_stopped_in_our_words(db: None) -> None:
    answers = [sign_up(Client(), "") for _ in range(21)]

    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert "That was too often within a minute." in answers[-1].content.decode()
    assert answers[-1]["Retry-After"] == "60"


def test_a_closed_account_is_told_so(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)

    response = Client().post("/accounts/login/", {"login": "alice", "password": PASSWORD}, follow=True)

    assert "This account is closed" in response.content.decode()


def test_alice_signs_out(alice: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(alice)

    assert "Sign out" in client.get("/accounts/logout/").content.decode()
    client.post("/accounts/logout/")

    assert client.get("/account/").status_code == 302


def test_closed_means_closed(db: None, settings: Any) -> None:
    settings.SIGNUP = "closed"

    assert "takes no new accounts" in Client().get(SIGNUP).content.decode()
    sign_up(Client())

    assert not User.objects.exists()


@pytest.fixture
def by_invitation(settings: Any) -> None:
    settings.SIGNUP = "invite"


@pytest.mark.usefixtures("by_invitation")
class TestByInvitation:
    def arrive(self, key: str) -> Client:
        client = Client()
        client.get(SIGNUP, {"invitation": key})
        return client

    def test_without_an_invitation_nobody_signs_up(self, db: None) -> None:
        assert "by invitation" in Client().get(SIGNUP).content.decode()
        sign_up(Client())

        assert not User.objects.exists()

    def test_the_link_lets_one_person_in(self, alice: User) -> None:
        invitation, key = signup.invite(by=alice)
        client = self.arrive(key)

        sign_up(client)

        invitation.refresh_from_db()
        assert client.get("/account/").status_code == 200
        assert invitation.used_by == User.objects.get(email="carol@example.org")

    def test_a_second_person_is_not_let_in(self, alice: User) -> None:
        _, key = signup.invite(by=alice)
        sign_up(self.arrive(key))

        sign_up(self.arrive(key), "dave@example.org")

        assert not User.objects.filter(email="dave@example.org").exists()

    def test_it_runs_out_after_fourteen_days(self, alice: User) -> None:
        _, key = signup.invite(by=alice)

        with time_machine.travel(timezone.now() + timedelta(days=14, seconds=1)):
            sign_up(self.arrive(key))

        assert not User.objects.filter(email="carol@example.org").exists()

    def test_an_invitation_for_carol_is_not_for_dave(self, alice: User) -> None:
        _, key = signup.invite(by=alice, email="Carol@example.org")

        refused = sign_up(self.arrive(key), "dave@example.org")
        sign_up(self.arrive(key), "carol@example.org")

        assert "for another e-mail" in refused.content.decode()
        assert set(User.objects.values_list("email", flat=True)) == {"alice@example.org", "carol@example.org"}

    def test_a_mistake_does_not_use_it_up(self, alice: User) -> None:
        _, key = signup.invite(by=alice)
        client = self.arrive(key)

        sign_up(client, password="short")
        sign_up(client)

        assert User.objects.filter(email="carol@example.org").exists()

    def test_of_two_at_once_the_second_is_refused(self, alice: User, bob: User) -> None:
        invitation, _ = signup.invite(by=alice)
        signup.accept(invitation=invitation, user=alice)

        with pytest.raises(signup.InvitationUsed):
            signup.accept(invitation=invitation, user=bob)

    @pytest.mark.parametrize("key", ["wrong", "x" * 10_000, "\x00", "é"])
    def test_a_wrong_key_opens_nothing(self, alice: User, key: str) -> None:
        signup.invite(by=alice)

        assert sign_up(self.arrive(key)).status_code == 200

        assert User.objects.count() == 1

    def test_the_key_is_kept_nowhere(self, alice: User) -> None:
        _, key = signup.invite(by=alice)

        assert key not in str(Invitation.objects.values().get())


def test_a_lost_password_is_replaced_through_a_link(alice: User) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": "Alice@example.org"})
    [letter] = mail.outbox
    link = next(word for word in letter.body.split() if "/accounts/password/reset/key/" in word)

    form = client.get(link, follow=True)
    done = client.post(
        form.request["PATH_INFO"], {"password1": "another pass phrase", "password2": "another pass phrase"}
    )

    assert letter.subject == "Choose a new password"
    assert "Your handle is alice." in letter.body
    assert done.status_code == 302
    assert Client().login(username="alice", password="another pass phrase")
    assert "was used already" in Client().get(link, follow=True).content.decode()


@pytest.mark.parametrize("email", ["alice@example.org", "nobody@example.org"])
def test_a_letter_links_to_the_public_address_whatever_host_was_named(alice: User, settings: Any, email: str) -> None:
    settings.PUBLIC_URL = "https://studio.example.org"

    Client(HTTP_HOST="localhost").post("/accounts/password/reset/", {"email": email})

    assert "https://studio.example.org/accounts/" in mail.outbox[0].body
    assert "localhost" not in mail.outbox[0].body


def test_who_has_no_account_gets_the_same_answer_and_a_letter_that_says_so(db: None) -> None:
    response = Client().post("/accounts/password/reset/", {"email": "nobody@example.org"}, follow=True)

    assert "a link is on its way" in response.content.decode()
    assert mail.outbox[0].subject == "No account with this e-mail"


@pytest.fixture
def confirmed_only(settings: Any) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


@pytest.mark.usefixtures("confirmed_only")
def test_where_letters_are_sent_the_email_is_confirmed_first(db: None) -> None:
    client = Client()

    waiting = sign_up(client)
    link = next(word for word in mail.outbox[0].body.split() if "/accounts/confirm-email/" in word)

    assert "We have sent you a link" in client.get(waiting["Location"]).content.decode()
    assert client.get("/account/").status_code == 302
    assert "Yes, confirm" in client.get(link).content.decode()
    client.post(link)
    assert EmailAddress.objects.get(email="carol@example.org").verified


@pytest.mark.usefixtures("confirmed_only")
def test_where_letters_are_sent_a_taken_email_is_told_to_its_owner_alone(alice: User) -> None:
    response = sign_up(Client(), "alice@example.org")

    assert response.status_code == 302
    assert mail.outbox[0].to == ["alice@example.org"]
    assert mail.outbox[0].subject == "You have an account already"


@pytest.mark.parametrize(
    "url",
    [
        "/accounts/email/", "/accounts/password/change/", "/accounts/reauthenticate/", "/accounts/logout/",
    ],
)  # fmt: skip
def test_every_page_of_the_account_is_in_our_look(alice: User, client_of: Callable[[User], Client], url: str) -> None:
    response = client_of(alice).get(url)

    assert response.status_code == 200
    assert 'class="topbar"' in response.content.decode()


@pytest.mark.parametrize(
    "url",
    [
        "/accounts/login/", SIGNUP, "/accounts/password/reset/", "/accounts/password/reset/done/",
        "/accounts/password/reset/key/done/", "/accounts/password/reset/key/1-wrong/", "/accounts/inactive/",
        "/accounts/confirm-email/", "/accounts/confirm-email/wrong/",
    ],
)  # fmt: skip
def test_a_stranger_reaches_every_page_that_leads_in(db: None, url: str) -> None:
    response = Client().get(url)

    assert response.status_code == 200
    assert 'class="topbar"' in response.content.decode()


def test_an_email_of_somebody_else_cannot_be_added(alice: User, bob: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(alice)

    response = client.post("/accounts/email/", {"email": "BOB@example.org", "action_add": ""})

    assert response.status_code == 200
    assert "There is an account with this e-mail already." in response.content.decode()
    assert not EmailAddress.objects.filter(email="bob@example.org", user=alice).exists()
