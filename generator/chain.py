"""Which model and which provider next, and what a failure leads to. Pure decisions."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from generator.backends.base import Advice, BackendError, Route

CLAIMS_MAX = 6
"""How often a generation may be claimed."""
LONG_WAIT = 20.0
"""Seconds above which another route is better than waiting for this one."""
ACTIONABLE = (
    "no_credits", "token_refused", "token_expired", "token_scope", "token_unreadable", "gated", "server_cap",
    "no_token",
)  # fmt: skip
"""What its owner can mend, the most telling first."""


@dataclass(frozen=True)
class Link:
    """A model of a chain over one route."""

    model: str
    route: Route


@dataclass(frozen=True)
class Past:
    """An attempt of this generation: the link it called, what was decided after it and why."""

    model: str
    provider: str
    outcome: str
    code: str


def open_links(links: Iterable[Link], past: Collection[Past]) -> list[Link]:
    """The links that may still be called, in their order: those that were given up are not."""
    given_up = {(each.model, each.provider) for each in past if each.outcome == Advice.NEXT_MODEL}
    return [link for link in links if (link.model, link.route.provider) not in given_up]


def tried(link: Link, past: Iterable[Past]) -> int:
    """How often this link asked to be tried again."""
    ours = (link.model, link.route.provider)
    return sum((each.model, each.provider) == ours and each.outcome == Advice.TRY_AGAIN for each in past)


def decide(failure: BackendError, *, tried: int, others: bool, is_last: bool = False) -> Advice:
    """What a failure leads to: another try later, the next link for good, or the end.

    `tried` counts earlier failures of this link that asked for another try; `others` says whether there is another
    link, `is_last` that there will be no later.
    """
    if failure.advice is not Advice.TRY_AGAIN:
        return failure.advice
    if tried >= failure.tries or (others and is_last):
        return Advice.NEXT_MODEL
    return Advice.TRY_AGAIN


def is_long(failure: BackendError) -> bool:
    """Whether to call another link, if there is one, before this one is tried again: not while it makes the picture."""
    return failure.wait > LONG_WAIT and failure.job_lost


def verdict(codes: Sequence[str]) -> str:
    """Of all that went wrong, the code to tell: what its owner can mend, otherwise the last one."""
    return next((code for code in ACTIONABLE if code in codes), codes[-1])
