"""What people entrust to us, unreadable in the database and in its backups."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(Exception):
    """No key of `TOKEN_ENCRYPTION_KEYS` opens it."""


def close(text: str) -> bytes:
    """The text encrypted with the first key."""
    return _keys().encrypt(text.encode())


def open_up(closed: bytes | memoryview) -> str:
    """The text that any of the keys encrypted. Raises `Unreadable`."""
    try:
        return _keys().decrypt(bytes(closed)).decode()
    except InvalidToken as error:
        raise Unreadable from error


def opens(closed: bytes | memoryview) -> bool:
    """Whether any of the keys opens it."""
    try:
        open_up(closed)
    except Unreadable:
        return False
    return True


def close_anew(closed: bytes | memoryview) -> bytes:
    """The same text, encrypted with the first key now. Raises `Unreadable`."""
    return close(open_up(closed))


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.TOKEN_ENCRYPTION_KEYS])
