"""The two small queues: wavespeed and zai-org."""

import uuid
from typing import Any

from tests.hf_server import pictures, work
from tests.hf_server.models import I2I
from tests.hf_server.rows import NSFW
from tests.hf_server.wire import Answer
from tests.hf_server.world import Exchange, Job


def wavespeed(exchange: Exchange) -> Answer:
    """`POST /wavespeed/api/v3/{id}`: a task."""
    model = work.model_of(exchange)
    if isinstance(model, Answer):
        return model
    fields = exchange.request.fields
    if not exchange.call.prompt:
        return _wavespeed(422, {}, "property prompt is required")
    size = _sides(str(fields.get("size", ""))) or (fields.get("width") or 1024, fields.get("height") or 1024)
    if model.task == I2I:
        try:
            size = work.like(fields.get("images") or [fields.get("image")])
        except pictures.Unreadable:
            return _wavespeed(422, {}, "property image is not a picture")
    job = work.job(exchange, uuid.uuid4().hex, lambda: [exchange.file(size, "jpeg")])
    return _wavespeed(200, _task(job, "created"))


def wavespeed_poll(exchange: Exchange) -> Answer:
    """`GET /wavespeed/api/v3/predictions/{id}/result`."""
    job = work.asked(exchange)
    if isinstance(job, Answer):
        return job
    job.polls += 1
    if not job.is_done(exchange.world.settings.pending_polls):
        return _wavespeed(200, _task(job, "processing"))
    if job.twist in {"failed", "canceled"}:
        return _wavespeed(200, _task(job, "failed", error="The model crashed."))
    if job.twist == "nsfw":
        return _wavespeed(200, _task(job, "failed", error=NSFW))
    if job.twist == "odd":
        return _wavespeed(200, _task(job, "mislaid"))
    return _wavespeed(200, _task(job, "completed", outputs=[] if job.twist == "no_images" else job.outcome()))


def _task(job: Job, state: str, *, outputs: list[str] | None = None, error: str = "") -> dict[str, Any]:
    return {
        "id": job.id,
        "model": job.name,
        "status": state,
        "outputs": outputs or [],
        "has_nsfw_contents": [job.twist == "flagged" for _ in outputs or []],
        "urls": {"get": f"https://api.wavespeed.ai/api/v3/predictions/{job.id}/result"},
        "created_at": "2026-08-01T00:00:00.000Z",
        "error": error,
        "timings": {"inference": 1200},
    }


def _wavespeed(status: int, content: dict[str, Any], message: str = "success") -> Answer:
    return Answer.of_json(status, {"code": status, "message": message, "data": content})


def zai(exchange: Exchange) -> Answer:
    """`POST /zai-org/api/paas/v4/async/images/generations`: a task."""
    model = work.model_of(exchange)
    if isinstance(model, Answer):
        return model
    size = _sides(str(exchange.request.fields.get("size", "1280x1280")))
    if not exchange.call.prompt or size is None:
        return Answer.of_json(400, {"error": {"code": "1214", "message": "Incorrect prompt or size"}})
    job = work.job(exchange, str(uuid.uuid4().int)[:20], lambda: [exchange.file(size, "png")])
    return Answer.of_json(200, {"id": job.id, "model": "glm-image", "request_id": job.id, "task_status": "PROCESSING"})


def zai_poll(exchange: Exchange) -> Answer:
    """`GET /zai-org/api/paas/v4/async-result/{id}`."""
    job = work.asked(exchange)
    if isinstance(job, Answer):
        return job
    job.polls += 1
    said: dict[str, Any] = {"id": job.id, "model": "glm-image", "request_id": job.id}
    if not job.is_done(exchange.world.settings.pending_polls):
        return Answer.of_json(200, {**said, "task_status": "PROCESSING"})
    if job.twist == "nsfw":
        said["error"] = {"code": "1301", "message": "The system detected unsafe or sensitive content."}
    if job.twist in {"failed", "nsfw", "canceled"}:
        return Answer.of_json(200, {**said, "task_status": "FAIL"})
    if job.twist == "odd":
        return Answer.of_json(200, {**said, "task_status": "MISLAID"})
    found = [] if job.twist == "no_images" else [{"url": url} for url in job.outcome()]
    return Answer.of_json(200, {**said, "task_status": "SUCCESS", "image_result": found})


def _sides(text: str) -> work.Size | None:
    """Both sides of "1024x768" (or of "1024*768")."""
    wide, _, high = text.replace("*", "x").partition("x")
    return (int(wide), int(high)) if wide.isdigit() and high.isdigit() else None
