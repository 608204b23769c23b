"""One call of one model over one route: its time limit, its job at the provider, what was sent."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from django.db.models import Q

from accounts.services import huggingface
from accounts.services.huggingface import Key
from common import http
from common.database import insist, release_connection
from generator import backends, durations, leases
from generator.backends.base import BackendError, Call, CallEnded, Picture
from generator.chain import Link
from generator.links import Step
from generator.models import AIModel, Generation, Output
from generator.timekeeper import Job

ABANDON_SECONDS = 2.0


class Calling:
    """What is known of one call: `seconds` of wall-clock time, what was `sent`, whether the generation `is_over`."""

    def __init__(
        self, generation: Generation, output: Output, step: Step, link: Link, key: Key | None, job: Job
    ) -> None:
        self.generation = generation
        self.output = output
        self.step = step
        self.link = link
        self.key = key
        self.job = job
        self.ticket = ""
        self.is_over = False
        self.seconds = 0.0
        self.sent: dict[str, Any] = {}

    def picture(self, source: bytes | None, *, ticket: str) -> Picture:
        """Make it. Raises `BackendError`, or `CallEnded` when nobody wants it any more."""
        model, self.ticket = self.step.model, ticket
        told = replace(self.step.told, seed=self.output.seed, images=1, collection=None, remix_of=None)
        if model.queue == "local":
            self.sent = told.as_request()
        call = Call(
            params=told,
            repo_id=model.repo_id,
            route=self.link.route,
            source=source,
            key=self.key.secret if self.key else "",
            ticket=ticket,
            on_progress=self._progress,
            on_ticket=self._keep_ticket,
            on_sent=self._keep_sent,
        )
        self.backend, self.call = backends.get(model.backend), call
        release_connection()
        began = time.monotonic()
        try:
            with outgoing(model, self.job):
                return self.backend.generate(call)
        except CallEnded:
            self.is_over = self._ends_it_all()
            if self.is_over:
                self.abandon()
            raise
        finally:
            self.seconds = time.monotonic() - began

    def _ends_it_all(self) -> bool:
        """Whether the generation was cancelled or is too late; one that only lost its worker goes on."""
        over = Q(status=Generation.Status.CANCELLED) | Q(deadline__lt=leases.database_now())
        return Generation.objects.filter(over, pk=self.generation.pk).exists()

    def abandon(self) -> None:
        """Nobody comes for the job any more: spare its money."""
        if self.ticket:
            release_connection()
            with http.exchange(seconds=ABANDON_SECONDS, trusted=huggingface.origins()):
                self.backend.abandon(replace(self.call, ticket=self.ticket))

    def settle(self, failure: BackendError) -> None:
        """Forget the job that a failure ended."""
        if failure.job_lost:
            self._keep_job(None)

    def _progress(self, step: int, steps: int) -> None:
        self.job.step, self.job.steps = step, steps
        if self.job.ended.is_set():
            raise CallEnded

    def _keep_ticket(self, ticket: str) -> None:
        """Before the job is awaited: whoever comes after a crash awaits it too, and does not order a second picture."""
        self.ticket = ticket
        account = self.key.account if self.key else ""
        job = {"model": self.link.model, "provider": self.link.route.provider, "account": account, "ticket": ticket}
        self._keep_job(job)
        release_connection()

    def _keep_job(self, job: dict[str, str] | None) -> None:
        self.output.job = job
        ours = {"generation__worker": self.generation.worker, "generation__attempt": self.generation.attempt}
        row = Output.objects.filter(pk=self.output.pk, **ours)
        insist(partial(row.update, job=job))

    def _keep_sent(self, sent: dict[str, Any]) -> None:
        self.sent = sent


@contextmanager
def outgoing(model: AIModel, job: Job) -> Iterator[None]:
    """All that is said to other hosts inside ends within the model's time limit, or when the job ends."""
    if model.queue == "local":
        yield
        return
    seconds, trusted = durations.time_limit(model), huggingface.origins()
    release_connection()
    with http.exchange(seconds=seconds, trusted=trusted) as exchange, job.calling(exchange):
        yield
