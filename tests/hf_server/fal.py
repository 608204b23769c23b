"""fal-ai: direct calls, and the queue behind `?_subdomain=queue`."""

import base64
import uuid
from typing import Any

from tests.hf_server import pictures, work
from tests.hf_server.models import I2I, Model
from tests.hf_server.wire import Answer
from tests.hf_server.world import Exchange, Job

MOST_STEPS = {
    "fal-ai/flux/schnell": 12,
    "fal-ai/flux/dev": 50,
    "fal-ai/flux/krea": 50,
    "fal-ai/qwen-image": 250,
    "fal-ai/z-image/turbo": 8,
    "fal-ai/stable-diffusion-v35-large": 50,
    "fal-ai/stable-diffusion-v35-medium": 50,
    "fal-ai/flux-kontext/dev": 50,
    "fal-ai/flux-2/edit": 50,
}
MOST_GUIDANCE = 20
NAMED = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
}


def create(exchange: Exchange) -> Answer:
    """`POST /fal-ai/{id}`: the picture's address at once, or a place in the queue."""
    model = work.model_of(exchange)
    if isinstance(model, Answer):
        return model
    queued = exchange.request.query.get("_subdomain") == ["queue"]
    if refused := _refused(exchange):
        return refused
    try:
        size = _size(exchange, model)
    except pictures.Unreadable:
        return _invalid(["body", "image_url"], "Failed to load the image.", "image_load_error")
    if queued:
        return _submitted(exchange, size)
    work.bill(exchange)
    return _direct(exchange, size)


def _refused(exchange: Exchange) -> Answer | None:
    fields, app = exchange.request.fields, exchange.named["pm"]
    if not exchange.call.prompt:
        return _invalid(["body", "prompt"], "Field required", "missing")
    for name, least, most in (
        ("num_inference_steps", 1, MOST_STEPS.get(app, 100)),
        ("guidance_scale", 0, MOST_GUIDANCE),
    ):
        value = fields.get(name, least)
        if value > most:
            more = {"ctx": {"le": most}, "input": value}
            return _invalid(["body", name], f"Input should be less than or equal to {most}", "less_than_equal", **more)
        if value < least:
            more = {"ctx": {"ge": least}, "input": value}
            words = f"Input should be greater than or equal to {least}"
            return _invalid(["body", name], words, "greater_than_equal", **more)
    return None


def _invalid(place: list[str], words: str, kind: str, **more: Any) -> Answer:
    return Answer.of_json(422, {"detail": [{"loc": place, "msg": words, "type": kind, **more}]})


def _size(exchange: Exchange, model: Model) -> work.Size:
    fields = exchange.request.fields
    wished = fields.get("image_size")
    if isinstance(wished, str):
        return NAMED.get(wished, NAMED["landscape_4_3"])
    if model.task == I2I:
        shape = work.like(fields.get("image_urls") or [fields.get("image_url")])
        return work.rounded((wished["width"], wished["height"]), 16) if wished else shape
    return work.rounded((wished["width"], wished["height"]), 16) if wished else NAMED["landscape_4_3"]


def _direct(exchange: Exchange, size: work.Size) -> Answer:
    if exchange.twist in {"nsfw", "failed"}:
        return _end(exchange.twist)
    return Answer.of_json(
        200, _pictured(exchange, size), _headers(exchange), after=exchange.world.settings.default_delay
    )


def _headers(exchange: Exchange) -> dict[str, str]:
    return {"x-fal-request-id": f"fal-{exchange.call.number}"}


