"""Where the built-in model's files are, and what they are."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

WEIGHTS = Path(__file__).parent / "weights"


def config(folder: Path, part: str, name: str = "config.json") -> dict[str, Any]:
    """The settings of one part of the model (`unet`, `vae_decoder`, ...)."""
    settings: dict[str, Any] = json.loads((folder / part / name).read_text(encoding="utf-8"))
    return settings


@cache
def revision(folder: Path = WEIGHTS) -> str:
    """The SHA-256, in hexadecimal, of every file of the model's parts: all that has a say in the pixels."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*/*")):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
