"""A person's own Hugging Face token: tried out, kept, checked again, removed, and never told."""

import logging
import re
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.test import Client

from accounts import whoami
from accounts.models import HuggingFaceToken, Plan, User
from accounts.services import curators, huggingface, plans
from common.errors import InvalidInput
from common.logs import formatter
from events.models import Event
from tests.hf_server import HFServer

URL = "/account/huggingface/"
CREDIT = "The Hugging Face credit of this token is used up"


@pytest.fixture(scope="module")
def emulator() -> Iterator[HFServer]:
    with HFServer() as server:
        yield server


@pytest.fixture
def hf(emulator: HFServer, settings: Any) -> HFServer:
    """The Hub and the router, with nothing asked yet."""
    emulator.reset()
    settings.HF_HUB_URL = settings.HF_ROUTER_URL = emulator.url
    return emulator


@pytest.fixture
def browser(alice: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(alice)


def kept(user: User) -> HuggingFaceToken | None:
    return HuggingFaceToken.objects.filter(user=user).first()


def words(response: Any) -> str:
    """What a reader sees, with single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class TestKeep:
    def test_a_good_token_is_kept_under_its_owners_name(self, hf: HFServer, alice: User) -> None:
        huggingface.keep(user=alice, secret="  hf_good\n")

        token = kept(alice)
        assert token is not None
        assert (token.name, token.code, token.last_four) == ("alice", "", "good")
        assert token.checked_at is not None
        key = huggingface.key_of(User.objects.get(pk=alice.pk))
        assert key == huggingface.Key("hf_good", huggingface.account_of("hf_good"), is_server=False)

    def test_it_is_asked_about_with_itself_alone(self, hf: HFServer, alice: User, settings: Any) -> None:
        settings.HF_BILL_TO = "our-company"
        settings.HF_TOKEN = "hf_other"

        huggingface.keep(user=alice, secret="hf_good")

        assert [(call.kind, call.token) for call in hf.calls] == [("whoami", "good"), ("chat", "good")]
        assert not any("x-hf-bill-to" in call.headers for call in hf.calls)
        assert hf.calls[1].body["max_tokens"] == 1

    @pytest.mark.parametrize(
        "secret",
        ["", "good", "sk-abc", "hf_", "hf_good!", "hf_go od", "hf_good\r\nHost: x", "HF_good", "hf_é", "hf_a_b"],
    )
    def test_what_is_no_token_is_sent_nowhere(self, hf: HFServer, alice: User, secret: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            huggingface.keep(user=alice, secret=secret)

        assert refusal.value.errors == [("token", "not_a_hugging_face_token", {})]
        assert hf.calls == []
        assert kept(alice) is None

    @pytest.mark.parametrize(
        ("secret", "code", "sentence"),
        [
            ("hf_unknown", "own_token_refused", "does not accept"),
            ("hf_expired", "own_token_expired", "has expired"),
            ("hf_noscope", "own_token_without_scope", "Make calls to Inference Providers"),
        ],
    )
    def test_one_that_cannot_be_used_is_refused_in_words(
        self, hf: HFServer, alice: User, secret: str, code: str, sentence: str
    ) -> None:
        with pytest.raises(InvalidInput) as refusal:
            huggingface.keep(user=alice, secret=secret)

        assert refusal.value.errors == [("token", code, {})]
        assert sentence in refusal.value.as_members()[0]["message"]
        assert [call.kind for call in hf.calls] == ["whoami"]
        assert kept(alice) is None

    def test_a_classic_token_needs_no_permission_of_its_own(self, hf: HFServer, alice: User) -> None:
        assert huggingface.keep(user=alice, secret="hf_other").code == ""

    @pytest.mark.parametrize(
        "access",
        [
            {"role": "fineGrained", "fineGrained": {"global": [whoami.SCOPE], "scoped": []}},
            {"role": "fineGrained", "fineGrained": {"scoped": [{"permissions": []}, {"permissions": [whoami.SCOPE]}]}},
            {"role": "read"},
        ],
    )  # fmt: skip
    def test_the_permission_may_stand_in_any_place(self, hf: HFServer, alice: User, access: dict[str, Any]) -> None:
        hf.script(kind="whoami", status=200, body={"name": "alice", "auth": {"accessToken": access}})

        assert huggingface.keep(user=alice, secret="hf_good").code == ""

    def test_one_without_credit_is_kept_and_says_so(self, hf: HFServer, alice: User) -> None:
        token = huggingface.keep(user=alice, secret="hf_nocredit")

        assert (token.name, token.code) == ("erin", "own_token_without_credit")

    @pytest.mark.parametrize("row", ["crash_500", "throttled_429_bare", "html_200", "reset"])
    def test_what_else_goes_wrong_with_the_trial_says_nothing(self, hf: HFServer, alice: User, row: str) -> None:
        hf.script(row=row, kind="chat")

        assert huggingface.keep(user=alice, secret="hf_good").code == ""

    @pytest.mark.parametrize(
        "row", ["crash_500", "throttled_429_bare", "waf_403", "html_200", "half_json_200", "empty_200", "reset"]
    )
    def test_nothing_is_kept_while_the_hub_says_nothing(self, hf: HFServer, alice: User, row: str) -> None:
        hf.script(row=row, kind="whoami")

        with pytest.raises(whoami.HubSilent) as refusal:
            huggingface.keep(user=alice, secret="hf_good")

        assert "Try again" in refusal.value.message
        assert kept(alice) is None

    @pytest.mark.parametrize("body", [b"[" * 5000, b'"alice"', b"null", b"[]"])
    def test_an_answer_of_another_shape_is_no_answer(self, hf: HFServer, alice: User, body: bytes) -> None:
        hf.script(kind="whoami", status=200, body=body.decode())

        with pytest.raises(whoami.HubSilent):
            huggingface.keep(user=alice, secret="hf_good")

    def test_a_name_that_no_database_takes_is_cut_to_what_can_be_read(self, hf: HFServer, alice: User) -> None:
        hf.script(kind="whoami", status=200, body={"name": "al\x00ice\n" + "x" * 500, "auth": None})

        token = huggingface.keep(user=alice, secret="hf_good")

        assert token.name == "alice" + "x" * 95

    @pytest.mark.parametrize("row", ["drip_headers", "drip_body", "silence"])
    def test_a_hub_that_does_not_come_to_an_end_is_given_up(
        self, hf: HFServer, alice: User, row: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(whoami, "SECONDS", 0.5)
        hf.script(row=row, kind="whoami")

        with pytest.raises(whoami.HubSilent):
            huggingface.keep(user=alice, secret="hf_good")

        assert hf.wait_for(kind="whoami", ended="abandoned")

    def test_nothing_is_kept_where_the_hub_is_not_there(self, alice: User, settings: Any) -> None:
        settings.HF_HUB_URL = f"http://127.0.0.1:{unused_port()}"

        with pytest.raises(whoami.HubSilent):
            huggingface.keep(user=alice, secret="hf_good")

    def test_another_one_takes_its_place(self, hf: HFServer, alice: User) -> None:
        huggingface.keep(user=alice, secret="hf_nocredit")

        huggingface.keep(user=alice, secret="hf_good")

        token = HuggingFaceToken.objects.get()
        assert (token.name, token.code, token.last_four) == ("alice", "", "good")
        assert token.account == huggingface.account_of("hf_good")

    def test_a_refused_one_leaves_what_was_there(self, hf: HFServer, alice: User) -> None:
        huggingface.keep(user=alice, secret="hf_good")

        with pytest.raises(InvalidInput):
            huggingface.keep(user=alice, secret="hf_expired")

        assert HuggingFaceToken.objects.get().last_four == "good"


class TestCheckAndRemove:
    def test_what_changed_at_hugging_face_is_noted(self, hf: HFServer, alice: User) -> None:
        huggingface.keep(user=alice, secret="hf_good")
        hf.token("hf_good", state="expired")

        assert huggingface.check(user=alice) is True

        token = HuggingFaceToken.objects.get()
        assert (token.code, token.name) == ("own_token_expired", "alice")

    def test_what_is_well_again_is_well_again(self, hf: HFServer, alice: User) -> None:
        huggingface.keep(user=alice, secret="hf_nocredit")
        hf.token("hf_nocredit", state="good")

        huggingface.check(user=alice)

        assert HuggingFaceToken.objects.get().code == ""

    def test_a_silent_hub_changes_nothing(self, hf: HFServer, alice: User) -> None:
        huggingface.keep(user=alice, secret="hf_nocredit")
        before = HuggingFaceToken.objects.values().get()
        hf.script(row="crash_500", kind="whoami")

        with pytest.raises(whoami.HubSilent):
            huggingface.check(user=alice)

        assert HuggingFaceToken.objects.values().get() == before

    def test_there_is_nothing_to_check_or_remove_without_one(self, hf: HFServer, alice: User) -> None:
        assert huggingface.check(user=alice) is False
        assert huggingface.remove(user=alice) is False
        assert hf.calls == []

    def test_a_removed_one_is_forgotten(self, hf: HFServer, alice: User, bob: User) -> None:
        huggingface.keep(user=alice, secret="hf_good")
        huggingface.keep(user=bob, secret="hf_other")

        assert huggingface.remove(user=alice) is True

        assert huggingface.key_of(User.objects.get(pk=alice.pk)) is None
        assert kept(bob) is not None


class TestPage:
    def test_it_is_reached_from_the_account(self, browser: Client) -> None:
        assert f'href="{URL}"' in browser.get("/account/").content.decode()
        assert browser.get(URL).status_code == 200

    def test_a_stranger_is_sent_to_sign_in(self, db: None) -> None:
        for address in (URL, f"{URL}check", f"{URL}remove"):
            assert Client().post(address)["Location"].startswith("/accounts/login/")

    def test_alice_enters_checks_and_removes_her_token(self, hf: HFServer, browser: Client, alice: User) -> None:
        page = browser.post(URL, {"token": "hf_good"}, follow=True)
        assert "From now on it pays" in words(page)
        assert "Hugging Face accepts it." in words(page)
        assert "…good" in words(page)

        page = browser.post(f"{URL}check", follow=True)
        assert "Hugging Face accepts it." in words(page)

        page = browser.post(f"{URL}remove", follow=True)
        assert "delete it there too" in words(page)
        assert kept(alice) is None

    @pytest.mark.parametrize(
        ("secret", "sentence"),
        [
            ("sk-secret", "it begins with hf_"),
            ("hf_unknown", "does not accept"),
            ("hf_expired", "has expired"),
            ("hf_noscope", "Give it the permission"),
            ("hf_" + "x" * 300, "at most 200 characters"),
            ("", "required"),
        ],
    )
    def test_a_refusal_stands_on_the_field_without_what_was_typed(
        self, hf: HFServer, browser: Client, secret: str, sentence: str
    ) -> None:
        page = browser.post(URL, {"token": secret})

        assert page.status_code == 422
        assert sentence in words(page)
        assert not secret or secret not in page.content.decode()
        assert 'aria-invalid="true"' in page.content.decode()

    def test_a_silent_hub_is_said(self, hf: HFServer, browser: Client) -> None:
        hf.script(row="crash_500", kind="whoami")

        page = browser.post(URL, {"token": "hf_good"})

        assert page.status_code == 503
        assert "could not be asked" in words(page)
        assert "hf_good" not in page.content.decode()

    def test_a_silent_hub_is_said_when_checking_too(self, hf: HFServer, browser: Client, alice: User) -> None:
        huggingface.keep(user=alice, secret="hf_good")
        hf.script(row="crash_500", kind="whoami")

        assert "could not be asked" in words(browser.post(f"{URL}check", follow=True))

    def test_one_without_credit_shows_where_to_buy(self, hf: HFServer, browser: Client) -> None:
        page = browser.post(URL, {"token": "hf_nocredit"}, follow=True)

        assert CREDIT in words(page)
        assert 'href="https://huggingface.co/settings/billing"' in page.content.decode()

    def test_one_that_no_key_opens_is_said(self, hf: HFServer, browser: Client, alice: User, settings: Any) -> None:
        huggingface.keep(user=alice, secret="hf_good")
        settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

        assert "cannot be read any more" in words(browser.get(URL))
        assert "cannot be read any more" in words(browser.post(f"{URL}check", follow=True))

    def test_the_page_says_whose_token_pays(self, browser: Client, alice: User, settings: Any) -> None:
        assert "This studio has no token of its own" in words(browser.get(URL))

        settings.HF_TOKEN, settings.HF_DAILY_IMAGES = "hf_server", 3
        huggingface.spend_server_picture()
        page = words(browser.get(URL))
        assert "The token of this studio pays" in page
        assert "It pays for 2 more pictures today" in page

        Plan.objects.filter(slug="pro").update(server_token=False)
        plans.change(user=alice, plan=Plan.objects.get(slug="pro"))
        assert "does not serve your plan" in words(browser.get(URL))

    def test_it_asks_the_database_little(
        self, hf: HFServer, browser: Client, alice: User, django_assert_max_num_queries: Any
    ) -> None:
        huggingface.keep(user=alice, secret="hf_good")

        with django_assert_max_num_queries(6):
            browser.get(URL)

    def test_five_questions_a_minute_and_removing_is_none(self, hf: HFServer, browser: Client, alice: User) -> None:
        for _ in range(4):
            browser.post(URL, {"token": "hf_good"})
        browser.post(f"{URL}check")

        assert browser.post(URL, {"token": "hf_good"}).status_code == 429
        assert browser.post(f"{URL}check").status_code == 429
        assert browser.get(URL).status_code == 200
        assert browser.post(f"{URL}remove").status_code == 302
        assert len(hf.seen(kind="whoami")) == 5


class TestItIsToldToNobody:
    SECRET = "hf_3Qw9TokenOfAliceWhichNobodyMaySee7"

    @pytest.fixture
    def alices(self, hf: HFServer, alice: User) -> User:
        hf.token(self.SECRET)
        huggingface.keep(user=alice, secret=self.SECRET)
        return User.objects.get(pk=alice.pk)

    def test_its_own_page_shows_four_characters(self, alices: User, browser: Client) -> None:
        page = browser.get(URL).content.decode()

        assert "…See7" in page
        assert self.SECRET not in page
        assert self.SECRET[-5:] not in page

    @pytest.mark.parametrize("row", ["", "crash_500", "reset", "html_200"])
    def test_no_log_has_it(self, hf: HFServer, browser: Client, caplog: Any, row: str) -> None:
        hf.token(self.SECRET)
        if row:
            hf.script(row=row, kind="whoami")
        caplog.set_level(logging.DEBUG)
        caplog.set_level(logging.DEBUG, "urllib3")

        browser.post(URL, {"token": self.SECRET})
        browser.post(f"{URL}check")

        assert any(record.name.startswith("urllib3") for record in caplog.records)
        written = [formatter(style).format(record) for record in caplog.records for style in ("text", "json")]
        assert not any(self.SECRET in line for line in written)

    def test_no_error_tells_it(self, hf: HFServer, alice: User) -> None:
        hf.script(row="crash_500", kind="whoami")

        with pytest.raises(whoami.HubSilent) as refusal:
            huggingface.keep(user=alice, secret=self.SECRET)

        chain: BaseException | None = refusal.value
        while chain is not None:
            assert self.SECRET not in f"{chain!r} {chain} {vars(chain)}"
            chain = chain.__cause__ or chain.__context__

    def test_no_row_and_no_event_has_it(self, alices: User) -> None:
        row = HuggingFaceToken.objects.get()

        assert self.SECRET not in f"{HuggingFaceToken.objects.values().get()} {row!r} {row}"
        assert self.SECRET.encode() not in bytes(row.secret)
        assert self.SECRET not in str(list(Event.objects.values()))

    def test_the_api_says_nothing_of_it(self, alices: User, browser: Client) -> None:
        answer = browser.get("/api/v1/account").content.decode()

        assert self.SECRET not in answer
        assert "See7" not in answer

    def test_the_back_office_does_not_show_it(self, alices: User, client_of: Callable[[User], Client]) -> None:
        boss = User.objects.create_superuser("boss@example.org", "a fine pass phrase")
        office = client_of(boss)
        cipher = bytes(alices.huggingface_token.secret).decode()

        pages = ["", "accounts/", "accounts/user/", f"accounts/user/{alices.pk}/change/", "accounts/serverspending/"]
        for page in pages:
            answer = office.get(f"/admin/{page}")
            assert answer.status_code == 200
            assert not {self.SECRET, "See7", cipher} & set(re.split(r"[\s<>\"…]+", answer.content.decode()))
        assert office.get("/admin/accounts/huggingfacetoken/").status_code == 404


def test_a_curator_sees_what_the_servers_token_paid(db: None, client_of: Callable[[User], Client]) -> None:
    curator, _made = curators.make(email="curator@example.org")
    for _ in range(3):
        huggingface.spend_server_picture()

    page = client_of(curator).get("/admin/accounts/serverspending/")

    assert page.status_code == 200
    assert '<td class="field-images">3</td>' in page.content.decode()
    assert client_of(curator).get("/admin/accounts/serverspending/add/").status_code == 403
