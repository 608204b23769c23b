"""The chat route, read with suspicion: what comes with a 200 is often no answer."""

import re
from collections.abc import Sequence
from typing import Any

from django.conf import settings

from common import http
from generator.backends.huggingface import answers, failures, router

PATH = "/v1/chat/completions"
TEMPERATURE = 0.7
MOST = 256 * 1024
BANNER = re.compile(r"\s*\[[\w ]*\berror\b[^\d\]]*(\d{3})?(.*)", re.IGNORECASE | re.DOTALL)
THOUGHT = re.compile(r"^.*</think(?:ing)?>|<think(?:ing)?>.*", re.IGNORECASE | re.DOTALL)
FENCED = re.compile(r"```[\w-]*\s*\n(.+?)(?:\n\s*```|$)", re.DOTALL)
INTRODUCED = re.compile(r"[^\n]{0,120}:[*_ ]*\n+(?=\S)")
LABEL = re.compile(
    r"[*_#> ]*(?:(?:improved|enhanced|better|new|revised|final) )?prompt(?: amélioré)?[*_ ]*\s?:[*_ ]*", re.IGNORECASE
)
QUOTES = (('"', '"'), ("“", "”"), ("«", "»"), ("„", "“"), ("'", "'"), ("`", "`"), ("**", "**"), ("*", "*"))
REFUSED = re.compile(
    r"(?:(?:i['’]m|i am|we['’]re) (?:really |very |truly |so )?(?:sorry|unable|not able)|sorry\b.{0,20}\b(?:i|but)\b|"
    r"i (?:can['’]?t|cannot|can not|won['’]t|will not|must decline)|as an ai\b|unfortunately,? i|"
    r"je (?:suis désolée?|ne peux pas|ne suis pas|regrette)|désolée?\b.{0,20}\bje\b)",
    re.IGNORECASE,
)


def complete(*, messages: Sequence[dict[str, str]], key: str, most_tokens: int) -> str:
    """What the language model says to `messages`: one paragraph without thoughts, fences, quotes and chatter.

    `most_tokens` counts its thoughts too. To be called within an exchange. Raises `BackendError`: what is empty, cut
    short or a refusal is no answer.
    """
    asked = {
        "model": settings.HF_CHAT_MODEL,
        "messages": list(messages),
        "stream": False,
        "max_tokens": most_tokens,
        "temperature": TEMPERATURE,
    }
    found = answers.as_json(router.ask("POST", PATH, key=key, body=asked, most=MOST, provider="chat").content)
    choice = answers.at(found, "choices", 0)
    _refuse_unfinished(choice)
    content = answers.text_at(choice, "message", "content")
    _refuse_banner(content)
    said = spoken(content)
    if not said:
        raise failures.bad_answer()
    if REFUSED.match(said):
        raise failures.refused()
    return said


def spoken(content: str) -> str:
    """The one paragraph that is meant, "" where there is none."""
    text = THOUGHT.sub("", content).strip()
    if fenced := FENCED.search(text):
        text = fenced[1].strip()
    elif (introduced := INTRODUCED.match(text)) and not REFUSED.match(text):
        text = text[introduced.end() :]
    paragraph = re.split(r"\n\s*\n", text.strip())[0]
    bare = _bare(LABEL.sub("", _bare(paragraph), count=1) if LABEL.match(_bare(paragraph)) else paragraph)
    return " ".join(bare.replace("**", "").split())


def _bare(text: str) -> str:
    """Without the quotes and marks around the whole of it."""
    text = text.strip()
    for opening, closing in QUOTES:
        inner = text[len(opening) : -len(closing)]
        if text.startswith(opening) and text.endswith(closing) and inner and opening not in inner:
            text = inner.strip()
    return text


def _refuse_unfinished(choice: Any) -> None:
    finish = answers.text_at(choice, "finish_reason")
    if finish == "content_filter" or answers.text_at(choice, "message", "refusal"):
        raise failures.refused()
    if finish == "length":
        raise failures.bad_answer()


def _refuse_banner(content: str) -> None:
    """A provider's failure that came as the words of a success."""
    if banner := BANNER.match(content):
        raise failures.of_answer(http.Answer(int(banner[1] or 500), {}, banner[2].encode()))
