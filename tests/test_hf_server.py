"""The emulator of Hugging Face keeps its word; everything else is tested against it."""

import io
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email.utils import parsedate_to_datetime

import pytest
import requests
from PIL import Image

from tests.hf_server import Control, HFProcess, HFServer
from tests.hf_server.caller import (
    CREATE,
    FAL,
    OPENAI_LIKE,
    REPLICATE,
    SCHNELL,
    Caller,
    fetched,
    opened,
    wish,
)
from tests.hf_server.caller import (
    caller as caller,
)
from tests.hf_server.caller import (
    hf as hf,
)
from tests.hf_server.row import IN_30_SECONDS, Row
from tests.hf_server.rows import ROWS


@contextmanager
def dialled(hf: Control) -> Iterator[socket.socket]:
    """A connection on which a picture was asked for."""
    body = b'{"inputs": "a cat"}'
    head = f"POST {CREATE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer hf_good\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", hf.port), timeout=30) as line:
        line.sendall(head.encode() + body)
        yield line


def received(line: socket.socket, most: int) -> bytes:
    """The first so many bytes."""
    some = bytearray()
    while len(some) < most:
        some += line.recv(most - len(some))
    return bytes(some)


def asked(caller: Caller, row: Row) -> requests.Response:
    """One call of the kind that a row is for."""
    match row.kind:
        case "hub":
            return caller.get(f"/api/models/{SCHNELL}")
        case "whoami":
            return caller.get("/api/whoami-v2")
        case "chat":
            return caller.post("/v1/chat/completions", wish())
        case "picture":
            url = caller.post(FAL, {"prompt": "a cat"}).json()["images"][0]["url"]
            return requests.get(url, timeout=30, allow_redirects=False)
    return caller.paint(width=64, height=64)


PLAIN = [row for row in ROWS.values() if row.is_plain]


class TestRows:
    @pytest.mark.parametrize("row", PLAIN, ids=[row.name for row in PLAIN])
    def test_a_row_is_sent_as_it_stands_and_then_all_is_well(self, hf: HFServer, caller: Caller, row: Row) -> None:
        hf.script(row=row.name, times=1)

        answer, after = asked(caller, row), asked(caller, row)

        assert (answer.status_code, answer.content) == (row.status, row.body)
        fixed = {name: value for name, value in row.headers.items() if value != IN_30_SECONDS}
        assert fixed.items() <= {name.lower(): value for name, value in answer.headers.items()}.items()
        assert after.status_code == 200
        assert after.content != row.body
        of_row = [one for one in hf.bills if one.row == row.name]
        assert len(of_row) == (row.billed and row.kind == "create")

    def test_a_date_to_come_back_is_half_a_minute_away(self, hf: HFServer, caller: Caller) -> None:
        hf.script(row="throttled_429_retry_after_date")

        headers = caller.paint().headers

        wait = parsedate_to_datetime(headers["retry-after"]) - parsedate_to_datetime(headers["date"])
        assert 29 <= wait.total_seconds() <= 31

    def test_every_row_is_called_by_its_name_and_says_its_status(self) -> None:
        assert all(name == row.name for name, row in ROWS.items())
        said = {name: name.split("_") for name in ROWS}
        assert all(
            str(ROWS[name].status) in parts
            for name, parts in said.items()
            if parts[-1].isdigit() and ROWS[name].is_plain
        )


TWISTED_PICTURES = {
    "one_pixel_200": lambda picture: picture.size == (1, 1),
    "black_200": lambda picture: picture.getextrema() == ((0, 0), (0, 0), (0, 0)),
    "other_format_200": lambda picture: picture.format == "WEBP",
}


