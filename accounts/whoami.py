"""What Hugging Face says of a token: whose it is, whether it may call providers, whether it can still pay."""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from common import http
from common.addresses import origin
from common.errors import DomainError
from common.strict_json import NotJson, TooDeep, strict_loads

SECONDS = 10.0
MOST = 1024 * 1024
NAME_MAX = 100
SCOPE = "inference.serverless.write"
REFUSED = 401
NO_MONEY = 402


class HubSilent(DomainError):
    """The Hub gave no answer that says anything about the token."""

    code = "hub_silent"
    status = 503


@dataclass(frozen=True)
class Found:
    """Whose the token is, and the code of what is wrong with it ("" for nothing)."""

    name: str = ""
    code: str = ""


def look(secret: str) -> Found:
    """Ask the Hub about a token, then the router whether it pays: at most 20 seconds. Raises `HubSilent`."""
    answer = _hub(secret)
    if answer.status == REFUSED:
        return Found(code="own_token_expired" if b"expired" in answer.content else "own_token_refused")
    person = _person(answer)
    name = "".join(each for each in str(person.get("name", "")) if each.isprintable())[:NAME_MAX]
    if not _may_infer(person):
        return Found(name, "own_token_without_scope")
    return Found(name, "" if _pays(secret) else "own_token_without_credit")


def _hub(secret: str) -> http.Answer:
    try:
        with http.exchange(seconds=SECONDS, trusted=[origin(settings.HF_HUB_URL)]):
            return http.fetch("GET", f"{settings.HF_HUB_URL}/api/whoami-v2", most=MOST, headers=_bearer(secret))
    except http.Failed as error:
        raise HubSilent from error


def _person(answer: http.Answer) -> dict[str, Any]:
    try:
        person = strict_loads(answer.content)
    except (NotJson, TooDeep) as error:
        raise HubSilent from error
    if answer.status != 200 or not isinstance(person, dict):
        raise HubSilent
    return person


def _may_infer(person: dict[str, Any]) -> bool:
    """A classic token may do everything; the permissions of a fine-grained one stand in several places."""
    told = json.dumps(person.get("auth"))
    return '"role": "fineGrained"' not in told or f'"{SCOPE}"' in told


def _pays(secret: str) -> bool:
    """No other call says whether there is credit than one for a word of chat; its other failures say nothing."""
    asked = {"model": settings.HF_CHAT_MODEL, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1}
    url = f"{settings.HF_ROUTER_URL}/v1/chat/completions"
    try:
        with http.exchange(seconds=SECONDS, trusted=[origin(settings.HF_ROUTER_URL)]):
            answer = http.fetch("POST", url, most=MOST, headers=_bearer(secret), json=asked)
    except http.Failed:
        return True
    return answer.status != NO_MONEY


def _bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}
