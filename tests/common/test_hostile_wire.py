"""Hostile and careless clients over real sockets: one clear refusal each, nothing born, and the studio lives on."""

import gzip
import json
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.real import servers
from tests.real.studio import Studio

pytestmark = pytest.mark.real

WISH = b'{"prompt": "a red mug"}'
ESTIMATE = b'{"prompt": "a red mug", "dry_run": true}'
ROUTE = b"/api/v1/generations"
JSON = b"Content-Type: application/json\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
Ask = Callable[..., "Heard"]


class Impatient(Studio):
    """A studio whose door waits a second where the real one waits for many."""

    def start_web(self) -> None:
        command = [sys.executable, "-m", "uvicorn", "tests.common.impatient:application", "--port", str(self.port)]
        patient = ["--http", "common.patience:Patient", "--ws", "none", "--lifespan", "off"]
        self.web = self._start([*command, *patient, "--log-level", "warning"], {})
        servers.until(lambda: servers.answers(self.port), what="the web server answering")


@dataclass(frozen=True)
class Heard:
    """What came back on a connection, and whether the studio closed it."""

    text: bytes
    closed: bool

    @property
    def status(self) -> int:
        return int(self.text.split(b" ", 2)[1]) if self.text.startswith(b"HTTP/1.") else 0

    @property
    def code(self) -> str:
        """The code of the problem document; "" where the web server itself refused."""
        head, _, body = self.text.partition(b"\r\n\r\n")
        whole = body[body.find(b"{") : body.rfind(b"}") + 1]  # it may have come in chunks
        return json.loads(whole)["code"] if b"application/problem+json" in head else ""

    @property
    def refusal(self) -> tuple[int, str]:
        return self.status, self.code


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Impatient]:
    studio = Impatient(tmp_path_factory.mktemp("hostile"))
    studio.start_web()
    yield studio
    studio.stop()


@pytest.fixture(scope="module")
def token(studio: Impatient) -> bytes:
    return b"Authorization: Bearer " + studio.token("alice@example.org", plan="enterprise").encode() + b"\r\n"


@pytest.fixture
def ask(studio: Impatient, token: bytes) -> Iterator[Ask]:
    """Send bytes and hear all that comes; at the end of the test nothing is born and the studio answers."""

    def say(*parts: bytes, pause: float = 0.0, patience: float = 20.0) -> Heard:
        with socket.create_connection(("127.0.0.1", studio.port), timeout=patience) as line:
            with suppress(ConnectionError):
                for part in parts:
                    line.sendall(part)
                    time.sleep(pause)
            return heard(line)

    yield say
    alive = say(request(b"GET", b"/healthz"))
    assert (alive.status, alive.text[-16:]) == (200, b'{"status": "ok"}')
    assert studio.rows("SELECT count(*) FROM generator_generation") == [(0,)]


def heard(line: socket.socket) -> Heard:
    """The first whole answer, or all until the end."""
    text = b""
    try:
        while not is_whole(text):
            piece = line.recv(65_536)
            if not piece:
                return Heard(text, closed=True)
            text += piece
        return Heard(text, closed=b"connection: close" in text.lower())
    except ConnectionError:
        return Heard(text, closed=True)


def is_whole(text: bytes) -> bool:
    head, end, body = text.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), None)
    if b"transfer-encoding: chunked" in head.lower():
        return body.endswith(b"0\r\n\r\n")
    return bool(end) and length is not None and len(body) >= length


def request(
    method: bytes, target: bytes, *headers: bytes, body: bytes | None = None, host: bytes = b"localhost"
) -> bytes:
    length = b"" if body is None else b"Content-Length: %d\r\n" % len(body)
    return b"%b %b HTTP/1.1\r\nHost: %b\r\n%b%b\r\n%b" % (method, target, host, b"".join(headers), length, body or b"")


