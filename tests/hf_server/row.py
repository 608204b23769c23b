"""What a row is, and how one is written."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = {"content-type": "application/json"}
HTML = {"content-type": "text/html; charset=utf-8"}
TEXT = {"content-type": "text/plain; charset=utf-8"}
IN_30_SECONDS = "<the date in 30 seconds>"
"""A header value that is written as an HTTP date when the answer is sent."""


@dataclass(frozen=True)
class Row:
    """One behaviour.

    Plain rows send status, headers and body as they stand. A `twist` changes the picture or the job of an otherwise
    usual answer; an `ending` is how the connection is treated. `kind` is the call that a row is for unless a script
    says otherwise, `speaker` the provider that says it so, `billed` whether the provider charges for it all the same.
    """

    name: str
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "create"
    speaker: str = ""
    twist: str = ""
    ending: str = ""
    billed: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether the answer is the row's own status, headers and body."""
        return not self.twist and not self.ending


def says(name: str, status: int, body: Any, headers: Mapping[str, str] | None = None, **more: Any) -> Row:
    """A plain row; a body that is a string is a page, anything else is JSON."""
    if isinstance(body, str):
        return Row(name, status, body.encode(), {**HTML, **(headers or {})}, **more)
    return Row(name, status, json.dumps(body).encode(), {**JSON, **(headers or {})}, **more)


def page(words: str, by: str = "nginx") -> str:
    """A page as the web servers at the edge write it."""
    return f"<html><head><title>{words}</title></head><body><center><h1>{words}</h1></center>{by}</body></html>"