def _pictured(exchange: Exchange, size: work.Size) -> dict[str, Any]:
    form = "png" if exchange.request.fields.get("output_format") == "png" else "jpeg"
    images = []
    if exchange.twist != "no_images":
        if exchange.request.fields.get("sync_mode"):
            url = f"data:{pictures.TYPES[form]};base64,{base64.b64encode(exchange.picture(size, form)).decode()}"
        else:
            url = exchange.file(size, form)
        # seen in the wild: the type is said to be JPEG even where the file is a PNG
        images = [{"url": url, "width": size[0], "height": size[1], "content_type": "image/jpeg"}]
    return {
        "images": images,
        "timings": {"inference": 1.2},
        "seed": exchange.seed,
        "has_nsfw_concepts": [exchange.twist == "flagged" for _ in images],
        "prompt": exchange.call.prompt,
    }


def _submitted(exchange: Exchange, size: work.Size) -> Answer:
    job = work.job(exchange, str(uuid.uuid4()), lambda: _pictured(exchange, size))
    return Answer.of_json(200, {"status": "IN_QUEUE", **_addresses(job), "queue_position": 0})


def _addresses(job: Job) -> dict[str, Any]:
    home = f"https://queue.fal.run/{'/'.join(job.name.split('/')[:2])}/requests/{job.id}"
    return {
        "request_id": job.id,
        "response_url": home,
        "status_url": f"{home}/status",
        "cancel_url": f"{home}/cancel",
    }


def _asked(exchange: Exchange) -> Job | Answer:
    if exchange.request.query.get("_subdomain") != ["queue"]:
        exchange.world.record.fault(f"the queue was asked without _subdomain=queue: {exchange.request.path}")
        return Answer.of_json(404, {"detail": "Not Found"})
    job = work.asked(exchange)
    if isinstance(job, Job) and exchange.named["app"] != "/".join(job.name.split("/")[:2]):
        exchange.world.record.fault(f"the path of another app: {exchange.request.path}")
        return Answer.of_json(404, {"detail": "Request not found"})
    return job


def status(exchange: Exchange) -> Answer:
    """The state of a job: 202 while it waits, 200 when it is over; a failed job is COMPLETED as well."""
    job = _asked(exchange)
    if isinstance(job, Answer):
        return job
    job.polls += 1
    pending = exchange.world.settings.pending_polls
    if job.twist == "odd":
        return Answer.of_json(200, {"status": "MISLAID", **_addresses(job)})
    if job.cancelled or job.is_done(pending):
        return Answer.of_json(200, {"status": "COMPLETED", **_addresses(job), "metrics": {"inference_time": 1.2}})
    if job.polls < pending or job.left > job.seconds / 2:
        return Answer.of_json(202, {"status": "IN_QUEUE", **_addresses(job), "queue_position": 1})
    return Answer.of_json(202, {"status": "IN_PROGRESS", **_addresses(job), "logs": None})


def result(exchange: Exchange) -> Answer:
    """What came out: the pictures, or the refusal that COMPLETED did not tell."""
    job = _asked(exchange)
    if isinstance(job, Answer):
        return job
    if job.cancelled or job.twist == "canceled":
        return Answer.of_json(499, {"detail": "Request was cancelled"})
    if job.twist == "stuck" or job.left:
        return Answer.of_json(400, {"detail": "Request is still in progress"})
    if job.twist in {"failed", "nsfw"}:
        return _end(job.twist)
    return Answer.of_json(200, job.outcome(), {"x-fal-request-id": job.id})


def _end(twist: str) -> Answer:
    if twist == "nsfw":
        words = "The content could not be processed because it was flagged by a content checker."
        kind = "content_policy_violation"
        answer = {"detail": [{"loc": ["body", "prompt"], "msg": words, "type": kind}]}
        return Answer.of_json(422, answer, {"x-fal-retryable": "false"})
    return Answer.of_json(500, {"detail": "Internal Server Error", "error_type": "internal_server_error"})


def cancel(exchange: Exchange) -> Answer:
    """Stop a job."""
    job = _asked(exchange)
    if isinstance(job, Answer):
        return job
    if work.cancel(exchange, job):
        return Answer.of_json(202, {"status": "CANCELLATION_REQUESTED"})
    return Answer.of_json(400, {"status": "ALREADY_COMPLETED"})
