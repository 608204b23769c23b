"""Somebody else's website: another origin, whose pages hold our JavaScript example."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.real.studio import ROOT


class Pages(SimpleHTTPRequestHandler):
    """The folder of the examples, silently."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript"}

    def log_message(self, *_: Any) -> None: ...


@contextmanager
def website() -> Iterator[str]:
    """The origin it is reached at."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Pages, directory=str(ROOT / "docs" / "clients"))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
