"""The emulator: every other provider speaks its own way."""

import base64
from typing import Any

import pytest
import requests

from tests.hf_server import HFServer
from tests.hf_server.caller import (
    CREATE,
    OPENAI_LIKE,
    REPLICATE,
    SD3,
    SDXL,
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


class TestHfInference:
    def test_a_picture_is_a_jpeg_of_the_size_asked_for(self, hf: HFServer, caller: Caller) -> None:
        answer = caller.paint(width=320, height=208, seed=7)

        picture = opened(answer.content)
        assert (picture.format, picture.size) == ("JPEG", (320, 208))
        assert answer.headers["content-type"] == "image/jpeg"
        assert {"x-sha", "x-compute-time", "x-request-id"} <= {name.lower() for name in answer.headers}
        assert hf.created(prompt="a cat", seed=7, provider="hf-inference", model=SD3) == 1

    def test_the_same_seed_gives_the_same_pixels_and_another_gives_others(self, caller: Caller) -> None:
        first, again, other = (caller.paint(width=64, height=64, seed=seed).content for seed in (1, 1, 2))

        assert first == again
        assert first != other

    @pytest.mark.parametrize(
        ("body", "status", "words"),
        [
            ({"parameters": {}}, 422, "`inputs`"),
            ({"inputs": "a cat", "parameters": {"num_inference_steps": 500}}, 422, "num_inference_steps"),
            ({"inputs": "a cat", "parameters": {"width": 1001}}, 400, "divisible by 16"),
        ],
    )
    def test_wrong_settings_are_named(self, caller: Caller, body: dict[str, Any], status: int, words: str) -> None:
        answer = caller.post(CREATE, body)

        assert answer.status_code == status
        assert words in answer.json()["error"]

    def test_a_picture_is_edited_as_json_or_as_raw_bytes(self, hf: HFServer, caller: Caller) -> None:
        hf.model("me/editor", task="image-to-image", providers={"hf-inference": {"providerId": "me/editor"}})
        address = f"{hf.url}/hf-inference/models/me/editor"

        as_json = caller.post("/hf-inference/models/me/editor", {"inputs": source(), "parameters": {"prompt": "older"}})
        raw = requests.post(address, data=base64.b64decode(source()), headers=caller.headers, timeout=30)
        rubbish = requests.post(address, data=b"rubbish", headers=caller.headers, timeout=30)

        assert opened(as_json.content).size == opened(raw.content).size == (320, 192)
        assert rubbish.status_code == 422
        assert hf.created(prompt="older") == 1


class TestReplicate:
    def test_a_wait_ends_with_an_output_that_is_said_to_be_processing(self, hf: HFServer, caller: Caller) -> None:
        answer = caller.post(
            REPLICATE, {"input": {"prompt": "a cat", "seed": 7, "aspect_ratio": "16:9"}}, Prefer="wait"
        )

        found = answer.json()
        assert (answer.status_code, found["status"], answer.headers["preference-applied"]) == (
            201,
            "processing",
            "wait=60",
        )
        picture = fetched(found["output"][0])
        assert (picture.format, picture.size) == ("WEBP", (1360, 768))
        assert hf.created(provider="replicate", seed=7) == 1

    def test_without_a_wait_it_is_polled(self, caller: Caller) -> None:
        begun = caller.post(REPLICATE, {"input": {"prompt": "a cat", "output_format": "png"}})
        path = f"/replicate/v1/predictions/{begun.json()['id']}"

        polls = [caller.get(path).json() for _ in range(2)]

        assert (begun.status_code, begun.json()["status"], begun.json()["output"]) == (201, "starting", None)
        assert [poll["status"] for poll in polls] == ["processing", "succeeded"]
        assert fetched(polls[1]["output"][0]).format == "PNG"

    def test_an_id_with_a_version_has_its_own_address(self, hf: HFServer, caller: Caller) -> None:
        mapping = caller.get(f"/api/models/{SDXL}", expand="inferenceProviderMapping").json()[
            "inferenceProviderMapping"
        ]
        name, _, version = mapping["replicate"]["providerId"].partition(":")
        wish = {"input": {"prompt": "a cat", "width": 512, "height": 768}}

        right = caller.post("/replicate/v1/predictions", {**wish, "version": version}, Prefer="wait")
        wrong = caller.post(f"/replicate/v1/models/{name}/predictions", wish)

        assert fetched(right.json()["output"][0]).size == (512, 768)
        assert wrong.status_code == 400
        assert hf.created(model=SDXL) == 1

    def test_some_models_answer_one_address(self, caller: Caller) -> None:
        path = "/replicate/v1/models/black-forest-labs/flux-kontext-dev/predictions"
        url = f"data:image/png;base64,{source()}"

        made = caller.post(path, {"input": {"prompt": "older", "input_image": url}}, Prefer="wait").json()

        assert fetched(made["output"]).size == (320, 192)

    def test_a_picture_that_takes_longer_than_the_wait_comes_later(self, hf: HFServer, caller: Caller) -> None:
        hf.script("replicate", "not_ready_202", times=1)

        answer = caller.post(REPLICATE, {"input": {"prompt": "a cat"}}, Prefer="wait")
        polls = [caller.get(f"/replicate/v1/predictions/{answer.json()['id']}").json() for _ in range(2)]

        assert (answer.status_code, answer.json()["output"]) == (202, None)
        assert polls[-1]["status"] == "succeeded"

    @pytest.mark.parametrize(
        ("row", "status", "words"),
        [("fail_job", "failed", "E1001"), ("nsfw_job", "failed", "NSFW"), ("cancel_job", "canceled", None)],
    )
    def test_a_job_may_end_badly(self, hf: HFServer, caller: Caller, row: str, status: str, words: str | None) -> None:
        hf.script("replicate", row)

        found = caller.post(REPLICATE, {"input": {"prompt": "a cat"}}, Prefer="wait").json()

        assert (found["status"], found["output"]) == (status, None)
        assert found["error"] is words or words in found["error"]
        assert hf.created() == 0

    @pytest.mark.parametrize(
        ("given", "size"),
        [
            ({"aspect_ratio": "custom", "width": 1000, "height": 100}, (992, 256)),
            ({"width": 1000, "height": 500}, (320, 192)),
        ],
    )
    def test_flux_2_obeys_sizes_only_where_they_are_custom(
        self, caller: Caller, given: dict[str, Any], size: tuple[int, int]
    ) -> None:
        path = "/replicate/v1/models/black-forest-labs/flux-2-dev/predictions"
        wish = {"prompt": "older", "input_images": [f"data:image/png;base64,{source()}"], **given}

        assert fetched(caller.post(path, {"input": wish}, Prefer="wait").json()["output"]).size == size

    def test_flux_ignores_width_and_height(self, caller: Caller) -> None:
        wish = {"prompt": "a cat", "width": 512, "height": 256, "megapixels": "0.25"}

        assert fetched(caller.post(REPLICATE, {"input": wish}, Prefer="wait").json()["output"][0]).size == (512, 512)

    def test_a_prediction_can_be_cancelled_while_it_works(self, hf: HFServer, caller: Caller) -> None:
        hf.settings(default_delay=600)
        job = caller.post(REPLICATE, {"input": {"prompt": "a cat"}}).json()["id"]

        cancelled = caller.post(f"/replicate/v1/predictions/{job}/cancel", {}).json()

        assert cancelled["status"] == caller.get(f"/replicate/v1/predictions/{job}").json()["status"] == "canceled"
        assert (hf.counts["in_flight"], hf.counts["cancelled"]) == (0, [job])

    def test_five_steps_are_one_too_many_for_schnell(self, caller: Caller) -> None:
        answer = caller.post(REPLICATE, {"input": {"prompt": "a cat", "num_inference_steps": 5}})

        assert answer.status_code == 422
        assert answer.json()["invalid_fields"][0]["field"] == "input.num_inference_steps"


class TestOpenAiLike:
    def test_together_answers_base64_and_a_retry_after_on_a_success(self, caller: Caller) -> None:
        wish = {**OPENAI_LIKE, "response_format": "base64", "width": 512, "height": 256}

        answer = caller.post("/together/v1/images/generations", wish)

        assert (answer.headers["retry-after"], answer.headers["transfer-encoding"]) == ("2", "chunked")
        assert opened(base64.b64decode(answer.json()["data"][0]["b64_json"])).size == (512, 256)

    def test_together_answers_an_address_where_base64_was_not_asked_for(self, caller: Caller) -> None:
        answer = caller.post("/together/v1/images/generations", OPENAI_LIKE)

        assert fetched(answer.json()["data"][0]["url"]).size == (1024, 1024)

    @pytest.mark.parametrize(("name", "key"), [("me/x-Kontext", "image_url"), ("me/other", "reference_images")])
    def test_together_reads_the_source_where_the_model_wants_it(
        self, hf: HFServer, caller: Caller, name: str, key: str
    ) -> None:
        hf.model(name, task="image-to-image", providers={"together": {"providerId": name}})
        url = f"data:image/png;base64,{source()}"
        wish = {"model": name, "prompt": "", "response_format": "base64"}

        right = caller.post("/together/v1/images/generations", {**wish, key: [url] if key.endswith("s") else url})
        wrong = caller.post("/together/v1/images/generations", {**wish, "image": url})

        assert opened(base64.b64decode(right.json()["data"][0]["b64_json"])).size == (320, 192)
        assert wrong.status_code == 422

    def test_nscale_reads_the_size_as_one_word(self, caller: Caller) -> None:
        wish = {**OPENAI_LIKE, "response_format": "b64_json", "size": "512x256"}

        answer = caller.post("/nscale/v1/images/generations", wish)

        assert opened(base64.b64decode(answer.json()["data"][0]["b64_json"])).size == (512, 256)

    @pytest.mark.parametrize(
        ("provider", "change"),
        [
            ("together", {"prompt": ""}),
            ("together", {"width": 5}),
            ("nscale", {"prompt": ""}),
            ("nscale", {"size": "big"}),
        ],
    )
    def test_wrong_settings_are_refused(self, caller: Caller, provider: str, change: dict[str, Any]) -> None:
        answer = caller.post(f"/{provider}/v1/images/generations", {**OPENAI_LIKE, **change})

        assert answer.status_code == 422
        assert answer.json()["error"]["message"]


class TestSmallQueues:
    def test_wavespeed_gives_a_task_and_then_a_picture(self, hf: HFServer, caller: Caller) -> None:
        task = caller.post("/wavespeed/api/v3/wavespeed-ai/flux-dev", {"prompt": "a cat", "seed": 7}).json()["data"]
        path = f"/wavespeed/api/v3/predictions/{task['id']}/result"

        polls = [caller.get(path).json()["data"] for _ in range(2)]

        assert task["urls"]["get"] == f"https://api.wavespeed.ai{path.removeprefix('/wavespeed')}"
        assert [one["status"] for one in (task, *polls)] == ["created", "processing", "completed"]
        assert polls[1]["has_nsfw_contents"] == [False]
        assert fetched(polls[1]["outputs"][0]).format == "JPEG"
        assert hf.created(provider="wavespeed", seed=7) == 1

    @pytest.mark.parametrize(
        ("row", "status"), [("fail_job", "failed"), ("odd_job", "mislaid"), ("stuck_job", "processing")]
    )
    def test_a_wavespeed_task_may_end_badly(self, hf: HFServer, caller: Caller, row: str, status: str) -> None:
        hf.script("wavespeed", row)
        hf.settings(pending_polls=0)
        task = caller.post("/wavespeed/api/v3/wavespeed-ai/flux-dev", {"prompt": "a cat"}).json()["data"]

        assert caller.get(f"/wavespeed/api/v3/predictions/{task['id']}/result").json()["data"]["status"] == status

    def test_wavespeed_edits_a_picture_and_wants_words_for_it(self, hf: HFServer, caller: Caller) -> None:
        hf.settings(pending_polls=0)
        path, url = "/wavespeed/api/v3/wavespeed-ai/flux-2-dev/edit", f"data:image/jpeg;base64,{source()}"

        task = caller.post(path, {"prompt": "older", "image": url}).json()["data"]
        refused = [caller.post(path, body) for body in ({"image": url}, {"prompt": "older", "image": "rubbish"})]

        done = caller.get(f"/wavespeed/api/v3/predictions/{task['id']}/result").json()["data"]
        assert fetched(done["outputs"][0]).size == (320, 192)
        assert [(one.status_code, one.json()["code"]) for one in refused] == [(422, 422), (422, 422)]

    @pytest.mark.parametrize(("row", "status"), [("fail_job", "FAIL"), ("nsfw_job", "FAIL"), ("odd_job", "MISLAID")])
    def test_a_zai_task_may_end_badly(self, hf: HFServer, caller: Caller, row: str, status: str) -> None:
        hf.script("zai-org", row)
        hf.settings(pending_polls=0)
        wish = {"model": "glm-image", "prompt": "a cat"}
        task = caller.post("/zai-org/api/paas/v4/async/images/generations", wish).json()

        found = caller.get(f"/zai-org/api/paas/v4/async-result/{task['id']}").json()

        assert found["task_status"] == status
        assert ("error" in found) == (row == "nsfw_job")

    def test_zai_gives_a_task_and_then_a_picture(self, caller: Caller) -> None:
        wish = {"model": "glm-image", "prompt": "a cat", "size": "1280x960"}
        task = caller.post("/zai-org/api/paas/v4/async/images/generations", wish).json()

        polls = [caller.get(f"/zai-org/api/paas/v4/async-result/{task['id']}").json() for _ in range(2)]

        assert [one["task_status"] for one in (task, *polls)] == ["PROCESSING", "PROCESSING", "SUCCESS"]
        assert fetched(polls[1]["image_result"][0]["url"]).size == (1280, 960)

    def test_a_job_that_is_lost_is_unknown(self, hf: HFServer, caller: Caller) -> None:
        hf.script("zai-org", "lost_job")
        wish = {"model": "glm-image", "prompt": "a cat"}
        task = caller.post("/zai-org/api/paas/v4/async/images/generations", wish).json()

        assert caller.get(f"/zai-org/api/paas/v4/async-result/{task['id']}").status_code == 404
