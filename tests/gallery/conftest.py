"""Pictures of Alice, Bob and Mallory."""

import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image as Pixels

from accounts.models import User
from accounts.services import tokens
from gallery import storage
from gallery.models import Image
from gallery.services import images
from tests.hostile import BLUR, MUG, Watchful, hostile
from tests.real import servers

RECIPE = {
    "version": 1,
    "mode": "text-to-image",
    "model": "builtin",
    "repo_id": "builtin",
    "revision": "9d2c4e7f1b60a85d",
    "backend": "builtin",
    "provider": None,
    "prompt": MUG,
    "negative_prompt": BLUR,
    "style": None,
    "full_prompt": MUG,
    "full_negative_prompt": BLUR,
    "width": 64,
    "height": 64,
    "steps": 25,
    "guidance": 6.0,
    "scheduler": "dpmpp_2m",
    "seed": 42,
    "strength": None,
    "source_digest": None,
    "software": {"onnxruntime": hostile("1.31.1")},
}


def recipe_of(**changes: Any) -> dict[str, Any]:
    """A recipe; a prompt that is changed is also what the model was told."""
    if "prompt" in changes:
        changes.setdefault("full_prompt", changes["prompt"])
    return {**RECIPE, **changes}


def drawn(width: int = 64, height: int = 64, colour: str = "red", format: str = "PNG", **options: Any) -> bytes:
    """A picture of one colour as a file."""
    content = io.BytesIO()
    Pixels.new("RGB", (width, height), colour).save(content, format, **options)
    return content.getvalue()


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def generated(db: None) -> Callable[..., Image]:
    """Give somebody a picture we made: `generated(alice, prompt="a mug")`."""

    def make(owner: User, *, content: bytes = b"", **changes: Any) -> Image:
        recipe = recipe_of(**changes)
        stored = storage.store(owner_id=owner.pk, marked=storage.marked(content=content or drawn(), recipe=recipe))
        return images.add_image(owner=owner, stored=stored, recipe=recipe)

    return make


@pytest.fixture
def uploaded(db: None) -> Callable[..., Image]:
    """Let somebody send a picture."""

    def make(owner: User, content: bytes = b"") -> Image:
        return images.keep_upload(owner=owner, file=content or drawn())

    return make


@pytest.fixture
def api(db: None) -> Callable[..., Client]:
    """A program with a token: `api(alice)`, `api(alice, scopes=["read"])`."""

    def client(owner: User, scopes: list[str] | None = None) -> Client:
        _, secret = tokens.make(user=owner, name=hostile("test", 50), scopes=scopes or ["read", "generate", "manage"])
        return Watchful(headers={"authorization": f"Bearer {secret}"})

    return client


@pytest.fixture
def disk(settings: Any) -> Callable[[str], None]:
    """Put another storage under the product."""

    def use(name: str, **options: Any) -> None:
        backend = {"BACKEND": name, "OPTIONS": options}
        settings.STORAGES = {**settings.STORAGES, "default": backend}

    return use


@pytest.fixture
def bucket(disk: Callable[..., None], tmp_path: Path) -> Iterator[Path]:
    """The folder behind a bucket of a real S3 server on this machine."""
    folder, port = tmp_path / "s3" / "studio", servers.free_port()
    folder.mkdir(parents=True)
    serve = [Path(sys.executable).with_name("rclone"), "serve", "s3", "--addr", f"127.0.0.1:{port}"]
    server = subprocess.Popen([*serve, "--auth-key", "key,secret", "--log-level", "ERROR", folder.parent])
    servers.until(lambda: servers.answers(port), what="the S3 server answering")
    disk(
        "storages.backends.s3.S3Storage",
        bucket_name="studio",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        access_key="key",
        secret_key="secret",
        signature_version="s3v4",
        file_overwrite=True,
    )
    yield folder
    server.kill()
    server.wait()
