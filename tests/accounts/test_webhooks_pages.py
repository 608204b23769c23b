"""The pages of webhooks, and their list in the back office."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.services import curators
from common import ciphers
from events import types, webhooks
from events.models import Delivery, SigningKey, WebhookEndpoint
from tests.hostile import Watchful, hostile

PAGE = "/account/webhooks/"
ADDRESS = "https://93.184.215.14/hooks?shop=7"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]+")
ALL = list(types.TOLD)


@pytest.fixture
def browser(alice: User) -> Client:
    client = Watchful()
    client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def shop(alice: User) -> WebhookEndpoint:
    return webhooks.add(user=alice, url=ADDRESS, events=ALL, description=hostile("shop", 200))[0]


def words(response: Any) -> str:
    return response.content.decode()


def secrets_in(response: Any) -> list[str]:
    return SECRET.findall(words(response))


def page_of(webhook: WebhookEndpoint) -> str:
    return f"{PAGE}{webhook.pk}/"


def sent_to(webhook: WebhookEndpoint | None, user: User, **fields: Any) -> Delivery:
    """Something that was sent and not taken."""
    told: dict[str, Any] = {"type": types.SUCCEEDED, "reference": "0193a1f2-7c4e-7bb0-9a51-4d2f6c1e8a90", **fields}
    delivery = Delivery.objects.create(
        user=user,
        endpoint=webhook,
        url=ADDRESS,
        body='{"type":"generation.succeeded","data":{"prompt":"</pre>é"}}',
        status="failed",
        code="receiver_refused",
        finished_at=timezone.now(),
        **told,
    )
    delivery.log.create(
        url="https://93.184.215.14/before",
        request={"webhook-id": "msg_7", "x": hostile("y")},
        status=500,
        code="receiver_refused",
        answer=hostile("</pre>oops"),
        started_at=timezone.now(),
        seconds=0.25,
    )
    return delivery


class TestAdding:
    def test_who_has_none_reads_what_they_are_for(self, browser: Client) -> None:
        page = browser.get(PAGE)

        assert "There is no webhook yet." in words(page)
        assert "no-store" in page["Cache-Control"]

    def test_alice_adds_one_and_sees_its_secret_once(self, alice: User, browser: Client) -> None:
        answer = browser.post(PAGE, {"url": ADDRESS, "events": ALL, "description": hostile("shop", 200)})

        made = WebhookEndpoint.objects.get(user=alice)
        assert answer.status_code == 200
        assert secrets_in(answer) == [ciphers.open_up(made.secret)]
        assert "no-store" in answer["Cache-Control"]
        assert not any(SECRET.search(str(value)) for value in browser.session.values())
        assert secrets_in(browser.get(PAGE)) == secrets_in(browser.get(page_of(made))) == []

    @pytest.mark.parametrize(
        "wrong",
        [
            {"url": ""}, {"url": "hooks"}, {"url": "http://127.0.0.1/"}, {"url": "https://a:b@93.184.215.14/"},
            {"url": ADDRESS + "x" * 2000}, {"events": []}, {"events": ["generation.started"]},
            {"description": "x" * 201}, {"description": "a\x07b"}, {"url": hostile("https://x")},
        ],
        ids=range(10),
    )  # fmt: skip
    def test_what_is_none_is_refused_on_its_field(self, browser: Client, wrong: dict[str, Any]) -> None:
        answer = browser.post(PAGE, {"url": ADDRESS, "events": ALL, "description": "", **wrong})

        assert answer.status_code == 422
        assert 'aria-invalid="true"' in words(answer)
        assert not WebhookEndpoint.objects.exists()

    def test_there_is_an_end_to_it(self, alice: User, browser: Client) -> None:
        for _ in range(WebhookEndpoint.MOST):
            webhooks.add(user=alice, url=ADDRESS, events=ALL)

        answer = browser.post(PAGE, {"url": ADDRESS, "events": ALL})

        assert answer.status_code == 409
        assert "You have 20 webhooks" in words(answer)


class TestOne:
    def test_its_settings_are_changed(self, shop: WebhookEndpoint, browser: Client) -> None:
        changed = browser.post(
            page_of(shop), {"url": ADDRESS + "&b", "events": ALL[:1], "description": ""}, follow=True
        )

        shop.refresh_from_db()
        assert "The webhook is saved." in words(changed)
        assert (shop.url, shop.events, shop.description) == (ADDRESS + "&b", ALL[:1], "")

    def test_a_change_that_makes_no_sense_is_not_made(self, shop: WebhookEndpoint, browser: Client) -> None:
        answer = browser.post(page_of(shop), {"url": "http://10.0.0.1/", "events": ALL})

        shop.refresh_from_db()
        assert answer.status_code == 422
        assert "leads into a private network" in words(answer)
        assert shop.url == ADDRESS

    def test_it_is_switched_off_and_on(self, shop: WebhookEndpoint, browser: Client) -> None:
        off = browser.post(f"{page_of(shop)}switch", {"enabled": "0"}, follow=True)
        tested = browser.post(f"{page_of(shop)}test", follow=True)
        on = browser.post(f"{page_of(shop)}switch", {"enabled": "1"}, follow=True)

        assert "The webhook is off." in words(off)
        assert "Send a test" not in words(off)
        assert "This webhook is switched off." in words(tested)
        assert "Send a test" in words(on)

    def test_its_page_says_why_the_studio_switched_it_off(self, shop: WebhookEndpoint, browser: Client) -> None:
        WebhookEndpoint.objects.update(enabled=False, disabled_code="never_arrived", disabled_at=timezone.now())

        assert "could not be delivered in eight tries" in words(browser.get(page_of(shop)))
        assert "switched off by the studio" in words(browser.get(PAGE))

    def test_a_new_secret_is_shown_once(self, shop: WebhookEndpoint, browser: Client) -> None:
        answer = browser.post(f"{page_of(shop)}rotate")

        shop.refresh_from_db()
        assert secrets_in(answer) == [ciphers.open_up(shop.secret)]
        assert "no-store" in answer["Cache-Control"]
        assert secrets_in(browser.get(page_of(shop))) == []

    def test_a_sixth_new_secret_within_a_day_is_refused(self, shop: WebhookEndpoint, browser: Client) -> None:
        made = [browser.post(f"{page_of(shop)}rotate") for _ in range(6)]

        assert [each.status_code for each in made] == [200] * 5 + [409]
        assert "replaced 5 times within 24 hours" in words(made[-1])
        assert secrets_in(made[-1]) == []

    def test_it_is_deleted_with_what_was_sent(self, alice: User, shop: WebhookEndpoint, browser: Client) -> None:
        sent = sent_to(shop, alice)

        answer = browser.post(f"{page_of(shop)}delete", follow=True)

        assert "The webhook is deleted." in words(answer)
        assert browser.get(page_of(shop)).status_code == 404
        assert browser.get(f"{PAGE}deliveries/{sent.pk}/").status_code == 404

    @pytest.mark.parametrize("what", ["switch", "rotate", "test", "delete"])
    def test_nothing_happens_by_visiting(self, shop: WebhookEndpoint, browser: Client, what: str) -> None:
        assert browser.get(f"{page_of(shop)}{what}").status_code == 405


class TestWhatWasSent:
    def test_a_test_leads_to_what_becomes_of_it(self, shop: WebhookEndpoint, browser: Client) -> None:
        page = browser.post(f"{page_of(shop)}test", follow=True)

        sent = Delivery.objects.get()
        assert page.redirect_chain[-1][0] == f"{PAGE}deliveries/{sent.pk}/"
        assert "webhook.test" in words(page)
        assert "It was not sent yet." in words(page)
        assert 'hx-trigger="every 3s"' in words(page)

    def test_every_try_is_told_with_its_headers_and_answer(
        self, alice: User, shop: WebhookEndpoint, browser: Client
    ) -> None:
        page = words(browser.get(f"{PAGE}deliveries/{sent_to(shop, alice).pk}/"))

        assert "msg_7" in page
        assert "&lt;/pre&gt;oops" in page
        assert "500, 0.250 s" in page
        assert "Your program answered with an error." in page
        assert "https://93.184.215.14/before" in page
        assert "hx-trigger" not in page

    def test_it_is_sent_again(self, alice: User, shop: WebhookEndpoint, browser: Client) -> None:
        sent = sent_to(shop, alice)

        page = browser.post(f"{PAGE}deliveries/{sent.pk}/redeliver", follow=True)

        sent.refresh_from_db()
        assert "It is sent again." in words(page)
        assert sent.status == "waiting"

    def test_what_was_sent_to_one_that_is_off_waits_until_it_is_on(
        self, alice: User, shop: WebhookEndpoint, browser: Client
    ) -> None:
        sent = sent_to(shop, alice)
        webhooks.change(endpoint=shop, enabled=False)

        page = browser.post(f"{PAGE}deliveries/{sent.pk}/redeliver", follow=True)

        assert "Switch it on, then send again." in words(page)

    def test_the_log_is_turned_page_by_page(
        self, alice: User, shop: WebhookEndpoint, browser: Client, django_assert_max_num_queries: Any
    ) -> None:
        sent = [str(sent_to(shop, alice).pk) for _ in range(23)][::-1]

        with django_assert_max_num_queries(12):
            first = words(browser.get(page_of(shop)))
        before = re.search(r"\?before=([0-9a-f-]{36})", first)
        assert before
        rest = words(browser.get(f"{page_of(shop)}?before={before[1]}"))

        found = [re.findall(r"deliveries/([0-9a-f-]{36})/", page) for page in (first, rest)]
        assert found == [sent[:20], sent[20:]]
        assert browser.get(f"{page_of(shop)}?before=nobody").status_code == 404

    def test_what_went_to_single_addresses_has_a_page(self, alice: User, browser: Client) -> None:
        assert f"{PAGE}single/" not in words(browser.get(PAGE))

        sent = sent_to(None, alice)

        assert f"{PAGE}single/" in words(browser.get(PAGE))
        assert f"deliveries/{sent.pk}/" in words(browser.get(f"{PAGE}single/"))
        assert "webhook_url" in words(browser.get(f"{PAGE}single/"))


class TestDefaultSecret:
    def test_it_is_hidden_until_it_is_asked_for(self, browser: Client) -> None:
        before = browser.get(PAGE)
        shown, again = (browser.post(f"{PAGE}secret", {"do": "show"}) for _ in range(2))

        assert secrets_in(before) == secrets_in(browser.get(PAGE)) == []
        assert secrets_in(shown) == secrets_in(again) == [ciphers.open_up(SigningKey.objects.get().secret)]
        assert "no-store" in shown["Cache-Control"]

    def test_it_is_replaced(self, browser: Client) -> None:
        shown = browser.post(f"{PAGE}secret", {"do": "show"})
        new = browser.post(f"{PAGE}secret", {"do": "rotate"})

        assert secrets_in(new) != secrets_in(shown)
        assert secrets_in(new) == secrets_in(browser.post(f"{PAGE}secret", {"do": "show"}))

    def test_one_that_cannot_be_read_any_more_is_told_of(self, browser: Client) -> None:
        browser.post(f"{PAGE}secret", {"do": "show"})
        SigningKey.objects.update(secret=b"nonsense")

        answer = browser.post(f"{PAGE}secret", {"do": "show"})

        assert answer.status_code == 409
        assert "Replace the secret." in words(answer)
        assert secrets_in(browser.post(f"{PAGE}secret", {"do": "rotate"}))


class TestBackOffice:
    @pytest.fixture
    def office(self, db: None, client_of: Callable[[User], Client]) -> Client:
        return client_of(curators.make(email="curator@example.org")[0])

    def test_a_curator_sees_hosts_and_failures_and_no_more(
        self, alice: User, shop: WebhookEndpoint, office: Client
    ) -> None:
        sent_to(shop, alice)
        WebhookEndpoint.objects.update(enabled=False, disabled_code="never_arrived")

        pages = [words(office.get(f"/admin/events/webhookendpoint/{end}")) for end in ("", f"{shop.pk}/change/")]

        for page in pages:
            assert "93.184.215.14" in page
            assert "alice" in page
            assert "could not be delivered" in page
            assert not re.search(r"shop=7|/hooks|oops|whsec_|name=\"url\"", page)
        assert re.search(r'field-failed_tries">1<', pages[0])

    def test_nothing_is_found_or_filtered_by_its_address(
        self, alice: User, shop: WebhookEndpoint, office: Client
    ) -> None:
        page = "/admin/events/webhookendpoint/"

        assert "93.184.215.14" in words(office.get(page, {"q": "ali"}))
        assert "93.184.215.14" not in words(office.get(page, {"q": "93.184"}))
        assert office.get(page, {"url__startswith": "https"}).status_code in {302, 400}

    def test_a_curator_changes_none(self, shop: WebhookEndpoint, office: Client) -> None:
        assert office.post(f"/admin/events/webhookendpoint/{shop.pk}/delete/", {"post": "yes"}).status_code == 403
        assert office.post(f"/admin/events/webhookendpoint/{shop.pk}/change/", {"enabled": ""}).status_code == 403
