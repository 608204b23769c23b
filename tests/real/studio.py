"""A whole studio in real processes: a web server and workers that can be killed."""

import atexit
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import uuid
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import requests

from tests.hostile import MUG
from tests.real.servers import answers, free_port, until

ROOT = Path(__file__).resolve().parents[2]
SITE = Path(__file__).with_name("stalls")
PREPARE = "from common.management.commands import up; up.prepare()"


def _environment(home: Path) -> dict[str, str]:
    """What every process of a studio at `home` is told."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TEST_", "DJANGO_", "CI"))}
    return {
        **clean,
        "DATA_DIR": str(home),
        "SECRET_KEY": "only-for-tests",
        "TOKEN_ENCRYPTION_KEYS": f"{'only-for-tests':_<43}=",
        "PYTHONPATH": str(ROOT),
    }


@cache
def _prepared() -> Path:
    """The folder of a studio on SQLite that nobody has used yet: made once a process, copied for each studio."""
    home = Path(tempfile.mkdtemp(prefix="studio-prepared-"))
    atexit.register(shutil.rmtree, home)
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", PREPARE]
    subprocess.run(command, cwd=ROOT, env=_environment(home), check=True)
    return home


class Studio:
    """Processes over one database and one broker; `environment` says which."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.database_url = environment.get("DATABASE_URL", "")
        self.environment = {**_environment(folder / "data"), "PORT": str(self.port), **environment}
        self.web: subprocess.Popen[bytes] | None = None
        self.second_web: subprocess.Popen[bytes] | None = None
        self.second_port = free_port()
        self.workers: list[subprocess.Popen[bytes]] = []
        self.worker_id = ""
        self.stalls = folder / "stalls"
        shutil.copytree(_prepared(), self.folder / "data")
        if self.database_url:
            self.manage("shell", "-v0", "-c", PREPARE)

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
        self.web = self._serving(self.port)

    def start_second_web(self) -> None:
        """Another web process, at `second_port`, until `stop_second_web`."""
        self.second_web = self._serving(self.second_port)

    def stop_second_web(self) -> None:
        web, self.second_web = self.second_web, None
        if web:
            web.kill()
            web.wait()

    @property
    def webs(self) -> dict[int, subprocess.Popen[bytes]]:
        """Each web process that runs, by its port."""
        both = {self.port: self.web, self.second_port: self.second_web}
        return {port: web for port, web in both.items() if web}

    def start_worker(self, *, stalls: bool = False, replaces: bool = True, **environment: str) -> None:
        """A worker with a new id, which frees the leases of the one before it, as the supervisor has it.

        With `stalls` it stops where the prompts say (stalls/sitecustomize.py); `CLOCK_OFF` sets its clock wrong.
        """
        if replaces:
            self.kill_worker()
        before, self.worker_id = self.worker_id, uuid.uuid4().hex
        extra = {"WORKER_ID": self.worker_id, "REPLACES": before if replaces else "", **environment}
        if stalls or "CLOCK_OFF" in environment:
            self.stalls.mkdir(exist_ok=True)
            extra |= {"STALLS": str(self.stalls), "PYTHONPATH": f"{SITE}{os.pathsep}{ROOT}"}
        command = [sys.executable, "-m", "celery", "--quiet", "--app", "config", "worker", "--pool", "threads"]
        worker = self._start([*command, "--queues", "local,provider,chores", "--loglevel", "warning"], extra)
        self.workers.append(worker)

    def kill_worker(self) -> None:
        """Kill -9 whichever workers there are."""
        workers, self.workers = self.workers, []
        died = [worker.poll() for worker in workers]
        for worker in workers:
            worker.kill()
            worker.wait()
        assert died == [None] * len(died), "a worker had ended by itself"

    def stalled(self) -> set[str]:
        """The prompts whose threads have stopped."""
        return {each.name for each in self.stalls.glob("*")}

    def stop(self) -> None:
        self.kill_worker()
        self.stop_second_web()
        if self.web:
            self.web.kill()
            self.web.wait()

    def token(self, email: str, *, plan: str = "pro") -> str:
        return self.manage("create_token", email, "--plan", plan)

    def tokens(self, *emails: str, plan: str = "pro") -> list[str]:
        """A token of each, made by one process."""
        made = f"for email in {emails}: call_command('create_token', email, plan='{plan}')"
        return self.manage("shell", "-v0", "-c", f"from django.core.management import call_command\n{made}").split()

    def call(self, method: str, path: str, token: str, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}
        return requests.request(method, f"{self.address}{path}", headers=headers, **{"timeout": 70, **options})

    def submit(self, token: str, **wishes: Any) -> dict[str, Any]:
        few_steps = {} if "model" in wishes else {"steps": 5}
        body = {"prompt": MUG, "width": 64, "height": 64, **few_steps, **wishes}
        answer = self.call("POST", "/api/v1/generations", token, json=body)
        assert answer.status_code == 202, answer.text
        return answer.json()

    def cancel(self, token: str, *ids: str) -> None:
        """End what still waits, so that the next test finds nothing to be made."""
        for each in ids:
            self.call("POST", f"/api/v1/generations/{each}/cancel", token)

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

    def change(self, statement: str) -> None:
        """Write to the database behind everybody's back."""
        if self.database_url:
            with psycopg.connect(self.database_url) as connection:
                connection.execute(statement)
            return
        connection = sqlite3.connect(self.folder / "data" / "studio.sqlite3", timeout=20)
        try:
            connection.execute(statement)
            connection.commit()
        finally:
            connection.close()

    def where(self, *ids: str) -> str:
        """The condition in SQL that a row is one of these generations."""
        keys = (f"'{each if self.database_url else uuid.UUID(each).hex}'" for each in ids)
        return f"id IN ({', '.join(keys)})"

    def hurry(self) -> None:
        """What waits for another try is due now; row by row, since a worker locks many of them in its own order."""
        for (key,) in self.rows("SELECT id FROM generator_generation WHERE not_before IS NOT NULL"):
            self.change(f"UPDATE generator_generation SET not_before = NULL WHERE {self.where(str(key))}")

    def ended(self, token: str, ids: list[str], *, hurry: bool = True, seconds: float = 60.0) -> list[dict[str, Any]]:
        """The generations once all are final; with `hurry` nobody waits for another try."""
        open_ones = f"SELECT count(*) FROM generator_generation WHERE finished_at IS NULL AND {self.where(*ids)}"

        def all_final() -> bool:
            if hurry:
                self.hurry()
            return self.rows(open_ones) == [(0,)]

        until(all_final, seconds=seconds, what="the end of all")
        return [self.generation(token, each) for each in ids]

    def _serving(self, port: int) -> subprocess.Popen[bytes]:
        """A web process as the supervisor starts it, once it answers."""
        command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(port)]
        patient = ["--http", "common.patience:Patient", "--ws", "none"]
        web = self._start([*command, *patient, "--log-level", "warning", "--lifespan", "off"], {})
        until(lambda: answers(port), what="the web server answering")
        return web

    def _start(self, command: list[str], extra: dict[str, str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, cwd=ROOT, env={**self.environment, **extra})
