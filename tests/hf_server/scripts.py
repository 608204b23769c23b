"""What goes wrong, and when: scripted behaviours that wait for their calls."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import Any

from tests.hf_server.record import Call
from tests.hf_server.row import IN_30_SECONDS, Row
from tests.hf_server.rows import ROWS
from tests.hf_server.wire import Answer


@dataclass
class Script:
    """A row, the calls that it is for (empty: any), and how often it still happens (None: for ever)."""

    row: Row
    kind: str
    provider: str = ""
    model: str = ""
    prompt: str = ""
    times: int | None = None
    after: int = 0
    seconds: float = 1.0

    def takes(self, call: Call) -> bool:
        """Whether this call is one of its own, counting down what comes `after`."""
        wanted = {"kind": self.kind, "provider": self.provider, "model": self.model, "prompt": self.prompt}
        if self.times == 0 or any(value and getattr(call, name) != value for name, value in wanted.items()):
            return False
        if self.after:
            self.after -= 1
            return False
        if self.times:
            self.times -= 1
        return True


@dataclass
class Scripts:
    """All that wait, in the order in which they were written."""

    waiting: list[Script] = field(default_factory=list)

    def add(self, wish: Mapping[str, Any]) -> None:
        """Add one, as `POST /_control/script` has it; KeyError: no such row; ValueError: not for this call."""
        row = ROWS[wish["row"]] if wish.get("row") else Row("own")
        if "status" in wish:
            row = replace(row, status=wish["status"], twist="", ending="")
        if "body" in wish:
            row = replace(row, body=_bytes(wish["body"]))
        if "headers" in wish:
            row = replace(row, headers={**row.headers, **wish["headers"]})
        fields = {
            name: wish[name] for name in ("provider", "model", "prompt", "times", "after", "seconds") if name in wish
        }
        kind = wish.get("kind") or row.kind
        if row.twist and kind != "create":
            raise ValueError(f"{row.name} is for a create call, not for {kind}")
        self.waiting.append(Script(row, kind, **fields))

    def next_for(self, call: Call) -> Script | None:
        """The first that takes the call."""
        return next((script for script in self.waiting if script.takes(call)), None)


def plain(row: Row) -> Answer:
    """The answer of a plain row."""
    date = formatdate(time.time() + 30, usegmt=True)
    headers = {name: date if value == IN_30_SECONDS else value for name, value in row.headers.items()}
    return Answer(row.status, row.body, headers)


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()