class TestTwists:
    @pytest.mark.parametrize("row", TWISTED_PICTURES)
    def test_a_picture_is_not_what_was_asked_for(self, hf: HFServer, caller: Caller, row: str) -> None:
        hf.script(row=row)

        raw = opened(caller.paint(width=64, height=64).content)
        by_url = fetched(caller.post(FAL, {"prompt": "a cat"}).json()["images"][0]["url"])

        assert TWISTED_PICTURES[row](raw)
        assert TWISTED_PICTURES[row](by_url)
        assert hf.created(row=row) == 2

    def test_a_truncated_picture_does_not_load(self, hf: HFServer, caller: Caller) -> None:
        hf.script(row="truncated_jpeg_200")

        with pytest.raises(OSError, match="truncated"):
            opened(caller.paint(width=64, height=64).content)

    def test_a_bomb_is_small_and_enormous(self, hf: HFServer, caller: Caller) -> None:
        hf.script(row="png_bomb_200")

        content = caller.paint().content

        assert len(content) < 1_000_000
        with pytest.warns(Image.DecompressionBombWarning), Image.open(io.BytesIO(content)) as bomb:
            assert bomb.size == (12_000, 12_000)

    def test_a_flag_is_raised_where_the_provider_has_one(self, hf: HFServer, caller: Caller) -> None:
        hf.script(row="nsfw_flag_200")
        hf.settings(pending_polls=0)
        task = caller.post("/wavespeed/api/v3/wavespeed-ai/flux-dev", {"prompt": "a cat"}).json()["data"]

        done = caller.get(f"/wavespeed/api/v3/predictions/{task['id']}/result").json()["data"]

        assert done["has_nsfw_contents"] == [True]
        assert caller.post(FAL, {"prompt": "a cat"}).json()["has_nsfw_concepts"] == [True]

    def test_no_picture_is_named(self, hf: HFServer, caller: Caller) -> None:
        hf.script(row="empty_images_200")

        assert caller.post(FAL, {"prompt": "a cat"}).json()["images"] == []
        assert caller.post("/nscale/v1/images/generations", OPENAI_LIKE).json()["data"] == []
        assert caller.post(REPLICATE, {"input": {"prompt": "a cat"}}, Prefer="wait").json()["output"] == []

    def test_a_picture_is_said_to_be_on_a_private_host(self, hf: HFServer, caller: Caller) -> None:
        hf.script(row="private_url_200")

        assert caller.post(FAL, {"prompt": "a cat"}).json()["images"][0]["url"].startswith("http://10.0.0.1/")

    @pytest.mark.parametrize(("row", "status"), [("fail_job", 500), ("nsfw_job", 422)])
    def test_without_a_queue_a_failed_job_is_a_refusal(
        self, hf: HFServer, caller: Caller, row: str, status: int
    ) -> None:
        hf.script(row=row)

        assert caller.paint().status_code == status
        assert hf.created() == 0


class TestConnections:
    @pytest.mark.parametrize("row", ["reset", "close_before_answer", "close_inside_answer", "garbage"])
    def test_a_broken_connection_is_an_error(self, hf: HFServer, caller: Caller, row: str) -> None:
        hf.script(row=row, times=1)

        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            caller.paint()

        assert hf.wait_for(ended="broken")
        assert hf.created() == ROWS[row].billed
        assert caller.paint().status_code == 200

    def test_headers_that_drip_never_end(self, hf: HFServer) -> None:
        hf.script(row="drip_headers", seconds=0)

        with dialled(hf) as line:
            some = received(line, 4000)

        assert some.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"\r\n\r\n" not in some

    @pytest.mark.parametrize(
        ("row", "says"),
        [
            ("drip_body", b"content-length: 1000000000"),
            ("huge_body", b"content-length: 4195"),
            ("endless_body", b"transfer-encoding: chunked"),
        ],
    )
    def test_a_body_without_end_begins_like_any_other(self, hf: HFServer, row: str, says: bytes) -> None:
        hf.script(row=row, seconds=0)

        with dialled(hf) as line:
            head, _, body = received(line, 4000).partition(b"\r\n\r\n")

        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert says in head
        assert b"\xff\xd8\xff" in body[:20]

    @pytest.mark.parametrize("row", ["drip_headers", "drip_body", "silence", "delay", "huge_body", "endless_body"])
    def test_a_client_that_hangs_up_is_noticed(self, hf: HFServer, row: str) -> None:
        hf.script(row=row, seconds=600)

        with dialled(hf):
            assert hf.wait_for(kind="create", ended="open")

        assert hf.wait_for(ended="abandoned")
        assert (hf.created(prompt="a cat"), hf.counts["in_flight"]) == (1, 0)

    def test_a_silence_sends_nothing(self, hf: HFServer) -> None:
        hf.script(row="silence")

        with dialled(hf) as line:
            assert hf.wait_for(kind="create", ended="open")
            line.setblocking(False)
            with pytest.raises(BlockingIOError):
                line.recv(1)

    def test_a_delay_ends_well(self, hf: HFServer, caller: Caller) -> None:
        hf.script(row="delay", seconds=0.01)

        assert caller.paint().status_code == 200

    def test_a_drip_may_be_in_another_call(self, hf: HFServer, caller: Caller) -> None:
        hf.script(row="drip_body", kind="picture", times=1, seconds=600)
        url = caller.post(FAL, {"prompt": "a cat"}).json()["images"][0]["url"]

        with pytest.raises(requests.ConnectionError, match="Read timed out"):
            requests.get(url, timeout=(30, 0.1))

        assert hf.wait_for(kind="picture", ended="abandoned", provider="fal-ai")


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
