"""One budget a minute, whatever the door."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from accounts import throttling
from accounts.models import Plan, User
from accounts.services import tokens
from tests.hostile import hostile

NOON = "2026-11-21T12:00:00Z"


@pytest.fixture(autouse=True)
def small_plan(db: None) -> None:
    Plan.objects.filter(slug="free").update(requests_per_minute=5, submits_per_minute=2)


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def with_token(user: User) -> Callable[[], Any]:
    _, secret = tokens.make(user=user, name=hostile("test", 50), scopes=["read"])
    return lambda: Client().get("/api/v1/account", HTTP_AUTHORIZATION=f"Bearer {secret}")


def test_all_tokens_and_the_browser_share_one_budget(alice: User, client_of: Callable[[User], Client]) -> None:
    first, second, browser = with_token(alice), with_token(alice), client_of(alice)

    for _ in range(2):
        assert first().status_code == second().status_code == 200
    assert browser.post("/account/theme", {"theme": "dark"}).status_code == 302

    assert first().status_code == 429
    assert browser.get("/api/v1/account").status_code == 429
    assert browser.post("/account/theme", {"theme": "dark"}).status_code == 429


def test_another_persons_budget_is_their_own(alice: User, bob: User) -> None:
    ask = with_token(alice)
    for _ in range(6):
        ask()

    assert with_token(bob)().status_code == 200


def test_answers_say_what_is_left(alice: User) -> None:
    ask = with_token(alice)

    left = [ask()["RateLimit-Remaining"] for _ in range(3)]

    assert left == ["4", "3", "2"]
    assert ask()["RateLimit-Limit"] == "5"
    assert 1 <= int(ask()["RateLimit-Reset"]) <= 60


def test_the_refusal_says_how_long_to_wait_and_then_it_is_over(alice: User, noon: Any) -> None:
    ask = with_token(alice)
    for _ in range(5):
        ask()

    refused = ask()

    wait = int(refused["Retry-After"])
    assert refused.status_code == 429
    assert refused.json()["code"] == "rate_limited"
    assert refused.json()["retry_after"] == wait
    assert refused["RateLimit-Remaining"] == "0"
    noon.shift(wait + 1)
    assert ask().status_code == 200


def test_reading_pages_is_not_counted_with_the_rest(alice: User, client_of: Callable[[User], Client]) -> None:
    browser = client_of(alice)

    assert {browser.get("/account/").status_code for _ in range(8)} == {200}

    assert browser.get("/account/")["RateLimit-Limit"] == "1200"


def test_a_submit_has_a_budget_of_its_own_inside_the_rest(alice: User, rf: Any) -> None:
    def submit() -> None:
        throttling.spend(rf.post("/"), user=alice, kind="submit")

    submit()
    submit()
    with pytest.raises(throttling.RateLimited):
        submit()

    throttling.spend(rf.post("/"), user=alice, kind="request")


def test_words_are_improved_ten_times_a_minute_and_a_hundred_times_a_day(
    person: Callable[..., User], rf: Any, noon: Any
) -> None:
    dora = person("dora", id=UUID(int=1))  # whose day does not end within these minutes
    dora.plan.requests_per_minute = 1000

    def improve(times: int) -> None:
        for _ in range(times):
            throttling.spend(rf.post("/"), user=dora, kind="prompt")

    for _ in range(10):
        improve(10)
        with pytest.raises(throttling.RateLimited) as in_a_minute:
            improve(1)
        noon.shift(in_a_minute.value.arguments["seconds"] + 1)
    with pytest.raises(throttling.DailyLimit) as in_a_day:
        improve(1)

    assert in_a_minute.value.code == "rate_limited"
    assert in_a_day.value.arguments["limit"] == 100
    noon.shift(in_a_day.value.extra["retry_after"] + 1)
    improve(1)


def test_a_days_budget_is_kept_however_many_others_ask_meanwhile(
    person: Callable[..., User], rf: Any, noon: Any
) -> None:
    dora = person("dora", id=UUID(int=1))  # whose day does not end within these minutes
    dora.plan.requests_per_minute = 1000
    for _ in range(100):
        throttling.spend(rf.post("/"), user=dora, kind="prompt")
        noon.shift(7)

    for number in range(1000):
        request = rf.get("/", REMOTE_ADDR=f"198.51.{number // 250}.{number % 250}")
        throttling.spend(request, user=None, kind="request")

    with pytest.raises(throttling.DailyLimit):
        throttling.spend(rf.post("/"), user=dora, kind="prompt")


def test_a_marked_view_submits_only_when_something_is_sent() -> None:
    @throttling.submits
    def view() -> HttpResponse:
        return HttpResponse()

    assert throttling.kind_of(view, "POST", reading="page") == "submit"
    assert throttling.kind_of(view, "GET", reading="page") == "page"
    assert throttling.kind_of(view, "GET", reading="request") == "request"


def test_pictures_asked_through_the_api_count_as_reading_pages() -> None:
    @throttling.reads_pictures
    def view() -> HttpResponse:
        return HttpResponse()

    assert throttling.kind_of(view, "GET", reading="request") == "page"


def test_strangers_have_120_a_minute_and_an_address(db: None) -> None:
    stranger = Client(REMOTE_ADDR="203.0.113.7")
    answers = [stranger.get("/api/v1/account").status_code for _ in range(121)]

    assert answers == [401] * 120 + [429]
    assert Client(REMOTE_ADDR="203.0.113.8").get("/api/v1/account").status_code == 401


def test_guessing_tokens_is_counted(db: None) -> None:
    answers = [
        Client().get("/api/v1/account", HTTP_AUTHORIZATION=f"Bearer tea_{number}").status_code for number in range(121)
    ]

    assert answers == [401] * 120 + [429]


def test_asking_without_the_scope_is_counted(alice: User) -> None:
    _, secret = tokens.make(user=alice, name=hostile("test", 50), scopes=["manage"])
    answers = [Client().get("/api/v1/account", HTTP_AUTHORIZATION=f"Bearer {secret}").status_code for _ in range(6)]

    assert answers == [403] * 5 + [429]


def test_health_is_never_counted(db: None) -> None:
    response = Client().get("/healthz")

    assert response.status_code == 200
    assert "RateLimit-Limit" not in response


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "1.1.1.1", "203.0.113.7"),
        (1, "1.1.1.1", "1.1.1.1"),
        (1, "9.9.9.9, 1.1.1.1", "1.1.1.1"),
        (2, "9.9.9.9, 1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (2, "1.1.1.1", "203.0.113.7"),
        (1, "", "203.0.113.7"),
        (1, "not an address", "203.0.113.7"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (1, "::ffff:1.1.1.1", "1.1.1.1"),
    ],
)
def test_a_client_is_known_by_what_the_trusted_proxy_wrote(
    settings: Any, rf: Any, proxies: int, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    request = rf.get("/", REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_FOR=forwarded)

    assert throttling.client_address(request) == address


def test_a_client_without_any_address_still_has_a_budget(rf: Any) -> None:
    assert throttling.client_address(rf.get("/", REMOTE_ADDR="")) == "unknown"
