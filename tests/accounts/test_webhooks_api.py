"""Webhooks over the API: who may, what is told, what is refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.services import tokens
from events import types, webhooks
from events.models import Delivery, WebhookEndpoint
from tests.hostile import Watchful, hostile

ROUTE = "/api/v1/webhooks"
ADDRESS = "https://93.184.215.14/hooks?shop=7"
JSON = "application/json"
ALL = list(types.TOLD)


@pytest.fixture
def api(plans: None) -> Callable[..., Client]:
    """A program with a token: `api(alice)`, `api(alice, "read")`."""

    def client(owner: User, *scopes: str) -> Client:
        _, secret = tokens.make(user=owner, name=hostile("test", 50), scopes=scopes or ["manage"])
        return Watchful(headers={"authorization": f"Bearer {secret}"})

    return client


@pytest.fixture
def shop(alice: User) -> WebhookEndpoint:
    """Alice's webhook."""
    return webhooks.add(user=alice, url=ADDRESS, events=ALL, description=hostile("shop", 200))[0]


@pytest.fixture
def failed(shop: WebhookEndpoint) -> Delivery:
    """Something that could not be delivered."""
    sent = webhooks.send_test(endpoint=shop)
    sent.log.create(
        url=ADDRESS,
        request={"webhook-id": "msg_1"},
        status=500,
        code="receiver_refused",
        answer=hostile("oops"),
        started_at=timezone.now(),
        seconds=0.25,
    )
    Delivery.objects.filter(pk=sent.pk).update(
        status="failed", code="receiver_refused", tries=8, next_try_at=None, finished_at=timezone.now()
    )
    sent.refresh_from_db()
    return sent


