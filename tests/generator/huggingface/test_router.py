"""The token goes to Hugging Face and nowhere else."""

import contextlib
import logging
import traceback
from typing import Any

import pytest

from generator.backends.base import Advice, BackendError
from generator.backends.huggingface import router
from tests.generator.huggingface.asking import I2I, KONTEXT, SCHNELL, SERVED, paint, png, refusal, route_of, within
from tests.hf_server import HFServer


def bills(hf: HFServer) -> list[str]:
    return [call.headers.get("x-hf-bill-to", "") for call in hf.calls]


@pytest.mark.parametrize("provider", SERVED)
def test_the_token_is_shown_to_the_hub_and_the_router_only(hf: HFServer, provider: str) -> None:
    paint(hf, provider)

    assert {call.token for call in hf.calls if call.kind != "picture"} == {"good"}
    assert {call.token for call in hf.seen(kind="picture")} <= {""}
    assert hf.faults == []


@pytest.mark.parametrize("key", ["", "dummy", "sk-secret", "Bearer hf_good", " hf_good", "r8_secret"])
def test_what_is_no_token_of_hugging_face_is_sent_nowhere(hf: HFServer, key: str) -> None:
    route = route_of(hf, "fal-ai", SCHNELL)
    before = len(hf.calls)

    failure = refusal(lambda: paint(hf, "fal-ai", key=key, route=route))

    assert (failure.code, failure.advice) == ("token_refused", Advice.STOP)
    assert len(hf.calls) == before


@pytest.mark.parametrize("key", ["hf_good\r\nX-Evil: 1", "hf_gööd", "hf_good\n"])
def test_a_token_that_is_no_header_is_sent_nowhere(hf: HFServer, key: str) -> None:
    failure = refusal(lambda: within(hf, lambda: router.ask("POST", "/fal-ai/x/y", key=key, body={})))

    assert failure.code == "token_refused"
    assert hf.calls == []


def test_the_servers_token_bills_whom_the_operator_names(hf: HFServer, settings: Any) -> None:
    settings.HF_BILL_TO = "studio"

    paint(hf, "fal-ai", key="hf_good")

    assert {call.headers.get("x-hf-bill-to") for call in hf.calls if call.kind in {"create", "poll", "result"}} == {
        "studio"
    }
    assert all("x-hf-bill-to" not in call.headers for call in hf.seen(kind="picture"))


def test_a_persons_own_token_bills_nobody_else(hf: HFServer, settings: Any) -> None:
    settings.HF_BILL_TO = "studio"
    route = route_of(hf, "fal-ai", SCHNELL)

    paint(hf, "fal-ai", key="hf_other", route=route)

    assert set(bills(hf)) == {""}


def test_our_calls_say_who_we_are(hf: HFServer) -> None:
    paint(hf, "fal-ai")

    assert {call.headers["user-agent"] for call in hf.calls} == {router.AGENT}


def test_nothing_is_held_that_we_would_have_to_wait_for(hf: HFServer) -> None:
    paint(hf, "replicate")

    assert "prefer" not in hf.seen(kind="create")[0].headers


@pytest.mark.parametrize("row", ["", "crash_500", "bad_token_401", "reset", "validation_422_replicate"])
def test_neither_token_nor_words_nor_picture_reach_the_log(
    hf: HFServer, caplog: pytest.LogCaptureFixture, row: str
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "urllib3")
    if row:
        hf.script("replicate", row)

    with contextlib.suppress(BackendError):
        paint(hf, "replicate", KONTEXT, mode=I2I, source=png(), prompt="a very private wish")

    assert "urllib3" in caplog.text
    assert not any(secret in caplog.text for secret in ("hf_good", "private wish", "/9j/", "Bearer"))


@pytest.mark.parametrize("row", ["crash_500", "bad_token_401", "reset", "validation_422_replicate"])
def test_the_token_is_in_no_failure(hf: HFServer, row: str) -> None:
    hf.script("replicate", row)

    failure = refusal(lambda: paint(hf, "replicate"))

    told = "".join(traceback.format_exception(failure, chain=True)) + repr(vars(failure))
    assert "good" not in told


def test_a_failure_is_logged_with_what_hugging_faces_support_asks_for(
    hf: HFServer, caplog: pytest.LogCaptureFixture
) -> None:
    hf.script("fal-ai", "crash_500", headers={"x-request-id": "Root=1-abc\x07"})

    refusal(lambda: paint(hf, "fal-ai"))

    assert "fal-ai answered 500; request Root=1-abc" in caplog.text
