"""Who serves a model now, without asking the Hub each time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from generator.backends.base import Advice
from generator.backends.huggingface import mapping
from tests.generator.huggingface.asking import DEV, I2I, SCHNELL, SD3, SERVED, T2I, paint, refusal, routes
from tests.hf_server import HFServer


@pytest.fixture
def cache_of_ours(settings: Any) -> None:
    """A cache whose time is this process's: Redis keeps its own, and does not travel."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


def asked(hf: HFServer) -> int:
    return len(hf.seen(kind="hub"))


def providers(hf: HFServer, **asks: Any) -> list[str]:
    return [route.provider for route in routes(hf, **asks)]


def test_those_that_serve_a_model_are_its_routes_in_the_hubs_order(hf: HFServer) -> None:
    found = [(route.provider, route.remote_id) for route in routes(hf)]

    assert found == [
        ("fal-ai", "fal-ai/flux/schnell"),
        ("replicate", "black-forest-labs/flux-schnell"),
        ("nscale", "black-forest-labs/FLUX.1-schnell"),
        ("wavespeed", "wavespeed-ai/flux-schnell"),
    ]


def test_the_hub_is_asked_with_the_token_whose_owner_has_an_order_of_their_own(hf: HFServer) -> None:
    routes(hf, key="hf_good")
    routes(hf, key="hf_other")

    assert [call.token for call in hf.seen(kind="hub")] == ["good", "ther"]


@pytest.mark.usefixtures("cache_of_ours")
def test_what_the_hub_said_is_remembered_for_minutes(hf: HFServer) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        routes(hf)
        clock.shift(timedelta(seconds=299))
        routes(hf)
        assert asked(hf) == 1

        clock.shift(timedelta(seconds=2))
        routes(hf)

    assert asked(hf) == 2


def test_many_who_want_to_know_at_once_ask_once(hf: HFServer) -> None:
    hf.script(row="delay", kind="hub", seconds=0.3)

    with ThreadPoolExecutor(20) as threads:
        found = list(threads.map(lambda _: providers(hf), range(20)))

    assert len({tuple(each) for each in found}) == 1
    assert asked(hf) == 1


@pytest.mark.parametrize("row", ["hub_500", "hub_throttled_429", "hub_html_200", "reset"])
@pytest.mark.usefixtures("cache_of_ours")
def test_the_last_good_answer_holds_while_the_hub_fails(hf: HFServer, row: str) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        before = providers(hf)
        clock.shift(timedelta(hours=1))
        hf.script(row=row, kind="hub")

        assert providers(hf) == before
        assert providers(hf) == before

    assert asked(hf) == 2


def test_a_hub_that_failed_a_moment_ago_is_left_alone(hf: HFServer) -> None:
    hf.script(row="hub_500", kind="hub")

    codes = [refusal(lambda name=name: routes(hf, name)).code for name in (SCHNELL, DEV)]

    assert codes == ["hub_down", "hub_down"]
    assert asked(hf) == 1


@pytest.mark.usefixtures("cache_of_ours")
def test_a_repository_that_is_gone_is_not_served_from_memory(hf: HFServer) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        routes(hf)
        hf.delete_model(SCHNELL)
        clock.shift(timedelta(minutes=6))

        failure = refusal(lambda: routes(hf))

    assert (failure.code, failure.advice) == ("no_repository", Advice.NEXT_MODEL)


@pytest.mark.parametrize("row", ["gone_410", "not_supported_400", "not_found_404"])
def test_a_pair_that_turns_out_stale_is_looked_up_again(hf: HFServer, row: str) -> None:
    assert providers(hf)[0] == "fal-ai"
    hf.model(SCHNELL, providers={"replicate": {"providerId": "black-forest-labs/flux-schnell"}})
    hf.script("fal-ai", row)

    failure = refusal(lambda: paint(hf, "fal-ai"))

    assert failure.code == "model_gone"
    assert providers(hf) == ["replicate"]


def test_a_stale_pair_that_many_run_into_is_looked_up_once(hf: HFServer) -> None:
    routes(hf)
    for _ in range(5):
        mapping.forget(SCHNELL)
        routes(hf)

    assert asked(hf) == 2


def test_other_failures_forget_nothing(hf: HFServer) -> None:
    hf.script("fal-ai", "crash_500")

    refusal(lambda: paint(hf, "fal-ai"))
    routes(hf)

    assert asked(hf) == 1


def test_those_whose_last_test_failed_come_last(hf: HFServer) -> None:
    entries = {
        "fal-ai": {"providerId": "a/b", "status": "error"},
        "replicate": {"providerId": "a/b", "status": "staging"},
        "wavespeed": {"providerId": "a/b", "status": "live"},
    }
    hf.model(SCHNELL, providers=entries)

    assert providers(hf) == ["wavespeed", "fal-ai", "replicate"]


def test_only_those_that_are_spoken_here_are_routes(hf: HFServer) -> None:
    entries = {"nebius": {"providerId": "a/b"}, "groq": {"providerId": "a/b"}, "nscale": {"providerId": "a/b"}}
    hf.model(SCHNELL, providers=entries)

    assert providers(hf) == ["nscale"]


def test_weights_that_are_loaded_onto_another_model_are_no_route(hf: HFServer) -> None:
    served = {"status": "live", "providerId": "fal-ai/flux-lora", "task": T2I}
    adapter = {**served, "adapter": "lora", "adapterWeightsPath": "x.safetensors"}
    hf.script(status=200, kind="hub", body={"id": SCHNELL, "inferenceProviderMapping": {"fal-ai": adapter}})

    assert refusal(lambda: routes(hf)).code == "not_served"


def test_a_task_is_served_by_those_that_have_it(hf: HFServer) -> None:
    entries = {"fal-ai": {"providerId": "a/b", "task": I2I}, "nscale": {"providerId": "a/b", "task": I2I}}
    hf.model(SCHNELL, providers=entries)

    assert providers(hf, mode=I2I) == ["fal-ai"]
    assert refusal(lambda: routes(hf, mode=T2I)).code == "not_served"


def test_hugging_faces_own_knows_a_model_by_its_name_on_the_hub(hf: HFServer) -> None:
    hf.model(SD3, providers={"hf-inference": {"providerId": "something-else"}})

    assert routes(hf, SERVED["hf-inference"])[0].remote_id == SD3


def test_a_model_that_nobody_serves_is_told(hf: HFServer) -> None:
    failure = refusal(lambda: routes(hf, "CompVis/stable-diffusion-v1-4"))

    assert (failure.code, failure.advice) == ("not_served", Advice.NEXT_MODEL)


def test_a_hub_that_is_silent_costs_seconds_and_not_the_whole_call(hf: HFServer, monkeypatch: Any) -> None:
    monkeypatch.setattr(mapping, "LOOK_UP_SECONDS", 0.3)
    hf.script(row="silence", kind="hub")

    assert refusal(lambda: routes(hf)).code == "hub_down"
