"""A client of the emulator, for its own tests."""

import base64
import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from PIL import Image

from tests.hf_server import Control, HFServer

SD3 = "stabilityai/stable-diffusion-3-medium-diffusers"
SCHNELL = "black-forest-labs/FLUX.1-schnell"
KONTEXT = "black-forest-labs/FLUX.1-Kontext-dev"
SDXL = "stabilityai/stable-diffusion-xl-base-1.0"
CREATE = f"/hf-inference/models/{SD3}"
FAL = "/fal-ai/fal-ai/flux/schnell"
QUEUE = {"_subdomain": "queue"}
REPLICATE = "/replicate/v1/models/black-forest-labs/flux-schnell/predictions"
OPENAI_LIKE = {"prompt": "a cat", "model": SDXL}


@pytest.fixture
def hf() -> Iterator[HFServer]:
    with HFServer() as server:
        yield server


class Caller:
    """A client with a token."""

    def __init__(self, hf: HFServer, token: str | None = "hf_good") -> None:
        self.hf = hf
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **params: str) -> requests.Response:
        return requests.get(self.hf.url + path, params=params, headers=self.headers, timeout=30, allow_redirects=False)

    def post(self, path: str, body: Any, *, params: dict[str, str] | None = None, **headers: str) -> requests.Response:
        headers = {**self.headers, **headers}
        return requests.post(self.hf.url + path, json=body, params=params, headers=headers, timeout=30)

    def paint(self, **parameters: Any) -> requests.Response:
        return self.post(CREATE, {"inputs": "a cat", "parameters": parameters})

    def submit(self, **fields: Any) -> str:
        """The id of a job in fal's queue."""
        return str(self.post(FAL, {"prompt": "a cat", **fields}, params=QUEUE).json()["request_id"])

    def ask(self, job: str, what: str = "") -> requests.Response:
        return self.get(f"/fal-ai/fal-ai/flux/requests/{job}{what}", **QUEUE)


@pytest.fixture
def caller(hf: HFServer) -> Caller:
    return Caller(hf)


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def fetched(url: str) -> Image.Image:
    answer = requests.get(url, timeout=30)
    assert answer.status_code == 200
    return opened(answer.content)


def source(width: int = 320, height: int = 200) -> str:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def wish(words: str = "a cat", **more: Any) -> dict[str, Any]:
    """A chat call."""
    return {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": words}], **more}


@contextmanager
def dialled(hf: Control) -> Iterator[socket.socket]:
    """A connection on which a picture was asked for."""
    body = b'{"inputs": "a cat"}'
    head = f"POST {CREATE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer hf_good\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", hf.port), timeout=30) as line:
        line.sendall(head.encode() + body)
        yield line
