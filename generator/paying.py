"""Whose token pays for the calls of one generation, and what the server's has left for today."""

from datetime import date
from typing import Any

from accounts.models import User
from accounts.services import huggingface
from accounts.services.huggingface import Key
from generator import telling
from generator.backends.base import BackendError
from generator.models import AIModel, Attempt

MAYBE_BILLED = {"timed_out", "network", "bad_answer", "prompt_refused"}
"""After these the provider may have made a picture all the same, and have it paid."""


class Payer:
    """The token of the generation's owner or the server's; `lacking` is the code of why `key` is None."""

    def __init__(self, owner: User) -> None:
        self.lacking = "no_token"
        try:
            self.key: Key | None = huggingface.key_of(owner)
        except huggingface.TokenUnreadable as unreadable:
            self.key, self.lacking = None, unreadable.code

    @property
    def secret(self) -> str:
        """The token itself, "" where there is none."""
        return self.key.secret if self.key else ""

    @property
    def account(self) -> str:
        """What tells its account from others, "" where there is no token."""
        return self.key.account if self.key else ""

    def can_pay(self, model: AIModel) -> bool:
        """Whether there is a token, where the model needs one."""
        return self.key is not None or model.backend != "huggingface"

    def name(self, model: AIModel) -> str:
        """Who pays for a call of this model, as attempts say it."""
        if model.backend != "huggingface" or self.key is None:
            return Attempt.PaidBy.NOBODY
        return Attempt.PaidBy.SERVER if self.key.is_server else Attempt.PaidBy.OWNER

    def facts(self, code: str, facts: dict[str, Any]) -> dict[str, Any]:
        """The arguments of a failure's sentence, with whose token it is where that decides what can be done."""
        is_servers = self.key is not None and self.key.is_server and code in telling.OF_SERVER
        return {**facts, "payer": "server"} if is_servers else facts

    def spend(self, model: AIModel, *, ticket: str) -> date | None:
        """The day that a call counts on, where the server's token pays it; None where that day is spent.

        The job behind a ticket was counted when it was ordered.
        """
        if self.name(model) != Attempt.PaidBy.SERVER or ticket:
            return date.min
        return huggingface.spend_server_picture()

    def return_unmade(self, failure: BackendError, day: date) -> None:
        """What was counted on `day` is given back where surely nobody made a picture for it."""
        if is_unmade(failure) and day != date.min:
            huggingface.return_server_picture(day)


def is_unmade(failure: BackendError) -> bool:
    """Whether surely no picture was made, and paid, although none came."""
    return failure.job_lost and (failure.unsent or failure.code not in MAYBE_BILLED)
