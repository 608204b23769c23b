"""Many at once, no money in the middle, a cancel in the silence: what one call meets is not paid by the others."""

import random

import pytest

from tests.hf_server import Control
from tests.real.books import assert_books_balance, assert_server_paid
from tests.real.studio import Studio

pytestmark = pytest.mark.real

AT_ONCE, IN_QUEUE = "stable-diffusion-3-medium", "flux-1-schnell"
PEOPLE = 6
FAILURES = {"busy_503": 6, "throttled_429_retry_after": 3, "reset": 3, "png_bomb_200": 2, "crash_500": 2, "html_504": 2}
"""Of 60 first calls, so many meet this."""
BILLED = {"png_bomb_200", "html_504"}
OWN_TOKEN = """
from accounts.models import User
from accounts.services import huggingface
huggingface.keep(user=User.objects.get(email="rich@example.org"), secret="hf_other")
"""


def test_no_money_in_the_middle_of_a_batch_ends_it_with_what_was_made_and_stops_the_others_of_the_account(
    studio: Studio, hf: Control
) -> None:
    alice, bob, rich = (studio.token(f"{name}@example.org") for name in ("batch", "same-account", "rich"))
    studio.manage("shell", "-c", OWN_TOKEN)
    hf.script("fal-ai", "depleted_402", after=2, model="black-forest-labs/FLUX.1-schnell")
    studio.start_worker()

    [batch] = studio.ended(alice, [studio.submit(alice, model=IN_QUEUE, images=4)["id"]])
    asked = len(hf.seen(kind="create"))
    [other] = studio.ended(bob, [studio.submit(bob, model=AT_ONCE)["id"]])
    asked_later = len(hf.seen(kind="create"))
    hf.unscript()
    [own] = studio.ended(rich, [studio.submit(rich, model=IN_QUEUE)["id"]])
    studio.kill_worker()

    assert (batch["status"], len(batch["images"]), asked) == ("succeeded", 2, 3)
    assert studio.call("GET", "/api/v1/account/usage", alice).json()["used"] == 2
    assert (other["status"], other["error"]["code"]) == ("failed", "no_credits")
    assert studio.call("GET", "/api/v1/account/usage", bob).json()["used"] == 0
    assert asked_later == asked
    assert own["status"] == "succeeded"
    assert hf.created(token="ther") == 1
    assert_server_paid(studio, hf)
    assert_books_balance(studio)


def test_a_cancel_in_the_silence_of_a_provider_frees_the_slot(studio: Studio, hf: Control) -> None:
    token = studio.token("silence@example.org")
    hf.script("hf-inference", "silence", prompt="silence")
    hf.script("fal-ai", "silence", prompt="silence", kind="poll")
    studio.start_worker(PROVIDER_SLOTS="1")

    for model in (AT_ONCE, IN_QUEUE):
        silent = studio.submit(token, model=model, prompt="silence")["id"]
        spoken = studio.submit(token, model=model, prompt="speech")["id"]
        kind = "create" if model == AT_ONCE else "poll"
        assert hf.wait_for(kind=kind, prompt="silence")
        studio.call("POST", f"/api/v1/generations/{silent}/cancel", token)
        cancelled, made = studio.ended(token, [silent, spoken])

        assert (cancelled["status"], made["status"]) == ("cancelled", "succeeded")
        assert hf.wait_for(kind=kind, prompt="silence", ended="abandoned")
    studio.kill_worker()

    assert_server_paid(studio, hf)
    assert_books_balance(studio)


def test_sixty_at_once_through_all_kinds_of_failures_all_arrive(studio: Studio, hf: Control) -> None:
    tokens = studio.tokens(*(f"crowd{number}@example.org" for number in range(PEOPLE)))
    prompts = [f"wish {number}" for number in range(60)]
    unlucky = iter(random.Random(4).sample(prompts, sum(FAILURES.values())))
    for row, times in FAILURES.items():
        for _ in range(times):
            hf.script(row=row, prompt=next(unlucky), times=1)
    hf.settings(default_delay=0.2)
    studio.start_worker()

    asked: dict[str, list[str]] = {token: [] for token in tokens}
    for number, prompt in enumerate(prompts):
        token, model = tokens[number % PEOPLE], (AT_ONCE, IN_QUEUE)[number % 2]
        asked[token].append(studio.submit(token, model=model, prompt=prompt)["id"])
    ended = [each for token, ids in asked.items() for each in studio.ended(token, ids, seconds=90)]
    studio.kill_worker()

    assert {each["status"] for each in ended} == {"succeeded"}
    assert hf.created() == 60 + sum(times for row, times in FAILURES.items() if row in BILLED)
    assert max(hf.created(prompt=prompt) for prompt in prompts) == 2
    assert_server_paid(studio, hf, doubtful=FAILURES["reset"])
    assert_books_balance(studio)
