"""replicate: predictions, waited for or polled; a filled output may still say "processing"."""

import re
import uuid
from typing import Any

from tests.hf_server import pictures, work
from tests.hf_server.models import I2I, Model
from tests.hf_server.rows import NSFW
from tests.hf_server.wire import Answer
from tests.hf_server.world import Exchange, Job

MOST_STEPS = {
    "black-forest-labs/flux-schnell": 4,
    "black-forest-labs/flux-dev": 50,
    "prunaai/z-image-turbo": 8,
    "stability-ai/sdxl": 500,
}
BY_RATIO = ("black-forest-labs/", "stability-ai/stable-diffusion-3.5", "qwen/")
"""These take `aspect_ratio`; width and height do nothing there."""
ONE_URL = ("-kontext-", "flux-2-", "z-image", "qwen-image-edit")
"""These answer one address instead of a list."""
LONGEST_WAIT = 60.0


def create(exchange: Exchange) -> Answer:
    """Create a prediction; `Prefer: wait` holds the answer until it is done, at most 60 seconds."""
    model = work.model_of(exchange)
    if isinstance(model, Answer):
        return model
    provider_id = model.providers["replicate"]["providerId"]
    if refused := _misaddressed(exchange, provider_id) or _refused(exchange, provider_id):
        return refused
    try:
        size = _size(exchange, model, provider_id)
    except pictures.Unreadable:
        return _invalid("input_image", "Does not match format 'uri'")
    job = work.job(exchange, uuid.uuid4().hex[:26], lambda: _outputs(exchange, size, provider_id))
    job.name = provider_id
    return _created(exchange, job)


def _created(exchange: Exchange, job: Job) -> Answer:
    headers = {"ratelimit-remaining": "599", "ratelimit-reset": "1"}
    prefer = re.fullmatch(r"wait(?:=(\d+))?", exchange.request.headers.get("prefer", ""))
    if prefer is None:
        return Answer.of_json(201, _shown(job, "starting"), headers)
    wait = min(float(prefer[1] or LONGEST_WAIT), LONGEST_WAIT)
    headers["preference-applied"] = f"wait={wait:.0f}"
    if job.seconds > wait or job.twist in {"stuck", "not_ready", "lost"}:
        return Answer.of_json(202, _shown(job, "processing"), headers, after=min(wait, job.seconds))
    job.polls = exchange.world.settings.pending_polls + 1
    if job.twist in {*work.UNBILLED, "odd", "flagged"}:
        return Answer.of_json(201, _over(job), headers, after=job.seconds)
    return Answer.of_json(201, _shown(job, "processing", output=_output(job)), headers, after=job.seconds)


def _misaddressed(exchange: Exchange, provider_id: str) -> Answer | None:
    """Ids with a version have an address of their own."""
    if (":" in provider_id) == ("version" in exchange.request.fields) and (":" in provider_id) != (
        "pm" in exchange.named
    ):
        return None
    exchange.world.record.fault(f"not the address of {provider_id}: {exchange.request.path}")
    return Answer.of_json(404, {"detail": "The requested resource could not be found.", "status": 404})


def _refused(exchange: Exchange, provider_id: str) -> Answer | None:
    given = exchange.request.fields.get("input", {})
    if not exchange.call.prompt:
        return _invalid("prompt", "prompt is required", missing=True)
    most = MOST_STEPS.get(provider_id.partition(":")[0], 50)
    if given.get("num_inference_steps", 1) > most:
        return _invalid("num_inference_steps", f"Must be less than or equal to {most}")
    if given.get("num_inference_steps", 1) < 1:
        return _invalid("num_inference_steps", "Must be greater than or equal to 1")
    if given.get("guidance", 0) > 10:
        return _invalid("guidance", "Must be less than or equal to 10")
    return None


