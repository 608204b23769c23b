"""What the chat route answers when it does not improve a prompt."""

from typing import Any

from tests.hf_server.row import Row, page, says


def _chat(name: str, content: str | None, finish: str = "stop", **message: Any) -> Row:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": content, **message},
        "finish_reason": finish,
        "logprobs": None,
    }
    return says(name, 200, _completion([choice]), {"x-inference-provider": "groq"}, kind="chat")


def _completion(choices: list[dict[str, Any]]) -> dict[str, Any]:
    usage = {"prompt_tokens": 90, "completion_tokens": 40, "total_tokens": 130}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "x",
        "choices": choices,
        "usage": usage,
    }


BETTER = "A lighthouse at dusk, warm light on wet rocks, low clouds, long exposure"

CHAT = (
    _chat("chat_empty_200", ""),
    _chat("chat_null_200", None),
    _chat("chat_blank_200", " \n\n "),
    _chat("chat_banner_200", '[Upstream Error: 402 "You have no remaining credits. Purchase credits to go on."]'),
    _chat("chat_think_200", f"<think>\nThe user wants a lighthouse.\n</think>\n\n{BETTER}"),
    _chat("chat_open_think_200", "<think>\nThe user wants a lighthouse, so I should", "length"),
    _chat("chat_reasoning_200", "", reasoning_content="The user wants a lighthouse."),
    _chat("chat_fenced_200", f"```markdown\n{BETTER}\n```"),
    _chat("chat_chatter_200", f"Sure! Here is your improved prompt:\n\n```\n{BETTER}\n```\n\nLet me know if it helps!"),
    _chat("chat_quoted_200", f'**Improved prompt:** "{BETTER}"'),
    _chat("chat_length_200", "A lighthouse at dusk, warm light on wet rocks, low", "length"),
    _chat("chat_refusal_200", "I'm sorry, but I can't help with that request."),
    _chat("chat_refusal_field_200", None, refusal="I can't help with that."),
    _chat("chat_filtered_200", "", "content_filter"),
    _chat("chat_endless_200", f"{BETTER}. " * 400),
    says("chat_no_choices_200", 200, _completion([]), kind="chat"),
    says("chat_html_200", 200, page("Welcome"), kind="chat"),
    says(
        "chat_not_supported_400",
        400,
        {
            "error": {
                "message": "The requested model 'x' is not supported by any provider you have enabled.",
                "type": "invalid_request_error",
                "param": "model",
                "code": "model_not_supported",
            }
        },
        kind="chat",
    ),
)
