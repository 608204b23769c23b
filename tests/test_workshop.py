"""The two commands, and the start's answers to wrong settings: one sentence, never a traceback."""

import ast
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WRONG = [
    ({"PORT": "eighty"}, "PORT='eighty'"),
    ({"PORT": "70000"}, "from 1 to 65535"),
    ({"DEBUG": "maybe"}, "write true or false"),
    ({"SIGNUP": "friends"}, "open, invite, closed"),
    ({"LANGUAGE_CODE": "de"}, "en, fr"),
    ({"QUOTA_TIME_ZONE": "Paris"}, "such as Europe/Paris"),
    ({"PUBLIC_URL": "studio.example"}, "PUBLIC_URL is not an address"),
    ({"DATABASE_URL": "mysql://u:hunter2@host/db"}, "DATABASE_URL is not an address"),
    ({"DATABASE_URL": "postgres://u:p@127.0.0.1/db"}, "SECRET_KEY is not set"),
    ({"DATABASE_URL": "postgres://u:p@127.0.0.1/db", "SECRET_KEY": "x"}, "TOKEN_ENCRYPTION_KEYS is not set"),
    ({"TOKEN_ENCRYPTION_KEYS": "hunter2"}, "TOKEN_ENCRYPTION_KEYS has a key that is none"),
    ({"TOKEN_ENCRYPTION_KEYS": f"{'A' * 43}=,hunter2"}, "32 random bytes in base64"),
    ({"TOKEN_ENCRYPTION_KEYS": ","}, "TOKEN_ENCRYPTION_KEYS has a key that is none"),
    ({"DATABASE_URL": "postgres://u:hunter2@127.0.0.1:99999/db"}, "DATABASE_URL is not an address"),
    ({"EMAIL_URL": "mail.example:25"}, "EMAIL_URL is not an address"),
    ({"EMAIL_URL": "smtp://me:hunter2@mail.example:many"}, "EMAIL_URL is not an address"),
    ({"DATA_DIR": "/proc/studio"}, "/proc/studio cannot be written"),
    ({"REDIS_URL": "redis://127.0.0.1"}, "REDIS_URL is set without DATABASE_URL"),
]


@pytest.mark.parametrize(("environment", "sentence"), WRONG, ids=[" ".join(wrong.values()) for wrong, _ in WRONG])
def test_a_wrong_setting_stops_the_start_with_one_sentence(
    environment: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "DATA_DIR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 1
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "hunter2" not in done.stderr + done.stdout


def test_options_of_the_database_address_reach_the_driver(tmp_path: Path) -> None:
    environment = {"DATABASE_URL": "postgres://u:p@127.0.0.1/db?sslmode=require", "SECRET_KEY": "x"}
    keys = {"TOKEN_ENCRYPTION_KEYS": f"{'A' * 43}="}
    done = subprocess.run(
        [sys.executable, "-c", "from config.settings import DATABASES; print(DATABASES['default']['OPTIONS'])"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "DATA_DIR": str(tmp_path), **environment, **keys},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert "'sslmode': 'require'" in done.stdout
    assert "'pool'" in done.stdout


@pytest.mark.parametrize(
    ("python", "sentence"),
    [
        ("exit 1", "Python 3.11 or newer is needed"),
        ('case "$2" in *version_info*) exit 0 ;; esac; exit 1', "Install its venv module"),
    ],
    ids=["too old", "without venv"],
)
def test_a_machine_that_cannot_run_the_studio_is_told_what_it_lacks(python: str, sentence: str, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("sh", "cat", "cmp", "find", "rm"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    (tools / "python3").write_text(f"#!/bin/sh\n{python}\n")
    (tools / "python3").chmod(0o755)
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)

    done = subprocess.run(
        [str(shutil.which("make")), "run"],
        cwd=tmp_path,
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert done.returncode == 2
    assert sentence in done.stderr


def chosen_in(name: str) -> str:
    return (ROOT / name).read_text().split("# Chosen by us")[1].split("# Brought by them")[0]


def imported_by(*folders: str) -> set[str]:
    """The top-level packages that the Python files below these folders import."""
    names = set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py") if "vectors" not in path.parts):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(
    ("files", "folders"),
    [
        (["requirements.txt"], ["accounts", "common", "config", "events", "gallery", "generator"]),
        (["requirements.txt", "requirements-dev.txt"], ["tests", "bench"]),
    ],
    ids=["product", "tests"],
)
def test_a_package_that_is_imported_was_chosen(files: list[str], folders: list[str]) -> None:
    installed = packages_distributions()
    chosen = {normal(name) for file in files for name in re.findall(r"^([\w.-]+)==", chosen_in(file), re.M)}

    strangers = {
        name
        for name in imported_by(*folders)
        if name in installed and not {normal(package) for package in installed[name]} & chosen
    }

    # kombu is the half of Celery that carries messages: it comes in the version that Celery asks for
    assert strangers - {"kombu"} == set()


def test_every_pin_is_exact_and_every_choice_has_its_reason() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        brought = (ROOT / name).read_text().split("# Brought by them")[1]

        assert all("==" in line for line in (chosen_in(name) + brought).splitlines() if line.strip())
        assert all(" # " in line for line in chosen_in(name).splitlines() if line.strip())