def _invalid(name: str, words: str, *, missing: bool = False) -> Answer:
    place = "input" if missing else f"input.{name}"
    problem = {"type": "required" if missing else "number_lte", "field": place, "description": words}
    body = {
        "title": "Input validation failed",
        "detail": f"- {place}: {words}\n",
        "invalid_fields": [problem],
        "status": 422,
    }
    return Answer.of_json(422, body)


def _size(exchange: Exchange, model: Model, provider_id: str) -> work.Size:
    given = exchange.request.fields.get("input", {})
    if "flux-2" in provider_id and given.get("aspect_ratio") == "custom":
        wide, high = (min(1440, max(256, given.get(side) or 1024)) for side in ("width", "height"))
        return work.rounded((wide, high), 32)
    if model.task == I2I:
        many = given.get("input_images") or given.get("images")
        return work.like(many or [given.get("input_image") or given.get("image")])
    if not provider_id.startswith(BY_RATIO):
        return given.get("width") or 1024, given.get("height") or 1024
    wide, _, high = str(given.get("aspect_ratio", "1:1")).partition(":")
    if not (wide.isdigit() and high.isdigit()):
        return 1024, 1024
    area = 1024 * 1024 / (4 if str(given.get("megapixels")) == "0.25" else 1)
    scale = (area / (int(wide) * int(high))) ** 0.5
    return work.rounded((int(int(wide) * scale), int(int(high) * scale)), 16)


def _form(exchange: Exchange, provider_id: str) -> str:
    usual = "png" if "sdxl" in provider_id else "webp"
    wished = str(exchange.request.fields.get("input", {}).get("output_format", usual))
    return {"jpg": "jpeg", "jpeg": "jpeg", "png": "png"}.get(wished, "webp")


def _outputs(exchange: Exchange, size: work.Size, provider_id: str) -> list[str]:
    return [exchange.file(size, _form(exchange, provider_id))]


def _output(job: Job) -> list[str] | str:
    if job.twist == "no_images":
        return []
    addresses: list[str] = job.outcome()
    return addresses[0] if any(part in job.name for part in ONE_URL) else addresses


def _shown(job: Job, state: str, *, output: Any = None, error: str | None = None) -> dict[str, Any]:
    home = f"https://api.replicate.com/v1/predictions/{job.id}"
    return {
        "id": job.id,
        "model": job.name.partition(":")[0],
        "version": job.name.partition(":")[2] or "hidden",
        "input": {"prompt": job.call.prompt, "seed": job.call.seed},
        "logs": f"Using seed: {job.call.seed}\n",
        "output": output,
        "data_removed": False,
        "error": error,
        "status": state,
        "created_at": "2026-08-01T00:00:00.000Z",
        "urls": {"get": home, "cancel": f"{home}/cancel", "stream": home},
    }


def _over(job: Job) -> dict[str, Any]:
    if job.cancelled or job.twist == "canceled":
        return _shown(job, "canceled")
    if job.twist in {"nsfw", "flagged"}:
        return _shown(job, "failed", error=NSFW)
    if job.twist == "failed":
        return _shown(job, "failed", error="Prediction failed: E1001 (out of memory)")
    if job.twist == "odd":
        return _shown(job, "aborted", error="The prediction was aborted.")
    return _shown(job, "succeeded", output=_output(job))


def poll(exchange: Exchange) -> Answer:
    """`GET /replicate/v1/predictions/{id}`: always 200."""
    job = work.asked(exchange)
    if isinstance(job, Answer):
        return job
    job.polls += 1
    pending = exchange.world.settings.pending_polls
    if job.cancelled or job.is_done(pending):
        return Answer.of_json(200, _over(job))
    begun = job.polls >= pending and job.left <= job.seconds / 2
    return Answer.of_json(200, _shown(job, "processing" if begun else "starting"))


def cancel(exchange: Exchange) -> Answer:
    """Stop a prediction; one that is over stays as it is."""
    job = work.asked(exchange)
    if isinstance(job, Answer):
        return job
    return Answer.of_json(200, _over(job) if not work.cancel(exchange, job) else _shown(job, "canceled"))
