"""Every way in which no picture comes, and what each leads to.

`ROWS` is one table for the Hub, the router and all providers, read from the top: the first row that fits is meant.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from common import http
from generator.backends.base import Advice, BackendError, CallEnded, Trouble
from generator.backends.huggingface import answers

TRY_AGAIN, NEXT_MODEL, STOP = Advice.TRY_AGAIN, Advice.NEXT_MODEL, Advice.STOP
WAIT_MAX = 3600.0
LOADING_MAX = 120.0
EPOCH = 10**9
"""A reset "in" more seconds than this is a point in time."""


@dataclass(frozen=True)
class Row:
    """Answers with one of `statuses` (none named: any) whose words fit the pattern `says`.

    `wait` is in seconds; with `obeys`, what the answer itself asks for counts first. `tries` is how often the same call
    deserves another.
    """

    code: str
    advice: Advice
    statuses: tuple[int, ...] = ()
    says: str = ""
    wait: float = 0.0
    tries: int = 0
    trouble: Trouble = Trouble.NONE
    obeys: bool = False

    def fits(self, status: int, words: str) -> bool:
        """Whether an answer is one of this row."""
        return (not self.statuses or status in self.statuses) and re.search(self.says, words) is not None


FILTERED = (
    rf"^(?!{answers.HTML}).*(?:content.?polic|\bnsfw\b|content checker|\bflagged\b|moderation|"
    r"safety (?:filter|system|checker)|unsafe|sensitive content|content violates)"
)
OUT_OF_MEMORY = r"out of memory|\boom\b|\be1001\b"
SIZES = r"\bheight\b|\bwidth\b|divisible|image_size|resolution"

ROWS = (
    Row("token_expired", STOP, (401,), r"expired"),
    Row("token_refused", STOP, (401,)),
    Row("provider_unpaid", NEXT_MODEL, (402,), r"pay.as.you|not enabled for provider", trouble=Trouble.UNFUNDED),
    Row("no_credits", NEXT_MODEL, (402,), trouble=Trouble.CREDITS),
    # a filter refuses with any status; the same words would be refused again
    Row("prompt_refused", STOP, (), FILTERED),
    Row("token_scope", STOP, (403,), r"sufficient permission"),
    Row("gated", NEXT_MODEL, (403,), r"gatedrepo|access to model .* is restricted|gated repo", trouble=Trouble.GATED),
    # fal says so of blocked words too: one person's prompt must not close it for hours
    Row("provider_unpaid", NEXT_MODEL, (403,), r"user is locked|exhausted balance", trouble=Trouble.TRANSIENT),
    Row("provider_failed", TRY_AGAIN, (403,), rf"^{answers.HTML}", wait=10, tries=1, trouble=Trouble.TRANSIENT),
    Row("not_served", NEXT_MODEL, (400,), r"not supported by any provider"),
    Row("model_gone", NEXT_MODEL, (400,), r"model.*not.supported", trouble=Trouble.RETIRED),
    Row("bad_setting", STOP, (400,), SIZES),
    Row("bad_setting", NEXT_MODEL, (400, 422)),
    Row("model_gone", NEXT_MODEL, (404,), trouble=Trouble.RETIRED),
    Row("wrong_host", STOP, (410,), r"please use https?://"),
    Row("model_gone", NEXT_MODEL, (410,), trouble=Trouble.RETIRED),
    Row("source_too_big", STOP, (413,)),
    Row("provider_busy", TRY_AGAIN, (429,), wait=10, tries=3, obeys=True),
    Row("loading", TRY_AGAIN, (503,), r"currently loading", wait=20, tries=3, obeys=True),
    Row("provider_memory", NEXT_MODEL, (500, 502, 503), OUT_OF_MEMORY),
    # 499: fal, of a job that somebody cancelled
    Row("provider_failed", TRY_AGAIN, (499, 500), wait=3, tries=2, trouble=Trouble.TRANSIENT),
    Row("busy", TRY_AGAIN, (502, 503), wait=8, tries=3, trouble=Trouble.TRANSIENT, obeys=True),
    # it may have been made, and paid
    Row("timed_out", TRY_AGAIN, (408, 504), wait=3, tries=1, trouble=Trouble.TRANSIENT),
    Row("provider_failed", TRY_AGAIN, tuple(range(500, 600)), wait=3, tries=2, trouble=Trouble.TRANSIENT),
    Row("provider_failed", NEXT_MODEL, tuple(range(400, 500)), trouble=Trouble.TRANSIENT),
    Row("bad_answer", TRY_AGAIN, wait=2, tries=1, trouble=Trouble.TRANSIENT),
)
SILENCES = {
    "unreachable": Row("network", TRY_AGAIN, wait=3, tries=2, trouble=Trouble.TRANSIENT),
    "broken": Row("network", TRY_AGAIN, wait=3, tries=2, trouble=Trouble.TRANSIENT),
    "late": Row("timed_out", TRY_AGAIN, wait=3, tries=1, trouble=Trouble.TRANSIENT),
    "too_large": ROWS[-1],
    "private_address": Row("bad_answer", NEXT_MODEL, trouble=Trouble.TRANSIENT),
}
"""Where `http.fetch` brought nothing."""
SETTINGS = {
    "steps": r"\bnum_inference_steps\b|\bsteps\b",
    "guidance": r"\bguidance|\bcfg\b",
    "negative_prompt": r"\bnegative_prompt\b",
    "seed": r"\bseed\b",
    "strength": r"\bstrength\b|\bprompt_strength\b",
    "size": SIZES + r"|\bsize\b|aspect_ratio|megapixels",
    "source": r"\binput_images?\b|\bimage_urls?\b|\breference_images\b|\bimages?\b",
    "prompt": r"\bprompt\b|\binputs\b",
}
"""Our names of the settings that an answer may complain about, in the providers' words; the first one counts."""


