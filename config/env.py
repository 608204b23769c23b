"""Read the environment: typed, and loud when a value is wrong."""

import base64
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

YES = {"true", "1", "yes", "on"}
NO = {"false", "0", "no", "off"}
FERNET_KEY = "32 random bytes in base64 (openssl rand -base64 32)"


def env_text(name: str, default: str = "") -> str:
    """The value without surrounding space; an empty one counts as unset."""
    return os.environ.get(name, "").strip() or default


def env_bool(name: str, default: bool) -> bool:
    value = env_text(name, str(default)).lower()
    if value not in YES | NO:
        raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no: write true or false.")
    return value in YES


def env_int(name: str, default: int, *, least: int = 0, most: int = 1_000_000) -> int:
    value = env_text(name, str(default))
    if not value.lstrip("-").isdecimal() or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name}={value!r}: write a whole number from {least} to {most}.")
    return int(value)


def env_list(name: str, default: list[str] | None = None) -> list[str]:
    """Comma-separated."""
    value = env_text(name)
    return [item.strip() for item in value.split(",") if item.strip()] if value else list(default or [])


def env_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = env_text(name, default).lower()
    if value not in choices:
        raise ImproperlyConfigured(f"{name}={value!r}: write one of {', '.join(choices)}.")
    return value


def env_url(name: str, default: str = "", *, schemes: tuple[str, ...]) -> str:
    """An address with one of `schemes` and a host. The error never repeats the value: it may hold a password."""
    value = env_text(name, default)
    if value and not _is_url(value, schemes):
        raise ImproperlyConfigured(f"{name} is not an address: it must begin with {':// or '.join(schemes)}://.")
    return value


def env_folder(name: str, default: Path) -> Path:
    """A folder, made if it is not there, that we can write to."""
    folder = Path(env_text(name, str(default))).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        raise ImproperlyConfigured(f"{name}: {folder} cannot be written. Choose a folder that can be.")
    return folder


def env_secret(
    name: str,
    *,
    keep_in: Path | None,
    wanted: str = "50 random characters",
    make: Callable[[], str] = lambda: secrets.token_urlsafe(48),
) -> str:
    """A secret from the environment; without one, made once and kept in the file `keep_in` (owner-only)."""
    if value := env_text(name):
        return value
    if keep_in is None:
        raise ImproperlyConfigured(f"{name} is not set. A server with its own database needs it: set it to {wanted}.")
    if not keep_in.exists():
        _write_once(keep_in, make())
    return keep_in.read_text().strip()


def env_fernet_keys(name: str, *, keep_in: Path | None) -> list[str]:
    """Comma-separated keys of Fernet, at least one; kept like a secret. The error never repeats a key."""
    value = env_secret(name, keep_in=keep_in, wanted=FERNET_KEY, make=_new_fernet_key)
    keys = [each.strip() for each in value.split(",") if each.strip()]
    if not keys or not all(re.fullmatch(r"[A-Za-z0-9+/_-]{43}=", key) for key in keys):
        raise ImproperlyConfigured(
            f"{name} has a key that is none: each must be {FERNET_KEY}; separate them by commas."
        )
    return keys


def _new_fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _is_url(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and (bool(parts.hostname) or parts.scheme == "unix") and parts.port != 0
    except ValueError:
        return False


def _write_once(path: Path, text: str) -> None:
    """Two processes may start at once: the first to link its file wins, and nobody reads half a secret."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
