"""The address that a single generation tells how it ends."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from events import tasks, webhooks
from events.models import Delivery
from generator import runner
from generator.models import Generation
from tests.events.receiver import Receiver
from tests.fakes import Painter

Api = Callable[..., Client]
ROUTE = "/api/v1/generations"
WISH = {"prompt": "a red mug", "width": 64, "height": 64, "steps": 5}


def post(client: Client, wish: dict[str, Any], **headers: str) -> Any:
    return client.post(ROUTE, json.dumps(wish), content_type="application/json", headers=headers)


def test_it_is_told_how_it_ends_signed_with_the_default_secret(
    alice: User, api: Api, settings: Any, run_by: Callable[[type], None]
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    run_by(Painter)
    with Receiver() as receiver:
        made = post(api(alice), {**WISH, "webhook_url": receiver.address}).json()
        runner.take_turn("local")
        tasks.run_deliveries()

    told = receiver.believes(webhooks.default_secret(user=alice))
    assert (told["type"], told["data"]["id"]) == ("generation.succeeded", made["id"])
    assert told["data"] == api(alice).get(made["urls"]["self"]).json()


def test_the_same_recipe_again_tells_the_same_address(alice: User, api: Api, settings: Any) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    client = api(alice)
    made = post(client, {**WISH, "webhook_url": "http://127.0.0.1:9/"}).json()

    again = client.post(f"{ROUTE}/{made['id']}/rerun", content_type="application/json").json()

    assert Generation.objects.get(pk=again["id"]).webhook_url == "http://127.0.0.1:9/"


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1/", "private_address"),
        ("http://169.254.169.254/latest", "private_address"),
        ("", "not_a_webhook_address"),
        ("shop.example", "not_a_webhook_address"),
        ("https://me:secret@8.8.8.8/", "address_with_user"),
        ("https://8.8.8.8/" + "x" * 2000, "too_long"),
        (7, "not_a_text"),
        (None, "null"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_told_makes_nothing(
    alice: User, api: Api, url: Any, code: str, dry_run: bool
) -> None:
    response = post(api(alice), {**WISH, "webhook_url": url, "dry_run": dry_run})

    assert response.status_code == 422
    assert {error["field"]: error["code"] for error in response.json()["errors"]} == {"webhook_url": code}
    assert not Generation.objects.exists()


def test_the_same_key_with_another_address_is_another_request(alice: User, api: Api) -> None:
    first = post(api(alice), {**WISH, "webhook_url": "https://8.8.8.8/a"}, **{"Idempotency-Key": "k"})
    same = post(api(alice), {**WISH, "webhook_url": "https://8.8.8.8/a"}, **{"Idempotency-Key": "k"})
    other = post(api(alice), {**WISH, "webhook_url": "https://8.8.8.8/b"}, **{"Idempotency-Key": "k"})

    assert (first.status_code, same.status_code, other.status_code) == (202, 200, 409)
    assert same.json()["id"] == first.json()["id"]


def test_a_cancelled_one_is_told_too_and_one_without_an_address_tells_nobody(alice: User, api: Api) -> None:
    client = api(alice)
    for wish in ({**WISH, "webhook_url": "https://8.8.8.8/a"}, WISH):
        client.post(f"{ROUTE}/{post(client, wish).json()['id']}/cancel", content_type="application/json")

    assert [(each.type, each.url) for each in Delivery.objects.all()] == [("generation.cancelled", "https://8.8.8.8/a")]
