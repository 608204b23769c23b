"""The emulator: what a test tells it, and what it tells a test."""

from contextlib import ExitStack

import pytest

from tests.hf_server import HFProcess, HFServer
from tests.hf_server.caller import (
    CREATE,
    FAL,
    SCHNELL,
    Caller,
    dialled,
    wish,
)
from tests.hf_server.caller import (
    caller as caller,
)
from tests.hf_server.caller import (
    hf as hf,
)


class TestScripts:
    def test_a_script_waits_for_its_own_calls(self, hf: HFServer, caller: Caller) -> None:
        hf.script("fal-ai", "gone_410")
        hf.script(row="crash_500", prompt="a dog")
        hf.script(row="busy_503", model="black-forest-labs/FLUX.1-dev")

        statuses = [caller.post(CREATE, {"inputs": words}).status_code for words in ("a cat", "a dog")]

        assert statuses == [200, 500]
        assert caller.post(FAL, {"prompt": "a cat"}).status_code == 410
        dev = "/replicate/v1/models/black-forest-labs/flux-dev/predictions"
        assert caller.post(dev, {"input": {"prompt": "a cat"}}).status_code == 503

    def test_a_script_begins_after_so_many_and_ends_after_so_many(self, hf: HFServer, caller: Caller) -> None:
        hf.script(row="depleted_402", after=2, times=1)

        assert [caller.paint().status_code for _ in range(4)] == [200, 200, 402, 200]

    def test_scripts_are_taken_in_the_order_in_which_they_were_written(self, hf: HFServer, caller: Caller) -> None:
        hf.script(row="crash_500", times=1)
        hf.script(row="busy_503")
        statuses = [caller.paint().status_code for _ in range(3)]

        hf.unscript()

        assert statuses == [500, 503, 503]
        assert caller.paint().status_code == 200

    def test_a_row_of_ones_own(self, hf: HFServer, caller: Caller) -> None:
        hf.script(status=418, body={"error": "tea"}, headers={"x-tea": "green"})
        hf.script(row="crash_500", kind="whoami", body="out of order")

        answer, other = caller.paint(), caller.get("/api/whoami-v2")

        assert (answer.status_code, answer.json(), answer.headers["x-tea"]) == (418, {"error": "tea"}, "green")
        assert (other.status_code, other.text) == (500, "out of order")

    def test_a_script_that_nobody_wrote_is_an_error(self, hf: HFServer) -> None:
        with pytest.raises(AssertionError, match="no_such_row"):
            hf.script(row="no_such_row")
        with pytest.raises(AssertionError, match="for a create call"):
            hf.script(row="black_200", kind="picture")


class TestRecord:
    def test_a_call_is_told_without_its_token_and_its_pictures(self, hf: HFServer, caller: Caller) -> None:
        caller.post(FAL, {"prompt": "a cat", "seed": 7, "image_url": "x" * 1000})

        (call,) = hf.calls
        assert (call.kind, call.provider, call.model, call.prompt, call.seed) == (
            "create",
            "fal-ai",
            SCHNELL,
            "a cat",
            7,
        )
        assert (call.token, call.ended, call.status) == ("good", "answered", 200)
        assert call.body["image_url"].endswith("(1000 characters)")
        assert "hf_good" not in repr(call)

    def test_a_reset_forgets_everything(self, hf: HFServer, caller: Caller) -> None:
        hf.script(row="crash_500")
        hf.settings(chat_answer="no")
        hf.delete_model(SCHNELL)
        caller.get("/nowhere")

        hf.reset()

        assert (hf.calls, hf.faults, hf.bills) == ([], [], [])
        assert caller.paint().status_code == 200
        assert caller.get(f"/api/models/{SCHNELL}").status_code == 200
        assert caller.post("/v1/chat/completions", wish()).json()["choices"][0]["message"]["content"] != "no"

    def test_a_token_may_be_changed(self, hf: HFServer, caller: Caller) -> None:
        hf.token("hf_good", state="broke")
        hf.token("hf_new", name="nina")

        assert caller.paint().status_code == 402
        assert Caller(hf, "hf_new").get("/api/whoami-v2").json()["name"] == "nina"

    def test_two_hundred_calls_are_held_at_once(self) -> None:
        with HFProcess() as hf, ExitStack() as lines:
            hf.settings(default_delay=600, fixed_picture=True)

            for _ in range(200):
                lines.enter_context(dialled(hf))

            assert hf.wait_for(kind="create", times=200)
            assert hf.max_in_flight == 200
            assert hf.created(prompt="a cat") == 200

    def test_a_fixed_picture_is_the_same_for_everybody(self, hf: HFServer, caller: Caller) -> None:
        hf.settings(fixed_picture=True)

        first, second = (caller.paint(width=64, height=64, seed=seed).content for seed in (1, 2))

        assert first == second
