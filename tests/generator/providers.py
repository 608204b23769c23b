"""A backend of several providers that do what a test tells them."""

from collections import defaultdict

from generator.backends.base import Advice, BackendError, Call, Picture, Route, Trouble
from generator.params import Params
from tests.generator.pictures import png


class Providers:
    """`serving` names who serves a model, `failing` what each answers before it works; `called` remembers all."""

    serving: dict[str, list[str]] = {}
    failing: dict[tuple[str, str], list[BackendError | bytes]] = {}
    called: list[tuple[str, str]] = []
    told: list[Params] = []
    tickets: list[str] = []
    abandoned: list[str] = []
    gives_tickets = False

    @staticmethod
    def meanwhile() -> None:
        """What happens while a picture is being made."""

    @classmethod
    def reset(cls) -> None:
        cls.serving, cls.failing = defaultdict(lambda: ["fal-ai"]), defaultdict(list)
        cls.called, cls.told, cls.tickets, cls.abandoned, cls.gives_tickets = [], [], [], [], False

    def routes(self, repo_id: str, *, mode: str, key: str) -> list[Route]:
        if not self.serving[repo_id]:
            raise BackendError("not_served", advice=Advice.NEXT_MODEL)
        return [Route(provider, repo_id.lower()) for provider in self.serving[repo_id]]

    def abandon(self, call: Call) -> None:
        self.abandoned.append(call.ticket)

    def generate(self, call: Call) -> Picture:
        self.called.append((call.repo_id, call.route.provider))
        self.told.append(call.params)
        self.tickets.append(call.ticket)
        if self.gives_tickets and not call.ticket:
            call.on_ticket(f"job-{len(self.called)}")
        self.meanwhile()
        call.on_sent({"num_inference_steps": call.params.steps})
        if script := self.failing[(call.repo_id, call.route.provider)]:
            answer = script.pop(0)
            if isinstance(answer, BackendError):
                raise answer
            return Picture(answer, seed=call.params.seed or 0, revision="", black_is_refusal=True)
        size = (call.params.width or 64, call.params.height or 64)
        return Picture(png(*size), seed=call.params.seed or 0, revision="abc", black_is_refusal=True)


def gone(**rest: object) -> BackendError:
    return BackendError("model_gone", advice=Advice.NEXT_MODEL, trouble=Trouble.RETIRED, **rest)


def busy(*, wait: float = 0.0, tries: int = 2, job_lost: bool = True) -> BackendError:
    return BackendError(
        "busy", advice=Advice.TRY_AGAIN, wait=wait, tries=tries, trouble=Trouble.TRANSIENT, job_lost=job_lost
    )


def broke() -> BackendError:
    return BackendError("no_credits", advice=Advice.NEXT_MODEL, trouble=Trouble.CREDITS)