class TestSlowClients:
    def test_a_body_that_stops_in_the_middle_is_given_up(self, ask: Ask, token: bytes) -> None:
        answer = ask(request(b"POST", ROUTE, token, JSON, b"Content-Length: 23\r\n"), WISH[:5])

        assert answer.refusal == (408, "body_too_slow")
        assert answer.closed

    def test_a_body_that_drips_for_ever_is_given_up(self, ask: Ask, token: bytes) -> None:
        drops = [b"1\r\n \r\n"] * 20

        answer = ask(request(b"POST", ROUTE, token, JSON, CHUNKED), *drops, pause=0.3)

        assert answer.refusal == (408, "body_too_slow")

    def test_a_body_that_comes_on_over_a_slow_line_has_the_time_it_needs(self, ask: Ask, token: bytes) -> None:
        pieces = [b"a000\r\n%b\r\n" % (b" " * 0xA000)] * 10

        answer = ask(request(b"POST", ROUTE, token, JSON, CHUNKED), *pieces, b"0\r\n\r\n", pause=0.4)

        assert answer.refusal == (400, "not_json")

    def test_a_chunk_that_is_promised_and_never_comes_is_given_up(self, ask: Ask, token: bytes) -> None:
        answer = ask(request(b"POST", ROUTE, token, JSON, CHUNKED), b"ffffffffffffffff\r\nhello")

        assert answer.refusal == (408, "body_too_slow")

    def test_the_original_endpoints_say_it_in_their_shape(self, ask: Ask, token: bytes) -> None:
        answer = ask(request(b"POST", b"/api/generate", token, JSON, b"Content-Length: 23\r\n"), WISH[:5])

        said = json.loads(answer.text.partition(b"\r\n\r\n")[2])
        assert (answer.status, set(said), said["success"]) == (408, {"success", "error"}, False)

    @pytest.mark.parametrize("part", [b"GET /api/v1/models HTTP/1.1\r\nX-A: b\r\n", b"GE", b"\r\n\r\n"])
    def test_a_head_that_does_not_end_is_given_up(self, part: bytes, ask: Ask) -> None:
        answer = ask(part)

        assert answer.refusal == (408, "body_too_slow")
        assert answer.closed

    def test_a_head_that_drips_is_given_up(self, ask: Ask) -> None:
        answer = ask(b"GET /healthz HTTP/1.1\r\n", *[b"X-A: b\r\n"] * 8, pause=0.3)

        assert answer.closed
        assert answer.status in {0, 408}

    def test_a_connection_on_which_nothing_comes_is_closed(self, ask: Ask) -> None:
        assert ask() == Heard(b"", closed=True)

    def test_a_second_request_has_no_more_time_than_the_first(self, ask: Ask) -> None:
        answer = ask(request(b"GET", b"/healthz"), b"GET /healthz HT", pause=0.2)

        assert answer.status == 200

    def test_who_asks_for_much_and_reads_nothing_is_let_go(self, studio: Impatient, ask: Ask, token: bytes) -> None:
        with socket.socket() as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.settimeout(20)
            line.connect(("127.0.0.1", studio.port))
            line.sendall(request(b"GET", b"/api/schema/") * 30)
            ours = f":{line.getsockname()[1]:04X}"

            def holds() -> bool:
                """Whether a descriptor belongs to the other end of the line; orphans of the kernel have no inode."""
                ends = [entry.split() for entry in Path("/proc/net/tcp").read_text().splitlines()[1:]]
                return any(entry[2].endswith(ours) and entry[9] != "0" for entry in ends)

            servers.until(holds, what="the studio taking the connection")
            servers.until(lambda: not holds(), what="the studio closing the connection")

    def test_forty_slow_clients_keep_nobody_waiting(self, studio: Impatient, ask: Ask, token: bytes) -> None:
        lines = [socket.create_connection(("127.0.0.1", studio.port), timeout=20) for _ in range(40)]
        for line in lines:
            line.sendall(request(b"POST", ROUTE, token, JSON, b"Content-Length: 23\r\n"))

        quick = ask(request(b"POST", ROUTE, token, JSON, body=ESTIMATE))

        slow = [heard(line).refusal for line in lines]
        [line.close() for line in lines]
        assert quick.status == 200
        assert slow == [(408, "body_too_slow")] * 40


