"""The whole studio in one command: a web server and a worker, restarted when they die."""

import hashlib
import os
import shutil
import socket
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import Tags
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Prepare the database and the static files, then serve the studio with one worker until Ctrl+C."
    requires_system_checks = [
        Tags.security
    ]  # what an operator can change; the others are for developers and take 0.4 s

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.REDIS_URL:
            raise CommandError("With REDIS_URL set, start web, worker and beat separately: docs/deploy.md says how.")
        refuse_taken_port()
        prepare()
        self.stdout.write(f"Training Edge AI is at {settings.PUBLIC_URL} (Ctrl+C ends it)")
        welcome(self.stdout.write)
        self.stdout.flush()
        supervise()


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

    if not get_user_model().objects.filter(is_staff=True).exists():
        write("There is no curator yet. Sign up, then: .venv/bin/python manage.py make_curator you@example.org")


def supervise() -> None:
    """Become the supervisor: the same process, without the 90 MB of Django that preparing took."""
    os.chdir(settings.BASE_DIR)
    os.environ["DATA_DIR"] = str(settings.DATA_DIR)
    arguments = [settings.HOST, str(settings.PORT), str(settings.DATA_DIR)]
    os.execv(sys.executable, [sys.executable, "-m", "common.supervisor", *arguments])
