"""What may not be lost on the way down a chain: the reason, the next model, a paid job, the last try, money."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import HuggingFaceToken, ServerSpending, User
from accounts.services import huggingface
from generator import queries, services
from generator.backends.base import Advice, BackendError, CallEnded
from generator.models import AIModel, Breaker, FallbackLink, Generation
from generator.params import Params
from tests import fakes
from tests.generator.chains import SCHNELL, TURBO, Ask, story, take
from tests.generator.chains import ask as ask
from tests.generator.chains import providers as providers
from tests.generator.providers import Providers, broke, busy, gone
from tests.hf import hf as hf
from tests.hf_server import HFServer

FAL = (SCHNELL, "fal-ai")
SERVERS = huggingface.account_of("hf_server")


def only_the_built_in_after_schnell() -> None:
    FallbackLink.objects.all().delete()
    model, built_in = AIModel.objects.get(repo_id=SCHNELL), AIModel.objects.get(slug="builtin")
    FallbackLink.objects.create(model=model, next=built_in, position=1)


def breaker(code: str, *, minutes: float, **about: Any) -> Breaker:
    now = timezone.now()
    return Breaker.objects.create(
        code=code, failures=9, failed_at=now, open_until=now + timedelta(minutes=minutes), **about
    )


def ended() -> None:
    raise CallEnded


def seconds_to_wait(generation: Generation) -> float:
    assert generation.not_before is not None
    return (generation.not_before - timezone.now()).total_seconds()


def test_a_picture_made_in_another_queue_says_why_although_nothing_was_called(
    alice: User, ask: Ask, run_by: Any
) -> None:
    run_by(fakes.Painter)
    only_the_built_in_after_schnell()
    Providers.failing[FAL] = [broke()]
    take(ask(alice, fallback=False))

    generation = take(take(ask(alice)), queue="local")

    assert (generation.status, generation.error) == ("succeeded", None)
    assert generation.notice[0]["arguments"]["reason"]["code"] == "no_credits"
    assert story(generation)[0] == ("flux-1-schnell", "", "next_model", "no_credits")
    assert Providers.called == [FAL]


def test_the_last_claim_tries_the_next_model_and_not_the_same_again(alice: User, ask: Ask) -> None:
    Providers.serving[SCHNELL] = ["fal-ai", "replicate"]
    Providers.failing[FAL] = [busy(tries=3) for _ in range(4)]
    Providers.failing[(SCHNELL, "replicate")] = [busy(tries=3) for _ in range(4)]

    generation = take(ask(alice), turns=6)

    assert generation.status == "succeeded", story(generation)
    assert generation.served_by["model"] == "z-image-turbo"


def test_no_money_is_told_at_once_however_often_it_was_said(alice: User, ask: Ask) -> None:
    breaker("no_credits", minutes=300, account=SERVERS)

    generation = take(ask(alice))

    assert (generation.status, (generation.error or {}).get("code")) == ("failed", "no_credits")


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (broke(), "The studio's Hugging Face credit is used up. Enter your own token on your account page,"),
        (BackendError("token_expired", advice=Advice.STOP), "Hugging Face does not accept the studio's token."),
        (BackendError("gated", advice=Advice.NEXT_MODEL), "The studio's token has not accepted the licence"),
    ],
    ids=["money", "token", "licence"],
)
def test_who_does_not_own_the_token_hears_what_they_can_do(
    failure: BackendError, sentence: str, alice: User, ask: Ask
) -> None:
    Providers.failing[FAL] = [failure]

    generation = take(ask(alice, fallback=False))

    error = queries.as_json(generation)["error"]
    assert (error["code"], error["detail"][: len(sentence)]) == (failure.code, sentence)


def test_a_closed_model_is_waited_for_until_it_opens_again(alice: User, ask: Ask) -> None:
    breaker("busy", minutes=2.5, repo_id=SCHNELL, provider="fal-ai")

    generation = take(ask(alice, fallback=False))

    assert generation.status == "queued"
    assert 145 <= seconds_to_wait(generation) <= 170


def test_a_closed_model_is_waited_for_where_the_others_of_the_chain_are_gone(alice: User, ask: Ask) -> None:
    breaker("busy", minutes=2, repo_id=SCHNELL, provider="fal-ai")
    AIModel.objects.filter(repo_id=SCHNELL).get().links.exclude(next__repo_id=TURBO).delete()
    Providers.failing[(TURBO, "fal-ai")] = [gone()]

    generation = take(ask(alice))
    assert generation.status == "queued"
    Breaker.objects.filter(repo_id=SCHNELL).delete()

    assert take(generation).served_by["model"] == "flux-1-schnell"


def test_who_asks_for_a_minute_gets_it_where_nobody_else_can(alice: User, ask: Ask) -> None:
    Providers.failing[FAL] = [busy(wait=60)]
    AIModel.objects.filter(repo_id=SCHNELL).get().links.exclude(next__repo_id=TURBO).delete()
    Providers.failing[(TURBO, "fal-ai")] = [gone()]

    generation = take(ask(alice))
    assert generation.status == "queued"
    assert seconds_to_wait(generation) >= 55

    assert take(generation).served_by["model"] == "flux-1-schnell"


def test_a_probe_that_told_nothing_of_the_provider_lets_the_next_one_probe(alice: User, ask: Ask) -> None:
    row = breaker("busy", minutes=-1, repo_id=SCHNELL, provider="fal-ai")
    Providers.failing[FAL] = [BackendError("prompt_refused", advice=Advice.STOP)]

    take(ask(alice, fallback=False))

    assert not Breaker.objects.filter(pk=row.pk, probe_until__isnull=False).exists()


def test_a_probe_that_nobody_wants_any_more_lets_the_next_one_probe(
    alice: User, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = breaker("busy", minutes=-1, repo_id=SCHNELL, provider="fal-ai")
    monkeypatch.setattr(Providers, "meanwhile", staticmethod(ended))

    take(ask(alice, fallback=False))

    assert not Breaker.objects.filter(pk=row.pk, probe_until__isnull=False).exists()


def test_a_probe_that_the_days_money_forbids_is_none(alice: User, ask: Ask, settings: Any) -> None:
    row = breaker("busy", minutes=-1, repo_id=SCHNELL, provider="fal-ai")
    generation = ask(alice, fallback=False)
    settings.HF_DAILY_IMAGES = 0

    take(generation)

    assert generation.error["code"] == "server_cap"
    assert not Breaker.objects.filter(pk=row.pk, probe_until__isnull=False).exists()


def test_a_job_that_is_paid_is_awaited_whatever_is_closed_meanwhile(alice: User, ask: Ask) -> None:
    Providers.gives_tickets = True
    Providers.failing[FAL] = [busy(job_lost=False)]
    generation = take(ask(alice))
    breaker("busy", minutes=3, repo_id=TURBO, provider="fal-ai")
    Breaker.objects.filter(repo_id=SCHNELL).delete()
    breaker("busy", minutes=3, repo_id=SCHNELL, provider="fal-ai")
    breaker("no_credits", minutes=300, account=SERVERS)

    take(generation)

    assert (generation.status, Providers.tickets) == ("succeeded", ["", "job-1"])
    assert Breaker.objects.filter(code="no_credits").exists()


def test_a_long_wait_for_a_paid_job_is_better_than_paying_another(alice: User, ask: Ask) -> None:
    Providers.gives_tickets = True
    Providers.failing[FAL] = [busy(wait=60, job_lost=False)]

    generation = take(ask(alice), turns=2)

    assert Providers.tickets == ["", "job-1"]
    assert generation.served_by["model"] == "flux-1-schnell"


def test_an_older_call_that_works_does_not_bring_back_the_money(
    alice: User, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaker("busy", minutes=-1, repo_id=SCHNELL, provider="fal-ai")
    generation = ask(alice, fallback=False)
    monkeypatch.setattr(
        Providers, "meanwhile", staticmethod(lambda: breaker("no_credits", minutes=300, account=SERVERS))
    )

    take(generation)

    assert generation.status == "succeeded"
    assert [each.code for each in Breaker.objects.all()] == ["no_credits"]


def test_a_wait_that_ends_after_the_deadline_is_not_begun(alice: User, ask: Ask) -> None:
    Providers.failing[FAL] = [busy(wait=3600, tries=3)]

    generation = take(ask(alice, fallback=False))

    assert (generation.status, (generation.error or {}).get("code")) == ("failed", "busy")


def test_a_token_that_nobody_can_read_does_not_forbid_what_needs_none(alice: User, ask: Ask, run_by: Any) -> None:
    run_by(fakes.Painter)
    HuggingFaceToken.objects.create(user=alice, secret=b"rubbish", account="a" * 24, last_four="good")
    alice.refresh_from_db()

    local = take(ask(alice, model="builtin", steps=5), queue="local")
    assert (local.status, local.error) == ("succeeded", None)

    remote = take(ask(alice, fallback=False))
    assert (remote.status, remote.error["code"]) == ("failed", "token_unreadable")
    assert Providers.called == []


def test_a_failure_that_may_pass_shortens_nothing(alice: User, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Providers,
        "meanwhile",
        staticmethod(lambda: breaker("model_gone", minutes=24 * 60, repo_id=SCHNELL, provider="fal-ai")),
    )
    Providers.failing[FAL] = [busy()]

    take(ask(alice, fallback=False))

    row = Breaker.objects.get()
    assert row.code == "model_gone"
    assert row.open_until is not None
    assert row.open_until - row.failed_at > timedelta(hours=23)


def test_a_router_that_nobody_reaches_costs_the_server_nothing(
    alice: User, hf: HFServer, shipped: None, settings: Any
) -> None:
    settings.HF_ROUTER_URL = "http://127.0.0.1:9"
    wish = Params(prompt="a red mug", model="flux-1-schnell", width=64, height=64, fallback=False)

    generation = take(services.submit(user=alice, params=wish))

    assert [row[3] for row in story(generation)] == ["network"]
    assert ServerSpending.objects.get().images == 0


def test_a_picture_that_broke_off_on_its_way_may_be_paid(alice: User, ask: Ask) -> None:
    Providers.failing[FAL] = [BackendError("network", advice=Advice.TRY_AGAIN)]

    take(ask(alice))

    assert ServerSpending.objects.get().images == 1


def test_a_paid_job_of_another_model_comes_before_the_asked_model(alice: User, ask: Ask) -> None:
    breaker("busy", minutes=3, repo_id=SCHNELL, provider="fal-ai")
    Providers.gives_tickets = True
    Providers.failing[(TURBO, "fal-ai")] = [busy(job_lost=False)]
    generation = take(ask(alice))
    Breaker.objects.all().delete()

    take(generation)

    assert (Providers.called, Providers.tickets) == ([(TURBO, "fal-ai")] * 2, ["", "job-1"])
    assert generation.served_by["model"] == "z-image-turbo"


def test_a_job_that_takes_too_long_is_given_up_before_another_is_paid(alice: User, ask: Ask) -> None:
    Providers.gives_tickets = True
    Providers.failing[FAL] = [busy(tries=0, job_lost=False)]

    generation = take(ask(alice))

    assert generation.served_by["model"] == "z-image-turbo"
    assert Providers.abandoned == ["job-1"]


def test_a_job_that_comes_after_the_deadline_is_given_up_and_told(
    alice: User, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    Providers.gives_tickets = True

    def too_late() -> None:
        Generation.objects.update(deadline=timezone.now() - timedelta(seconds=1))
        raise CallEnded

    monkeypatch.setattr(Providers, "meanwhile", staticmethod(too_late))

    generation = take(ask(alice))

    assert (generation.status, (generation.error or {}).get("code")) == ("failed", "too_slow")
    assert Providers.abandoned == ["job-1"]
    assert story(generation) == [("flux-1-schnell", "fal-ai", "stop", "call_ended")]
