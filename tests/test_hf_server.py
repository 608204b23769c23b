"""The emulator of Hugging Face keeps its word; everything else is tested against it."""

import io
import socket
from email.utils import parsedate_to_datetime

import pytest
import requests
from PIL import Image

from tests.hf_server import HFServer
from tests.hf_server.caller import (
    FAL,
    OPENAI_LIKE,
    REPLICATE,
    SCHNELL,
    Caller,
    dialled,
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
