"""A cluster of a measurement's own: PostgreSQL, Redis and Hugging Face on loopback, and one worker that is watched."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Self

import psycopg

from bench.memory import kilobytes
from bench.studio import ROOT
from common import supervisor
from tests.hf_server.client import HFProcess
from tests.real import servers

LOOK_EVERY = 0.25
APPLICATION = "bench-worker"
OURS = f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{APPLICATION}'"


def missing() -> str:
    """What a cluster needs and this machine lacks, "" where nothing is."""
    if servers.postgresql_folder() is None:
        return "PostgreSQL (Debian: postgresql)"
    return "" if shutil.which("redis-server") else "Redis (Debian: redis-server)"


def secrets() -> dict[str, str]:
    """What a studio on PostgreSQL must be told."""
    return {"SECRET_KEY": "only-to-measure", "TOKEN_ENCRYPTION_KEYS": f"{'only-to-measure':_<43}="}


def settings(hf: HFProcess, **more: str) -> dict[str, str]:
    """The environment of a studio that calls this Hugging Face."""
    return {
        **secrets(),
        "HF_TOKEN": "hf_good",
        "HF_HUB_URL": hf.url,
        "HF_ROUTER_URL": hf.url,
        "LOG_LEVEL": "warning",
        **more,
    }


@contextmanager
def running() -> Iterator[HFProcess]:
    """The servers; the environment of this process names them."""
    with ExitStack() as open_servers:
        redis = servers.Redis(Path(os.environ["DATA_DIR"]))
        open_servers.callback(redis.stop)
        address = open_servers.enter_context(servers.postgresql())
        hf = open_servers.enter_context(HFProcess())
        os.environ.update(settings(hf, DATABASE_URL=address, REDIS_URL=redis.address))
        yield hf


def start(*command: str, **environment: str) -> subprocess.Popen[bytes]:
    """A process of the studio: a Python module with its arguments."""
    everything = {**os.environ, **environment}
    return subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=everything, stdout=subprocess.DEVNULL)


def start_web(port: int, *more: str, **environment: str) -> subprocess.Popen[bytes]:
    """A web process as the supervisor starts it, with more arguments where they are given."""
    command = supervisor.web("127.0.0.1", str(port)).command
    return subprocess.Popen([*command, *more], cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)


def start_worker(**environment: str) -> subprocess.Popen[bytes]:
    """A worker as `docs/deploy.md` starts it."""
    command = "celery --quiet --app config worker --pool threads --queues local,provider,chores --loglevel warning"
    quiet = "--without-gossip --without-mingle --without-heartbeat"
    return start(*command.split(), *quiet.split(), **environment)


class Watched:
    """One worker while it works: megabytes, processor seconds at each look, and connections to the database."""

    def __init__(self, *, slots: int) -> None:
        self.slots = slots
        self.pss = 0.0
        self.connections = 0
        self.looks: list[tuple[float, float]] = []
        self._over = Event()
        self._watcher = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self.process = start_worker(PROVIDER_SLOTS=str(self.slots), PGAPPNAME=APPLICATION)
        self._watcher.start()
        return self

    def __exit__(self, *_how: object) -> None:
        self._over.set()
        self._watcher.join()
        self.process.kill()
        self.process.wait()

    @property
    def rss(self) -> float:
        """Megabytes that it had in memory at the most."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM:"))

    def processor_seconds(self, since: float) -> float:
        """What it used from then (seconds of the epoch) to now."""
        before = [used for looked_at, used in self.looks if looked_at <= since]
        return processor_seconds(self.process.pid) - (before[-1] if before else 0.0)

    def _watch(self) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as database:
            while not self._over.wait(LOOK_EVERY):
                row = database.execute(OURS).fetchone()
                self.connections = max(self.connections, row[0] if row else 0)
                self.looks.append((time.time(), processor_seconds(self.process.pid)))
                self.pss = max(self.pss, kilobytes(self.process.pid) / 1000)


def processor_seconds(pid: int) -> float:
    """User and system time of a process and of its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
