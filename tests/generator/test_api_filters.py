"""GET generations with filters."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from common.times import rfc3339
from generator import services
from generator.models import AIModel, Generation

Api = Callable[..., Client]
Ask = Callable[..., Generation]


def listed(client: Client, **query: Any) -> list[str]:
    response = client.get("/api/v1/generations", query)
    assert response.status_code == 200, response.content
    return [row["request"]["prompt"] for row in response.json()["results"]]


def refused(client: Client, **query: Any) -> tuple[str, str]:
    response = client.get("/api/v1/generations", query)
    assert response.status_code == 422
    error = response.json()["errors"][0]
    return error["field"], error["code"]


def test_each_filter_leaves_what_it_names(alice: User, ask: Ask, api: Api) -> None:
    services.cancel(generation=ask(alice, prompt="a stopped mug"))
    ask(alice, prompt="a waiting mug")
    AIModel.objects.filter(slug="flux-1-schnell").update(backend="builtin")
    ask(alice, prompt="a fast mug", model="flux-1-schnell", steps=4)
    client = api(alice)

    assert listed(client, status="cancelled") == ["a stopped mug"]
    assert listed(client, model="flux-1-schnell") == ["a fast mug"]
    assert listed(client, model="black-forest-labs/FLUX.1-schnell") == ["a fast mug"]
    assert listed(client, model="nothing-like-it") == []
    assert listed(client, mode="image-to-image") == []
    assert listed(client, mode="text-to-image", status="queued", model="builtin") == ["a waiting mug"]


def test_words_are_found_in_any_order_and_case(alice: User, bob: User, ask: Ask, api: Api) -> None:
    ask(alice, prompt="Une TASSE très ÉLÉGANTE (50 %)")
    ask(alice, prompt="a red mug")
    ask(bob, prompt="une tasse")
    client = api(alice)

    assert listed(client, q="élégante tasse") == ["Une TASSE très ÉLÉGANTE (50 %)"]
    assert listed(client, q="(50") == ["Une TASSE très ÉLÉGANTE (50 %)"]
    assert listed(client, q="r.d") == []
    assert listed(client, q="") == ["a red mug", "Une TASSE très ÉLÉGANTE (50 %)"]


def test_times_bound_the_list(alice: User, ask: Ask, api: Api) -> None:
    old = ask(alice, prompt="an old mug")
    Generation.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=2))
    ask(alice, prompt="a new mug")
    client, yesterday = api(alice), rfc3339(timezone.now() - timedelta(days=1))

    assert listed(client, created_after=yesterday) == ["a new mug"]
    assert listed(client, created_before=yesterday) == ["an old mug"]
    assert listed(client, created_before=yesterday.replace("Z", "+00:00")) == ["an old mug"]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("status", "done", "not_a_choice"),
        ("mode", "", "not_a_choice"),
        ("model", "a\x00b", "control_characters"),
        ("created_after", "yesterday", "not_a_time"),
        ("created_after", "2026-11-21", "not_a_time"),
        ("created_before", "2026-11-21T00:00:00", "not_a_time"),
        ("created_before", "0001-01-01T00:00:00+14:00", "not_a_time"),
        ("created_before", "2026-02-30T00:00:00Z", "not_a_time"),
        ("q", "x" * 301, "too_long"),
        ("q", "a " * 13, "too_many"),
        ("style", "night", "unknown"),
    ],
)
def test_a_value_that_is_not_taken_is_refused_on_its_name(
    alice: User, api: Api, name: str, value: str, code: str
) -> None:
    assert refused(api(alice), **{name: value}) == (name, code)


def test_pages_of_a_filtered_list_stay_filtered(alice: User, ask: Ask, api: Api) -> None:
    for number in range(3):
        ask(alice, prompt=f"mug {number}")
        ask(alice, prompt=f"cat {number}")
    client = api(alice)

    first = client.get("/api/v1/generations", {"q": "mug", "limit": 2}).json()
    second = client.get(first["next"]).json()

    assert [row["request"]["prompt"] for row in first["results"]] == ["mug 2", "mug 1"]
    assert [row["request"]["prompt"] for row in second["results"]] == ["mug 0"]


@pytest.mark.parametrize("route", ["generations", "images", "models"])
def test_a_query_that_is_not_utf8_is_refused_by_name(route: str, alice: User, api: Api) -> None:
    response = api(alice).get(f"/api/v1/{route}?limit=1&q=caf%E9")

    assert response.status_code == 422
    assert [(error["field"], error["code"]) for error in response.json()["errors"]] == [("q", "wrong_bytes")]
