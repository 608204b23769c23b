"""The whole studio in one command: a web server and a worker, restarted when they die."""

import ctypes
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections import deque
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

GRACE = 5.0
SOON = 30.0
WAIT_FROM_THIRD_DEATH = 5.0
PR_SET_PDEATHSIG = 1


class Command(BaseCommand):
    help = "Prepare the database and the static files, then serve the studio with one worker until Ctrl+C."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.REDIS_URL:
            raise CommandError("With REDIS_URL set, start web, worker and beat separately: docs/deploy.md says how.")
        refuse_taken_port()
        prepare()
        supervisor = Supervisor()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: supervisor.stop())
        self.stdout.write(f"Training Edge AI is at {settings.PUBLIC_URL} (Ctrl+C ends it)")
        self.stdout.flush()
        threading.Thread(target=welcome, args=(self.stdout.write,), daemon=True).start()
        supervisor.run()


def refuse_taken_port() -> None:
    """Raises `CommandError` where something listens already: a second studio would free the first one's leases."""
    with socket.socket(socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.HOST, settings.PORT))
        except OSError as error:
            reason = f"Cannot listen on {settings.HOST}:{settings.PORT} ({error.strerror}). Set PORT to a free one."
            raise CommandError(reason) from error


def prepare() -> None:
    """Migrate, bring the catalogue in, collect the static files where they changed, empty the broker's scratch."""
    call_command("migrate", verbosity=0)
    call_command("sync_catalogue", verbosity=0)
    collect_static()
    for name in ("control", "processed"):
        shutil.rmtree(settings.BROKER_DIR / name, ignore_errors=True)
        (settings.BROKER_DIR / name).mkdir(parents=True)


def collect_static() -> None:
    """Once, and again only when the requirements or `static/` change."""
    stamp = settings.DATA_DIR / "static.stamp"
    wanted = _fingerprint(settings.BASE_DIR)
    if stamp.exists() and stamp.read_text() == wanted and settings.STATIC_ROOT.exists():
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(wanted)


def _fingerprint(base: Path) -> str:
    files = sorted(path for path in (base / "static").rglob("*") if path.is_file())
    digest = hashlib.sha256((base / "requirements.txt").read_bytes())
    for path in files:
        digest.update(f"{path.relative_to(base)} {path.stat().st_mtime_ns} {path.stat().st_size}".encode())
    return digest.hexdigest()


def welcome(write: Any) -> None:
    """Tell the operator of an installation without a curator how to make one."""
    from django.contrib.auth import get_user_model
    from django.db import connection

    if not get_user_model().objects.filter(is_staff=True).exists():
        write("There is no curator yet. Sign up, then: .venv/bin/python manage.py make_curator you@example.org")
    connection.close()


class Child:
    """One process that is started again whenever it dies."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self.command = command
        self.deaths: deque[float] = deque(maxlen=3)
        self.process: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, env=self.environment(), preexec_fn=die_with_parent)

    def died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def pause(self, now: float) -> float:
        """Seconds to wait before the next start: none until the third death within half a minute."""
        self.deaths.append(now)
        crowded = len(self.deaths) == 3 and now - self.deaths[0] < SOON
        return WAIT_FROM_THIRD_DEATH if crowded else 0.0


class Worker(Child):
    """The Celery worker: each start has a new id and names the dead ones whose leases it frees."""

    def __init__(self) -> None:
        super().__init__(
            "worker",
            [
                *[sys.executable, "-m", "celery", "--quiet", "--app", "config", "worker", "--pool", "threads"],
                *[
                    "--queues",
                    "local,provider,chores",
                    "--without-gossip",
                    "--without-mingle",
                    "--without-heartbeat",
                ],
                *["--loglevel", "warning"],
            ],
        )
        self.confirmation = settings.DATA_DIR / "freed"
        self.confirmation.unlink(missing_ok=True)
        self.worker_id = ""
        self.dead: list[str] = _left_by_last_run()

    def environment(self) -> dict[str, str]:
        confirmed = self.confirmation.read_text().split(",") if self.confirmation.exists() else []
        self.dead = [name for name in self.dead if name not in confirmed]
        if self.worker_id:
            self.dead.append(self.worker_id)
        self.worker_id = f"up-{uuid.uuid4().hex[:12]}"
        _remember(self.worker_id)
        return {
            **os.environ,
            "WORKER_ID": self.worker_id,
            "REPLACES": ",".join(self.dead),
            "CONFIRM_FREED": str(self.confirmation),
        }


def _left_by_last_run() -> list[str]:
    """The worker of a supervisor that was itself killed: its leases are free at once too."""
    path = settings.DATA_DIR / "worker_id"
    return [path.read_text()] if path.exists() else []


def _remember(worker_id: str) -> None:
    (settings.DATA_DIR / "worker_id").write_text(worker_id)


class Supervisor:
    """Starts both children, starts again what dies, ends both when told to."""

    def __init__(self) -> None:
        web = [
            *[sys.executable, "-m", "uvicorn", "config.asgi:application", "--host", settings.HOST],
            *["--port", str(settings.PORT), "--timeout-graceful-shutdown", "5", "--log-level", "warning"],
            *["--no-server-header", "--lifespan", "off", "--no-proxy-headers", "--no-access-log"],
        ]
        self.children = [Child("web", web), Worker()]
        self.stopping = threading.Event()

    def stop(self) -> None:
        self.stopping.set()

    def run(self) -> None:
        for child in self.children:
            child.start()
        starts: dict[Child, float] = {}
        while not self.stopping.wait(0.1):
            now = time.monotonic()
            for child in self.children:
                if child.died() and child not in starts:
                    starts[child] = now + child.pause(now)
                if starts.get(child, now + 1) <= now:
                    del starts[child]
                    child.start()
        self.end()

    def end(self) -> None:
        """SIGTERM to both, SIGKILL to what has not ended in time."""
        processes = [child.process for child in self.children if child.process]
        for process in processes:
            process.terminate()
        until = time.monotonic() + GRACE + 5
        for process in processes:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def die_with_parent() -> None:
    """On Linux, a child ends when its supervisor does, however that died."""
    os.setpgid(0, 0)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
