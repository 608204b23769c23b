"""Everything that a provider may answer instead of a picture, and what it leads to."""

from typing import Any

import pytest

from generator.backends.base import Advice, BackendError, Trouble
from generator.backends.huggingface import failures
from generator.sentences import SENTENCES
from tests.generator.huggingface.asking import SERVED, paint, refusal, routes
from tests.hf_server import HFServer
from tests.hf_server.rows import ROWS

AGAIN, NEXT, STOP = Advice.TRY_AGAIN, Advice.NEXT_MODEL, Advice.STOP
NONE, PASSING, RETIRED = Trouble.NONE, Trouble.TRANSIENT, Trouble.RETIRED
PICTURE = None
CRASHED = ("provider_failed", AGAIN, 3, 2, PASSING)
BUSY = ("busy", AGAIN, 8, 3, PASSING)
LIMITED = ("provider_busy", AGAIN, 10, 3, NONE)
NETWORK = ("network", AGAIN, 3, 2, PASSING)
SLOW = ("timed_out", AGAIN, 3, 1, PASSING)
RUBBISH = ("bad_answer", AGAIN, 2, 1, PASSING)
FORBIDDEN = ("bad_answer", NEXT, 0, 0, PASSING)
GONE = ("model_gone", NEXT, 0, 0, RETIRED)
FILTERED = ("prompt_refused", STOP, 0, 0, NONE)
BROKE = ("no_credits", NEXT, 0, 0, Trouble.CREDITS)
NOT_THERE = ("provider_failed", AGAIN, 5, 2, PASSING)

EXPECTED: dict[str, Any] = {
    "not_supported_400": GONE,
    "size_400": ("bad_setting", STOP, 0, 0, NONE),
    "no_token_401": ("token_refused", STOP, 0, 0, NONE),
    "bad_token_401": ("token_refused", STOP, 0, 0, NONE),
    "expired_401": ("token_expired", STOP, 0, 0, NONE),
    "depleted_402": BROKE,
    "exceeded_402": BROKE,
    "no_credits_402": BROKE,
    "payg_402": ("provider_unpaid", NEXT, 0, 0, Trouble.UNFUNDED),
    "no_permission_403": ("token_scope", STOP, 0, 0, NONE),
    "no_permission_org_403": ("token_scope", STOP, 0, 0, NONE),
    "gated_403": ("gated", NEXT, 0, 0, Trouble.GATED),
    "locked_403": ("provider_unpaid", NEXT, 0, 0, PASSING),
    "waf_403": ("provider_failed", AGAIN, 10, 1, PASSING),
    "not_found_404": GONE,
    "no_model_404": GONE,
    "cannot_post_404": GONE,
    "gone_410": GONE,
    "old_host_410": ("wrong_host", STOP, 0, 0, NONE),
    "too_large_413": ("source_too_big", STOP, 0, 0, NONE),
    "nginx_413": ("source_too_big", STOP, 0, 0, NONE),
    "validation_422_hf": ("bad_setting", NEXT, 0, 0, NONE),
    "validation_422_fal": ("bad_setting", NEXT, 0, 0, NONE),
    "validation_422_replicate": ("bad_setting", NEXT, 0, 0, NONE),
    "content_policy_422": FILTERED,
    "nsfw_422": FILTERED,
    "throttled_429_ratelimit": ("provider_busy", AGAIN, 55, 3, NONE),
    "throttled_429_retry_after": ("provider_busy", AGAIN, 7, 3, NONE),
    "throttled_429_retry_after_date": ("provider_busy", AGAIN, pytest.approx(30, abs=15), 3, NONE),
    "throttled_429_reset_header": ("provider_busy", AGAIN, 21, 3, NONE),
    "throttled_429_plain_reset_header": ("provider_busy", AGAIN, 22, 3, NONE),
    "throttled_429_text": ("provider_busy", AGAIN, 30, 3, NONE),
    "throttled_429_bare": LIMITED,
    "throttled_429_model": LIMITED,
    "throttled_429_concurrency": LIMITED,
    "crash_500": CRASHED,
    "crash_text_500": CRASHED,
    "oom_500": ("provider_memory", NEXT, 0, 0, NONE),
    "nginx_502": BUSY,
    "unavailable_503": BUSY,
    "busy_503": BUSY,
    "scheduling_503": BUSY,
    "loading_503": ("loading", AGAIN, 20, 3, NONE),
    "slow_loading_503": ("loading", AGAIN, 120, 3, NONE),
    "html_504": SLOW,
    "fal_504": SLOW,
    "html_200": RUBBISH,
    "json_error_200": RUBBISH,
    "half_json_200": RUBBISH,
    "empty_200": RUBBISH,
    "empty_images_200": RUBBISH,
    "nsfw_flag_200": FILTERED,
    "private_url_200": FORBIDDEN,
    "local_url_200": FORBIDDEN,
    # the runner, which decodes every picture, finds these out
    "black_200": PICTURE,
    "truncated_jpeg_200": PICTURE,
    "one_pixel_200": PICTURE,
    "png_bomb_200": PICTURE,
    "other_format_200": PICTURE,
    "not_ready_202": PICTURE,
    "delay": PICTURE,
    "fail_job": CRASHED,
    "nsfw_job": FILTERED,
    "cancel_job": CRASHED,
    "stuck_job": SLOW,
    "odd_job": SLOW,
    "lost_job": ("provider_failed", AGAIN, 3, 1, PASSING),
    "reset": NETWORK,
    "close_before_answer": NETWORK,
    "close_inside_answer": NETWORK,
    "garbage": NETWORK,
    "drip_headers": SLOW,
    "drip_body": SLOW,
    "silence": SLOW,
    "huge_body": RUBBISH,
    "picture_404": NOT_THERE,
    "picture_403_xml": NOT_THERE,
    "picture_500": NOT_THERE,
    "picture_redirect_private": FORBIDDEN,
    "picture_redirect_lan": FORBIDDEN,
    "picture_redirect_file": FORBIDDEN,
    "picture_redirect_loop": RUBBISH,
    "picture_redirect_home": PICTURE,
    "endless_body": RUBBISH,
}
HUB_DOWN = ("hub_down", AGAIN, 30, 2, PASSING)
OF_THE_HUB = {"hub_500": HUB_DOWN, "hub_throttled_429": ("hub_down", AGAIN, 55, 2, PASSING), "hub_html_200": HUB_DOWN}
ENDLESS = {"stuck_job", "odd_job", "drip_headers", "drip_body", "silence"}
OF_JOBS = {"empty_images_200", "nsfw_flag_200", "private_url_200", "local_url_200", "other_format_200"}


