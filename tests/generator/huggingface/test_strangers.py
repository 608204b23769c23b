"""Whatever a stranger answers, it is a picture or a `BackendError`."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common import http
from generator.backends.base import BackendError
from generator.backends.huggingface import answers, failures, hub, queued
from generator.sentences import SENTENCES
from tests.generator.huggingface.asking import SERVED, paint, refusal, route_of
from tests.hf_server import HFServer

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ABOUT_JOBS = ("status", "output", "id", "data", "outputs", "images", "url", "urls", "task_status", "image_result")
ABOUT_FAULTS = ("error", "detail", "loc", "msg", "message", "invalid_fields", "field", "type", "estimated_time")
OTHERS = ("has_nsfw_concepts", "has_nsfw_contents", "response_url", "b64_json", "provider", "providerId", "task")
NAMES = st.sampled_from(ABOUT_JOBS + ABOUT_FAULTS + OTHERS)
STATES = st.sampled_from(["COMPLETED", "succeeded", "failed", "aborted", "completed", "SUCCESS", "FAIL", "processing"])
ANYTHING = st.recursive(
    SCALARS | STATES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=5),
    max_leaves=12,
)
BODIES = ANYTHING.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60)
HEADERS = st.dictionaries(
    st.sampled_from(
        ["date", "ratelimit", "retry-after", "x-ratelimit-reset", "ratelimit-reset", "x-error-code", "x-fal-error-type"]
    ),
    st.text(max_size=30) | st.sampled_from(['"api";r=0;t=5', "nan", "-1", "1e400", "Wed, 99 Foo 2026"]),
)
FAMILIES = [queued.FAL, queued.REPLICATE, queued.WAVESPEED, queued.ZAI]
ODD = [
    None,
    True,
    7,
    "text",
    [],
    [[]],
    {},
    {"data": None},
    {"data": [None]},
    {"data": {"id": {}}},
    {"data": [{"b64_json": 7}]},
    {"data": [{"b64_json": "%%%"}]},
    {"data": [{"b64_json": "bm8gcGljdHVyZQ=="}]},
    {"id": ["x"], "output": {}},
    {"id": "../../x", "output": [7]},
    {"response_url": ["x"], "images": {"url": 1}},
]

MEANT_TO_BREAK_READERS = ("[" * 100_000, '{"a":' * 50_000, "9" * 50_000, '{"id": NaN, "response_url": "\\ud83d"}')


@settings(deadline=None)
@given(status=st.integers(100, 599), body=BODIES, headers=HEADERS)
def test_every_refusal_is_classified(status: int, body: bytes, headers: dict[str, str]) -> None:
    failure = failures.of_answer(http.Answer(status, headers, body))

    assert 0 <= failure.wait <= failures.WAIT_MAX
    assert SENTENCES[failure.code].format(**failure.facts)
    assert all(isinstance(fact, str | int | float) for fact in failure.facts.values())


@settings(deadline=None)
@given(said=ANYTHING)
def test_every_answer_about_a_job_is_read(said: Any) -> None:
    for queue in FAMILIES:
        assert isinstance(queue.ticket(said), str)
        assert isinstance(queue.is_over(said), bool)
        with contextlib.suppress(BackendError):
            assert isinstance(queue.link(said), str)


@settings(deadline=None)
@given(said=ANYTHING)
def test_every_mapping_is_read(said: Any) -> None:
    for served in hub._served({"inferenceProviderMapping": said}):
        assert served.provider
        assert served.remote_id


@settings(deadline=None)
@given(found=ANYTHING, path=st.lists(NAMES | st.integers(-3, 3), max_size=4))
def test_every_path_through_json_ends_somewhere(found: Any, path: list[str | int]) -> None:
    assert isinstance(answers.text_at(found, *path), str)


@pytest.mark.parametrize("provider", SERVED)
def test_json_of_any_shape_is_a_bad_answer(hf: HFServer, provider: str) -> None:
    route = route_of(hf, provider, SERVED[provider])

    for body in (*ODD, *MEANT_TO_BREAK_READERS):
        hf.unscript()
        hf.script(provider, status=200, kind="create", body=body)
        assert refusal(lambda: paint(hf, provider, route=route)).code == "bad_answer", str(body)[:60]


@pytest.mark.parametrize("provider", ["fal-ai", "replicate", "wavespeed", "zai-org"])
@pytest.mark.parametrize("body", [None, 7, [], "text", [{"status": "COMPLETED"}]], ids=json.dumps)
def test_odd_json_about_a_job_keeps_the_job(hf: HFServer, provider: str, body: Any) -> None:
    hf.script(provider, status=200, kind="poll", body=body)

    failure = refusal(lambda: paint(hf, provider))

    assert (failure.code, failure.job_lost) == ("bad_answer", False)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "x",
        "ftp://example.org/x",
        "http://example.org/x",
        "file:///etc/passwd",
        "https://",
        "https://[x",
        7,
        None,
        ["x"],
    ],
)
def test_an_address_that_is_none_is_not_fetched(hf: HFServer, address: Any) -> None:
    hf.script("fal-ai", status=200, kind="result", body={"images": [{"url": address}]})

    assert refusal(lambda: paint(hf, "fal-ai")).code == "bad_answer"
    assert hf.seen(kind="picture") == []


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"ratelimit": '"api";r=0;t=55', "retry-after": "7", "x-ratelimit-reset": "3"}, 55),
        ({"ratelimit": '"api";r=9;t=55', "retry-after": "7", "x-ratelimit-reset": "3"}, 7),
        ({"x-ratelimit-reset": "3", "ratelimit-reset": "4"}, 3),
        ({"ratelimit-reset": "4"}, 4),
        ({"retry-after": "999999"}, 3600),
        ({"retry-after": "soon"}, 30),
        ({"retry-after": "-5", "ratelimit-reset": "nan"}, 30),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"x-ratelimit-reset": "1445412480"}, 0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:40 GMT", "date": "Wed, 21 Oct 2015 07:28:00 GMT"}, 40),
        ({"x-ratelimit-reset": "1445412520", "date": "Wed, 21 Oct 2015 07:28:00 GMT"}, 40),
        ({"retry-after": "7", "date": "yesterday"}, 7),
    ],
)
def test_how_long_to_wait_is_believed_in_order(headers: dict[str, str], seconds: float) -> None:
    body = b'{"detail": "Request was throttled. Your rate limit resets in ~30s."}'

    assert failures.of_answer(http.Answer(429, headers, body)).wait == seconds


def test_what_was_sent_and_comes_back_is_not_read_as_a_complaint() -> None:
    detail = [{"loc": ["body", "num_inference_steps"], "msg": "too many", "type": "x", "input": {"prompt": "nsfw"}}]

    failure = failures.of_answer(http.Answer(422, {}, json.dumps({"detail": detail}).encode()))

    assert (failure.code, failure.facts) == ("bad_setting", {"setting": "steps"})


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"detail": [{"loc": ["body", "image_url"], "msg": "Failed to load the image.", "type": "x"}]}, "bad_source"),
        ({"error": "Input validation error: cannot identify image file"}, "bad_source"),
        ({"detail": [{"loc": ["body", "prompt"], "msg": "Field required", "type": "missing"}]}, "bad_setting"),
        ({"error": "no"}, "bad_settings"),
    ],
)
def test_what_a_refused_request_is_about_is_told(body: dict[str, Any], code: str) -> None:
    assert failures.of_answer(http.Answer(422, {}, json.dumps(body).encode())).code == code


def test_a_page_that_speaks_of_moderation_refuses_no_words() -> None:
    page = b"<html><body>This content violates nothing; moderation is off.</body></html>"

    assert failures.of_answer(http.Answer(502, {}, page)).code == "busy"
