"""When a message that did not arrive is sent again. Pure."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

WAITS = (5.0, 5 * 60.0, 30 * 60.0, 2 * 3600.0, 5 * 3600.0, 10 * 3600.0, 14 * 3600.0)
"""Seconds after each failed try; after one more it is given up."""
JITTER = (0.9, 1.2)
"""What a wait is multiplied by, so that what failed together does not come back together."""
MAY_ASK = {429, 502, 503, 504}
"""With these answers a `Retry-After` is believed."""
MOST_ASKED = timedelta(days=1).total_seconds()


def wait_after(tries: int, *, luck: float, asked: float = 0.0) -> float | None:
    """Seconds until the next try after so many failed ones, at least as many as were `asked`; None: there is none.

    `luck` is drawn evenly from 0 to 1.
    """
    if tries > len(WAITS):
        return None
    least, most = JITTER
    return max(WAITS[tries - 1] * (least + (most - least) * luck), asked)


def asked_seconds(status: int, retry_after: str, *, now: datetime) -> float:
    """How long an answer asks to be left alone: seconds, at most a day; 0 where it does not or may not ask."""
    if status not in MAY_ASK or not retry_after:
        return 0.0
    if retry_after.isascii() and retry_after.isdigit():
        return min(float(retry_after), MOST_ASKED)
    try:
        until = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):
        return 0.0
    seconds = (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds()
    return min(max(seconds, 0.0), MOST_ASKED)
