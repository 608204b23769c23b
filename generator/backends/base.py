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


class BackendError(Exception):
    """A backend could not make the picture: why (`code`, `facts`) and whether trying again can help.

    `wait` is in seconds and only means something with `Advice.TRY_AGAIN`.
    """

    def __init__(self, code: str, *, advice: Advice, wait: float = 0.0, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.advice = advice
        self.wait = wait
        self.facts = facts


class CallEnded(Exception):
    """The call was ended from outside: cancelled, past its deadline, or taken by another worker."""


@dataclass(frozen=True)
class Picture:
    """One picture as the backend made it, and what a recipe needs to name its maker.

    `content` is a complete PNG, JPEG or WebP file; `revision` a Hub commit or the SHA-256 of the weights.
    """

    content: bytes
    seed: int
    revision: str
    software: dict[str, str] = field(default_factory=dict)
    provider: str | None = None


class Backend(Protocol):
    """One way to run a model."""

    def generate(self, params: Params, *, remote_id: str, source: bytes | None, on_progress: Progress) -> Picture:
        """Make exactly one picture from `params` (prompts already carry the style; `seed` is set).

        `source` is an upright RGB picture of exactly `params.width` x `params.height` pixels as a PNG, for
        image-to-image. Raises `BackendError`, or lets `CallEnded` from `on_progress` pass.
        """
        ...
