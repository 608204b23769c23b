"""Times as the API writes them."""

from datetime import UTC, datetime


def rfc3339(instant: datetime) -> str:
    """The instant in UTC (RFC 3339)."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
