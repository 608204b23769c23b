"""A program that webhooks are sent to: it writes down what came, and answers as a test wants."""

import json
from collections.abc import Callable
from typing import Any

from standardwebhooks import Webhook

from tests.common.wire import Server, ok

Answer = Callable[[Server, Any], bool | None]


class Receiver(Server):
    """Answers 200 unless told otherwise; `answers` are used up in their order, the last one stays."""

    def __init__(self, *answers: bytes | Answer) -> None:
        self.answers = list(answers) or [ok(b"thanks")]
        super().__init__(self._next)

    def _next(self, _server: Server, line: Any) -> None:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            answer(self, line)
        else:
            line.sendall(answer)

    @property
    def address(self) -> str:
        return f"{self.url}/hooks?shop=7"

    def headers(self, number: int = -1) -> dict[str, str]:
        """Of one request, names in lower case."""
        head = self.requests[number].partition("\r\n\r\n")[0]
        lines = [line.partition(": ") for line in head.split("\r\n")[1:]]
        return {name.lower(): value for name, _, value in lines}

    def body(self, number: int = -1) -> str:
        return self.requests[number].partition("\r\n\r\n")[2].encode("latin-1").decode()

    def message(self, number: int = -1) -> dict[str, Any]:
        return json.loads(self.body(number))

    def believes(self, secret: str, number: int = -1) -> Any:
        """What the public library makes of it; raises where the signature is not of this secret."""
        return Webhook(secret).verify(self.body(number), self.headers(number))


def silence(server: Server, _line: Any) -> None:
    """Never an answer, until the test is over."""
    server.over.wait(30)


def status(line: str, *headers: str, body: bytes = b"") -> bytes:
    """A whole answer with this status."""
    return ok(body, *headers, status=line)
