"""One picture of a generation: down its chain of models and routes until one of them makes it.

No transaction and no database connection is held while a backend is at work.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from django.db import transaction

from common import pictures
from common.database import insist, release_connection
from events import types
from gallery import storage
from generator import backends, breakers, chain, holding, leases, links, recipes
from generator.backends.base import Advice, BackendError, CallEnded, Picture, Route, Trouble
from generator.breakers import Subject
from generator.calling import Calling, outgoing
from generator.chain import Link, Past
from generator.examining import examine
from generator.links import Step
from generator.models import AIModel, Attempt, Breaker, Generation, Output
from generator.paying import Payer
from generator.timekeeper import Job

Said = dict[str, Any]
"""A code and its arguments; of what may pass also the seconds to `wait`."""


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
        self.payer = Payer(generation.owner)
        self.faults: list[Said] = []
        self.postponed: dict[Link, Said] = {}
        self.past = [
            Past(row.model.slug, row.provider, row.outcome, row.code)
            for row in sorted(generation.attempts.all(), key=lambda row: row.pk)
        ]

    def make(self, output: Output) -> Made:
        """The picture of one output. Raises `BackendError` (try again later, or stop), `Elsewhere`, `CallEnded`."""
        self.faults = []
        for step in self._steps(output):
            if step.model.queue != self.generation.queue:
                self._leave()
                raise Elsewhere(step.model.queue)
            if made := self._with(step, output):
                return made
        raise self._given_up()

    @cached_property
    def fallbacks(self) -> list[Step]:
        return links.fallbacks(self.generation)

    def _steps(self, output: Output) -> Iterable[Step]:
        """The chain in its order, but first who makes this picture already."""
        job = output.job or {}
        if job.get("account") == self.payer.account and job["model"] != self.generation.model.slug:
            return sorted(self._chain(), key=lambda step: step.model.slug != job["model"])
        return self._chain()

    def _chain(self) -> Iterator[Step]:
        """In another queue only what runs there."""
        moved = self.generation.queue != self.generation.model.queue
        if not moved:
            yield links.asked(self.generation)
        yield from (step for step in self.fallbacks if not moved or step.model.queue == self.generation.queue)

    def _with(self, step: Step, output: Output) -> Made | None:
        """The picture by one model, over the first of its routes that works; None where all are given up."""
        if not self.payer.can_pay(step.model):
            self.faults.append({"code": self.payer.lacking, "arguments": {}})
            return None
        try:
            found = self._resuming_first(step.links(self._routes(step)), output)
        except BackendError as failure:
            others = partial(self._has_more, step)
            self._after(failure, step, Link(step.model.slug, Route()), others=others, seconds=0.0)
            return None
        candidates = chain.open_links(found, self.past)
        for place, link in enumerate(candidates, start=1):
            others = partial(self._has_more, step, more_links=place < len(candidates))
            if made := self._over(step, link, output, others=others):
                return made
        return None

    def _over(self, step: Step, link: Link, output: Output, *, others: Callable[[], bool]) -> Made | None:
        """The picture over one link; None where it may not be called now, or failed. What is paid is awaited anyway."""
        known = [] if self.ticket(link, output) else breakers.standing(self._subject(step.model, link))
        if closed := breakers.closed_by(known):
            wait = breakers.seconds_closed(closed)
            self.faults.append({"code": closed.code, "arguments": {}, "wait": wait})
            return None
        if link in self.postponed:
            self.faults.append(self.postponed[link])
            return None
        try:
            return self._called(step, link, output, known, others=others)
        finally:
            breakers.release(known)

    def _called(
        self, step: Step, link: Link, output: Output, known: list[Breaker], *, others: Callable[[], bool]
    ) -> Made | None:
        ticket = self.ticket(link, output)
        day = self.payer.spend(step.model, ticket=ticket)
        if day is None:
            self.faults.append({"code": "server_cap", "arguments": {}})
            return None
        self._tell_fallback(step)
        call = Calling(self.generation, output, step, link, self.payer.key, self.job)
        try:
            picture = call.picture(self._fitted(step), ticket=ticket)
            made = self._made(step, link, picture)
        except CallEnded:
            if call.is_over:
                ended = BackendError("call_ended", advice=Advice.STOP)
                self._record(step, link, Advice.STOP, failure=ended, seconds=call.seconds, sent=call.sent)
            raise
        except BackendError as failure:
            call.settle(failure)
            self.payer.return_unmade(failure, day)
            breakers.note_failure(failure, self._subject(step.model, link))
            self._after(failure, step, link, others=others, seconds=call.seconds, sent=call.sent)
            if not failure.job_lost:
                call.abandon()
            return None
        if known:
            insist(partial(breakers.note_success, known))
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

    def _after(self, failure: BackendError, step: Step, link: Link, *, others: Callable[[], bool], **told: Any) -> None:
        """Write the attempt down with what is decided. Raises where it is not to go on with the next link."""
        is_last, has_others = self.generation.attempt >= chain.CLAIMS_MAX, others()
        decision = chain.decide(failure, tried=chain.tried(link, self.past), others=has_others, is_last=is_last)
        self._record(step, link, decision, failure=failure, **told)
        fault: Said = {"code": failure.code, "arguments": failure.facts}
        if decision is Advice.TRY_AGAIN and has_others and chain.is_long(failure):
            fault["wait"] = failure.wait
            self.postponed[link] = fault
        elif decision is not Advice.NEXT_MODEL:
            facts = self.payer.facts(failure.code, failure.facts)
            raise BackendError(
                failure.code, advice=decision, wait=failure.wait, job_lost=failure.job_lost, **facts
            ) from failure
        self.faults.append(fault)

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
            paid_by=self.payer.name(step.model) if sent else Attempt.PaidBy.NOBODY,
            started_at=leases.later(-seconds),
            seconds=seconds,
        )
        insist(attempt.save)
        holding.changed(self.generation, "attempts")
        self.past.append(Past(link.model, link.route.provider, outcome, code))

    def _routes(self, step: Step) -> list[Route]:
        backend = backends.get(step.model.backend)
        release_connection()
        with outgoing(step.model, self.job):
            return backend.routes(step.model.repo_id, mode=self.generation.mode, key=self.payer.secret)

    def _resuming_first(self, found: list[Link], output: Output) -> list[Link]:
        """A route over which a job for this very picture is under way comes before the others."""
        return sorted(found, key=lambda link: not self.ticket(link, output))

    def ticket(self, link: Link, output: Output) -> str:
        """The job that an earlier call left at the provider, for this account; "" where there is none."""
        job = output.job or {}
        ours = {"model": link.model, "provider": link.route.provider, "account": self.payer.account}
        return str(job["ticket"]) if job and ours.items() <= job.items() else ""

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
        """What went wrong with the model that was asked for, as far as this claim knows."""
        asked = self.generation.attempts.filter(model=self.generation.model).exclude(code="")
        if row := asked.order_by("-started_at", "-pk").first():
            return {"code": row.code, "arguments": row.facts}
        first = self.faults[0] if self.faults else {"code": "backend_failed", "arguments": {}}
        return {name: first[name] for name in ("code", "arguments")}

    def _leave(self) -> None:
        """Write down why the asked model could not make it, where no call of it says so: the next queue knows nothing
        of what was found in this one."""
        asked = links.asked(self.generation)
        if self.faults and not any(each.model == asked.model.slug for each in self.past):
            failure = BackendError(self.faults[0]["code"], advice=Advice.NEXT_MODEL, **self.faults[0]["arguments"])
            self._record(asked, Link(asked.model.slug, Route()), Advice.NEXT_MODEL, failure=failure, seconds=0.0)

    def _given_up(self) -> BackendError:
        """Nothing of the chain is left now: wait for what may pass first, otherwise say why."""
        waits = [fault for fault in self.faults if fault.get("wait") is not None]
        if waits and self.generation.attempt < chain.CLAIMS_MAX:
            first = min(waits, key=lambda fault: float(fault["wait"]))
            return BackendError(first["code"], advice=Advice.TRY_AGAIN, wait=first["wait"], **first["arguments"])
        told = [*self.faults, *({"code": each.code, "arguments": {}} for each in self.past if each.code)]
        code = chain.verdict([fault["code"] for fault in told]) if told else "not_served"
        arguments: dict[str, Any] = next((fault["arguments"] for fault in told if fault["code"] == code), {})
        return BackendError(code, advice=Advice.STOP, **self.payer.facts(code, arguments))

    def _has_more(self, step: Step, *, more_links: bool = False) -> bool:
        """Whether another link or model comes after this one; the chain is read only when somebody asks."""
        return more_links or (bool(self.fallbacks) and step.model != self.fallbacks[-1].model)

    def _subject(self, model: AIModel, link: Link) -> Subject:
        account = self.payer.account if model.backend == "huggingface" else ""
        return Subject(account, model.repo_id, link.route.provider)
