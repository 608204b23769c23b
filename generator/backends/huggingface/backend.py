"""Hugging Face's providers behind the backend contract."""

import logging
from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import TypeVar

from generator.backends.base import Advice, BackendError, Call, CallEnded, Picture, Route, Trouble
from generator.backends.huggingface import mapping, providers, queued, sources
from generator.backends.huggingface.providers import PROVIDERS, Order
from generator.backends.huggingface.queued import Queue
from generator.params import IMAGE_TO_IMAGE

SIZES_TRIED = 2
log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class HuggingFace:
    """Asks whichever provider serves a model; holds nothing but what the Hub said a moment ago."""

    def routes(self, repo_id: str, *, mode: str, key: str) -> list[Route]:
        """Who serves it in this mode and is spoken here, in the order of the token's owner; those whose last test at
        the Hub failed come last. Raises `BackendError`."""
        served = [
            each
            for each in mapping.known(repo_id, key=key).served
            if each.task == mode and not each.adapter and mode in providers.modes_of(each.provider)
        ]
        if not served:
            raise BackendError("not_served", advice=Advice.NEXT_MODEL)
        ordered = sorted(served, key=lambda each: each.status != "live")
        return [Route(each.provider, providers.remote_id(each.provider, repo_id, each.remote_id)) for each in ordered]

    def generate(self, call: Call) -> Picture:
        """Make exactly one picture, as `Backend` promises."""
        if call.route.provider not in PROVIDERS:
            raise BackendError("not_served", advice=Advice.NEXT_MODEL)
        _tell_sent(call)
        try:
            content, revision = _made(call)
        except BackendError as failure:
            if failure.trouble is Trouble.RETIRED:
                mapping.forget(call.repo_id)
            raise
        return Picture(
            content=content,
            seed=call.params.seed or 0,
            revision=revision or mapping.revision(call.repo_id, key=call.key),
            software={"provider": call.route.provider},
            black_is_refusal=True,
        )

    def abandon(self, call: Call) -> None:
        """Ask the provider to end the job, which it may have made and billed already."""
        family = PROVIDERS[call.route.provider].family
        if not isinstance(family, Queue):
            return
        try:
            queued.cancel(family, call.ticket, key=call.key, provider=call.route.provider)
        except (BackendError, CallEnded) as failure:
            log.info("%s did not end a job that nobody wants: %s", call.route.provider, failure)


def _tell_sent(call: Call) -> None:
    """Also of a job that was ordered before: this is what made it."""
    order = _order(call, providers.NOT_SENT)
    call.on_sent({**order.body, "not_honoured": order.not_honoured})


def _made(call: Call) -> tuple[bytes, str]:
    """The picture, and the revision where the provider says it."""
    family = PROVIDERS[call.route.provider].family
    if isinstance(family, Queue):
        return _queued(family, call), ""
    return _ordered(call, family)


def _queued(queue: Queue, call: Call) -> bytes:
    """The picture of the job that was ordered before, or of a new one."""
    ticket, said = call.ticket, None
    if not ticket:
        ticket, said = _ordered(call, partial(queued.order, queue))
        call.on_ticket(ticket)
    return queued.picture(queue, ticket, said, key=call.key, provider=call.route.provider)


def _ordered(call: Call, place: Callable[..., Answer]) -> Answer:
    """The answer to an order. Where the source is too big for the provider, once more with a smaller one."""
    order = _order(call, providers.NOT_SENT)
    if call.params.mode != IMAGE_TO_IMAGE:
        return place(order.path, order.body, key=call.key, provider=call.route.provider)
    for source in islice(sources.smaller_and_smaller(call.source or b"", copies=order.copies), SIZES_TRIED):
        order = _order(call, source)
        try:
            return place(order.path, order.body, key=call.key, provider=call.route.provider)
        except BackendError as failure:
            if failure.code != "source_too_big":
                raise
    raise BackendError("source_too_big", advice=Advice.STOP)


def _order(call: Call, source: str) -> Order:
    route = call.route
    return providers.order(route.provider, route.remote_id, call.repo_id, call.params, source=source)
