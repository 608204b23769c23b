"""What a request asks for in its headers: to wait, and to be made once."""

import hashlib
import re
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from rest_framework.request import Request

from common.errors import InvalidInput
from generator.serializers import canonical

WAIT_MAX = 120
PREFERENCE = re.compile(r'(?:[^,"]|"(?:\\.|[^"\\])*"?)+')
WAIT = re.compile(r'\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?', re.IGNORECASE | re.ASCII)
KEY = re.compile(r"[\x21-\x7e]{1,255}")


def wait_seconds(request: Request) -> int | None:
    """Seconds of the first `Prefer: wait=N` (RFC 7240), at most 120; None where there is none that can be read."""
    for preference in PREFERENCE.findall(request.headers.get("Prefer", "")):
        if wait := WAIT.fullmatch(preference):
            return min(int(wait[1]), WAIT_MAX)
    return None


def idempotency_key(request: Request) -> str | None:
    """The key that makes a repetition harmless. Raises `InvalidInput`."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not KEY.fullmatch(key):
        raise InvalidInput([("Idempotency-Key", "bad_key", {})])
    return key


def digest_of(members: dict[str, Any], source: UploadedFile | None) -> str:
    """The SHA-256 of what was asked, the picture's bytes included."""
    digest = hashlib.sha256(canonical(members))
    if source is not None:
        for chunk in source.chunks():
            digest.update(chunk)
        source.seek(0)
    return digest.hexdigest()
