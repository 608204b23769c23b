"""Providers that answer a call with the picture: raw bytes (hf-inference) or base64 in JSON (together, nscale)."""

import base64
from typing import Any

from tests.hf_server import pictures, work
from tests.hf_server.models import I2I, Model
from tests.hf_server.rows import ROWS
from tests.hf_server.scripts import plain
from tests.hf_server.wire import Answer
from tests.hf_server.world import Exchange

DEFAULT = (1024, 1024)
MOST_STEPS = 100
ENDED = {"failed": "crash_500", "canceled": "crash_500", "nsfw": "nsfw_422"}


def hf_inference(exchange: Exchange) -> Answer:
    """`POST /hf-inference/models/{id}`: a JPEG, whatever was asked for."""
    model = _let_in(exchange)
    if isinstance(model, Answer):
        return model
    try:
        size = _edited(exchange) if model.task == I2I else _wished(exchange.request.fields.get("parameters", {}))
    except pictures.Unreadable:
        return _invalid("cannot identify image file")
    if refused := _refused(exchange, model, size):
        return refused
    work.bill(exchange)
    headers = {
        "content-type": "image/jpeg",
        "x-sha": model.sha,
        "x-compute-type": "gpu",
        "x-compute-time": "1.234",
    }
    if exchange.twist == "no_images":
        return Answer(200, b"", headers)
    return Answer(200, exchange.picture(size, "jpeg"), headers, after=exchange.world.settings.default_delay)


def _let_in(exchange: Exchange) -> Model | Answer:
    """The model, or why there is no picture; without a queue a job that fails is a refusal."""
    model = work.model_of(exchange)
    if isinstance(model, Model) and exchange.twist in ENDED:
        return plain(ROWS[ENDED[exchange.twist]])
    return model


def _refused(exchange: Exchange, model: Model, size: tuple[int, int]) -> Answer | None:
    parameters = exchange.request.fields.get("parameters", {})
    if not exchange.call.prompt and model.task != I2I:
        return _invalid("`inputs` must not be empty")
    if any(side % 16 for side in size):
        words = f"`height` and `width` have to be divisible by 16 but are {size[1]} and {size[0]}."
        return Answer.of_json(400, {"error": words})
    if not 1 <= parameters.get("num_inference_steps", 28) <= MOST_STEPS:
        return _invalid(f"`num_inference_steps` must be between 1 and {MOST_STEPS}")
    return None


def _invalid(words: str) -> Answer:
    return Answer.of_json(422, {"error": f"Input validation error: {words}", "error_type": "validation"})


def _edited(exchange: Exchange) -> tuple[int, int]:
    fields = exchange.request.fields
    if not fields:
        return work.rounded(pictures.size_of(exchange.request.body), 16)
    if target := fields.get("parameters", {}).get("target_size"):
        return _wished(target)
    if str(fields.get("inputs", "")).startswith("data:"):
        raise pictures.Unreadable
    return work.like([fields.get("inputs")])


def _wished(parameters: dict[str, Any]) -> tuple[int, int]:
    return parameters.get("width") or DEFAULT[0], parameters.get("height") or DEFAULT[1]


def together(exchange: Exchange) -> Answer:
    """`POST /together/v1/images/generations`: chunked, and `retry-after` on a success."""
    model = _let_in(exchange)
    if isinstance(model, Answer):
        return model
    fields = exchange.request.fields
    if not exchange.call.prompt and model.task != I2I:
        return _openai_error(422, "Input validation error: prompt is required", "invalid_request_error")
    size = (fields.get("width") or DEFAULT[0], fields.get("height") or DEFAULT[1])
    if any(side % 8 or not 64 <= side <= 1792 for side in size):
        return _openai_error(
            422, "height and width must be multiples of 8 between 64 and 1792", "invalid_request_error"
        )
    key = "image_url" if "Kontext" in model.id else "reference_images"
    if model.task == I2I:
        sources = fields.get(key) if isinstance(fields.get(key), list) else [fields.get(key)]
        try:
            size = work.like(sources or [None])
        except pictures.Unreadable:
            return _openai_error(422, f"{key} is not a picture", "invalid_request_error")
    work.bill(exchange)
    headers = {"retry-after": "2", "x-ratelimit-limit": "10", "x-ratelimit-remaining": "9", "x-ratelimit-reset": "1"}
    answer = {
        "id": f"together-{exchange.call.number}",
        "model": model.id,
        "object": "list",
        "data": _data(exchange, size, "jpeg", in_base64=fields.get("response_format") == "base64"),
    }
    return Answer.of_json(200, answer, headers, after=exchange.world.settings.default_delay, chunked=True)


def nscale(exchange: Exchange) -> Answer:
    """`POST /nscale/v1/images/generations`: the size is one word."""
    model = _let_in(exchange)
    if isinstance(model, Answer):
        return model
    fields = exchange.request.fields
    if not exchange.call.prompt:
        return _openai_error(422, "prompt: field required", "invalid_request_error")
    wide, _, high = str(fields.get("size", "1024x1024")).partition("x")
    if not (wide.isdigit() and high.isdigit() and 64 <= int(wide) <= 2048 and 64 <= int(high) <= 2048):
        return _openai_error(422, f"size {fields.get('size')!r} is not supported", "invalid_request_error")
    work.bill(exchange)
    as_base64 = fields.get("response_format") == "b64_json"
    data = _data(exchange, (int(wide), int(high)), "png", in_base64=as_base64)
    answer = {"created": int(exchange.call.began_at), "data": data}
    return Answer.of_json(200, answer, after=exchange.world.settings.default_delay)


def _data(exchange: Exchange, size: tuple[int, int], form: str, *, in_base64: bool) -> list[dict[str, Any]]:
    if exchange.twist == "no_images":
        return []
    one: dict[str, Any] = {"index": 0, "timings": {"inference": 812}}
    if in_base64:
        return [one | {"b64_json": base64.b64encode(exchange.picture(size, form)).decode()}]
    return [one | {"url": exchange.file(size, form)}]


def _openai_error(status: int, words: str, kind: str) -> Answer:
    return Answer.of_json(status, {"error": {"message": words, "type": kind, "param": None, "code": None}})
