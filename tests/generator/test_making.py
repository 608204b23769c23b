"""A generation goes down its chain until a model makes it, and says who did and why."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client

from accounts.models import LedgerEntry, Plan, ServerSpending, Usage, User
from accounts.services import huggingface
from events.models import Event
from gallery import storage
from gallery.models import Image
from generator import queries, services, timekeeper
from generator.backends.base import Advice, BackendError, CallEnded
from generator.models import AIModel, Attempt, Breaker, FallbackLink, Generation, Output
from generator.params import Params
from tests.generator.chains import SCHNELL, TURBO, Ask, story, take
from tests.generator.chains import ask as ask
from tests.generator.chains import providers as providers
from tests.generator.pictures import png
from tests.generator.providers import Providers, broke, busy, gone


def test_another_provider_of_the_same_model_is_no_fallback(alice: User, ask: Ask) -> None:
    Providers.serving[SCHNELL] = ["hf-inference", "fal-ai"]
    Providers.failing[(SCHNELL, "hf-inference")] = [gone()]

    generation = take(ask(alice, fallback=False))

    assert story(generation) == [
        ("flux-1-schnell", "hf-inference", "next_model", "model_gone"),
        ("flux-1-schnell", "fal-ai", "ok", ""),
    ]
    assert generation.served_by == {
        "model": "flux-1-schnell",
        "backend": "huggingface",
        "provider": "fal-ai",
        "fallback_from": None,
    }
    assert generation.notice is None
    assert Image.objects.get().recipe["provider"] == "fal-ai"


def test_the_next_model_of_the_chain_makes_it_and_says_so(alice: User, ask: Ask) -> None:
    Providers.failing[(SCHNELL, "fal-ai")] = [gone()]

    generation = take(ask(alice))

    assert generation.served_by["model"] == "z-image-turbo"
    assert generation.served_by["fallback_from"] == "flux-1-schnell"
    assert [name for name, *_ in story(generation)] == ["flux-1-schnell", "z-image-turbo"]
    sentence = queries.as_json(generation)["notice"]
    assert "Z-Image" in sentence
    assert "FLUX.1 schnell" in sentence
    names = list(Event.objects.filter(reference=str(generation.pk)).order_by("pk").values_list("name", flat=True))
    assert names.count("generation.fallback") == 1
    assert Image.objects.get().recipe["model"] == "z-image-turbo"


def test_each_model_is_told_what_it_takes_and_the_rest_is_named(alice: User, ask: Ask) -> None:
    Providers.failing[(SCHNELL, "fal-ai")] = [gone()]
    Providers.failing[(TURBO, "fal-ai")] = [gone()]

    generation = take(ask(alice, steps=3))

    assert [told.steps for told in Providers.told] == [3, 3, 3]
    assert Providers.told[2].guidance == 3.5
    assert generation.served_by["model"] == "flux-1-dev"
    assert Attempt.objects.get(outcome="ok").sent == {"num_inference_steps": 3}


def test_no_other_model_is_called_where_that_was_forbidden(alice: User, ask: Ask) -> None:
    Providers.failing[(SCHNELL, "fal-ai")] = [gone()]

    generation = take(ask(alice, fallback=False))

    assert (generation.status, generation.error["code"]) == ("failed", "model_gone")
    assert Providers.called == [(SCHNELL, "fal-ai")]
    assert Usage.objects.get(user=alice).reserved == 0


def test_a_link_that_the_plan_does_not_include_is_left_out(alice: User, ask: Ask) -> None:
    AIModel.objects.get(repo_id=TURBO).plans.add(Plan.objects.get(slug="pro"))
    Providers.failing[(SCHNELL, "fal-ai")] = [gone()]

    generation = take(ask(alice))

    assert generation.served_by["model"] == "flux-1-dev"


def test_what_is_busy_waits_without_its_slot_and_moves_on_after_its_tries(alice: User, ask: Ask) -> None:
    Providers.failing[(SCHNELL, "fal-ai")] = [busy(tries=1), busy(tries=1)]
    generation = take(ask(alice))
    assert generation.status == "queued"
    assert generation.not_before is not None

    take(generation)

    assert [row[2] for row in story(generation)] == ["try_again", "next_model", "ok"]
    assert generation.served_by["model"] == "z-image-turbo"


def test_the_page_says_why_it_waits_and_how_long(alice: User, ask: Ask, client_of: Callable[[User], Client]) -> None:
    Providers.failing[(SCHNELL, "fal-ai")] = [busy()]
    generation = take(ask(alice))

    page = client_of(alice).get(f"/generations/{generation.pk}/").content.decode()

    assert "The provider is overloaded." in page
    assert re.search(r"tries again in \d+\ss", page)


def test_a_long_wait_is_worse_than_another_model(alice: User, ask: Ask) -> None:
    Providers.failing[(SCHNELL, "fal-ai")] = [busy(wait=60)]

    generation = take(ask(alice))

    assert generation.served_by["model"] == "z-image-turbo"


def test_no_money_pauses_the_account_and_says_so_to_everybody_at_their_turn(alice: User, bob: User, ask: Ask) -> None:
    Providers.failing[(SCHNELL, "fal-ai")] = [broke()]
    first, second = ask(alice), ask(bob)

    take(first), take(second)

    assert [each.error["code"] for each in (first, second)] == ["no_credits", "no_credits"]
    assert Providers.called == [(SCHNELL, "fal-ai")]
    assert Breaker.objects.get().repo_id == ""
    assert services.estimate(user=bob, params=Params(prompt="a mug", model="flux-1-schnell")).cost == 1


def test_no_money_ends_a_batch_with_the_pictures_that_exist(alice: User, ask: Ask) -> None:
    Providers.failing[(SCHNELL, "fal-ai")] = [png(64, 64), png(64, 64), broke()]

    generation = take(ask(alice, images=4))

    assert generation.status == "succeeded"
    assert Output.objects.exclude(image=None).count() == 2
    assert queries.as_json(generation)["notice"].startswith(
        "2 of 4 pictures could be made; the others were not spent. The studio's Hugging Face credit is used up."
    )
    assert Usage.objects.get(user=alice).used == 2
    assert sum(LedgerEntry.objects.values_list("amount", flat=True)) == 2


def test_a_local_link_is_moved_to_its_queue_and_made_there(alice: User, ask: Ask, run_by: Any) -> None:
    from tests import fakes

    run_by(fakes.Painter)
    FallbackLink.objects.all().delete()
    model = AIModel.objects.get(repo_id=SCHNELL)
    FallbackLink.objects.create(model=model, next=AIModel.objects.get(slug="builtin"), position=1)
    Providers.failing[(SCHNELL, "fal-ai")] = [broke()]

    generation = take(ask(alice, steps=2))
    assert (generation.status, generation.queue) == ("queued", "local")
    take(generation, queue="local")

    assert generation.status == "succeeded"
    assert generation.served_by["model"] == "builtin"
    assert [each["code"] for each in generation.notice] == ["fallback", "fallback_changed"]
    assert Providers.called == [(SCHNELL, "fal-ai")]


@pytest.mark.parametrize("content", [b"<html>", png(64, 64)[:60], png(1, 1)], ids=["html", "half", "one pixel"])
def test_rubbish_is_asked_for_once_more_and_then_elsewhere(content: bytes, alice: User, ask: Ask) -> None:
    Providers.failing[(SCHNELL, "fal-ai")] = [content, content]

    generation = take(ask(alice), turns=2)

    assert [(row[0], row[2], row[3]) for row in story(generation)] == [
        ("flux-1-schnell", "try_again", "bad_answer"),
        ("flux-1-schnell", "next_model", "bad_answer"),
        ("z-image-turbo", "ok", ""),
    ]


def test_a_black_picture_is_a_filters_answer(alice: User, ask: Ask) -> None:
    Providers.failing[(SCHNELL, "fal-ai")] = [png(64, 64, "black")]

    generation = take(ask(alice))

    assert (generation.status, generation.error["code"]) == ("failed", "prompt_refused")


def test_a_picture_that_could_not_be_stored_is_not_made_again(
    alice: User, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = ask(alice)
    with monkeypatch.context() as patch:
        patch.setattr(storage, "store", full)
        take(generation)
    assert generation.status == "queued"

    take(generation)

    assert generation.status == "succeeded"
    assert len(Providers.called) == 1


def full(**_: Any) -> None:
    raise storage.StorageFull


def test_a_job_that_was_left_at_the_provider_is_awaited_and_not_ordered_again(alice: User, ask: Ask) -> None:
    Providers.gives_tickets = True
    Providers.failing[(SCHNELL, "fal-ai")] = [busy(job_lost=False)]

    generation = take(ask(alice), turns=2)

    assert Providers.tickets == ["", "job-1"]
    assert generation.status == "succeeded"
    assert Output.objects.get().job is None


def test_a_job_that_is_lost_is_ordered_anew(alice: User, ask: Ask) -> None:
    Providers.gives_tickets = True
    Providers.failing[(SCHNELL, "fal-ai")] = [busy()]

    take(ask(alice), turns=2)

    assert Providers.tickets == ["", ""]


def test_the_job_of_another_account_is_not_awaited(alice: User, ask: Ask, settings: Any) -> None:
    Providers.gives_tickets = True
    Providers.failing[(SCHNELL, "fal-ai")] = [busy(job_lost=False)]
    generation = take(ask(alice))
    settings.HF_TOKEN = "hf_new"

    take(generation)

    assert Providers.tickets == ["", ""]


def test_the_servers_token_stops_at_its_number_and_says_so(alice: User, ask: Ask, settings: Any) -> None:
    first, second = ask(alice), ask(alice)
    settings.HF_DAILY_IMAGES = 1

    take(first), take(second)

    assert (first.status, second.status, second.error["code"]) == ("succeeded", "failed", "server_cap")
    assert ServerSpending.objects.get().images == 1
    assert Attempt.objects.get(outcome="ok").paid_by == "server"
    with pytest.raises(services.ModelUnavailable):
        ask(alice)


def test_what_was_surely_not_made_is_not_counted_against_the_server(alice: User, ask: Ask) -> None:
    Providers.failing[(SCHNELL, "fal-ai")] = [gone()]

    take(ask(alice, fallback=False))

    assert ServerSpending.objects.get().images == 0


def test_nobody_waits_for_a_model_that_has_no_token(alice: User, ask: Ask, settings: Any) -> None:
    generation = ask(alice)
    settings.HF_TOKEN = ""

    take(generation)

    assert (generation.status, generation.error["code"]) == ("failed", "no_token")
    assert huggingface.key_of(alice) is None


def test_breakers_that_may_pass_make_it_wait_and_not_fail(alice: User, ask: Ask) -> None:
    Providers.failing[(SCHNELL, "fal-ai")] = [busy(tries=9) for _ in range(5)]
    for _ in range(5):
        take(ask(alice, fallback=False))
        Generation.objects.update(not_before=None)
        Generation.objects.filter(finished_at=None).delete()
    generation = ask(alice, fallback=False)

    take(generation)

    assert (generation.status, Providers.failing[(SCHNELL, "fal-ai")]) == ("queued", [])
    assert len(Providers.called) == 5
    Breaker.objects.update(open_until=F("failed_at"))
    assert take(generation).status == "succeeded"
    assert not Breaker.objects.exists()


def test_a_curator_says_which_providers_and_in_which_order(alice: User, ask: Ask) -> None:
    AIModel.objects.filter(repo_id=SCHNELL).update(providers=["replicate", "fal-ai"])
    Providers.serving[SCHNELL] = ["together", "fal-ai", "replicate"]
    Providers.failing[(SCHNELL, "replicate")] = [gone()]

    take(ask(alice))

    assert Providers.called == [(SCHNELL, "replicate"), (SCHNELL, "fal-ai")]


def test_a_model_that_nobody_serves_is_passed_over(alice: User, ask: Ask) -> None:
    Providers.serving[SCHNELL] = []

    generation = take(ask(alice))

    assert story(generation)[0] == ("flux-1-schnell", "", "next_model", "not_served")
    assert generation.served_by["model"] == "z-image-turbo"


def test_the_end_of_a_job_ends_the_exchange_it_waits_in() -> None:
    from common import http

    job = timekeeper.Job(Generation().pk, 1)
    with http.exchange(seconds=60) as exchange, job.calling(exchange):
        job.end()
        with pytest.raises(http.Failed, match="ended"):
            http.fetch("GET", "http://127.0.0.1:1/", most=1)


def test_a_stop_is_a_stop_whatever_comes_after(alice: User, ask: Ask) -> None:
    Providers.failing[(SCHNELL, "fal-ai")] = [BackendError("prompt_refused", advice=Advice.STOP)]

    generation = take(ask(alice))

    assert (generation.status, generation.error["code"]) == ("failed", "prompt_refused")
    assert len(Providers.called) == 1


def test_the_notice_says_what_happened_and_not_what_to_do_about_it(alice: User, ask: Ask) -> None:
    Providers.failing[(SCHNELL, "fal-ai")] = [gone()]

    generation = take(ask(alice))

    assert queries.as_json(generation)["notice"] == (
        "Made by Z-Image Turbo instead of FLUX.1 schnell. This model is no longer offered there."
    )


def test_what_its_owner_cancels_is_given_up_at_the_provider(
    alice: User, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    Providers.gives_tickets = True
    generation = ask(alice)

    def cancelled() -> None:
        services.cancel(generation=generation)
        raise CallEnded

    monkeypatch.setattr(Providers, "meanwhile", staticmethod(cancelled))
    take(generation)

    assert Providers.abandoned == ["job-1"]
    assert (generation.status, Usage.objects.get(user=alice).used) == ("cancelled", 0)
    assert story(generation) == [("flux-1-schnell", "fal-ai", "stop", "call_ended")]


def test_what_only_lost_its_worker_is_not_given_up_at_the_provider(
    alice: User, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    Providers.gives_tickets = True
    generation = ask(alice)

    def stopped() -> None:
        raise CallEnded

    monkeypatch.setattr(Providers, "meanwhile", staticmethod(stopped))
    take(generation)

    assert Providers.abandoned == []
    assert generation.status == "queued"
    assert Output.objects.get().job["ticket"] == "job-1"


@pytest.mark.django_db(transaction=True)
def test_no_database_connection_is_held_while_a_provider_works(
    plans: None, alice: User, ask: Ask, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """Not even where the cache forgets, as one does that is too busy to answer."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    held: list[bool] = []
    monkeypatch.setattr(Providers, "meanwhile", staticmethod(lambda: held.append(connection.connection is not None)))

    generation = take(ask(alice))

    assert (generation.status, held) == ("succeeded", [False])