def provider_for(name: str) -> str:
    """Who says this, or who has links and jobs; otherwise the one that answers with the picture itself."""
    row = ROWS[name]
    linked = row.kind == "picture" or name.endswith("_job") or name in OF_JOBS
    return row.speaker or ("fal-ai" if linked else "hf-inference")


def shape(failure: BackendError) -> tuple[Any, ...]:
    return failure.code, failure.advice, failure.wait, failure.tries, failure.trouble


def test_every_row_of_the_emulator_is_expected_here() -> None:
    ours = {name for name, row in ROWS.items() if row.kind in {"create", "poll", "result", "picture"}}

    assert set(EXPECTED) == ours
    assert set(OF_THE_HUB) == {name for name, row in ROWS.items() if row.kind == "hub"}


@pytest.mark.parametrize("name", [name for name, expected in EXPECTED.items() if expected])
def test_a_failure_leads_to(hf: HFServer, name: str) -> None:
    provider = provider_for(name)
    hf.script("" if ROWS[name].kind == "picture" else provider, name)

    failure = refusal(lambda: paint(hf, provider, seconds=0.4 if name in ENDLESS else 20))

    assert shape(failure) == EXPECTED[name]
    assert SENTENCES[failure.code].format(**failure.facts)
    assert hf.faults == []


@pytest.mark.parametrize("name", [name for name, expected in EXPECTED.items() if expected is PICTURE])
def test_what_only_looks_wrong_is_a_picture(hf: HFServer, name: str) -> None:
    hf.script(provider_for(name), name, times=1, seconds=0.1)

    assert paint(hf, provider_for(name)).picture.black_is_refusal


@pytest.mark.parametrize("name", OF_THE_HUB)
def test_a_failure_of_the_hub_leads_to(hf: HFServer, name: str) -> None:
    hf.script(row=name)

    failure = refusal(lambda: routes(hf))

    assert shape(failure) == OF_THE_HUB[name]
    assert SENTENCES[failure.code]


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("size_400", "size"),
        ("validation_422_hf", "steps"),
        ("validation_422_fal", "steps"),
        ("validation_422_replicate", "steps"),
    ],
)
def test_the_setting_that_a_provider_complains_about_is_named(hf: HFServer, name: str, setting: str) -> None:
    hf.script(provider_for(name), name)

    assert refusal(lambda: paint(hf, provider_for(name))).facts == {"setting": setting}


@pytest.mark.parametrize("token", ["hf_expired", "hf_noscope", "hf_nocredit", "hf_nogate", "hf_unknown"])
def test_a_token_that_may_not_is_told_apart(hf: HFServer, token: str) -> None:
    route = next(route for route in routes(hf, SERVED["hf-inference"]))

    failure = refusal(lambda: paint(hf, "hf-inference", key=token, route=route))

    assert (
        failure.code
        == {
            "hf_expired": "token_expired",
            "hf_noscope": "token_scope",
            "hf_nocredit": "no_credits",
            "hf_nogate": "gated",
            "hf_unknown": "token_refused",
        }[token]
    )


def test_every_code_of_the_table_has_its_sentence() -> None:
    rows = (*failures.ROWS, *failures.SILENCES.values())

    assert {row.code for row in rows} <= set(SENTENCES)
