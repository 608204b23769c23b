"""What goes out: it ends in time, stays small, reaches public addresses only, and tells nothing that is not asked."""

import gzip
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from common import exchanges, http
from common.addresses import is_public, origin
from tests.common.wire import Server, ok, open_ended, saying

MOST = 1000
SHORT = 0.4
Serve = Callable[..., Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server that answers like this; it ends with the test."""
    with ExitStack() as running:
        yield lambda answer, **how: running.enter_context(Server(answer, **how))


def fetched(server: Server, path: str = "/", *, seconds: float = 30, **how: Any) -> http.Answer:
    """One request to a server of ours, in an exchange of its own."""
    with http.exchange(seconds=seconds, trusted=[server.origin]):
        return http.fetch("GET", f"{server.url}{path}", **{"most": MOST, **how})


def failure(server: Server, **how: Any) -> str:
    """Why that request failed."""
    with pytest.raises(http.Failed) as failed:
        fetched(server, **how)
    return failed.value.reason


def failure_of(url: str) -> str:
    """Why an address cannot be reached by somebody who trusts nobody."""
    with http.exchange(seconds=30), pytest.raises(http.Failed) as failed:
        http.fetch("GET", url, most=MOST)
    return failed.value.reason


def names(monkeypatch: pytest.MonkeyPatch, **known: list[str]) -> None:
    """These names lead to these addresses."""
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *rest: Any, **more: Any) -> Any:
        if host.replace(".", "_") not in known:
            return real(host, port, *rest, **more)
        found = known[host.replace(".", "_")]
        return [entry for address in found for entry in real(address, port, *rest, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


class TestAnswers:
    def test_an_answer_is_whole_with_headers_in_lower_case(self, serve: Serve) -> None:
        server = serve(saying(ok(b"hello", "X-Request-Id: 7", status="418 Teapot")))

        answer = fetched(server)

        assert answer == http.Answer(418, {"content-length": "5", "x-request-id": "7"}, b"hello")

    def test_what_is_sent_arrives(self, serve: Serve) -> None:
        server = serve(open_ended())

        with http.exchange(seconds=30, trusted=[server.origin]):
            http.fetch("POST", f"{server.url}/a?b=c", most=MOST, json={"x": 1}, headers={"Authorization": "Bearer t"})
            http.fetch("PUT", f"{server.url}/again", most=MOST, json="bytes")

        first, second = server.requests
        assert first.startswith("POST /a?b=c HTTP/1.1")
        assert "Authorization: Bearer t" in first
        assert "Content-Type: application/json" in first
        assert second.startswith("PUT /again")
        assert "Content-Length: 7" in second
        assert server.connections == 1

    def test_an_answer_of_exactly_the_most_is_taken(self, serve: Serve) -> None:
        assert fetched(serve(saying(ok(b"x" * MOST)))).content == b"x" * MOST

    @pytest.mark.parametrize(
        "answer",
        [
            ok(b"x" * (MOST + 1)),
            b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * 300_000,
            b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 300_000,
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"400\r\n" + b"x" * 1024 + b"\r\n",
            ok(gzip.compress(b"\0" * 20_000_000), "Content-Encoding: gzip"),
        ],
        ids=["by one", "declared", "endless", "chunked", "compressed"],
    )  # fmt: skip
    def test_a_larger_one_is_not(self, serve: Serve, answer: bytes) -> None:
        assert failure(serve(saying(answer))) == "too_large"

    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnine\r\nhello\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
            b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"x" * 70_000 + b"\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
            b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
            b"\x00\xff" * 100,
        ],
        ids=[
            "nothing", "short body", "short chunk", "no chunk", "no gzip", "long line", "many lines",
            "another protocol", "noise",
        ],
    )  # fmt: skip
    def test_half_an_answer_is_none(self, serve: Serve, answer: bytes) -> None:
        assert failure(serve(saying(answer))) == "broken"

    def test_where_nobody_listens_nothing_was_sent(self, serve: Serve) -> None:
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            address = silent.getsockname()
            with http.exchange(seconds=30, trusted=[address]), pytest.raises(http.Failed) as failed:
                http.fetch("POST", f"http://127.0.0.1:{address[1]}/", most=MOST)

        assert failed.value.reason == "unreachable"

    def test_a_name_that_does_not_exist_is_unreachable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def unknown(*_: Any, **__: Any) -> Any:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)

        assert failure_of("http://nowhere.example/") == "unreachable"

    @pytest.mark.parametrize(
        "url",
        ["", "nowhere", "file:///etc/passwd", "ftp://127.0.0.1/", "http://", "http://[::1", "http://:80/", "//x/",
         "http://127.0.0.1:99999/", "http://" + "a" * 70 + "/", "http://a..b/", "data:text/plain,x"],
    )  # fmt: skip
    def test_what_is_no_address_fails_like_any_other(self, url: str) -> None:
        assert failure_of(url) in {"unreachable", "broken", "private_address"}


class TestTime:
    @pytest.mark.parametrize(
        "beginning",
        [
            b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n\r\n",
        ],
        ids=["status line", "header", "body", "body without a length"],
    )  # fmt: skip
    def test_a_drip_ends_with_the_exchange(self, serve: Serve, beginning: bytes) -> None:
        def drip(server: Server, line: Any) -> None:
            line.sendall(beginning)
            server.drip(line, b"x")

        assert failure(serve(drip), seconds=SHORT) == "late"

    def test_continuations_without_end_are_cut(self, serve: Serve) -> None:
        server = serve(lambda server, line: server.drip(line, b"HTTP/1.1 100 Continue\r\n\r\n"))

        assert failure(server, seconds=SHORT) == "late"

    def test_silence_ends_with_the_exchange(self, serve: Serve) -> None:
        server = serve(lambda server, _line: server.over.wait(30) and None)

        assert failure(server, seconds=SHORT) == "late"

    def test_one_limit_spans_all_requests(self, serve: Serve) -> None:
        server = serve(lambda server, line: bool(server.over.wait(0.1) or line.sendall(ok()) or True))

        with http.exchange(seconds=SHORT, trusted=[server.origin]), pytest.raises(http.Failed) as failed:
            consume(http.fetch("GET", server.url, most=MOST) for _ in range(100))

        assert failed.value.reason == "late"
        assert 1 < len(server.requests) < 100

    def test_nothing_is_sent_once_it_is_over(self, serve: Serve) -> None:
        server = serve(open_ended())

        assert failure(server, seconds=0) == "late"
        assert server.connections == 0

    @pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nhel"])
    def test_another_thread_ends_a_call_at_once(self, serve: Serve, beginning: bytes) -> None:
        server = serve(lambda server, line: line.sendall(beginning) or (server.over.wait(60) and None))

        with http.exchange(seconds=60, trusted=[server.origin]) as around:
            ender = threading.Thread(target=lambda: server.asked.wait(30) and around.end("cancelled"))
            ender.start()
            with pytest.raises(http.Failed) as failed:
                http.fetch("GET", server.url, most=MOST)
            ender.join(30)

        assert failed.value.reason == "cancelled"
        assert not server.over.is_set()

    def test_a_call_that_was_ended_before_its_connect_sends_nothing(
        self, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = serve(open_ended())
        real = socket.getaddrinfo

        with http.exchange(seconds=60, trusted=[server.origin]) as around:
            monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: around.end() or real(*args, **more))
            with pytest.raises(http.Failed) as failed:
                http.fetch("GET", server.url, most=MOST)
            with pytest.raises(http.Failed) as again:
                http.fetch("GET", server.url, most=MOST)

        assert failed.value.reason == again.value.reason == "ended"
        assert server.requests == []

    def test_a_pause_ends_with_its_exchange(self) -> None:
        reasons: list[str] = []

        def wait(around: http.Exchange) -> None:
            with pytest.raises(http.Failed) as failed:
                around.pause(600)
            reasons.append(failed.value.reason)

        with http.exchange(seconds=600) as around:
            waiting = threading.Thread(target=wait, args=(around,), daemon=True)
            waiting.start()
            around.end()
            waiting.join(30)

        assert reasons == ["ended"]

    def test_a_pause_without_an_end_is_a_pause(self) -> None:
        with http.exchange(seconds=60):
            http.pause(0.01)

            assert 0 < http.left() <= 60

    def test_an_exchange_inside_another_ends_alone(self, serve: Serve) -> None:
        server = serve(open_ended())

        with http.exchange(seconds=60, trusted=[server.origin]):
            with http.exchange(seconds=60) as inner:
                inner.end()
            answer = http.fetch("GET", server.url, most=MOST)

        assert answer.content == b"hello"

    def test_the_exchange_of_one_thread_is_not_that_of_another(self, serve: Serve) -> None:
        server = serve(lambda server, line: server.over.wait(0.1) or line.sendall(ok()))
        seen: list[bytes] = []
        other = threading.Thread(target=lambda: seen.append(fetched(server).content))

        with http.exchange(seconds=60, trusted=[server.origin]) as around:
            other.start()
            around.end()
            other.join(30)

        assert seen == [b"hello"]

    def test_a_server_that_closes_after_every_answer_leaves_no_sockets_behind(self, serve: Serve) -> None:
        server = serve(saying(ok(b"hello", "Connection: close")))

        with http.exchange(seconds=60, trusted=[server.origin]):
            before = open_sockets()
            for _ in range(20):
                http.fetch("GET", server.url, most=MOST)
            after = open_sockets()

        assert server.connections == 20
        assert after - before < 5

    def test_a_name_of_many_addresses_takes_no_longer_than_the_exchange(self, monkeypatch: pytest.MonkeyPatch) -> None:
        names(monkeypatch, far_example=[f"93.184.216.{number}" for number in range(1, 20)])
        tried: list[float] = []

        with http.exchange(seconds=25) as around:

            def never(_address: Any, *, timeout: float, **_: Any) -> Any:
                """What a host that swallows everything looks like, without the waiting."""
                tried.append(timeout)
                around.ends_at -= timeout
                raise TimeoutError

            monkeypatch.setattr(exchanges, "create_connection", never)
            with pytest.raises(http.Failed) as failed:
                http.fetch("GET", "http://far.example/", most=MOST)

        assert failed.value.reason == "late"
        assert len(tried) == 3
        assert sum(tried) <= 25


def consume(answers: Iterator[http.Answer]) -> None:
    """Ask until there is no more."""
    for _answer in answers:
        pass


def open_sockets() -> int:
    """How many sockets this process holds."""
    return sum(
        str(each.readlink()).startswith("socket:") for each in Path("/proc/self/fd").iterdir() if each.is_symlink()
    )


class TestAddresses:
    @pytest.mark.parametrize(
        "address", ["8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "2606:4700::1111",
                    "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"]
    )  # fmt: skip
    def test_the_open_internet_is_public(self, address: str) -> None:
        assert is_public(address)

    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.254",
            "192.168.1.1", "100.64.0.1", "100.127.255.254", "100.100.100.200", "168.63.129.16", "::ffff:168.63.129.16",
            "169.254.0.1", "169.254.169.254", "192.0.0.1", "192.0.2.1",
            "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
            "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "ff0e::1",
            "100::1", "2001:db8::1", "5f00::1",
            "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::10.0.0.1",
            "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::1",
            "2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::", "2001:0:4136:e378:8000:63bf:80ff:fffe",
            "2001:0:4136:e378:8000:63bf:f5ff:fffe",
        ],
    )  # fmt: skip
    def test_all_else_is_not_whatever_it_is_wrapped_in(self, address: str) -> None:
        assert not is_public(address)

    def test_the_origin_of_an_address_is_its_host_and_port(self) -> None:
        assert origin("https://Example.org/a") == ("example.org", 443)
        assert origin("http://example.org") == ("example.org", 80)
        assert origin("http://[::1]:8080/x") == ("::1", 8080)

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "0", "[::1]",
                                      "[::ffff:127.0.0.1]", "127.0.0.1.", "LOCALHOST"])  # fmt: skip
    def test_our_own_machine_is_not_reached_by_any_of_its_names(self, serve: Serve, host: str) -> None:
        server = serve(open_ended())

        assert failure_of(f"http://{host}:{server.port}/") == "private_address"
        assert server.connections == 0

    @pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://169.254.169.254/latest/", "https://192.168.0.1/"])
    def test_nor_are_its_neighbours(self, url: str) -> None:
        assert failure_of(url) == "private_address"

    def test_a_name_that_leads_home_is_refused(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        server = serve(open_ended())
        names(monkeypatch, pictures_example=["127.0.0.1"])

        assert failure_of(f"http://pictures.example:{server.port}/") == "private_address"
        assert server.connections == 0

    def test_what_was_checked_is_what_is_reached(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        server = serve(open_ended())
        names(monkeypatch, hub_example=["127.0.0.1"])

        with http.exchange(seconds=30, trusted=[("hub.example", server.port)]):
            answer = http.fetch("GET", f"http://hub.example:{server.port}/", most=MOST)

        assert answer.content == b"hello"
        assert f"Host: hub.example:{server.port}" in server.requests[0]

    def test_a_trusted_host_is_trusted_on_its_port_alone(self, serve: Serve) -> None:
        hub, other = serve(open_ended()), serve(open_ended())

        with http.exchange(seconds=30, trusted=[hub.origin]):
            assert http.fetch("GET", hub.url, most=MOST).status == 200
            with pytest.raises(http.Failed) as failed:
                http.fetch("GET", other.url, most=MOST)

        assert failed.value.reason == "private_address"
        assert other.connections == 0

    def test_a_refusal_is_not_blamed_for_what_breaks_later(self, serve: Serve) -> None:
        def once(server: Server, line: Any) -> bool:
            if len(server.requests) == 1:
                line.sendall(ok())
            return len(server.requests) == 1

        server = serve(once)
        with http.exchange(seconds=30, trusted=[server.origin]):
            http.fetch("GET", server.url, most=MOST)
            with pytest.raises(http.Failed):
                http.fetch("GET", "http://10.0.0.1/", most=MOST)
            with pytest.raises(http.Failed) as failed:
                http.fetch("GET", server.url, most=MOST)

        assert failed.value.reason == "broken"
        assert server.connections == 1


def to(location: str, status: str = "302 Found") -> Callable[..., bool | None]:
    """A server that sends its visitors elsewhere."""
    return open_ended(b"", f"Location: {location}", status=status)


class TestRedirects:
    @pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
    def test_one_is_an_answer_that_nobody_follows(self, serve: Serve, status: str) -> None:
        server = serve(to("/elsewhere", status))

        answer = fetched(server, headers={"Authorization": "Bearer hf_secret"})

        assert (answer.status, answer.headers["location"]) == (int(status[:3]), "/elsewhere")
        assert len(server.requests) == 1

    def test_what_it_says_besides_is_not_read_to_its_end(self, serve: Serve) -> None:
        sent: list[int] = []

        def answer(_server: Server, line: Any) -> None:
            line.sendall(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 100000000\r\n\r\n")
            for _ in range(100):
                line.sendall(b"x" * 1_000_000)
                sent.append(1_000_000)

        server = serve(answer)

        assert failure(server) == "too_large"
        server.join()
        assert sum(sent) < 50_000_000


def headers_of(request: str) -> set[str]:
    """The names of a request's headers in lower case."""
    return {line.partition(":")[0].lower() for line in request.split("\r\n")[1:] if line}


class TestWhatIsNotTold:
    def test_no_cookie_is_kept(self, serve: Serve) -> None:
        server = serve(open_ended(b"hello", "Set-Cookie: seen=1; Path=/"))

        with http.exchange(seconds=30, trusted=[server.origin]):
            http.fetch("GET", server.url, most=MOST)
            http.fetch("GET", server.url, most=MOST)

        assert "cookie" not in headers_of(server.requests[1])

    def test_netrc_and_proxies_of_the_environment_are_ignored(
        self, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server, proxy = serve(open_ended()), serve(open_ended(b"from the proxy"))
        (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password hunter2\n")
        (tmp_path / ".netrc").chmod(0o600)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)

        answers = [fetched(server), fetched(server, headers={"Authorization": "Bearer hf_own"})]

        assert [answer.content for answer in answers] == [b"hello", b"hello"]
        assert proxy.connections == 0
        assert "authorization" not in headers_of(server.requests[0])
        assert "Authorization: Bearer hf_own" in server.requests[1]


class TestTls:
    @pytest.fixture
    def certificate(self, tmp_path: Path) -> Path:
        """A certificate of 127.0.0.1 that vouches for itself, with its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
            .sign(key, hashes.SHA256())
        )
        pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        file = tmp_path / "certificate.pem"
        file.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem))
        return file

    @pytest.fixture
    def tls(self, certificate: Path) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        return context

    @pytest.fixture
    def trusted(self, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """The certificate's own authority is one of those we trust."""
        monkeypatch.setattr(certifi, "where", lambda: str(certificate))
        exchanges._tls.cache_clear()
        yield
        exchanges._tls.cache_clear()

    def test_a_certificate_that_nobody_vouches_for_is_refused(self, serve: Serve, tls: ssl.SSLContext) -> None:
        server = serve(open_ended(), tls=tls)

        assert failure(server) == "broken"
        assert server.requests == []

    @pytest.mark.usefixtures("trusted")
    def test_one_of_another_host_is_refused(
        self, serve: Serve, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = serve(open_ended(), tls=tls)
        names(monkeypatch, hub_example=["127.0.0.1"])

        with http.exchange(seconds=30, trusted=[("hub.example", server.port)]), pytest.raises(http.Failed) as failed:
            http.fetch("GET", f"https://hub.example:{server.port}/", most=MOST)

        assert failed.value.reason == "broken"
        assert server.requests == []

    @pytest.mark.usefixtures("trusted")
    def test_a_call_over_tls_is_answered_and_ended_like_any_other(self, serve: Serve, tls: ssl.SSLContext) -> None:
        def answer(server: Server, line: Any) -> None:
            line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            server.drip(line, b"x")

        assert fetched(serve(open_ended(), tls=tls)).content == b"hello"
        assert failure(serve(answer, tls=tls), seconds=SHORT) == "late"

    def test_a_handshake_that_never_comes_is_cut(self, serve: Serve) -> None:
        server = serve(lambda server, line: server.drip(line, b"\x16"))
        server_url = f"https://127.0.0.1:{server.port}/"

        with http.exchange(seconds=SHORT, trusted=[server.origin]), pytest.raises(http.Failed) as failed:
            http.fetch("GET", server_url, most=MOST)

        assert failed.value.reason == "late"
