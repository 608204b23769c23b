"""Providers that drip, hang up, lie and run out of money, and a worker that calls them."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.hf_server import Control
from tests.real import servers
from tests.real.books import assert_books_balance, assert_server_paid
from tests.real.studio import Studio

pytestmark = pytest.mark.real

AT_ONCE, IN_QUEUE = "stable-diffusion-3-medium", "flux-1-schnell"


@dataclass(frozen=True)
class Fault:
    """What a model's first call of a kind runs into, the code of that attempt, the pictures made in the end, and those
    that the server counts as paid without knowing whether they were made."""

    model: str
    row: str
    code: str
    made: int = 1
    doubtful: int = 0
    kind: str = ""


FAULTS = (
    Fault(AT_ONCE, "drip_headers", "timed_out", made=2),
    Fault(AT_ONCE, "drip_body", "timed_out", made=2),
    Fault(AT_ONCE, "silence", "timed_out", made=2),
    Fault(AT_ONCE, "reset", "network", doubtful=1),
    Fault(AT_ONCE, "html_200", "bad_answer", doubtful=1),
    Fault(AT_ONCE, "truncated_jpeg_200", "bad_answer", made=2),
    Fault(AT_ONCE, "png_bomb_200", "bad_answer", made=2),
    Fault(IN_QUEUE, "reset", "network", doubtful=1),
    Fault(IN_QUEUE, "drip_headers", "timed_out", kind="poll"),
    Fault(IN_QUEUE, "html_200", "bad_answer", kind="poll"),
    Fault(IN_QUEUE, "silence", "timed_out", kind="result"),
    Fault(IN_QUEUE, "reset", "network", kind="result"),
    Fault(IN_QUEUE, "drip_body", "timed_out", kind="picture"),
    Fault(IN_QUEUE, "truncated_jpeg_200", "bad_answer", made=2),
)


@pytest.fixture(scope="module")
def hasty(laptop: Studio) -> Iterator[Studio]:
    """A studio whose calls may take three seconds."""
    laptop.change("UPDATE generator_aimodel SET time_limit = 3 WHERE backend = 'huggingface'")
    laptop.start_worker()
    yield laptop
    laptop.kill_worker()
    laptop.change("UPDATE generator_aimodel SET time_limit = NULL WHERE backend = 'huggingface'")


@pytest.fixture(scope="module")
def token(hasty: Studio) -> str:
    return hasty.token("faults@example.org", plan="enterprise")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.row}-{fault.kind or fault.model}")
def test_a_call_that_fails_once_is_tried_again_and_no_job_is_ordered_twice(
    hasty: Studio, hf: Control, token: str, fault: Fault
) -> None:
    kind = {"kind": fault.kind} if fault.kind else {}
    hf.script(row=fault.row, prompt=fault.row, times=1, **kind)

    asked = hasty.submit(token, model=fault.model, prompt=fault.row, fallback=False)
    [ended] = hasty.ended(token, [asked["id"]])

    assert ended["status"] == "succeeded"
    assert [each["code"] for each in ended["attempts"]] == [fault.code, ""]
    assert hf.created() == fault.made
    assert_server_paid(hasty, hf, doubtful=fault.doubtful)
    assert_books_balance(hasty)


def test_a_black_picture_is_a_refusal_and_costs_its_owner_nothing(hasty: Studio, hf: Control, token: str) -> None:
    hf.script("hf-inference", "black_200", times=1)
    used = hasty.call("GET", "/api/v1/account/usage", token).json()["used"]

    [ended] = hasty.ended(token, [hasty.submit(token, model=AT_ONCE)["id"]])

    assert (ended["status"], ended["error"]["code"]) == ("failed", "prompt_refused")
    assert hasty.call("GET", "/api/v1/account/usage", token).json()["used"] == used
    assert len(hf.seen(kind="create")) == 1
    assert_server_paid(hasty, hf)
    assert_books_balance(hasty)


def test_a_provider_throttled_for_a_minute_is_left_alone_for_it_without_a_slot(
    hasty: Studio, hf: Control, token: str
) -> None:
    hf.script("hf-inference", status=429, headers={"retry-after": "60"}, body="Too Many Requests", times=1)

    waits = hasty.submit(token, model=AT_ONCE, prompt="waits", fallback=False)
    servers.until(lambda: hasty.generation(token, waits["id"])["attempts"] != [], what="the refusal")
    [other] = hasty.ended(token, [hasty.submit(token, model=IN_QUEUE)["id"]], hurry=False)
    still = hasty.generation(token, waits["id"])
    asked_so_far = hf.seen(kind="create", prompt="waits")
    [ended] = hasty.ended(token, [waits["id"]])

    assert (still["status"], len(asked_so_far)) == ("queued", 1)
    assert (other["status"], ended["status"]) == ("succeeded", "succeeded")
    assert hf.created() == 2
    assert_server_paid(hasty, hf)
    assert_books_balance(hasty)


def test_a_provider_throttled_for_a_minute_is_not_waited_for_where_there_is_another_model(
    hasty: Studio, hf: Control, token: str
) -> None:
    hf.script("hf-inference", status=429, headers={"retry-after": "60"}, body="Too Many Requests")

    [ended] = hasty.ended(token, [hasty.submit(token, model=AT_ONCE)["id"]], hurry=False)

    assert ended["status"] == "succeeded"
    assert ended["served_by"]["fallback_from"] == AT_ONCE
    assert [each["code"] for each in ended["attempts"]] == ["provider_busy", ""]
    assert hf.created() == 1
    assert_server_paid(hasty, hf)
    assert_books_balance(hasty)
