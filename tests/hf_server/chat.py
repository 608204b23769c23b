"""The chat route, which improves prompts."""

import json
import time
from typing import Any

from tests.hf_server import hub
from tests.hf_server.rows import ROWS
from tests.hf_server.scripts import plain
from tests.hf_server.wire import Answer
from tests.hf_server.world import Exchange

MODELS = ("openai/gpt-oss-20b", "openai/gpt-oss-120b", "meta-llama/Llama-3.3-70B-Instruct", "Qwen/Qwen3-32B")
BETTER = "{}, soft morning light, fine detail, balanced composition"


def complete(exchange: Exchange) -> Answer:
    """`POST /v1/chat/completions`: the last words of the user, made better."""
    if refused := hub.door(exchange):
        return refused
    token = exchange.world.token_of(exchange.request)
    if token and token.state == "broke":
        return plain(ROWS["depleted_402"])
    fields = exchange.request.fields
    model = str(fields.get("model", "")).partition(":")[0]
    if model not in MODELS:
        return plain(ROWS["chat_not_supported_400"])
    if not exchange.call.prompt:
        return Answer.of_json(422, {"error": {"message": "messages: field required", "code": "invalid_request"}})
    words = exchange.world.settings.chat_answer or BETTER.format(exchange.call.prompt)
    headers = {"x-inference-provider": "groq"}
    after = exchange.world.settings.default_delay
    if fields.get("stream"):
        headers["content-type"] = "text/event-stream"
        return Answer(200, _stream(model, words), headers, after=after, chunked=True)
    choice = {"index": 0, "message": {"role": "assistant", "content": words}, "finish_reason": "stop", "logprobs": None}
    return Answer.of_json(200, _frame(model, "chat.completion", choice), headers, after=after)


def _frame(model: str, kind: str, choice: dict[str, Any]) -> dict[str, Any]:
    usage = {"prompt_tokens": 90, "completion_tokens": 40, "total_tokens": 130}
    start = {"id": "chatcmpl-1", "object": kind, "created": int(time.time()), "model": model}
    return {**start, "choices": [choice], "usage": usage}


def _stream(model: str, words: str) -> bytes:
    ends: list[tuple[dict[str, str], str | None]] = [({"role": "assistant", "content": words}, None), ({}, "stop")]
    frames = (
        _frame(model, "chat.completion.chunk", {"index": 0, "delta": delta, "finish_reason": end})
        for delta, end in ends
    )
    lines = [json.dumps(frame) for frame in frames]
    return "".join(f"data: {line}\n\n" for line in [*lines, "[DONE]"]).encode()


def models(exchange: Exchange) -> Answer:
    """`GET /v1/models`: the chat models, with their providers."""
    provider = {
        "provider": "groq",
        "status": "live",
        "context_length": 131072,
        "pricing": {"input": 0.1, "output": 0.5},
        "supports_tools": True,
        "supports_structured_output": True,
    }
    listed = [
        {"id": name, "object": "model", "owned_by": name.partition("/")[0], "providers": [provider]} for name in MODELS
    ]
    return Answer.of_json(200, {"object": "list", "data": listed})
