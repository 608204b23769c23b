"""The way it was before there was a queue: one process, one thread, and the provider is called inside the request.

`python -m bench.original PORT PROVIDER SIDE` serves so; `seconds_for` starts it and sends it clients.
"""

import http.server
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from bench.cluster import start
from tests.hf_server.client import HFProcess
from tests.real.servers import answers, free_port, until

MODEL = "stabilityai/stable-diffusion-3-medium-diffusers"


def seconds_for(clients: int, hf: HFProcess, *, side: int) -> float:
    """Seconds until each of so many clients, who come at once, has a picture."""
    port = free_port()
    process = start("bench.original", str(port), f"{hf.url}/hf-inference/models/{MODEL}", str(side))
    try:
        until(lambda: answers(port), what="the original design answering")
        began = time.monotonic()
        with ThreadPoolExecutor(clients) as crowd:
            pictures = list(crowd.map(picture_of, [f"http://127.0.0.1:{port}/"] * clients))
        ended = time.monotonic()
    finally:
        process.kill()
        process.wait()
    if not all(picture.startswith(b"\xff\xd8\xff") for picture in pictures):
        raise RuntimeError("the original design made no pictures")
    return ended - began


def picture_of(address: str) -> bytes:
    with urllib.request.urlopen(address, b"", timeout=300) as answer:
        return bytes(answer.read())


class Page(http.server.BaseHTTPRequestHandler):
    """Answers a request with the picture that it waits for."""

    provider = ""
    side = 0

    def do_POST(self) -> None:
        asked: dict[str, Any] = {"inputs": "a red mug", "parameters": {"width": self.side, "height": self.side}}
        made = requests.post(self.provider, json=asked, headers={"Authorization": "Bearer hf_good"}, timeout=300)
        self.send_response(made.status_code)
        self.end_headers()
        self.wfile.write(made.content)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


class Server(http.server.HTTPServer):
    request_queue_size = 1000


if __name__ == "__main__":
    Page.provider, Page.side = sys.argv[2], int(sys.argv[3])
    Server(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
