"""`manage.py up`: the whole studio under one command."""

import os
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real import servers
from tests.real.books import assert_books_balance
from tests.real.studio import ROOT, Studio

pytestmark = pytest.mark.real


@pytest.fixture(params=["sqlite", "postgresql"])
def studio(request: pytest.FixtureRequest, tmp_path: Path) -> Studio:
    """The broker of files over either database."""
    if request.param == "sqlite":
        return Studio(tmp_path)
    database: servers.PostgreSQL = request.getfixturevalue("database")
    return Studio(tmp_path, DATABASE_URL=database.new_database(f"up{uuid.uuid4().hex}"))


@pytest.fixture
def up(studio: Studio) -> Iterator[tuple[Studio, subprocess.Popen[bytes]]]:
    supervisor = subprocess.Popen([sys.executable, "manage.py", "up"], cwd=ROOT, env=studio.environment)
    servers.until(lambda: servers.answers(studio.port), what="the studio answering")
    yield studio, supervisor
    supervisor.terminate()
    supervisor.wait(20)


def children(pid: int) -> dict[str, int]:
    """The name of each child's module, and its pid."""
    found = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        if len(words) > 2:
            found[words[2].decode()] = int(child)
    return found


def test_a_dead_worker_is_replaced_and_its_picture_arrives_paid_for_once(
    up: tuple[Studio, subprocess.Popen[bytes]],
) -> None:
    studio, supervisor = up
    token = studio.token("alice@example.org")
    generation = studio.submit(token, steps=60, width=512, height=512)
    servers.until(lambda: (studio.generation(token, generation["id"])["progress"] or {}).get("step"), what="a step")

    worker = children(supervisor.pid)["celery"]
    os.kill(worker, signal.SIGKILL)
    ended = studio.finished(token, generation["id"], seconds=180)

    assert ended["status"] == "succeeded"
    assert children(supervisor.pid)["celery"] != worker
    assert studio.rows("SELECT attempt FROM generator_generation") == [(2,)]
    assert_books_balance(studio)


def test_its_children_end_with_it_however_it_dies(up: tuple[Studio, subprocess.Popen[bytes]]) -> None:
    _, supervisor = up
    pids = list(children(supervisor.pid).values())

    supervisor.kill()
    supervisor.wait()

    def ended() -> bool:
        return not any(Path(f"/proc/{pid}").exists() for pid in pids)

    assert len(pids) == 2
    servers.until(ended, seconds=20, what="the end of the children")


def test_however_often_it_is_told_to_end_it_ends(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    supervisor = subprocess.Popen([sys.executable, "manage.py", "up"], cwd=ROOT, env=studio.environment)
    servers.until(lambda: servers.answers(studio.port), what="the studio answering")

    for _ in range(20_000):
        supervisor.terminate()

    assert supervisor.wait(20) == 0
    assert not servers.answers(studio.port)


def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    taken = socket.create_server(("127.0.0.1", studio.port))

    done = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env=studio.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    taken.close()

    assert done.returncode == 1
    assert "Set PORT to a free one" in done.stderr
    assert "Traceback" not in done.stderr
