"""What is wrong with the head of a request, before anybody reads its body."""

import pytest

from common.heads import ADDRESS_MOST, HEAD_MOST, ONCE, fault

HOST = (b"host", b"studio.example")


def scope(
    *headers: tuple[bytes, bytes], path: bytes = b"/api/v1/models", query: bytes = b"", version: str = "1.1"
) -> dict:
    return {"headers": [HOST, *headers], "raw_path": path, "query_string": query, "http_version": version}


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"content-encoding", b"Identity")],
        [(b"transfer-encoding", b"Chunked")],
        [(b"prefer", b"wait=1"), (b"prefer", b"respond-async")],
        [(b"cookie", b"a=1"), (b"cookie", b"b=2")],
        [(b"accept", b"text/html"), (b"accept", b"*/*")],
        [(b"x", b"a" * (HEAD_MOST - 100))],
    ],
)
def test_an_honest_head_passes(headers: list[tuple[bytes, bytes]]) -> None:
    assert fault(scope(*headers)) == ""


@pytest.mark.parametrize("name", sorted(ONCE))
def test_a_header_that_says_one_thing_stands_once(name: bytes) -> None:
    same = [(name, b"identity")] * 2

    assert fault(scope(*same)) == "repeated_header"


@pytest.mark.parametrize("coding", [b"gzip", b"br", b"deflate, gzip", b"x", b""])
def test_a_packed_body_is_not_taken(coding: bytes) -> None:
    assert fault(scope((b"content-encoding", coding))) == "wrong_encoding"


@pytest.mark.parametrize("coding", [b"gzip, chunked", b"identity", b"xchunked"])
def test_a_body_is_sent_in_chunks_or_whole(coding: bytes) -> None:
    assert fault(scope((b"transfer-encoding", coding))) == "wrong_encoding"


def test_http_1_1_names_the_host_and_1_0_need_not() -> None:
    without = {**scope(), "headers": []}

    assert fault(without) == "malformed"
    assert fault({**without, "http_version": "1.0"}) == ""


@pytest.mark.parametrize("path", [b"/api%2fv1/models", b"/api/v1%2F..", b"/api%5cv1", b"/api/v1/%00"])
def test_a_path_hides_nothing(path: bytes) -> None:
    assert fault(scope(path=path)) == "not_found"


def test_heads_and_addresses_end_somewhere() -> None:
    assert fault(scope((b"x", b"a" * HEAD_MOST))) == "head_too_large"
    assert fault(scope(*[(b"x", b"a" * 16)] * 5000)) == "head_too_large"
    assert fault(scope(query=b"a" * ADDRESS_MOST)) == "address_too_long"
    assert fault(scope(path=b"/" + b"a" * ADDRESS_MOST)) == "address_too_long"
