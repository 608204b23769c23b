"""The emulator: the Hub, the router's door, the picture host and the chat."""

import json

import pytest
import requests

from tests.hf_server import HFServer
from tests.hf_server.caller import (
    CREATE,
    FAL,
    KONTEXT,
    SCHNELL,
    SD3,
    Caller,
    fetched,
    wish,
)
from tests.hf_server.caller import (
    caller as caller,
)
from tests.hf_server.caller import (
    hf as hf,
)


class TestHub:
    def test_a_model_says_what_it_is(self, caller: Caller) -> None:
        found = caller.get(f"/api/models/{SD3}").json()

        assert (found["pipeline_tag"], found["gated"]) == ("text-to-image", "auto")
        assert "license:stabilityai-ai-community" in found["tags"]
        assert "inferenceProviderMapping" not in found

    @pytest.mark.parametrize("key", ["expand", "expand[]"])
    def test_a_mapping_names_the_providers_in_order(self, caller: Caller, key: str) -> None:
        found = caller.get(f"/api/models/{SCHNELL}", **{key: "inferenceProviderMapping"}).json()

        assert set(found) == {"_id", "id", "inferenceProviderMapping"}
        assert list(found["inferenceProviderMapping"]) == ["fal-ai", "replicate", "nscale", "wavespeed"]
        entry = found["inferenceProviderMapping"]["fal-ai"]
        assert (entry["status"], entry["providerId"]) == ("live", "fal-ai/flux/schnell")

    def test_a_model_that_nobody_serves_has_an_empty_mapping(self, caller: Caller) -> None:
        found = caller.get("/api/models/CompVis/stable-diffusion-v1-4", expand="inferenceProviderMapping").json()

        assert found["inferenceProviderMapping"] == {}

    @pytest.mark.parametrize(("token", "status"), [("hf_good", 404), (None, 401)])
    def test_a_deleted_repository_is_missing(self, hf: HFServer, token: str | None, status: int) -> None:
        answer = Caller(hf, token).get("/api/models/runwayml/stable-diffusion-v1-5")

        assert (answer.status_code, answer.headers["x-error-code"]) == (status, "RepoNotFound")

    def test_a_test_may_change_who_serves(self, hf: HFServer, caller: Caller) -> None:
        hf.model("me/mine", providers={"together": {"providerId": "mine"}}, task="image-to-image")
        hf.delete_model(SCHNELL)

        found = caller.get("/api/models/me/mine", expand="inferenceProviderMapping").json()

        entry = {"status": "live", "task": "image-to-image", "providerId": "mine", "isModelAuthor": False}
        assert found["inferenceProviderMapping"] == {"together": entry}
        assert caller.get(f"/api/models/{SCHNELL}").status_code == 404

    def test_a_listing_names_what_a_provider_serves(self, caller: Caller) -> None:
        found = caller.get("/api/models", pipeline_tag="image-to-image", inference_provider="wavespeed").json()

        assert KONTEXT in {one["id"] for one in found}
        assert all("wavespeed" in {entry["provider"] for entry in one["inferenceProviderMapping"]} for one in found)
        assert SCHNELL in caller.get("/api/partners/nscale/models").json()["text-to-image"]

    def test_whoami_tells_the_scopes(self, hf: HFServer) -> None:
        found = {
            token: Caller(hf, token).get("/api/whoami-v2").json() for token in ("hf_good", "hf_noscope", "hf_other")
        }

        access = {token: one["auth"]["accessToken"] for token, one in found.items()}
        assert access["hf_good"]["fineGrained"]["scoped"][0]["permissions"] == ["inference.serverless.write"]
        assert access["hf_noscope"]["fineGrained"]["scoped"][0]["permissions"] == ["repo.content.read"]
        assert access["hf_other"]["role"] == "write"

    @pytest.mark.parametrize(
        ("token", "words"), [("hf_expired", "is expired"), ("hf_nobody", "Invalid credentials"), (None, "password")]
    )
    def test_whoami_refuses_others(self, hf: HFServer, token: str | None, words: str) -> None:
        answer = Caller(hf, token).get("/api/whoami-v2")

        assert answer.status_code == 401
        assert words in answer.json()["error"]

    def test_what_is_left_of_the_rate_limit_is_said(self, caller: Caller) -> None:
        lefts = [caller.get("/api/whoami-v2").headers["ratelimit"] for _ in range(2)]

        assert lefts == ['"api";r=999;t=120', '"api";r=998;t=120']