def of_answer(answer: http.Answer) -> BackendError:
    """What an answer that is no success means."""
    words = answers.words(answer.content, answer.headers)
    row = _row(answer.status, words)
    failure = _failure(row, wait=_wait(row, answer, words))
    if failure.code == "bad_setting":
        return _about_a_setting(row, answer.content, words)
    return failure


def of_job(words: str) -> BackendError:
    """What the words of a job that failed mean."""
    return _failure(_row(500, words[: answers.WORDS_MAX].lower()))


def of_silence(failed: http.Failed) -> BackendError:
    """What it means that no whole answer came. Raises `CallEnded` where the call was ended from outside."""
    row = SILENCES.get(failed.reason)
    if row is None:
        raise CallEnded from failed
    failure = _failure(row)
    failure.unsent = failed.reason == "unreachable"
    return failure


def bad_answer() -> BackendError:
    """A success that has no picture in it."""
    return _failure(ROWS[-1])


def refused() -> BackendError:
    """The provider's filter refused the words."""
    return _failure(next(row for row in ROWS if row.code == "prompt_refused"))


def _row(status: int, words: str) -> Row:
    return next(row for row in ROWS if row.fits(status, words))


def _failure(row: Row, *, wait: float | None = None, **facts: Any) -> BackendError:
    waits = row.wait if wait is None else wait
    return BackendError(row.code, advice=row.advice, wait=waits, tries=row.tries, trouble=row.trouble, **facts)


def _about_a_setting(row: Row, content: bytes, words: str) -> BackendError:
    """Names the setting where the answer does: fal in `loc`, replicate in `field`, the others in their words."""
    body = answers.as_json(content)
    place = answers.at(body, "detail", 0, "loc")
    named = answers.text_at(place, -1) or answers.text_at(body, "invalid_fields", 0, "field") or words
    setting = next((ours for ours, theirs in SETTINGS.items() if re.search(theirs, named.lower())), "")
    if setting == "source":
        return BackendError("bad_source", advice=row.advice)
    if not setting:
        return BackendError("bad_settings", advice=row.advice)
    return _failure(row, setting=setting)


def _wait(row: Row, answer: http.Answer, words: str) -> float:
    """Seconds to wait: what the answer asks for, else the row's."""
    if not row.obeys:
        return row.wait
    if row.code == "loading":
        hints, most = [_seconds(answers.at(answers.as_json(answer.content), "estimated_time"))], LOADING_MAX
    else:
        hints, most = [], WAIT_MAX
    hints += [*_headers_hints(answer.headers), _seconds(_found(r"resets? in ~?(\d+(?:\.\d+)?) ?s", words))]
    return min(most, next((hint for hint in hints if hint is not None), row.wait))


def _headers_hints(headers: Mapping[str, str]) -> list[float | None]:
    """In the order in which they are to be believed; points in time by the clock of whoever answered."""
    limit = headers.get("ratelimit", "")
    spent = re.search(r"\br=0\b", limit)
    now = _time(headers.get("date", "")) or datetime.now(UTC).timestamp()
    return [
        _seconds(_found(r"\bt=(\d+)", limit)) if spent else None,
        _retry_after(headers.get("retry-after", ""), now),
        _until(headers.get("x-ratelimit-reset"), now),
        _until(headers.get("ratelimit-reset"), now),
    ]


def _found(pattern: str, text: str) -> str | None:
    match = re.search(pattern, text)
    return match[1] if match else None


def _retry_after(text: str, now: float) -> float | None:
    """Seconds, or an HTTP date."""
    if (seconds := _until(text, now)) is not None:
        return seconds
    when = _time(text)
    return None if when is None else max(0.0, when - now)


def _time(text: str) -> float | None:
    """An HTTP date in seconds of the epoch."""
    try:
        when = parsedate_to_datetime(text)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _until(found: Any, now: float) -> float | None:
    """A number of seconds, or of the seconds until then where it is a point in time."""
    seconds = _seconds(found)
    return seconds if seconds is None or seconds < EPOCH else max(0.0, seconds - now)


def _seconds(found: Any) -> float | None:
    """A number of seconds; None for what is none."""
    try:
        seconds = float(found)
    except (TypeError, ValueError, OverflowError):
        return None
    return None if not math.isfinite(seconds) or seconds < 0 or isinstance(found, bool) else seconds
