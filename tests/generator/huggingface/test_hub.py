"""What the Hub says of a repository."""

import json
from typing import Any

import pytest

from common import http
from generator.backends.base import Advice, BackendError, CallEnded
from generator.backends.huggingface import hub
from generator.backends.huggingface.hub import Entry
from tests.generator.huggingface.asking import DEV, I2I, SCHNELL, SD3, T2I, refusal, within
from tests.hf_server import HFServer
from tests.hf_server.models import MODELS


def look_up(hf: HFServer, repo_id: str, *, key: str = "hf_good") -> Entry:
    return within(hf, lambda: hub.look_up(repo_id, key=key))


def test_a_repository_is_described(hf: HFServer) -> None:
    entry = look_up(hf, DEV)

    assert entry.repo_id == DEV
    assert entry.modes == (T2I,)
    assert entry.licence == "flux-1-dev-non-commercial-license"
    assert entry.licence_url == f"https://huggingface.co/{DEV}"
    assert entry.gated == "auto"
    assert entry.revision == MODELS[DEV].sha
    assert [(each.provider, each.remote_id, each.status) for each in entry.served] == [
        ("fal-ai", "fal-ai/flux/dev", "live"),
        ("replicate", "black-forest-labs/flux-dev", "live"),
        ("wavespeed", "wavespeed-ai/flux-dev", "live"),
    ]
    assert hf.faults == []


def test_one_that_is_open_to_all_is_not_gated(hf: HFServer) -> None:
    assert look_up(hf, SCHNELL).gated == ""


def test_both_tasks_of_a_model_are_its_modes(hf: HFServer) -> None:
    entries = {"fal-ai": {"providerId": "a/b", "task": I2I}, "replicate": {"providerId": "a/b", "task": T2I}}
    hf.model(DEV, providers=entries)

    assert look_up(hf, DEV).modes == (T2I, I2I)


def test_one_that_nobody_serves_says_so(hf: HFServer) -> None:
    assert look_up(hf, "CompVis/stable-diffusion-v1-4").served == []


def test_a_stranger_may_look_too(hf: HFServer) -> None:
    assert look_up(hf, SD3, key="").modes == (T2I,)
    assert hf.seen(kind="hub")[0].token == ""


@pytest.mark.parametrize("key", ["hf_good", ""])
@pytest.mark.parametrize("repo_id", ["runwayml/stable-diffusion-v1-5", "x", "a/b/c", "a/../b", "a/b?x=1", "a b/c", ""])
def test_what_does_not_exist_is_told(hf: HFServer, repo_id: str, key: str) -> None:
    failure = refusal(lambda: look_up(hf, repo_id, key=key))

    assert (failure.code, failure.advice) == ("no_repository", Advice.NEXT_MODEL)
    assert hf.faults == []


@pytest.mark.parametrize(("key", "code"), [("hf_expired", "token_expired"), ("hf_nobody", "token_refused")])
def test_a_token_that_the_hub_refuses_is_told(hf: HFServer, key: str, code: str) -> None:
    assert refusal(lambda: look_up(hf, DEV, key=key)).code == code


def test_what_is_no_token_is_not_sent(hf: HFServer) -> None:
    assert refusal(lambda: look_up(hf, DEV, key="sk-secret")).code == "token_refused"
    assert hf.calls == []


@pytest.mark.parametrize("row", ["reset", "drip_body", "huge_body", "garbage"])
def test_a_hub_that_does_not_answer_is_down(hf: HFServer, row: str) -> None:
    hf.script(row=row, kind="hub")

    failure = refusal(lambda: within(hf, lambda: hub.look_up(DEV, key="hf_good"), seconds=0.5))

    assert (failure.code, failure.advice) == ("hub_down", Advice.TRY_AGAIN)


def test_a_listed_mapping_is_read_as_well(hf: HFServer) -> None:
    listed = [{"provider": "fal-ai", "providerId": "a/b", "status": "live", "task": T2I}, {"provider": "x"}, 7]
    hf.script(status=200, kind="hub", body={"id": DEV, "inferenceProviderMapping": listed})

    assert [each.provider for each in look_up(hf, DEV).served] == ["fal-ai"]


@pytest.mark.parametrize(
    "remote_id",
    ["a/../b", "../b", "a?x=1", "a#b", "//evil.example/x", "a b", "a/b\n", "", ".", "a/./b", "a%2f..", 7, None],
)
def test_a_name_that_would_lead_astray_at_the_router_is_left_out(hf: HFServer, remote_id: Any) -> None:
    mapping = {
        "fal-ai": {"providerId": remote_id, "status": "live", "task": T2I},
        "replicate": {"providerId": "stability-ai/sdxl:77ab", "status": "live", "task": T2I},
    }
    hf.script(status=200, kind="hub", body={"id": DEV, "inferenceProviderMapping": mapping})

    assert [each.provider for each in look_up(hf, DEV).served] == ["replicate"]


@pytest.mark.parametrize(
    ("card", "tags", "licence", "url"),
    [
        ({"license": "mit"}, [], "mit", f"https://huggingface.co/{DEV}"),
        ({}, ["license:apache-2.0"], "apache-2.0", f"https://huggingface.co/{DEV}"),
        ({"license": "other", "license_name": "own", "license_link": "https://x.org/l"}, [], "own", "https://x.org/l"),
        ({"license": "mit", "license_link": "LICENSE.md"}, [], "mit", f"https://huggingface.co/{DEV}"),
        ({"license": "mit", "license_link": "javascript:alert(1)"}, [], "mit", f"https://huggingface.co/{DEV}"),
        ({"license": "mit", "license_link": "https://[x"}, [], "mit", f"https://huggingface.co/{DEV}"),
        ({"license": ["mit"], "license_link": 7}, [None, "license:x"], "x", f"https://huggingface.co/{DEV}"),
        (None, None, "", f"https://huggingface.co/{DEV}"),
    ],
)
def test_a_licence_is_named_and_linked(hf: HFServer, card: Any, tags: Any, licence: str, url: str) -> None:
    hf.script(status=200, kind="hub", body={"id": DEV, "cardData": card, "tags": tags})

    entry = look_up(hf, DEV)

    assert (entry.licence, entry.licence_url) == (licence, url)


@pytest.mark.parametrize("body", [None, 7, [], "x"], ids=json.dumps)
def test_an_answer_that_is_no_object_is_no_answer(hf: HFServer, body: Any) -> None:
    hf.script(status=200, kind="hub", body=body)

    assert refusal(lambda: look_up(hf, DEV)).code == "hub_down"


def test_a_call_that_is_ended_is_no_fault_of_the_hub(hf: HFServer) -> None:
    with http.exchange(seconds=5) as exchange:
        exchange.end()
        with pytest.raises(CallEnded):
            hub.look_up(DEV, key="hf_good")


def test_a_failure_of_the_hub_is_a_failure_of_the_backend() -> None:
    assert isinstance(hub.down(), BackendError)
