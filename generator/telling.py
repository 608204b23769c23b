"""Stored codes and their arguments as words, in the language of whoever reads them."""

from typing import Any

from common.sentences import say, what_happened

Told = dict[str, Any] | list[dict[str, Any]] | None
"""A code and its arguments, or several."""
OF_SERVER = {
    "no_credits": "server_no_credits",
    "token_refused": "server_token",
    "token_expired": "server_token",
    "token_scope": "server_token",
    "gated": "server_gated",
}
"""What to say of the server's token to people who cannot mend it."""


def sentence(told: Told) -> str | None:
    """What happened and what to do about it; an argument may itself be a code, of which only what happened counts."""
    if not told:
        return None
    if isinstance(told, list):
        return " ".join(sentence(each) or "" for each in told)
    code = told["code"]
    if told["arguments"].get("payer") == "server":
        code = OF_SERVER[code]
    return say(code, **_in_words(told["arguments"]))


def happened(code: str, arguments: dict[str, Any]) -> str:
    """Only what happened, also of a code that an older release wrote down."""
    try:
        return what_happened(code, **_in_words(arguments))
    except KeyError:
        return say("failed_with", reason=code)


def _in_words(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: _one(name, value) for name, value in arguments.items()}


def _one(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(str(_one(name, each)) for each in value)
    if isinstance(value, dict):
        return happened(value["code"], value["arguments"])
    return say(f"setting_{value}") if name == "setting" else value
