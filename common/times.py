"""Times as the API writes them, and spans of time as pages do."""

import math
from datetime import UTC, datetime


def rfc3339(instant: datetime) -> str:
    """The instant in UTC (RFC 3339)."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def span(seconds: int | None) -> str:
    """So many seconds for a reader, rounded up, in units that every language writes alike and that stay with their
    number: `45 s`, `12 min`, `24 h`; "" for none."""
    if not seconds:
        return ""
    for unit, length, most in (("s", 1, 120), ("min", 60, 120)):
        if (count := math.ceil(seconds / length)) <= most:
            return f"{count}\N{NO-BREAK SPACE}{unit}"
    return f"{math.ceil(seconds / 3600)}\N{NO-BREAK SPACE}h"
