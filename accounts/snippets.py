"""Examples for somebody's own program: those of docs/clients, with the address and the token in them."""

import json
import shlex
from dataclasses import dataclass

from django.conf import settings

FOLDER = settings.BASE_DIR / "docs" / "clients"
ADDRESS = '"http://127.0.0.1:8000/api/v1"'
CLIENTS = {
    "python": ("Python", "client.py", 'os.environ["STUDIO_TOKEN"]'),
    "javascript": ("JavaScript", "client.mjs", "env.STUDIO_TOKEN"),
}
"""By their id on the page: language, file, and where it takes the token from."""
CURL = """export STUDIO_TOKEN={token}
curl -H "Authorization: Bearer $STUDIO_TOKEN" -H "Prefer: wait=60" \\
     --json '{{"prompt": "a red mug on a yellow background"}}' \\
     {address}/generations"""


@dataclass(frozen=True)
class Snippet:
    """One example; `run` starts it once it is saved as `file`, both "" for what is pasted into a terminal."""

    id: str
    language: str
    text: str
    file: str = ""
    run: str = ""


def address() -> str:
    """Where programs find the API."""
    return f"{settings.PUBLIC_URL}/api/v1"


def snippets(*, secret: str = "") -> list[Snippet]:
    """Each example, ready to run; without a `secret` it takes the token from the variable STUDIO_TOKEN."""
    curl = CURL.format(token=secret or "tea_...", address=shlex.quote(address()))
    return [Snippet("curl", "curl", curl), *(_client(key, secret) for key in CLIENTS)]


def _client(key: str, secret: str) -> Snippet:
    language, name, variable = CLIENTS[key]
    text = (FOLDER / name).read_text().replace(ADDRESS, json.dumps(address()))
    if secret:
        text = text.replace(variable, json.dumps(secret))
    program = {"python": "python", "javascript": "node"}[key]
    return Snippet(key, language, text, name, f'{program} {name} "a red mug"')