class TestDoor:
    @pytest.mark.parametrize(
        ("token", "status", "words"),
        [
            (None, 401, "Invalid username"),
            ("hf_nobody", 401, "Invalid credentials"),
            ("hf_expired", 401, "is expired"),
            ("hf_noscope", 403, "on behalf of user carol"),
            ("hf_nocredit", 402, "depleted"),
            ("hf_nogate", 403, "restricted"),
        ],
    )
    @pytest.mark.parametrize("path", [CREATE, "/fal-ai/fal-ai/flux/dev"])
    def test_a_token_that_may_not_is_refused(
        self, hf: HFServer, token: str | None, status: int, words: str, path: str
    ) -> None:
        answer = Caller(hf, token).post(path, {"inputs": "a cat", "prompt": "a cat"})

        assert answer.status_code == status
        assert words in answer.json()["error"]
        assert hf.created() == 0

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            (f"/hf-inference/models/{SCHNELL}", 410),
            ("/hf-inference/models/CompVis/stable-diffusion-v1-4", 400),
            ("/hf-inference/models/runwayml/stable-diffusion-v1-5", 400),
            ("/fal-ai/fal-ai/flux/nothing", 400),
            ("/replicate/v1/models/black-forest-labs/nothing/predictions", 400),
            ("/wavespeed/api/v3/wavespeed-ai/nothing", 400),
        ],
    )
    def test_only_a_mapped_id_is_served(self, caller: Caller, path: str, status: int) -> None:
        answer = caller.post(path, {"inputs": "a cat", "prompt": "a cat", "input": {"prompt": "a cat"}})

        assert answer.status_code == status
        assert "supported by provider" in answer.json()["error"]

    @pytest.mark.parametrize(
        ("path", "fault"),
        [
            ("/nebius/v1/images/generations", "unknown path"),
            ("/fal-ai/fal-ai/fal-ai/flux/schnell", "doubled prefix"),
            ("/replicate/replicate/v1/predictions", "doubled prefix"),
            ("/fal-ai//fal-ai/flux/schnell", "doubled slash"),
        ],
    )
    def test_a_wrong_address_is_a_fault(self, hf: HFServer, caller: Caller, path: str, fault: str) -> None:
        caller.post(path, {"prompt": "a cat"})

        assert any(fault in one for one in hf.faults)

    def test_a_token_in_the_body_is_a_fault(self, hf: HFServer, caller: Caller) -> None:
        caller.post(CREATE, {"inputs": "a cat", "token": "hf_good"})

        assert hf.faults == [f"a token outside its header: {CREATE}"]


class TestPictureHost:
    def test_a_token_shown_to_it_is_refused_and_a_fault(self, hf: HFServer, caller: Caller) -> None:
        url = caller.post(FAL, {"prompt": "a cat"}).json()["images"][0]["url"]

        answer = requests.get(url, headers=caller.headers, timeout=30)

        assert answer.status_code == 400
        assert "picture host" in hf.faults[0]

    def test_a_picture_that_never_was_is_missing(self, hf: HFServer) -> None:
        assert requests.get(f"{hf.url}/files/nothing.png", timeout=30).status_code == 404

    def test_a_redirect_home_finds_the_picture(self, hf: HFServer, caller: Caller) -> None:
        url = caller.post(FAL, {"prompt": "a cat"}).json()["images"][0]["url"]
        hf.script(row="picture_redirect_home", times=1)

        assert fetched(url).size == (1024, 768)
        assert [call.status for call in hf.seen(kind="picture")] == [302, 200]


class TestChat:
    def test_a_prompt_comes_back_better(self, caller: Caller) -> None:
        answer = caller.post("/v1/chat/completions", wish(model="openai/gpt-oss-20b:cheapest"))

        assert answer.headers["x-inference-provider"]
        assert answer.json()["choices"][0]["message"]["content"].startswith("a cat, ")

    @pytest.mark.parametrize("path", ["/together/v1", "/groq/openai/v1", "/hf-inference/models/openai/gpt-oss-20b/v1"])
    def test_a_named_provider_answers_too(self, hf: HFServer, caller: Caller, path: str) -> None:
        assert caller.post(f"{path}/chat/completions", wish()).status_code == 200
        assert hf.seen(kind="chat")[0].provider == path.split("/")[1]

    def test_a_test_may_say_the_words(self, hf: HFServer, caller: Caller) -> None:
        hf.settings(chat_answer="Un chat gris")

        assert caller.post("/v1/chat/completions", wish()).json()["choices"][0]["message"]["content"] == "Un chat gris"

    def test_a_stream_ends_with_done(self, caller: Caller) -> None:
        lines = caller.post("/v1/chat/completions", wish(stream=True)).text.split("\n\n")

        assert json.loads(lines[0].removeprefix("data: "))["choices"][0]["delta"]["content"].startswith("a cat")
        assert lines[-2:] == ["data: [DONE]", ""]

    def test_a_model_without_a_provider_is_not_supported(self, caller: Caller) -> None:
        answer = caller.post("/v1/chat/completions", wish(model="nobody/knows"))

        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "model_not_supported")

    @pytest.mark.parametrize(("token", "status"), [("hf_nocredit", 402), ("hf_noscope", 403), (None, 401)])
    def test_a_token_that_may_not_is_refused(self, hf: HFServer, token: str | None, status: int) -> None:
        assert Caller(hf, token).post("/v1/chat/completions", wish()).status_code == status

    def test_the_models_are_listed(self, caller: Caller) -> None:
        assert caller.get("/v1/models").json()["data"][0]["providers"][0]["status"] == "live"
