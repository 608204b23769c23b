"""The emulator: fal-ai, direct and through its queue."""

import base64
from typing import Any

import pytest
import requests

from tests.hf_server import HFServer
from tests.hf_server.caller import (
    FAL,
    QUEUE,
    SCHNELL,
    Caller,
    fetched,
    opened,
    source,
)
from tests.hf_server.caller import (
    caller as caller,
)
from tests.hf_server.caller import (
    hf as hf,
)


class TestFal:
    def test_a_direct_call_names_a_picture(self, hf: HFServer, caller: Caller) -> None:
        wish = {"prompt": "a cat", "seed": 7, "image_size": {"width": 1080, "height": 1350}}

        answer = caller.post(FAL, wish).json()

        (image,) = answer["images"]
        assert (answer["seed"], answer["has_nsfw_concepts"], answer["prompt"]) == (7, [False], "a cat")
        assert (image["width"], image["height"]) == fetched(image["url"]).size == (1072, 1344)
        assert image["url"].startswith(hf.url)
        assert hf.seen(kind="picture")[0].model == SCHNELL

    def test_a_seed_is_drawn_where_none_was_given(self, caller: Caller) -> None:
        first, second = (caller.post(FAL, {"prompt": "a cat"}).json()["seed"] for _ in range(2))

        assert first != second

    def test_the_type_that_is_said_may_be_a_lie(self, caller: Caller) -> None:
        (image,) = caller.post(FAL, {"prompt": "a cat", "output_format": "png"}).json()["images"]

        assert image["content_type"] == "image/jpeg"
        assert fetched(image["url"]).format == "PNG"

    def test_sync_mode_brings_the_picture_along(self, caller: Caller) -> None:
        (image,) = caller.post(FAL, {"prompt": "a cat", "sync_mode": True}).json()["images"]

        assert opened(base64.b64decode(image["url"].removeprefix("data:image/jpeg;base64,"))).size == (1024, 768)

    @pytest.mark.parametrize(
        ("fields", "kind"),
        [
            ({}, "missing"),
            ({"prompt": "a cat", "num_inference_steps": 50}, "less_than_equal"),
            ({"prompt": "a cat", "num_inference_steps": 0}, "greater_than_equal"),
        ],
    )
    def test_wrong_settings_are_named(self, caller: Caller, fields: dict[str, Any], kind: str) -> None:
        answer = caller.post(FAL, fields)

        assert answer.status_code == 422
        assert answer.json()["detail"][0]["type"] == kind

    def test_a_job_waits_works_and_is_done(self, hf: HFServer, caller: Caller) -> None:
        hf.settings(pending_polls=2)
        job = caller.submit(seed=7)

        polls = [caller.ask(job, "/status") for _ in range(3)]

        assert [(poll.status_code, poll.json()["status"]) for poll in polls] == [
            (202, "IN_QUEUE"),
            (202, "IN_PROGRESS"),
            (200, "COMPLETED"),
        ]
        assert polls[0].json()["response_url"] == f"https://queue.fal.run/fal-ai/flux/requests/{job}"
        assert fetched(caller.ask(job).json()["images"][0]["url"]).size == (1024, 768)
        assert hf.created(seed=7) == 1
        assert hf.seen(kind="result")[0].prompt == "a cat"

    def test_a_job_lasts_its_time_and_can_be_cancelled(self, hf: HFServer, caller: Caller) -> None:
        hf.settings(default_delay=600, pending_polls=0)
        job = caller.submit()

        too_early = caller.ask(job)
        in_flight = hf.counts["in_flight"]
        path = f"{hf.url}/fal-ai/fal-ai/flux/requests/{job}/cancel"
        cancelled = [requests.put(path, params=QUEUE, headers=caller.headers, timeout=30) for _ in range(2)]

        assert (too_early.status_code, in_flight, hf.max_in_flight) == (400, 1, 1)
        assert [one.status_code for one in cancelled] == [202, 400]
        assert (hf.counts["in_flight"], hf.counts["cancelled"]) == (0, [job])

    @pytest.mark.parametrize(("row", "status"), [("fail_job", 500), ("nsfw_job", 422)])
    def test_a_job_that_fails_is_completed_too(self, hf: HFServer, caller: Caller, row: str, status: int) -> None:
        hf.script("fal-ai", row, times=1)
        hf.settings(pending_polls=0)
        job = caller.submit()

        assert caller.ask(job, "/status").json()["status"] == "COMPLETED"
        assert caller.ask(job).status_code == status
        assert hf.created() == 0

    @pytest.mark.parametrize(
        ("row", "path", "status", "words"),
        [
            ("stuck_job", "/status", 202, "IN_PROGRESS"),
            ("stuck_job", "", 400, "still in progress"),
            ("odd_job", "/status", 200, "MISLAID"),
            ("lost_job", "/status", 404, "not found"),
            ("cancel_job", "", 499, "cancelled"),
        ],
    )
    def test_a_job_may_never_be_done(
        self, hf: HFServer, caller: Caller, row: str, path: str, status: int, words: str
    ) -> None:
        hf.script("fal-ai", row)
        hf.settings(pending_polls=0)

        answer = caller.ask(caller.submit(), path)

        assert answer.status_code == status
        assert words in answer.text

    def test_a_size_may_have_a_name(self, caller: Caller) -> None:
        image = caller.post(FAL, {"prompt": "a cat", "image_size": "portrait_16_9"}).json()["images"][0]

        assert (image["width"], image["height"]) == (576, 1024)

    def test_an_edit_keeps_the_shape_of_its_source(self, caller: Caller) -> None:
        url = f"data:image/png;base64,{source(600, 300)}"
        body = {"prompt": "older", "image_url": url, "image_urls": [url]}

        made = caller.post("/fal-ai/fal-ai/flux-kontext/dev", body).json()["images"][0]
        rubbish = caller.post("/fal-ai/fal-ai/flux-kontext/dev", {"prompt": "older", "image_url": "data:,rubbish"})

        assert (made["width"], made["height"]) == (592, 288)
        assert rubbish.status_code == 422

    def test_the_queue_is_asked_as_the_queue(self, hf: HFServer, caller: Caller) -> None:
        job = caller.submit()

        assert caller.get(f"/fal-ai/fal-ai/flux/requests/{job}/status").status_code == 404
        assert "without _subdomain" in hf.faults[0]
