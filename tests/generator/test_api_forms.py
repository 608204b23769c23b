"""A form that was cut, or is none, is refused whole: nothing is spent, nothing kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import Usage, User
from gallery.models import Image
from generator.models import Generation
from tests.generator.pictures import png
from tests.hostile import MUG

Api = Callable[..., Client]
ROUTE = "/api/v1/generations"
TEXT = b'--XX\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n' + MUG.encode() + b"\r\n"
FILE_HEAD = b'--XX\r\nContent-Disposition: form-data; name="source"; filename="a.png"\r\n\r\n'
FILE = FILE_HEAD + png(96, 64) + b"\r\n"
WHOLE = TEXT + FILE + b"--XX--\r\n"


def post(client: Client, body: bytes, boundary: str = "XX") -> Any:
    return client.post(ROUTE, body, content_type=f"multipart/form-data; boundary={boundary}")


@pytest.mark.parametrize(
    "body",
    [WHOLE, b"\r\n" + WHOLE, WHOLE.removesuffix(b"\r\n"), WHOLE + b"an epilogue"],
    ids=["as written", "a line before", "no last line", "an epilogue"],
)
def test_a_whole_form_is_taken(body: bytes, alice: User, api: Api) -> None:
    made = post(api(alice), body)

    assert made.status_code == 202
    assert made.json()["mode"] == "image-to-image"


@pytest.mark.parametrize(
    ("body", "boundary"),
    [
        (TEXT + FILE, "XX"),
        (TEXT + FILE + b"--XX", "XX"),
        (TEXT + FILE + b"--XX-", "XX"),
        (TEXT + FILE[:-40], "XX"),
        (TEXT + FILE_HEAD[:60], "XX"),
        (TEXT[:-8], "XX"),
        (FILE + TEXT[:-8], "XX"),
        (WHOLE + FILE[:-40], "XX"),
        (WHOLE, "YY"),
        (b'{"prompt": "a red mug"}', "XX"),
        (b"words " + WHOLE, "XX"),
        (b"--XXX--\r\n", "XX"),
    ],
    ids=[
        *("no end", "half an end", "nearly an end", "in a file", "in a head", "in a text", "in a last text"),
        *("after an end", "another boundary", "JSON", "words before", "a longer boundary"),
    ],
)
def test_a_form_that_is_not_whole_is_refused_and_spends_nothing(
    body: bytes, boundary: str, alice: User, api: Api, media: Path
) -> None:
    response = post(api(alice), body, boundary)

    assert (response.status_code, response.json()["code"]) == (400, "malformed")
    assert [kind.objects.count() for kind in (Generation, Image, Usage)] == [0, 0, 0]


PART = b"--XX\r\n%b\r\n\r\n0.5\r\n"


@pytest.mark.parametrize(
    "part",
    [
        PART % b'Content-Disposition: form-data; name="stre\xffngth"',
        PART % b"Content-Disposition: form-data",
        PART % b"Content-Type: text/plain",
        PART % b"strength",
        PART % b'Content-Disposition: form-data; name="metadata"' + b"and --XX between\r\n",
        b"--XX--\r\n",
    ],
    ids=["a name in Latin-1", "no name", "no disposition", "no head", "a boundary in a text", "two ends"],
)
def test_a_part_that_cannot_be_taken_is_never_dropped(part: bytes, alice: User, api: Api) -> None:
    response = post(api(alice), TEXT + part + b"--XX--\r\n")

    assert (response.status_code, response.json()["code"]) == (400, "malformed")
    assert Generation.objects.count() == 0


def test_a_part_without_a_file_is_no_source(alice: User, api: Api) -> None:
    nothing = b'--XX\r\nContent-Disposition: form-data; name="source"; filename=""\r\nContent-Type: x/y\r\n\r\n\r\n'

    response = post(api(alice), TEXT + nothing + b"--XX--\r\n")

    assert response.status_code == 422
    assert [(error["field"], error["code"]) for error in response.json()["errors"]] == [("source", "not_a_file")]


@pytest.mark.parametrize("boundary", ["XX", "-" * 40 + "7da"])
@pytest.mark.parametrize("beyond", range(12))
def test_the_end_is_found_wherever_the_pieces_of_a_large_body_meet(
    beyond: int, boundary: str, alice: User, api: Api
) -> None:
    form = TEXT.replace(b"XX", boundary.encode())
    end = b"--" + boundary.encode() + b"--"
    filler = b'Content-Disposition: form-data; name="metadata"\r\n\r\n{}'
    head = form + b"--" + boundary.encode() + b"\r\n" + filler
    body = head + b" " * (2**16 - len(head) - len(end) + beyond - 4) + b"\r\n" + end

    assert post(api(alice), body, boundary).status_code == 202
    assert post(api(alice), body[:-1], boundary).status_code == 400


@pytest.mark.parametrize("text", [b"caf\xe9", b"\xff", b"\xed\xa0\x80", b"half \xf0\x9f"])
def test_a_text_that_is_not_utf8_is_refused_by_name_and_spends_nothing(text: bytes, alice: User, api: Api) -> None:
    response = post(api(alice), TEXT.replace(MUG.encode(), text) + b"--XX--\r\n")

    assert response.status_code == 422
    assert [(error["field"], error["code"]) for error in response.json()["errors"]] == [("prompt", "wrong_bytes")]
    assert [kind.objects.count() for kind in (Generation, Usage)] == [0, 0]


def test_a_character_that_stands_for_an_unreadable_one_may_be_sent(alice: User, api: Api) -> None:
    response = post(api(alice), TEXT.replace(MUG.encode(), "a \ufffd".encode()) + b"--XX--\r\n")

    assert response.json()["request"]["prompt"] == "a \ufffd"
