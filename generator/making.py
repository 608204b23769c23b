"""One picture of a generation: down its chain of models and routes until one of them makes it.

No transaction and no database connection is held while a backend is at work.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from typing import Any

from django.db import transaction
from PIL.Image import Image as Pixels

from accounts.services import huggingface
from accounts.services.huggingface import Key
from common import pictures
from common.database import insist, release_connection
from events import types
from gallery import storage
from generator import backends, breakers, chain, holding, leases, links, recipes
from generator.backends.base import Advice, BackendError, Picture, Route, Trouble
from generator.breakers import Subject
from generator.calling import Calling, outgoing
from generator.chain import Link, Past
from generator.links import Step
from generator.models import AIModel, Attempt, Generation, Output
from generator.params import SIDE_MIN
from generator.timekeeper import Job

WAIT_FOR_BREAKER = 30.0
MAYBE_BILLED = {"timed_out", "network", "bad_answer", "prompt_refused"}
"""After these the provider may have made a picture all the same, and have it paid."""
Said = dict[str, Any]
"""A code and its arguments."""


class Elsewhere(Exception):
    """The next model of the chain runs in another queue."""

    def __init__(self, queue: str) -> None:
        super().__init__(queue)
        self.queue = queue


@dataclass(frozen=True)
class Made:
    """A picture ready to be stored, and who made it; `notices` say where that differs from what was asked."""

    marked: storage.Marked
    recipe: dict[str, Any]
    served_by: dict[str, Any]
    notices: list[Said] = field(default_factory=list)


class Maker:
    """Makes the pictures of one claimed generation."""

    def __init__(self, generation: Generation, job: Job, *, source: bytes | None) -> None:
        self.generation = generation
        self.job = job
        self.source = source
        self.key: Key | None = huggingface.key_of(generation.owner)
        self.faults: list[Said] = []
        self.past = [
            Past(row.model.slug, row.provider, row.outcome, row.code)
            for row in generation.attempts.select_related("model").order_by("pk")
        ]

    def make(self, output: Output) -> Made:
        """The picture of one output. Raises `BackendError` (try again later, or stop), `Elsewhere`, `CallEnded`."""
        self.faults = []
        for step in self._steps():
            if step.model.queue != self.generation.queue:
                raise Elsewhere(step.model.queue)
            if made := self._with(step, output):
                return made
        raise self._given_up()

    @cached_property
    def fallbacks(self) -> list[Step]:
        return links.fallbacks(self.generation)

    def _steps(self) -> Iterator[Step]:
        """The chain in its order; once moved to another queue, only what runs there."""
        steps = [links.asked(self.generation)]
        moved = self.generation.queue != self.generation.model.queue
        yield from (step for step in steps if not moved)
        yield from (step for step in self.fallbacks if not moved or step.model.queue == self.generation.queue)

    def _with(self, step: Step, output: Output) -> Made | None:
        """The picture by one model, over the first of its routes that works; None where all are given up."""
        if step.model.backend == "huggingface" and self.key is None:
            self.faults.append({"code": "no_token", "arguments": {}})
            return None
        try:
            found = self._resuming_first(step.links(self._routes(step)), output)
        except BackendError as failure:
            self._after(failure, step, Link(step.model.slug, Route()), others=self._has_more(step), seconds=0.0)
            return None
        candidates = chain.open_links(found, self.past)
        for place, link in enumerate(candidates, start=1):
            if made := self._over(step, link, output, others=place < len(candidates) or self._has_more(step)):
                return made
        return None

    def _over(self, step: Step, link: Link, output: Output, *, others: bool) -> Made | None:
        subject = self._subject(step.model, link)
        known = breakers.standing(subject)
        if closed := breakers.closed_by(known):
            self._passed_over(closed.code, transient=closed.failures >= breakers.IN_A_ROW)
            return None
        day = self._pay(step.model, output, link)
        if day is None:
            self.faults.append({"code": "server_cap", "arguments": {}})
            return None
        self._tell_fallback(step)
        call = Calling(self.generation, output, step, link, self.key, self.job)
        try:
            picture = call.picture(self._fitted(step), ticket=self.ticket(link, output))
            made = self._made(step, link, picture)
        except BackendError as failure:
            call.settle(failure)
            if self._is_servers(step.model) and failure.job_lost and failure.code not in MAYBE_BILLED:
                huggingface.return_server_picture(day)
            breakers.note_failure(failure, subject)
            self._after(failure, step, link, others=others, seconds=call.seconds, sent=call.sent)
            return None
        if known:
            insist(partial(breakers.note_success, subject))
        self._record(step, link, Attempt.Outcome.OK, seconds=call.seconds, sent=call.sent)
        return made

    def _fitted(self, step: Step) -> bytes | None:
        """The source at exactly the size of the picture. Raises `BackendError`."""
        width, height = step.told.width, step.told.height
        if self.source is None or width is None or height is None:
            return None
        release_connection()
        try:
            with pictures.room():
                return pictures.cover(self.source, width, height)
        except pictures.NotAPicture as error:
            raise BackendError("bad_source", advice=Advice.STOP) from error

    def _made(self, step: Step, link: Link, picture: Picture) -> Made:
        """The picture marked and ready to be stored. Raises `BackendError` for what is none, or a filter's answer."""
        provider = link.route.provider or None
        recipe = recipes.recipe(self.generation, step.model, step.told, picture, self.source, provider=provider)
        try:
            marked = storage.marked(content=picture.content, recipe=recipe, examine=partial(examine, picture))
        except pictures.NotAPicture as error:
            raise BackendError("bad_answer", advice=Advice.TRY_AGAIN, tries=1, trouble=Trouble.TRANSIENT) from error
        is_asked = step.model == self.generation.model
        served_by = {
            "model": step.model.slug,
            "backend": step.model.backend,
            "provider": provider,
            "fallback_from": None if is_asked else self.generation.model.slug,
        }
        return Made(marked, recipe, served_by, self.notices(step))

    def _after(self, failure: BackendError, step: Step, link: Link, *, others: bool, **told: Any) -> None:
        """Write the attempt down with what is decided. Raises where it is not to go on with the next link."""
        decision = chain.decide(failure, tried=chain.tried(link, self.past), others=others)
        self._record(step, link, decision, failure=failure, **told)
        self.faults.append({"code": failure.code, "arguments": failure.facts})
        if decision is not Advice.NEXT_MODEL:
            raise BackendError(
                failure.code, advice=decision, wait=failure.wait, job_lost=failure.job_lost, **failure.facts
            ) from failure

    def _record(
        self,
        step: Step,
        link: Link,
        outcome: str,
        *,
        seconds: float,
        sent: dict[str, Any] | None = None,
        failure: BackendError | None = None,
    ) -> None:
        code = failure.code if failure else ""
        attempt = Attempt(
            generation=self.generation,
            model=step.model,
            provider=link.route.provider,
            outcome=outcome,
            code=code,
            facts=failure.facts if failure else {},
            sent=sent or {},
            paid_by=self._payer(step.model),
            started_at=leases.later(-seconds),
            seconds=seconds,
        )
        insist(attempt.save)
        self.past.append(Past(link.model, link.route.provider, outcome, code))

    def _routes(self, step: Step) -> list[Route]:
        backend = backends.get(step.model.backend)
        release_connection()
        with outgoing(step.model, self.job):
            return backend.routes(
                step.model.repo_id, mode=self.generation.mode, key=self.key.secret if self.key else ""
            )

    def _resuming_first(self, found: list[Link], output: Output) -> list[Link]:
        """A route over which a job for this very picture is under way comes before the others."""
        return sorted(found, key=lambda link: not self.ticket(link, output))

    def ticket(self, link: Link, output: Output) -> str:
        """The job that an earlier call left at the provider, for this account; "" where there is none."""
        job = output.job or {}
        ours = {"model": link.model, "provider": link.route.provider, "account": self.key.account if self.key else ""}
        return str(job["ticket"]) if job and ours.items() <= job.items() else ""

    def _pay(self, model: AIModel, output: Output, link: Link) -> date | None:
        """The day on which the server's token pays this call, where it does; None where its day is spent."""
        if not self._is_servers(model) or self.ticket(link, output):
            return date.min
        return huggingface.spend_server_picture()

    def _tell_fallback(self, step: Step) -> None:
        """The first time that another model than the asked one is called in this claim."""
        if step.model == self.generation.model or any(each.model == step.model.slug for each in self.past):
            return
        with transaction.atomic():
            if holding.locked(self.generation, **holding.holder(self.generation)):
                holding.tell(types.FALLBACK, self.generation)

    def notices(self, step: Step) -> list[Said]:
        """What to tell of a picture that this step makes."""
        if step.model == self.generation.model:
            return []
        arguments = {"model": step.model.name, "asked": self.generation.model.name, "reason": self._why(step)}
        changed = [{"code": f"setting_{name}", "arguments": {}} for name in step.changed]
        other = {"code": "fallback_changed", "arguments": {"model": step.model.name, "changed": changed}}
        return [{"code": "fallback", "arguments": arguments}, *([other] if changed else [])]

    def _why(self, step: Step) -> Said:
        """The first thing that went wrong with the model that was asked for."""
        asked = self.generation.attempts.filter(model=self.generation.model).exclude(code="")
        if row := asked.order_by("-pk").first():
            return {"code": row.code, "arguments": row.facts}
        return self.faults[0]

    def _passed_over(self, code: str, *, transient: bool) -> None:
        self.faults.append({"code": code, "arguments": {}, "transient": transient})

    def _given_up(self) -> BackendError:
        """Nothing of the chain is left now: wait where all that forbids it may pass, otherwise say why."""
        if self.faults and all(fault.get("transient") for fault in self.faults):
            return BackendError(self.faults[0]["code"], advice=Advice.TRY_AGAIN, wait=WAIT_FOR_BREAKER)
        told = [*self.faults, *({"code": each.code, "arguments": {}} for each in self.past if each.code)]
        code = chain.verdict([fault["code"] for fault in told]) if told else "not_served"
        arguments: dict[str, Any] = next((fault["arguments"] for fault in told if fault["code"] == code), {})
        return BackendError(code, advice=Advice.STOP, **arguments)

    def _has_more(self, step: Step) -> bool:
        return bool(self.fallbacks) and step.model != self.fallbacks[-1].model

    def _subject(self, model: AIModel, link: Link) -> Subject:
        account = self.key.account if self.key and model.backend == "huggingface" else ""
        return Subject(account, model.repo_id, link.route.provider)

    def _is_servers(self, model: AIModel) -> bool:
        return model.backend == "huggingface" and self.key is not None and self.key.is_server

    def _payer(self, model: AIModel) -> str:
        if model.backend != "huggingface" or self.key is None:
            return Attempt.PaidBy.NOBODY
        return Attempt.PaidBy.SERVER if self.key.is_server else Attempt.PaidBy.OWNER


def examine(picture: Picture, pixels: Pixels) -> None:
    """Raises `BackendError` for a picture that cannot be meant."""
    if min(pixels.size) < SIDE_MIN // 2:
        raise BackendError("bad_answer", advice=Advice.TRY_AGAIN, tries=1, trouble=Trouble.TRANSIENT)
    if picture.black_is_refusal and not pixels.convert("L").getbbox():
        raise BackendError("prompt_refused", advice=Advice.STOP)
