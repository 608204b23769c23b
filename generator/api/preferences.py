"""What a request prefers: to wait."""

import re

from rest_framework.request import Request

WAIT_MAX = 120
PREFERENCE = re.compile(r'(?:[^,"]|"(?:\\.|[^"\\])*"?)+')
WAIT = re.compile(r'\s*wait\s*=\s*"?(\d+)"?\s*(?:;.*)?', re.IGNORECASE | re.ASCII)


def wait_seconds(request: Request) -> int | None:
    """Seconds of the first `Prefer: wait=N` (RFC 7240), at most 120; None where there is none that can be read."""
    for preference in PREFERENCE.findall(request.headers.get("Prefer", "")):
        if wait := WAIT.fullmatch(preference):
            return min(int(wait[1].lstrip("0")[:4] or 0), WAIT_MAX)
    return None
