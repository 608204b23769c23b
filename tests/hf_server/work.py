"""What all providers share: who is let in, how large a picture is, and how a job goes."""

import asyncio
from collections.abc import Callable
from typing import Any

from tests.hf_server import hub, pictures
from tests.hf_server.models import Model
from tests.hf_server.rows import DEPLETED, GONE, UNSUPPORTED
from tests.hf_server.wire import Answer
from tests.hf_server.world import Exchange, Job

UNBILLED = {"failed", "nsfw", "canceled"}
Size = tuple[int, int]


def model_of(exchange: Exchange) -> Model | Answer:
    """The model of a create call, or why there is none for this token at this provider."""
    provider = exchange.call.provider
    model = exchange.world.models.get(exchange.call.model)
    if refused := hub.door(exchange, model):
        return refused
    if model and provider in model.gone:
        return Answer.of_json(410, {"error": GONE.format(provider)})
    if model is None or provider not in model.providers:
        return Answer.of_json(400, {"error": UNSUPPORTED.format(provider)})
    token = exchange.world.token_of(exchange.request)
    if token and token.state == "broke":
        return Answer.of_json(402, {"error": DEPLETED})
    return model


def bill(exchange: Exchange) -> None:
    """The provider makes the picture, and says so to the accounts."""
    exchange.call.row = exchange.script.row.name if exchange.script else ""
    if exchange.twist not in UNBILLED:
        _ = exchange.seed
        exchange.world.record.bill(exchange.call)


def rounded(size: Size, to: int) -> Size:
    """Both sides cut to a multiple."""
    return (max(to, size[0] // to * to), max(to, size[1] // to * to))


def like(sources: list[Any]) -> Size:
    """The shape of the first source picture, at most one megapixel; `pictures.Unreadable` where it is none."""
    width, height = pictures.size_of(pictures.source(sources[0]))
    shrink = min(1.0, (1024 * 1024 / (width * height)) ** 0.5)
    return rounded((int(width * shrink), int(height * shrink)), 16)


def job(exchange: Exchange, name: str, paint: Callable[[], Any]) -> Job:
    """Start a job, which lasts the default delay."""
    world = exchange.world
    begun = Job(name, exchange.call, exchange.named.get("pm", ""), world.settings.default_delay, paint, exchange.twist)
    world.jobs[name] = begun
    exchange.is_job = True
    world.record.enter()
    begun.over = asyncio.get_running_loop().call_later(begun.seconds, world.record.leave)
    bill(exchange)
    return begun


def asked(exchange: Exchange) -> Job | Answer:
    """The job of a poll or of a result, or why it is not shown."""
    if refused := hub.door(exchange):
        return refused
    found = exchange.world.jobs.get(exchange.named["job"])
    if found is None or found.twist == "lost":
        return Answer.of_json(404, {"detail": "Request not found"})
    return found


def cancel(exchange: Exchange, found: Job) -> bool:
    """Whether there was something left to cancel."""
    if found.cancelled or not found.left:
        return False
    found.cancelled = True
    if found.over:
        found.over.cancel()
        exchange.world.record.leave()
    exchange.world.record.cancelled.append(found.id)
    return True
