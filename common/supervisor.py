"""Starts the web server and the worker, starts again what dies, ends both when told to. Loads no Django."""

import ctypes
import os
import signal
import subprocess
import sys
import time
import uuid
from collections import deque
from pathlib import Path

LOOK_EVERY = 0.1
GRACE = 5.0
SOON = 30.0
WAIT_FROM_THIRD_DEATH = 5.0
PR_SET_PDEATHSIG = 1
STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main() -> None:
    """Supervise until a signal; the arguments are host, port and data folder."""
    host, port, folder = sys.argv[1:]
    supervisor = Supervisor([web(host, port), Worker(Path(folder))])
    for number in STOPS:
        signal.signal(number, lambda *_: supervisor.stop())
    supervisor.run()
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)  # Python takes its handlers away before it has ended


class Child:
    """One process that is started again whenever it dies."""

    def __init__(self, command: list[str]) -> None:
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


def web(host: str, port: str) -> Child:
    """The web server."""
    limits = "--timeout-graceful-shutdown 5 --lifespan off --no-proxy-headers --no-server-header"
    quiet = "--log-level warning --no-access-log"
    command = ["-m", "uvicorn", "config.asgi:application", "--host", host, "--port", port]
    patient = "--http common.patience:Patient --ws none"
    return Child([sys.executable, *command, *patient.split(), *limits.split(), *quiet.split()])


class Worker(Child):
    """The Celery worker: each start has a new id and names the dead ones whose leases it frees.

    A worker of a supervisor that was itself killed is named too: its id stands in a file.
    """

    def __init__(self, folder: Path) -> None:
        command = "celery --quiet --app config worker --pool threads --queues local,provider,chores --loglevel warning"
        quiet = "--without-gossip --without-mingle --without-heartbeat"
        super().__init__([sys.executable, "-m", *command.split(), *quiet.split()])
        self.confirmation = folder / "freed"
        self.confirmation.unlink(missing_ok=True)
        self.last = folder / "worker_id"
        self.worker_id = ""
        self.dead = [self.last.read_text()] if self.last.exists() else []

    def environment(self) -> dict[str, str]:
        confirmed = self.confirmation.read_text().split(",") if self.confirmation.exists() else []
        self.dead = [name for name in self.dead if name not in confirmed]
        if self.worker_id:
            self.dead.append(self.worker_id)
        self.worker_id = f"up-{uuid.uuid4().hex[:12]}"
        self.last.write_text(self.worker_id)
        return {
            **os.environ,
            "WORKER_ID": self.worker_id,
            "REPLACES": ",".join(self.dead),
            "CONFIRM_FREED": str(self.confirmation),
        }


class Supervisor:
    """Starts both children, starts again what dies, ends both when told to."""

    def __init__(self, children: list[Child]) -> None:
        self.children = children
        self.stopping = False

    def stop(self) -> None:
        """For signal handlers: a lock here would wait for itself when a second signal interrupts the first."""
        self.stopping = True

    def run(self) -> None:
        for child in self.children:
            child.start()
        starts: dict[Child, float] = {}
        while not self.stopping:
            time.sleep(LOOK_EVERY)
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


if __name__ == "__main__":
    main()
