"""How often somebody may ask: one budget a minute for pages and API, whatever the door."""

import ipaddress
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest
from django_ratelimit.core import get_usage
from rest_framework.throttling import BaseThrottle

from accounts.models import User
from common.errors import DomainError, NotAcceptable

PERIOD = 60
ANONYMOUS_REQUESTS = 120
PAGES = 1200
QUESTIONS = 5
PROMPTS = 10
PROMPTS_A_DAY = 100
TRACES = 10
ARCHIVES = 10
HOUR = 60 * 60
DAY = 24 * HOUR
TRIES = {"unlock": 5, "report": 5, "preview": 60}
"""What an address may try, whoever asks from it."""
PERIODS = {"prompts-a-day": DAY, "report": HOUR}
"""Seconds of the budgets that are not for a minute."""
CLOSED_UNCOUNTED = ("unlock",)
"""Budgets without which nothing is tried: while the cache is down every other one refuses nobody."""
UNCOUNTED = ("/healthz", "/readyz")

View = TypeVar("View", bound=Callable[..., Any])


class RateLimited(DomainError):
    """One minute's budget is spent. `retry_after` in seconds."""

    code = "rate_limited"
    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(extra={"retry_after": seconds}, seconds=seconds)


class DailyLimit(RateLimited):
    """A whole day's budget is spent."""

    code = "daily_limit"

    def __init__(self, seconds: int, *, limit: int) -> None:
        super().__init__(seconds)
        self.arguments = {"limit": limit, "hours": math.ceil(seconds / 3600)}


class HourlyLimit(RateLimited):
    """A whole hour's budget is spent."""

    code = "hourly_limit"

    def __init__(self, seconds: int, *, limit: int) -> None:
        super().__init__(seconds)
        self.arguments = {"limit": limit, "minutes": math.ceil(seconds / 60)}


class TooManyTries(RateLimited):
    """A minute's tries at a password are spent."""

    code = "too_many_tries"


class TriesUncounted(TooManyTries):
    """The cache is down, so that tries at a password cannot be counted."""

    code = "tries_uncounted"


@dataclass(frozen=True)
class Budget:
    """What one kind of request has left: `remaining` of `limit` for another `reset` seconds."""

    limit: int
    remaining: int
    reset: int

    def as_headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


def submits(view: View) -> View:
    """Marks a view whose POST makes generations; put it outermost."""
    _mark(view, "submit")
    return view


def asks_elsewhere(view: View) -> View:
    """Marks a view whose POST asks another host on somebody's behalf; put it outermost."""
    _mark(view, "question")
    return view


def improves_words(view: View) -> View:
    """Marks a view whose POST asks a language model for better words; put it outermost."""
    _mark(view, "prompt")
    return view


def reads_pictures(view: View) -> View:
    """Marks an API view that serves what pages are made of, so it counts as reading pages; put it outermost."""
    _mark(view, "page")
    return view


def spend(request: Any, *, user: User | None, kind: str) -> None:
    """Count one request of a `kind` that `_limits` knows. Raises `RateLimited`.

    All count as a request too, but a page and an archive, whose request was counted when it came. Leaves the tightest
    budget on the request, for the answer's headers.
    """
    request = getattr(request, "_request", request)
    who = str(user.pk) if user else client_address(request)
    for group, limit in _limits(user, kind).items():
        _count(request, group, who, limit)


def spend_try(request: HttpRequest, *, kind: str, at: str = "") -> None:
    """Count one try of a kind of `TRIES` at a thing, from this address. Raises `RateLimited`, at a password also where
    it cannot be counted."""
    _count(request, kind, f"{client_address(request)} {at}", TRIES[kind])


def kind_of(view: Any, method: str | None, *, reading: str) -> str:
    """What a request to `view` counts as; `reading` is what it is when nothing is sent."""
    if method in {"GET", "HEAD", "OPTIONS"}:
        return str(getattr(view, "budget", reading)) if getattr(view, "budget", "") == "page" else reading
    budget = str(getattr(view, "budget", ""))
    return budget if method == "POST" and budget in {"submit", "question", "prompt"} else "request"


def client_address(request: HttpRequest) -> str:
    """The client's address, an IPv6 one as its /64; behind proxies the entry that the outermost trusted one wrote."""
    trusted = settings.TRUSTED_PROXY_COUNT
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    written = hops[-trusted].strip() if 0 < trusted <= len(hops) else ""
    return _network(written) or _network(request.META.get("REMOTE_ADDR", "")) or "unknown"


class ApiBudget(BaseThrottle):
    """The budget at the API's door. Who has no credentials was counted when they were refused."""

    def allow_request(self, request: Any, view: Any) -> bool:
        """True, or raises `RateLimited`, and `NotAcceptable` for what was marked so: that is counted too."""
        spend(request, user=request.user, kind=kind_of(view, request.method, reading="request"))
        if given := getattr(request, "unacceptable", ""):
            raise NotAcceptable(given=given)
        return True


def _mark(view: Any, budget: str) -> None:
    getattr(view, "cls", view).budget = budget


def _limits(user: User | None, kind: str) -> dict[str, int]:
    if kind == "page":
        return {"page": PAGES}
    if user is None:
        return {"request": ANONYMOUS_REQUESTS, **({"trace": TRACES} if kind == "trace" else {})}
    if kind == "archive":
        return {"archive": ARCHIVES}
    limits = {"request": user.plan.requests_per_minute}
    own = {
        "submit": {"submit": user.plan.submits_per_minute},
        "question": {"question": QUESTIONS},
        "trace": {"trace": TRACES},
        "prompt": {"prompt": PROMPTS, "prompts-a-day": PROMPTS_A_DAY},
    }
    return {**own.get(kind, {}), **limits}


def _count(request: HttpRequest, group: str, who: str, limit: int) -> None:
    rate = (limit, PERIODS.get(group, PERIOD))
    usage = get_usage(request, group=f"studio.{group}", key=lambda _group, _request: who, rate=rate, increment=True)
    if usage is None and group in CLOSED_UNCOUNTED:
        raise TriesUncounted(PERIOD)
    if usage is None:
        return
    budget = Budget(limit, max(0, limit - usage["count"]), max(1, usage["time_left"]))
    tightest: Budget | None = getattr(request, "budget", None)
    if tightest is None or budget.remaining < tightest.remaining:
        request.budget = budget  # type: ignore[attr-defined]
    if usage["should_limit"]:
        raise _refusal(group, limit, budget.reset)


def _refusal(group: str, limit: int, seconds: int) -> RateLimited:
    if group == "unlock":
        return TooManyTries(seconds)
    period = PERIODS.get(group, PERIOD)
    if period == PERIOD:
        return RateLimited(seconds)
    return (DailyLimit if period == DAY else HourlyLimit)(seconds, limit=limit)


def _network(text: str) -> str:
    """The address, or the /64 of an IPv6 one; empty where the text is no address."""
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network(f"{address}/64", strict=False).network_address)
    return str(address)
