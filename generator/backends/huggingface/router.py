"""Questions to the router, which hands them on to a provider, and to the Hub; every refusal is classified."""

import logging
import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from common import http
from common.texts import shown
from generator.backends.base import Advice, BackendError
from generator.backends.huggingface import failures

MOST_JSON = 2 * 2**20
MOST_PICTURE = 40 * 2**20
AGENT = "training-edge-ai/1"
TOKEN = re.compile(r"hf_[\w.-]{1,4000}", re.ASCII)
Body = Mapping[str, Any]
log = logging.getLogger(__name__)


def ask(
    method: str,
    path: str,
    *,
    key: str,
    body: Body | None = None,
    most: int = MOST_JSON,
    provider: str = "",
    accept: str = "application/json",
) -> http.Answer:
    """One request to `HF_ROUTER_URL`; its successful answer, of at most `most` bytes.

    Raises `BackendError`, or `CallEnded` where the exchange around it was ended from outside.
    """
    headers = {"Accept": accept, **bearer(key)}
    if settings.HF_BILL_TO and key == settings.HF_TOKEN:
        headers["X-HF-Bill-To"] = settings.HF_BILL_TO
    answer = send(method, settings.HF_ROUTER_URL + path, headers=headers, body=body, most=most, provider=provider)
    if not 200 <= answer.status < 300:
        raise failures.of_answer(answer)
    return answer


def bearer(key: str) -> dict[str, str]:
    """The headers that say who asks. Raises `BackendError` for what is no token of Hugging Face."""
    if not TOKEN.fullmatch(key):
        raise BackendError("token_refused", advice=Advice.STOP)
    return {"Authorization": f"Bearer {key}", "User-Agent": AGENT}


def send(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    most: int,
    body: Body | None = None,
    provider: str = "",
) -> http.Answer:
    """One request, and a line in the log where it fails, without token, prompt or answer. Raises as `ask`."""
    try:
        answer = http.fetch(method, url, most=most, headers=headers, json=body)
    except http.Failed as failed:
        log.info("%s gave no answer: %s", provider or "Hugging Face", failed.reason)
        raise failures.of_silence(failed) from failed
    if answer.status >= 400:
        asked_as = shown(answer.headers.get("x-request-id", "-"))
        log.warning("%s answered %d; request %s", provider or "Hugging Face", answer.status, asked_as)
    return answer
