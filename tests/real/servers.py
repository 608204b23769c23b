"""PostgreSQL and Redis of a test's own: on free ports, in a temporary folder, gone with the test."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
from psycopg import sql

STARTS_WITHIN = 30.0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def until(condition: Callable[[], bool], *, seconds: float = STARTS_WITHIN, what: str = "it") -> None:
    """Look twenty times a second until `condition` holds. Raises `TimeoutError`."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not happen within {seconds} s")
        time.sleep(0.05)


def answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def postgresql_folder() -> Path | None:
    """Where PostgreSQL's programs are; None where they are not installed."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    return next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """The address of an empty database."""
    server = PostgreSQL()
    try:
        yield server.address
    finally:
        server.stop()


class PostgreSQL:
    """One PostgreSQL server with an empty database, which can crash; it is a non-root user's, as initdb wants it."""

    def __init__(self) -> None:
        programs = postgresql_folder()
        assert programs is not None
        self.programs, self.port = programs, free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="studio-postgresql-"))
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(self.folder, self.user)
        self._run("initdb", "-U", "studio", "-A", "trust", "--no-sync")
        self.start()
        self.home = f"postgres://studio@127.0.0.1:{self.port}"
        self.address = self.new_database("studio")

    def new_database(self, name: str) -> str:
        """The address of one more, which is empty."""
        with psycopg.connect(f"{self.home}/postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"{self.home}/{name}"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def crash(self) -> None:
        """End it in the middle of everything: each connection breaks, and what was not committed is gone."""
        self._run("pg_ctl", "-m", "immediate", "stop")

    def stop(self) -> None:
        """End it, whether or not it runs, and remove it."""
        if (self.folder / "data" / "postmaster.pid").exists():
            self.crash()
        shutil.rmtree(self.folder)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), "-D", str(self.folder / "data"), *arguments]
        subprocess.run(command, check=True, user=self.user, cwd="/", stdout=subprocess.DEVNULL)


class Redis:
    """One Redis server, which can be stopped and started again with an empty memory."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.address = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        options = ["--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        command = ["redis-server", "--port", str(self.port), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until(lambda: answers(self.port), what="Redis answering")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
