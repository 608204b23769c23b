"""The contract between the runner and everything that can make a picture."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from generator.params import Params

Progress = Callable[[int, int], None]
"""Told `(step, steps)` after each denoising step; raises `CallEnded` when nobody wants the picture any more."""


class Advice(StrEnum):
    """What may help after a failure."""

    TRY_AGAIN = "try_again"
    NEXT_MODEL = "next_model"
    STOP = "stop"


class Trouble(StrEnum):
    """What a failure says about those that come after it, which the breakers remember."""

    NONE = ""
    CREDITS = "credits"
    """The account has no money left."""
    UNFUNDED = "unfunded"
    """The account cannot pay this one provider."""
    GATED = "gated"
    """The account may not use this model."""
    RETIRED = "retired"
    """The provider does not serve this model."""
    TRANSIENT = "transient"
    """It may pass: only repeated ones mean something."""


class BackendError(Exception):
    """A backend could not make the picture: why (`code`, `facts`) and whether trying again can help.

    With `Advice.TRY_AGAIN`, `wait` is in seconds and `tries` how often the same route deserves another call.
    `job_lost` says that the job behind the call's ticket is over: another call must begin anew. `unsent`: nobody heard
    of the call.
    """

    def __init__(
        self,
        code: str,
        *,
        advice: Advice,
        wait: float = 0.0,
        tries: int = 5,
        trouble: Trouble = Trouble.NONE,
        job_lost: bool = True,
        unsent: bool = False,
        **facts: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.advice = advice
        self.wait = wait
        self.tries = tries
        self.trouble = trouble
        self.job_lost = job_lost
        self.unsent = unsent
        self.facts = facts


class CallEnded(Exception):
    """The call was ended from outside: cancelled, past its deadline, or taken by another worker."""


@dataclass(frozen=True)
class Route:
    """Who runs a model, and the name it has there. `provider` is "" on this machine."""

    provider: str = ""
    remote_id: str = ""


def _ignore(*_: Any) -> None:
    """Nobody asked to be told."""


@dataclass(frozen=True)
class Call:
    """One picture to make, over one route.

    In `params` the prompts carry the style; seed, width and height are set. `source` is an upright RGB picture of
    exactly that size as a PNG, for image-to-image. `key` is the account's token. `ticket` names the job that an earlier
    call of the same route and key left at the provider: it is awaited, not begun again. `on_ticket` is told a new one
    before it is awaited; `on_sent` what was really sent, in the provider's own words and without pictures.
    """

    params: Params
    repo_id: str
    route: Route = Route()
    source: bytes | None = None
    key: str = field(default="", repr=False)
    ticket: str = ""
    on_progress: Progress = _ignore
    on_ticket: Callable[[str], None] = _ignore
    on_sent: Callable[[dict[str, Any]], None] = _ignore


@dataclass(frozen=True)
class Picture:
    """One picture as the backend made it, and what a recipe needs to name its maker.

    `content` is a complete PNG, JPEG or WebP file; `revision` a Hub commit, the SHA-256 of the weights, or "" where
    nobody says. `black_is_refusal`: its maker answers a black picture where its filter refused.
    """

    content: bytes
    seed: int
    revision: str
    software: dict[str, str] = field(default_factory=dict)
    black_is_refusal: bool = False


class Backend(Protocol):
    """One way to run models."""

    def routes(self, repo_id: str, *, mode: str, key: str) -> list[Route]:
        """Who makes pictures with this model now, the best first. Raises `BackendError`."""
        ...

    def generate(self, call: Call) -> Picture:
        """Make exactly one picture. Raises `BackendError`, or lets `CallEnded` from `on_progress` pass."""
        ...

    def abandon(self, call: Call) -> None:
        """Nobody wants the picture behind `call.ticket` any more: let its maker know, as far as it listens."""
        ...