def codes(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.content
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestOne:
    def test_alice_adds_one_and_is_told_its_secret_once(self, alice: User, api: Callable[..., Client]) -> None:
        body = {"url": ADDRESS, "events": ALL[:1], "description": hostile("shop", 200)}

        made = api(alice).post(ROUTE, body, content_type=JSON)

        told = made.json()
        secret = told.pop("secret")
        assert made.status_code == 201
        assert made["Cache-Control"] == "no-store"
        assert secret.startswith("whsec_")
        assert told == {"id": told["id"], "enabled": True, "created_at": told["created_at"], **body}
        assert made["Location"].endswith(f"{ROUTE}/{told['id']}")
        assert api(alice).get(f"{ROUTE}/{told['id']}").json() == told
        assert secret not in api(alice).get(ROUTE).content.decode()

    @pytest.mark.parametrize(
        ("changed", "refusal"),
        [
            ({"url": None}, ("url", "null")),
            ({"url": 7}, ("url", "not_a_text")),
            ({"url": ""}, ("url", "not_a_webhook_address")),
            ({"url": "ftp://93.184.215.14/"}, ("url", "not_a_webhook_address")),
            ({"url": "https://alice:pass@93.184.215.14/"}, ("url", "address_with_user")),
            ({"url": ADDRESS + "#top"}, ("url", "address_with_fragment")),
            ({"url": "http://169.254.169.254/latest/meta-data"}, ("url", "private_address")),
            ({"url": "http://[::1]:6379/"}, ("url", "private_address")),
            ({"url": ADDRESS + "x" * 2000}, ("url", "too_long")),
            ({"url": ADDRESS + "\x00"}, ("url", "control_characters")),
            ({"events": []}, ("events", "no_event")),
            ({"events": "generation.failed"}, ("events", "not_a_list")),
            ({"events": {"a": 1}}, ("events", "not_a_list")),
            ({"events": [*ALL, 7]}, ("events.3", "not_a_text")),
            ({"events": ["generation.started"]}, ("events", "unknown_event")),
            ({"events": [hostile("x")]}, ("events", "unknown_event")),
            ({"events": [ALL[0], ALL[0]]}, ("events", "event_twice")),
            ({"events": [ALL[0]] * 30_000}, ("events", "event_twice")),
            ({"description": "x" * 201}, ("description", "too_long")),
            ({"description": "a\x07b"}, ("description", "control_characters")),
            ({"enabled": True}, ("enabled", "unknown")),
            ({"secret": "whsec_mine"}, ("secret", "unknown")),
        ],
        ids=range(22),
    )
    def test_what_is_none_is_refused_on_its_field(
        self, alice: User, api: Callable[..., Client], changed: dict[str, Any], refusal: tuple[str, str]
    ) -> None:
        body = {"url": ADDRESS, "events": ALL, **changed}

        answer = api(alice).post(ROUTE, body, content_type=JSON)

        assert codes(answer) == [refusal]
        assert not WebhookEndpoint.objects.exists()

    def test_what_is_needed_is_named(self, alice: User, api: Callable[..., Client]) -> None:
        answer = api(alice).post(ROUTE, {}, content_type=JSON)

        assert codes(answer) == [("url", "required"), ("events", "required")]

    def test_there_is_an_end_to_it(self, alice: User, api: Callable[..., Client]) -> None:
        for _ in range(WebhookEndpoint.MOST):
            webhooks.add(user=alice, url=ADDRESS, events=ALL)

        answer = api(alice).post(ROUTE, {"url": ADDRESS, "events": ALL}, content_type=JSON)

        assert refused(answer) == (409, "too_many_webhooks")

    def test_what_is_left_out_of_a_change_stays(
        self, alice: User, shop: WebhookEndpoint, api: Callable[..., Client]
    ) -> None:
        before = api(alice).get(f"{ROUTE}/{shop.pk}").json()

        after = api(alice).patch(f"{ROUTE}/{shop.pk}", {"description": ""}, content_type=JSON)
        nothing = api(alice).patch(f"{ROUTE}/{shop.pk}", {}, content_type=JSON)

        assert after.json() == nothing.json() == {**before, "description": ""}

    def test_a_change_is_as_strict(self, alice: User, shop: WebhookEndpoint, api: Callable[..., Client]) -> None:
        body = {"url": "http://127.0.0.1/", "events": [], "enabled": "yes", "id": "x"}

        answer = api(alice).patch(f"{ROUTE}/{shop.pk}", body, content_type=JSON)

        assert sorted(codes(answer)) == [("enabled", "not_yes_or_no"), ("id", "unknown")]
        shop.refresh_from_db()
        assert (shop.url, shop.enabled) == (ADDRESS, True)

    def test_it_is_switched_off_and_on(
        self, alice: User, shop: WebhookEndpoint, failed: Delivery, api: Callable[..., Client]
    ) -> None:
        program = api(alice)

        off = program.patch(f"{ROUTE}/{shop.pk}", {"enabled": False}, content_type=JSON)
        tested, again = (
            program.post(f"{ROUTE}/{shop.pk}/test", content_type=JSON),
            program.post(f"/api/v1/deliveries/{failed.pk}/redeliver", content_type=JSON),
        )
        on = program.patch(f"{ROUTE}/{shop.pk}", {"enabled": True}, content_type=JSON)

        assert off.json()["enabled"] is False
        assert refused(tested) == refused(again) == (409, "webhook_disabled")
        assert on.json()["enabled"] is True

    def test_it_is_deleted_with_what_was_sent(
        self, alice: User, shop: WebhookEndpoint, failed: Delivery, api: Callable[..., Client]
    ) -> None:
        gone = api(alice).delete(f"{ROUTE}/{shop.pk}")

        assert (gone.status_code, gone.content) == (204, b"")
        assert api(alice).get(f"{ROUTE}/{shop.pk}").status_code == 404
        assert api(alice).get(f"/api/v1/deliveries/{failed.pk}").status_code == 404

    def test_a_new_secret_is_told_once(self, alice: User, shop: WebhookEndpoint, api: Callable[..., Client]) -> None:
        first, second = (api(alice).post(f"{ROUTE}/{shop.pk}/rotate", content_type=JSON) for _ in range(2))

        assert first.status_code == 200
        assert first["Cache-Control"] == "no-store"
        assert first.json()["secret"] != second.json()["secret"]
        assert set(first.json()) - {"secret"} == set(api(alice).get(f"{ROUTE}/{shop.pk}").json())

    def test_a_sixth_new_secret_within_a_day_is_refused(
        self, alice: User, shop: WebhookEndpoint, api: Callable[..., Client]
    ) -> None:
        made = [api(alice).post(f"{ROUTE}/{shop.pk}/rotate", content_type=JSON) for _ in range(6)]

        assert [each.status_code for each in made] == [200] * 5 + [409]
        assert made[-1].json()["code"] == "rotated_too_often"

    @pytest.mark.parametrize("route", ["webhooks/{}/rotate", "webhooks/{}/test"])
    def test_what_takes_no_members_says_so(
        self, alice: User, shop: WebhookEndpoint, api: Callable[..., Client], route: str
    ) -> None:
        program = api(alice)

        body = program.post(f"/api/v1/{route.format(shop.pk)}", {"to": "me"}, content_type=JSON)
        query = program.post(f"/api/v1/{route.format(shop.pk)}?to=me", content_type=JSON)

        assert codes(body) == codes(query) == [("to", "unknown")]


class TestDeliveries:
    def test_a_test_is_put_in_the_post(self, alice: User, shop: WebhookEndpoint, api: Callable[..., Client]) -> None:
        sent = api(alice).post(f"{ROUTE}/{shop.pk}/test", content_type=JSON)

        told = sent.json()
        assert sent.status_code == 202
        assert sent["Location"].endswith(f"/api/v1/deliveries/{told['id']}")
        assert (told["type"], told["status"], told["generation"], told["tries"]) == ("webhook.test", "waiting", None, 0)
        assert told["webhook"] == str(shop.pk)
        assert api(alice).get(f"/api/v1/deliveries/{told['id']}").json() == told

    def test_the_log_tells_every_try(self, alice: User, failed: Delivery, api: Callable[..., Client]) -> None:
        told = api(alice).get(f"/api/v1/deliveries/{failed.pk}").json()

        assert (told["status"], told["code"], told["next_try_at"]) == ("failed", "receiver_refused", None)
        assert told["log"] == [
            {
                "started_at": told["log"][0]["started_at"],
                "seconds": 0.25,
                "url": ADDRESS,
                "status": 500,
                "code": "receiver_refused",
                "request": {"webhook-id": "msg_1"},
                "answer": hostile("oops"),
            }
        ]

    def test_it_is_sent_again_under_the_same_id(
        self, alice: User, failed: Delivery, api: Callable[..., Client]
    ) -> None:
        again = api(alice).post(f"/api/v1/deliveries/{failed.pk}/redeliver", content_type=JSON)

        told = again.json()
        assert again.status_code == 202
        assert (told["id"], told["status"], told["tries"], told["code"]) == (str(failed.pk), "waiting", 0, None)
        assert len(told["log"]) == 1

    def test_what_went_to_a_single_address_is_seen_and_sent_again(
        self, alice: User, api: Callable[..., Client]
    ) -> None:
        now = timezone.now()
        single = Delivery.objects.create(
            user=alice, url=ADDRESS, type=types.FAILED, reference="g", body="{}", status="failed", finished_at=now
        )

        seen = api(alice).get(f"/api/v1/deliveries/{single.pk}").json()
        again = api(alice).post(f"/api/v1/deliveries/{single.pk}/redeliver", content_type=JSON)

        assert (seen["webhook"], seen["generation"]) == (None, "g")
        assert again.status_code == 202

    def test_they_are_listed_page_by_page_newest_first(
        self, alice: User, shop: WebhookEndpoint, api: Callable[..., Client], django_assert_max_num_queries: Any
    ) -> None:
        sent = [str(webhooks.send_test(endpoint=shop).pk) for _ in range(5)]
        program = api(alice)
        program.get(ROUTE)

        with django_assert_max_num_queries(6):
            first = program.get(f"{ROUTE}/{shop.pk}/deliveries?limit=3").json()
        rest = program.get(first["next"]).json()

        assert [row["id"] for row in (*first["results"], *rest["results"])] == sent[::-1]
        assert rest["next"] is None

    def test_all_of_mine_are_listed_wherever_they_went(
        self, alice: User, bob: User, shop: WebhookEndpoint, api: Callable[..., Client],
        django_assert_max_num_queries: Any,
    ) -> None:  # fmt: skip
        now = timezone.now()
        facts = {"url": ADDRESS, "type": types.FAILED, "body": "{}", "status": "failed", "finished_at": now}
        Delivery.objects.create(user=bob, reference="b", **facts)
        sent = [str(Delivery.objects.create(user=alice, reference="g", **facts).pk)]
        sent += [str(webhooks.send_test(endpoint=shop).pk) for _ in range(3)]
        program = api(alice)
        program.get(ROUTE)

        with django_assert_max_num_queries(6):
            first = program.get("/api/v1/deliveries?limit=2").json()
        rest = program.get(first["next"]).json()

        rows = [*first["results"], *rest["results"]]
        assert [row["id"] for row in rows] == sent[::-1]
        assert [row["webhook"] for row in rows] == [str(shop.pk)] * 3 + [None]

    def test_what_is_sent_stands_in_the_single_one_and_is_not_read_for_a_list(
        self, alice: User, shop: WebhookEndpoint, api: Callable[..., Client]
    ) -> None:
        sent = webhooks.send_test(endpoint=shop)
        program = api(alice)

        with CaptureQueriesContext(connection) as asked:
            lists = [program.get(address).json() for address in (f"{ROUTE}/{shop.pk}/deliveries", "/api/v1/deliveries")]
        single = program.get(f"/api/v1/deliveries/{sent.pk}").json()

        assert not any('"body"' in each["sql"] for each in asked)
        assert [{**page["results"][0], "body": sent.body} for page in lists] == [single, single]
        assert json.loads(single["body"])["type"] == "webhook.test"

    def test_the_receivers_of_everybody_are_asked_seldom(
        self, alice: User, shop: WebhookEndpoint, failed: Delivery, api: Callable[..., Client]
    ) -> None:
        program = api(alice)

        answers = [program.post(f"{ROUTE}/{shop.pk}/test", content_type=JSON) for _ in range(5)]
        late = program.post(f"/api/v1/deliveries/{failed.pk}/redeliver", content_type=JSON)

        assert {answer.status_code for answer in answers} == {202}
        assert refused(late) == (429, "rate_limited")
        assert int(late["Retry-After"]) > 0


class TestGates:
    ROUTES = [
        ("get", ROUTE), ("post", ROUTE), ("get", "/api/v1/deliveries"),
        ("get", f"{ROUTE}/{{webhook}}"), ("patch", f"{ROUTE}/{{webhook}}"),
        ("delete", f"{ROUTE}/{{webhook}}"), ("post", f"{ROUTE}/{{webhook}}/rotate"),
        ("post", f"{ROUTE}/{{webhook}}/test"), ("get", f"{ROUTE}/{{webhook}}/deliveries"),
        ("get", "/api/v1/deliveries/{delivery}"), ("post", "/api/v1/deliveries/{delivery}/redeliver"),
    ]  # fmt: skip

    @pytest.mark.parametrize(("method", "route"), ROUTES)
    def test_a_token_without_the_scope_is_told_which(
        self, alice: User, failed: Delivery, api: Callable[..., Client], method: str, route: str
    ) -> None:
        address = route.format(webhook=failed.endpoint_id, delivery=failed.pk)

        answer = getattr(api(alice, "read", "generate"), method)(address)

        assert refused(answer) == (403, "insufficient_scope")
        assert "manage" in answer.json()["detail"]

    @pytest.mark.parametrize(("method", "route"), ROUTES)
    def test_a_stranger_is_asked_who_they_are(self, db: None, method: str, route: str) -> None:
        answer = getattr(Client(), method)(route.format(webhook="nobody", delivery="nobody"))

        assert refused(answer) == (401, "not_signed_in")

    @pytest.mark.parametrize(("method", "route"), ROUTES[3:])
    def test_for_mallory_nothing_is_there(
        self, mallory: User, failed: Delivery, api: Callable[..., Client], method: str, route: str
    ) -> None:
        real = route.format(webhook=failed.endpoint_id, delivery=failed.pk)
        none = route.format(webhook="nobody", delivery="nobody")

        answers = [getattr(api(mallory), method)(address, content_type=JSON) for address in (real, none)]

        assert {refused(answer) for answer in answers} == {(404, "not_found")}
        assert api(mallory).get(ROUTE).json()["results"] == []
