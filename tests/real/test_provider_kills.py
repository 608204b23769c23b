"""Kill -9 while providers work: what was ordered is awaited by whoever comes after, and nobody pays twice for it."""

import pytest

from tests.hf_server import Control
from tests.real import servers
from tests.real.books import assert_books_balance, assert_server_paid
from tests.real.studio import Studio

pytestmark = pytest.mark.real

AT_ONCE, IN_QUEUE = "stable-diffusion-3-medium", "flux-1-schnell"
"""A model whose provider answers with the picture, and one whose provider takes orders."""
ORDERS = {"claimed": 1, "answered": 2, "ordered": 1, "made": 1, "stored": 1, "delivered": 1}
"""Pictures that a queue makes where its caller is killed at a point: two only where its ticket was not written yet."""
CALLS = {"claimed": 1, "made": 2, "stored": 2, "delivered": 1}
"""The same where the answer is the picture, which dies with its worker."""


def test_a_worker_killed_at_any_point_of_a_call_costs_no_picture_that_can_be_helped(
    studio: Studio, hf: Control
) -> None:
    token = studio.token("kills@example.org", plan="enterprise")
    wishes = {f"{IN_QUEUE} stop at {point}": made for point, made in ORDERS.items()}
    wishes |= {f"{AT_ONCE} stop at {point}": made for point, made in CALLS.items()}
    silent = f"{AT_ONCE} and silence"
    hf.script("hf-inference", "silence", prompt=silent, times=1)
    studio.start_worker(stalls=True)
    ids = [studio.submit(token, prompt=words, model=words.split()[0])["id"] for words in [*wishes, silent]]
    servers.until(lambda: studio.stalled() >= set(wishes), what="all stops")
    assert hf.wait_for(kind="create", prompt=silent)

    studio.start_worker()
    ended = studio.ended(token, ids)
    studio.kill_worker()

    assert {each["status"] for each in ended} == {"succeeded"}
    assert {each["served_by"]["model"] for each in ended} == {AT_ONCE, IN_QUEUE}
    assert {words: hf.created(prompt=words) for words in [*wishes, silent]} == {**wishes, silent: 2}
    assert_server_paid(studio, hf)
    assert_books_balance(studio)


def test_two_workers_share_the_calls_and_order_nothing_twice(studio: Studio, hf: Control) -> None:
    token = studio.token("two-callers@example.org", plan="enterprise")
    hf.settings(default_delay=0.2)
    studio.start_worker()
    studio.start_worker(replaces=False)

    ids = [studio.submit(token, model=model)["id"] for _ in range(10) for model in (AT_ONCE, IN_QUEUE)]
    ended = studio.ended(token, ids)
    studio.kill_worker()

    assert {each["status"] for each in ended} == {"succeeded"}
    assert {len(each["attempts"]) for each in ended} == {1}
    assert hf.created() == 20
    assert_server_paid(studio, hf)
    assert_books_balance(studio)
