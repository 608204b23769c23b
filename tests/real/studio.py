"""A whole studio in real processes: a web server and workers that can be killed."""

import os
import signal
import sqlite3
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import psycopg
import requests

from tests.real.servers import answers, free_port, until

ROOT = Path(__file__).resolve().parents[2]
STALLS = Path(__file__).with_name("stalls")


class Studio:
    """Processes over one database and one broker; `environment` says which."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.database_url = environment.get("DATABASE_URL", "")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("TEST_", "DJANGO_", "CI"))}
        self.environment = {
            **clean,
            "DATA_DIR": str(folder / "data"),
            "PORT": str(self.port),
            "SECRET_KEY": "only-for-tests",
            "TOKEN_ENCRYPTION_KEYS": f"{'only-for-tests':_<43}=",
            "PYTHONPATH": str(ROOT),
            **environment,
        }
        self.web: subprocess.Popen[bytes] | None = None
        self.worker: subprocess.Popen[bytes] | None = None
        self.worker_id = ""
        self.manage("migrate", "--verbosity", "0")
        self.manage("sync_catalogue", "--verbosity", "0")
        self.manage("collectstatic", "--verbosity", "0", "--no-input")

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *command: str) -> str:
        """Run one management command; what it printed."""
        full = [sys.executable, "manage.py", *command]
        done = subprocess.run(full, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout.strip()

    def start_web(self) -> None:
        command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(self.port)]
        self.web = self._start([*command, "--log-level", "warning", "--lifespan", "off"], {})
        until(lambda: answers(self.port), what="the web server answering")

    def start_worker(self, *, stall_at: str = "", replaces: bool = True) -> None:
        """A worker with a new id, which frees the leases of the one before it, as the supervisor has it."""
        before, self.worker_id = self.worker_id, uuid.uuid4().hex
        extra = {"WORKER_ID": self.worker_id, "REPLACES": before if replaces else ""}
        self.stalled = self.folder / f"stalled-{self.worker_id}"
        if stall_at:
            path = f"{STALLS}{os.pathsep}{ROOT}"
            extra |= {"STALL_AT": stall_at, "STALL_FILE": str(self.stalled), "PYTHONPATH": path}
        command = [sys.executable, "-m", "celery", "--quiet", "--app", "config", "worker", "--pool", "threads"]
        self.worker = self._start([*command, "--queues", "local,provider,chores", "--loglevel", "warning"], extra)

    def kill_worker(self) -> None:
        assert self.worker is not None
        os.kill(self.worker.pid, signal.SIGKILL)
        self.worker.wait()

    def stop(self) -> None:
        for process in (self.worker, self.web):
            if process and process.poll() is None:
                process.kill()
                process.wait()

    def token(self, email: str, *, plan: str = "pro") -> str:
        return self.manage("create_token", email, "--plan", plan)

    def call(self, method: str, path: str, token: str, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}
        return requests.request(method, f"{self.address}{path}", headers=headers, timeout=70, **options)

    def submit(self, token: str, **wishes: Any) -> dict[str, Any]:
        body = {"prompt": "a red mug", "width": 64, "height": 64, "steps": 5, **wishes}
        answer = self.call("POST", "/api/v1/generations", token, json=body)
        assert answer.status_code == 202, answer.text
        return answer.json()

    def generation(self, token: str, generation_id: str) -> dict[str, Any]:
        return self.call("GET", f"/api/v1/generations/{generation_id}", token).json()

    def finished(self, token: str, generation_id: str, *, seconds: float = 60.0) -> dict[str, Any]:
        """The generation once it is final."""
        final = {"succeeded", "failed", "cancelled"}
        until(lambda: self.generation(token, generation_id)["status"] in final, seconds=seconds, what="its end")
        return self.generation(token, generation_id)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask the database behind everybody's back."""
        if self.database_url:
            with psycopg.connect(self.database_url) as connection:
                return connection.execute(statement).fetchall()
        connection = sqlite3.connect(self.folder / "data" / "studio.sqlite3", timeout=20)
        try:
            return connection.execute(statement).fetchall()
        finally:
            connection.close()

    def _start(self, command: list[str], extra: dict[str, str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, cwd=ROOT, env={**self.environment, **extra})


def assert_books_balance(studio: Studio) -> None:
    """Every reservation is settled once, counters and ledger agree, outputs and pictures are one to one."""
    [(used, reserved)] = studio.rows("SELECT coalesce(sum(used), 0), coalesce(sum(reserved), 0) FROM accounts_usage")
    [(moved,)] = studio.rows("SELECT coalesce(sum(amount), 0) FROM accounts_ledgerentry")
    [(images,)] = studio.rows("SELECT count(*) FROM gallery_image WHERE origin = 'generated'")
    [(outputs,)] = studio.rows("SELECT count(*) FROM generator_output WHERE image_id IS NOT NULL")
    [(unsettled,)] = studio.rows(
        "SELECT count(*) FROM generator_generation g WHERE finished_at IS NULL OR status NOT IN "
        "('succeeded', 'failed', 'cancelled')"
    )
    kinds = dict(studio.rows("SELECT kind, count(*) FROM accounts_ledgerentry GROUP BY kind"))
    assert (reserved, unsettled) == (0, 0)
    assert used == moved == images == outputs
    assert kinds.get("reserve") == kinds.get("settle")
    media = studio.folder / "data" / "media"
    for (path,) in studio.rows("SELECT path FROM gallery_image"):
        assert (media / path).is_file()
