"""GET account and account/usage, with a token and from our own pages."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from accounts.services import quota, tokens
from tests.hostile import ALICE, hostile


@pytest.fixture
def api(alice: User) -> Callable[..., Any]:
    _, secret = tokens.make(user=alice, name=hostile("test", 50), scopes=["read"])
    return lambda url, **headers: Client().get(url, HTTP_AUTHORIZATION=f"Bearer {secret}", **headers)


def test_the_account_says_who_i_am(api: Callable[..., Any], alice: User) -> None:
    assert api("/api/v1/account").json() == {
        "id": str(alice.pk),
        "handle": "alice",
        "name": ALICE,
        "email": "alice@example.org",
        "language": "",
        "plan": "free",
    }


def test_usage_says_what_is_left_and_when_it_returns(api: Callable[..., Any], alice: User) -> None:
    with time_machine.travel("2026-11-21T12:00:00Z", tick=False):
        quota.reserve(user=alice, amount=2, reference="a")
        quota.settle(reference="a", spent=2)
        quota.reserve(user=alice, amount=1, reference="b")
        usage = api("/api/v1/account/usage").json()

    days = usage.pop("days")
    assert usage == {
        "day": "2026-11-21",
        "resets_at": "2026-11-22T00:00:00Z",
        "limit": 10,
        "used": 2,
        "reserved": 1,
        "left": 7,
        "in_flight": 1,
    }
    assert len(days) == 30
    assert days[-1] == {"day": "2026-11-21", "images": 2}


def test_an_unknown_parameter_is_refused_by_name(api: Callable[..., Any]) -> None:
    response = api("/api/v1/account?limit=3")

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "limit"


def test_our_own_pages_may_ask_with_their_session(alice: User, client_of: Callable[[User], Client]) -> None:
    assert client_of(alice).get("/api/v1/account").status_code == 200


def test_a_session_without_the_csrf_token_changes_nothing(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")

    response = client.post("/api/v1/account")

    assert response.status_code == 403
    assert response.json()["code"] == "csrf_failed"


def test_a_route_that_nobody_opened_is_closed(alice: User, rf: Any) -> None:
    from rest_framework.decorators import api_view
    from rest_framework.response import Response

    @api_view(["GET"])
    def forgotten(request: Any) -> Response:
        return Response({})

    _, secret = tokens.make(user=alice, name=hostile("test", 50), scopes=tokens.SCOPES)

    assert forgotten(rf.get("/", HTTP_AUTHORIZATION=f"Bearer {secret}")).status_code == 403


def test_the_document_shows_both_routes_with_their_refusals(db: None) -> None:
    document = json.loads(Client().get("/api/schema/", HTTP_ACCEPT="application/vnd.oai.openapi+json").content)

    usage = document["paths"]["/api/v1/account/usage"]["get"]
    assert set(usage["responses"]) == {*["200", "400", "401", "403", "406", "408", "414", "415", "422", "429", "431"]}
    assert usage["security"] == [{"token": []}, {"session": []}]
    examples = usage["responses"]["401"]["content"]["application/problem+json"]["examples"]
    assert "BadToken" in examples