class TestLargeBodies:
    def test_100_mb_that_are_announced_are_refused_at_once(self, ask: Ask, token: bytes) -> None:
        answer = ask(request(b"POST", ROUTE, token, JSON, b"Content-Length: 100000000\r\n"))

        assert answer.refusal == (413, "body_too_large")
        assert answer.closed

    def test_who_sends_them_all_the_same_still_reads_why(self, ask: Ask, token: bytes) -> None:
        answer = ask(request(b"POST", ROUTE, token, JSON, b"Content-Length: 100000000\r\n"), *[b"x" * 10**6] * 100)

        assert answer.refusal == (413, "body_too_large")

    def test_100_mb_in_chunks_are_cut(self, ask: Ask, token: bytes) -> None:
        chunk = b"100000\r\n" + b"x" * 2**20 + b"\r\n"
        form = b"Content-Type: multipart/form-data; boundary=x\r\n"

        answer = ask(request(b"POST", ROUTE, token, form, CHUNKED), *[chunk] * 100)

        assert answer.refusal == (413, "body_too_large")
        assert answer.closed

    def test_who_asks_first_is_not_told_to_go_on(self, ask: Ask, token: bytes) -> None:
        expecting = b"Expect: 100-continue\r\nContent-Length: 100000000\r\n"

        answer = ask(request(b"POST", ROUTE, token, JSON, expecting))

        assert answer.refusal == (413, "body_too_large")

    def test_who_may_go_on_is_told_so(self, ask: Ask, token: bytes) -> None:
        expecting = b"Expect: 100-continue\r\n"

        answer = ask(request(b"POST", ROUTE, token, JSON, expecting, b"Content-Length: 40\r\n"), ESTIMATE, pause=0.2)

        assert answer.text.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")

    def test_a_bomb_is_never_unpacked(self, ask: Ask, token: bytes) -> None:
        bomb = gzip.compress(b'{"prompt": "' + b"x" * 10**7 + b'"}')

        for coding in (b"Content-Encoding: gzip", b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: gzip"):
            length = None if b"Transfer" in coding else bomb
            answer = ask(request(b"POST", ROUTE, token, JSON, coding + b"\r\n", body=length))
            assert answer.refusal == (415, "wrong_encoding")


class TestHeads:
    @pytest.mark.parametrize(
        "twice",
        [
            b"Authorization: Bearer x\r\n",
            b"Content-Type: text/plain\r\n",
            b"Idempotency-Key: a\r\nIdempotency-Key: b\r\n",
            b"Host: evil.example\r\n",
        ],
    )
    def test_a_header_that_says_one_thing_stands_once(self, twice: bytes, ask: Ask, token: bytes) -> None:
        answer = ask(request(b"POST", ROUTE, token, JSON, twice, body=WISH))

        assert answer.refusal == (400, "repeated_header")

    @pytest.mark.parametrize(
        "lengths",
        [
            b"Content-Length: 5\r\nContent-Length: 23\r\n",
            b"Content-Length: 23\r\nContent-Length: 23\r\n",
            b"Content-Length: 23\r\nTransfer-Encoding: chunked\r\n",
            b"Content-Length: -1\r\n",
            b"Content-Length: +23\r\n",
            b"Content-Length: 99999999999999999999999\r\n",
            b"Content-Length : 23\r\n",
            b"X-A: a\r\n b\r\nContent-Length: 23\r\n",
            b"X-A: a\x00b\r\nContent-Length: 23\r\n",
            b"Content-Length: abc\r\n",
        ],
    )
    def test_a_request_that_could_be_read_in_two_ways_is_not_read(self, lengths: bytes, ask: Ask, token: bytes) -> None:
        answer = ask(request(b"POST", ROUTE, token, JSON, lengths), WISH)

        assert answer.refusal == (400, "malformed")
        assert answer.closed

    def test_what_cannot_be_read_is_refused_in_the_language_asked_for(self, ask: Ask) -> None:
        wrong = b"Content-Length: abc\r\n"

        english = ask(request(b"POST", ROUTE, wrong))
        french = ask(request(b"POST", ROUTE, b"Accept-Language: fr\r\n", wrong))

        assert b"The request could not be read." in english.text
        assert french.refusal == (400, "malformed")
        assert b"The request could not be read." not in french.text

    @pytest.mark.parametrize("broken", [b"FOO / HTTP/1.1\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n"])
    def test_an_answer_that_is_owed_comes_before_the_refusal_of_what_follows(
        self, broken: bytes, studio: Impatient, token: bytes
    ) -> None:
        good = request(b"GET", b"/api/v1/styles?limit=1", token)

        with socket.create_connection(("127.0.0.1", studio.port), timeout=20) as line:
            line.sendall(good + request(b"GET", b"/api/v1/nothing", token) + broken)
            said = b"".join(iter(lambda: line.recv(65_536), b""))

        assert [part.split(b" ")[0] for part in said.split(b"HTTP/1.1 ")[1:]] == [b"200", b"404", b"400"]

    @pytest.mark.parametrize("pause", [0.0, 0.3])
    @pytest.mark.parametrize(
        ("packed", "status"), [(b"", [b"200", b"400"]), (b"Content-Encoding: br\r\n", [b"200", b"415"])]
    )
    def test_nobody_is_answered_twice(
        self, packed: bytes, status: list[bytes], pause: float, studio: Impatient, token: bytes
    ) -> None:
        """Chunks that are none, behind an answer that is owed, and where the answer may have begun."""
        with socket.create_connection(("127.0.0.1", studio.port), timeout=20) as line:
            line.sendall(request(b"GET", b"/healthz") + request(b"POST", ROUTE, token, JSON, CHUNKED, packed))
            time.sleep(pause)
            line.sendall(b"zz\r\n")
            said = b"".join(iter(lambda: line.recv(65_536), b""))

        assert [part.split(b" ")[0] for part in said.split(b"HTTP/1.1 ")[1:]] == status

    @pytest.mark.parametrize("pause", [0.0, 0.2])
    def test_headers_behind_a_body_are_not_believed(self, pause: float, ask: Ask, token: bytes) -> None:
        parts = [request(b"POST", ROUTE, token, JSON, CHUNKED), b"28\r\n" + ESTIMATE + b"\r\n"]
        trailer = b"0\r\nAuthorization: Bearer x\r\nCookie: a=b\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n"

        answer = ask(*parts, trailer, pause=pause)

        assert answer.status == 200

    def test_a_head_without_a_host_or_with_a_foreign_one_is_refused(self, ask: Ask, token: bytes) -> None:
        assert ask(b"GET /api/v1/models HTTP/1.1\r\n" + token + b"\r\n").refusal == (400, "malformed")
        assert ask(request(b"GET", b"/api/v1/models", token, host=b"evil.example")).refusal == (400, "unknown_host")

    def test_heads_and_addresses_end_somewhere(self, ask: Ask, token: bytes) -> None:
        large = ask(request(b"GET", b"/api/v1/models", token, b"X-A: " + b"a" * 70_000 + b"\r\n"))
        many = ask(request(b"GET", b"/api/v1/models", token, *[b"X-A: aaaaaaaaaaaa\r\n"] * 5000))
        endless = ask(b"GET /healthz HTTP/1.1\r\nX-A: " + b"a" * 5_000_000)
        query = ask(request(b"GET", b"/api/v1/models?a=" + b"a" * 40_000, token))
        longer = ask(request(b"GET", b"/api/v1/models?a=" + b"a" * 100_000, token))

        assert large.refusal == many.refusal == (431, "head_too_large")
        assert endless.refusal == (431, "head_too_large")
        assert endless.closed
        assert query.refusal == (414, "address_too_long")
        assert longer.refusal == (414, "address_too_long")
        assert ask(b"GET /" + b"a" * 200_000, pause=0.2).refusal == (414, "address_too_long")

    @pytest.mark.parametrize("name", [b"Accept-Language", b"Authorization", b"Prefer", b"Accept", b"Cookie", b"Origin"])
    def test_bytes_that_are_no_text_are_no_surprise(self, name: bytes, ask: Ask, token: bytes) -> None:
        mine = b"" if name == b"Authorization" else token

        answer = ask(request(b"GET", b"/api/v1/models", mine, name + b": \xff\xfe\xc3\x28\r\n"))

        assert answer.status in {200, 401, 406}

    def test_two_preferences_are_a_list_of_which_the_first_counts(self, ask: Ask, token: bytes) -> None:
        answer = ask(request(b"POST", ROUTE, token, JSON, b"Prefer: wait=0\r\nPrefer: wait=90\r\n", body=ESTIMATE))

        assert answer.status == 200


class TestAddresses:
    @pytest.mark.parametrize(
        "target",
        [
            *[b"/api%2fv1%2fmodels", b"/api/v1%2Fmodels", b"/api%5cv1/models", b"/api/v1/%00", b"/api/v1/models%00"],
            *[b"/api/v1/../v1/models", b"/api/v1/./models", b"/api/v1//models", b"/api/v1/models/", b"/api/v1/%2e%2e/"],
            *[b"/api/v1/generations/%ff%fe", b"/API/v1/models", b"/api/v1/models;a=b", b"/api/v1/generations/%252f"],
        ],
    )
    def test_a_path_of_nothing_is_nothing(self, target: bytes, ask: Ask, token: bytes) -> None:
        answer = ask(request(b"GET", target, token))

        assert answer.status == 404
        assert answer.code in {"not_found", ""}

    @pytest.mark.parametrize("target", [b"//api/v1/models", b"/\\api\\v1\\models", b"///evil.example", b"*"])
    def test_what_looks_like_another_host_is_nothing_too(self, target: bytes, ask: Ask, token: bytes) -> None:
        answer = ask(request(b"GET", target, token))

        assert answer.status in {302, 400, 404}
        assert b"\r\nlocation: //" not in answer.text.lower()

    @pytest.mark.parametrize("target", [b"/api/v1/\xff", b"/api/v1/\x00", "/api/v1/modèles".encode(), b"/a b", b""])
    def test_an_address_that_is_no_address_is_refused(self, target: bytes, ask: Ask, token: bytes) -> None:
        answer = ask(request(b"GET", target, token))

        assert answer.refusal == (400, "malformed")
        assert answer.closed

    def test_a_query_that_is_no_text_is_read_as_well_as_it_can_be(self, ask: Ask, token: bytes) -> None:
        assert ask(request(b"GET", ROUTE + b"?q=%ff%fe%00", token)).status in {200, 422}
        assert ask(request(b"GET", ROUTE + b"?%ff=%fe", token)).refusal == (422, "invalid")

    def test_an_absolute_target_is_read_for_its_path_and_its_host_makes_no_link(self, ask: Ask, token: bytes) -> None:
        answer = ask(request(b"GET", b"http://evil.example/api/v1/models", token))

        assert answer.status == 200
        assert b"evil.example" not in answer.text


class TestMethods:
    @pytest.mark.parametrize("method", [b"TRACE", b"CONNECT", b"PROPFIND", b"PUT", b"PURGE"])
    def test_another_method_is_refused(self, method: bytes, ask: Ask, token: bytes) -> None:
        answer = ask(request(method, b"/api/v1/models", token, b"X-Secret: nobody\r\n"))

        assert answer.refusal == (405, "method_not_allowed")
        assert b"nobody" not in answer.text

    @pytest.mark.parametrize("method", [b"get", b"FOO", b"GET\t", b"\xff"])
    def test_what_is_no_method_is_no_request(self, method: bytes, ask: Ask, token: bytes) -> None:
        assert ask(request(method, b"/api/v1/models", token)).refusal == (400, "malformed")

    @pytest.mark.parametrize(
        "trick",
        [
            b"X-HTTP-Method-Override: DELETE\r\n",
            b"X-HTTP-Method: DELETE\r\n",
            b"X-Method-Override: DELETE\r\n",
        ],
    )
    def test_a_method_is_what_the_request_line_says(
        self, trick: bytes, studio: Impatient, ask: Ask, token: bytes
    ) -> None:
        shelf = json.loads(
            ask(request(b"POST", b"/api/v1/collections", token, JSON, body=b'{"name": "Mugs"}')).text.partition(
                b"\r\n\r\n"
            )[2]
        )
        address = b"/api/v1/collections/" + shelf["id"].encode()

        posted = ask(request(b"POST", address + b"?_method=DELETE", token, JSON, trick, body=b'{"_method": "DELETE"}'))
        read = ask(request(b"GET", address, token, trick))
        hidden = ask(request(b"GET", address + b"?_method=DELETE", token, trick))

        assert (posted.refusal, read.status) == ((405, "method_not_allowed"), 200)
        assert hidden.refusal == (422, "invalid")
        assert ask(request(b"GET", address, token)).status == 200

    def test_head_and_options_answer_as_they_should(self, ask: Ask, token: bytes) -> None:
        with_length = ask(request(b"HEAD", b"/api/v1/models", token, b"Connection: close\r\n"), patience=5)
        options = ask(request(b"OPTIONS", b"/api/v1/models", token))

        assert (with_length.status, with_length.text.partition(b"\r\n\r\n")[2]) == (200, b"")
        assert options.status == 204

    @pytest.mark.parametrize("protocol", [b"websocket", b"h2c"])
    def test_an_upgrade_that_is_not_offered_is_ignored(self, protocol: bytes, ask: Ask, token: bytes) -> None:
        key = b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

        answer = ask(
            request(b"GET", b"/api/v1/models", token, b"Connection: Upgrade\r\nUpgrade: ", protocol, b"\r\n", key)
        )

        assert answer.status == 200

    def test_a_body_behind_such_an_upgrade_is_no_surprise(self, ask: Ask, token: bytes) -> None:
        upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\n"

        answer = ask(request(b"POST", ROUTE, token, JSON, upgrade, body=ESTIMATE))

        assert answer.status in {200, 400, 422}

    def test_requests_in_a_row_are_answered_in_their_order(self, studio: Impatient, ask: Ask, token: bytes) -> None:
        row = [
            request(b"GET", b"/api/v1/styles?limit=1", token),
            request(b"GET", b"/api/v1/nothing", token),
            request(b"GET", b"/healthz", b"Connection: close\r\n"),
        ]

        with socket.create_connection(("127.0.0.1", studio.port), timeout=20) as line:
            line.sendall(b"".join(row))
            said = b"".join(iter(lambda: line.recv(65_536), b""))

        assert [part.split(b" ")[0] for part in said.split(b"HTTP/1.1 ")[1:]] == [b"200", b"404", b"200"]

    @pytest.mark.parametrize(
        "bytes_", [b"\x16\x03\x01\x02\x00\x01", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\xff\xfe\r\n\r\n"]
    )
    def test_another_protocol_is_no_request(self, bytes_: bytes, ask: Ask) -> None:
        assert ask(bytes_).refusal == (400, "malformed")


class TestBodies:
    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"[" * 10_000 + b"]" * 10_000, "too_deep"),
            (b'{"prompt": "x", "seed": ' + b"9" * 10_000 + b"}", "not_json"),
            (b'{"prompt": "x", "guidance": NaN}', "not_json"),
            (b'{"prompt": "x", "guidance": 1e999}', "not_json"),
            (b'{"prompt": "x", "prompt": "y"}', "not_json"),
            (b'{"prompt": "\xff\xfe"}', "not_json"),
            (b'{"prompt": "x"', "not_json"),
        ],
    )
    def test_json_that_cannot_be_taken_is_said_to_be(self, body: bytes, code: str, ask: Ask, token: bytes) -> None:
        assert ask(request(b"POST", ROUTE, token, JSON, body=body)).refusal == (400, code)

    @pytest.mark.parametrize("chunks", [b"zz\r\nhello\r\n0\r\n\r\n", b"-1\r\n\r\n", b"5\r\nhelloworld\r\n0\r\n\r\n"])
    def test_chunks_that_are_none_are_refused(self, chunks: bytes, ask: Ask, token: bytes) -> None:
        answer = ask(request(b"POST", ROUTE, token, JSON, CHUNKED), chunks)

        assert answer.refusal == (400, "malformed")
        assert answer.closed

    def test_who_leaves_in_the_middle_leaves_nothing(self, studio: Impatient, ask: Ask, token: bytes) -> None:
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", studio.port), timeout=20) as line:
                line.sendall(request(b"POST", ROUTE, token, JSON, b"Content-Length: 23\r\n") + WISH[:10])
