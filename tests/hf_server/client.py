"""How a test starts the emulator, tells it what to do and looks at what was done."""

import asyncio
import http.client
import json
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Self

from tests.hf_server.record import Call, Created
from tests.hf_server.server import Emulator

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60


class Control:
    """The emulator at an address, in this process or in another."""

    port = 0

    def __init__(self, port: int) -> None:
        self.port = port

    @property
    def url(self) -> str:
        """The one origin, for `HF_HUB_URL` and for `HF_ROUTER_URL`."""
        return f"http://127.0.0.1:{self.port}"

    def script(self, provider: str = "", row: str = "", *, times: int | None = None, **wish: Any) -> None:
        """Let the next `times` matching calls (None: all) go as the row says.

        Also matches `model`, `prompt` and `kind` (create, poll, result, cancel, picture, hub, whoami, chat); skips the
        first `after` of them. `seconds` is for delay and drip_*. `status`, `body` and `headers` replace the row's own.
        """
        self._post("script", {"provider": provider, "row": row, "times": times, **wish})

    def unscript(self) -> None:
        """From now on everything goes well."""
        self._post("unscript", {})

    def settings(self, **wish: Any) -> None:
        """Turn `default_delay`, `pending_polls`, `fixed_picture` or `chat_answer`."""
        self._post("settings", wish)

    def model(self, name: str, /, **fields: Any) -> None:
        """Change or add a model: `task`, `providers`, `gone`, `gated`, `licence`, `disabled`."""
        self._post("models", {name: fields})

    def delete_model(self, name: str) -> None:
        """The owner deleted the repository."""
        self._post("models", {name: None})

    def token(self, token: str, /, **fields: Any) -> None:
        """Change or add a token: `name`, `state`, `role`, `permissions`, `gates`, `is_pro`."""
        self._post("tokens", {token: fields})

    def reset(self) -> None:
        """As it was at the start; calls still open are forgotten."""
        self._post("reset", {})

    def wait_for(self, *, times: int = 1, seconds: float = 30, **match: Any) -> bool:
        """Whether so many calls with these fields (`kind="create"`, `ended="abandoned"`) came within the seconds."""
        wish = {**match, "times": times, "seconds": seconds}
        return bool(self._call("POST", "wait", json.dumps(wish).encode(), patience=seconds + PATIENCE)["came"])

    @property
    def calls(self) -> list[Call]:
        """Every call since the start, oldest first."""
        return [Call(**one) for one in self._get("calls")["calls"]]

    def seen(self, **match: Any) -> list[Call]:
        """The calls with these fields: `seen(kind="create", provider="fal-ai")`."""
        return [call for call in self.calls if all(getattr(call, name) == value for name, value in match.items())]

    def created(self, **match: Any) -> int:
        """How many pictures a provider made and bills: `created(prompt="a cat", seed=7)`."""
        return sum(all(getattr(one, name) == value for name, value in match.items()) for one in self.bills)

    @property
    def bills(self) -> list[Created]:
        """Every picture that a provider made."""
        return [Created(**one) for one in self.counts["created"]]

    @property
    def counts(self) -> dict[str, Any]:
        """created, cancelled, faults, in_flight, max_in_flight; cheap while many calls are open."""
        counts: dict[str, Any] = self._get("counts")
        return counts

    @property
    def faults(self) -> list[str]:
        """What the client did that it must never do."""
        return list(self.counts["faults"])

    @property
    def max_in_flight(self) -> int:
        """The most pieces of work that the providers had at once."""
        return int(self.counts["max_in_flight"])

    def _get(self, name: str) -> Any:
        return self._call("GET", name, None)

    def _post(self, name: str, wish: dict[str, Any]) -> Any:
        return self._call("POST", name, json.dumps(wish).encode())

    def _call(self, method: str, name: str, body: bytes | None, *, patience: float = PATIENCE) -> Any:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        try:
            line.request(method, f"/_control/{name}", body)
            answer = line.getresponse()
            content = answer.read()
        finally:
            line.close()
        assert answer.status < 300, f"{name}: {answer.status} {content!r}"
        return json.loads(content) if content else None


class HFServer(Control):
    """The emulator on a thread of this process: `with HFServer() as hf`."""

    def __init__(self) -> None:
        self._line = socket.create_server(("127.0.0.1", 0), backlog=2048)
        super().__init__(self._line.getsockname()[1])
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="hf_server", daemon=True)

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._ready.set()
        await Emulator().serve(self._line, self._stop)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        return self

    def __exit__(self, *_how: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


class HFProcess(Control):
    """The emulator in a process of its own: `with HFProcess() as hf`."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.hf_server", "--port", str(self.port)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline().rsplit(":", 1)[1])
        return self

    def __exit__(self, *_how: object) -> None:
        assert self._process.stdout is not None
        self._process.terminate()
        self._process.wait(PATIENCE)
        self._process.stdout.close()
