"""A running studio for the scripts that measure from outside, and an empty one for those that look inside."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 120.0


@contextmanager
def running() -> Iterator[tuple[subprocess.Popen[bytes], str, float]]:
    """`make run` on a free port: the process, its address, and the seconds until the first page was answered."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    began = time.monotonic()
    process = subprocess.Popen(
        ["make", "run"],
        cwd=ROOT,
        env={**os.environ, "PORT": str(port), "MAKEFLAGS": ""},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(f"{address}/accounts/login/", process)
        yield process, address, time.monotonic() - began
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    """Return when the page answers 200; raises `RuntimeError` when it never does."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.01)
    raise RuntimeError(f"{address} did not answer")


def inside() -> None:
    """Django on an empty, migrated database with the shipped catalogue, in this process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("sync_catalogue", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)


def browser_of(user: Any) -> Any:
    """Django's test client, signed in."""
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def program_of(user: Any) -> Any:
    """Django's test client, with a token."""
    from django.test import Client

    from accounts.services import tokens

    _, secret = tokens.make(user=user, name="bench", scopes=tokens.SCOPES)
    return Client(SERVER_NAME="127.0.0.1", headers={"Authorization": f"Bearer {secret}"})
