"""What the Hub knows of a repository: what it is for, under which licence, and who serves it."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from common import http
from generator.backends.base import Advice, BackendError, Trouble
from generator.backends.huggingface import failures, router
from generator.backends.huggingface.answers import as_json, at, text_at
from generator.params import MODES

LINK = re.compile(r"https://[\w.-]+\.[a-z]+/[!-~]{0,150}", re.ASCII)
REPOSITORY = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)
REMOTE_ID = re.compile(r"(?!.*\.\.)[\w-][\w.-]*(?:/[\w-][\w.-]*){0,5}(?::\w+)?", re.ASCII)
"""What may become part of an address at the router."""
HUB_PAUSE = 30.0


@dataclass(frozen=True)
class Served:
    """One provider that runs a model: its own name for it, the task, and how the Hub's last test went.

    `status` is live, staging or error; `adapter` is "lora" where the provider loads these weights onto another model.
    """

    provider: str
    remote_id: str
    task: str
    status: str
    adapter: str = ""


@dataclass(frozen=True)
class Entry:
    """A repository as the Hub shows it; `gated` is "" (open to all), "auto" or "manual"."""

    repo_id: str
    modes: tuple[str, ...]
    licence: str
    licence_url: str
    gated: str
    revision: str
    served: list[Served]


def look_up(repo_id: str, *, key: str) -> Entry:
    """All of it, within the exchange around the caller; without a key as a stranger sees it. Raises `BackendError`."""
    found = _ask(repo_id, ("inferenceProviderMapping", "pipeline_tag", "gated", "sha", "tags", "cardData"), key=key)
    served = _served(found)
    tasks = {text_at(found, "pipeline_tag"), *(each.task for each in served)}
    gated = at(found, "gated")
    return Entry(
        repo_id=repo_id,
        modes=tuple(mode for mode in MODES if mode in tasks),
        licence=_licence(found),
        licence_url=_licence_url(found, repo_id),
        gated=gated if isinstance(gated, str) else "",
        revision=text_at(found, "sha"),
        served=served,
    )


def who_serves(repo_id: str, *, key: str) -> tuple[list[Served], str]:
    """Who serves it, in the order that the token's owner prefers, and the repository's revision. Raises
    `BackendError`."""
    found = _ask(repo_id, ("inferenceProviderMapping", "sha"), key=key)
    return _served(found), text_at(found, "sha")


def _ask(repo_id: str, fields: tuple[str, ...], *, key: str) -> dict[str, Any]:
    if not REPOSITORY.fullmatch(repo_id):
        raise _missing()
    url = f"{settings.HF_HUB_URL}/api/models/{repo_id}?{urlencode([('expand', field) for field in fields])}"
    headers = router.bearer(key) if key else {"User-Agent": router.AGENT}
    try:
        answer = router.send("GET", url, headers=headers, most=router.MOST_JSON)
    except BackendError as failure:
        raise down() from failure
    found = as_json(answer.content)
    if answer.status == 200 and isinstance(found, dict):
        return found
    raise _refusal(answer, has_key=bool(key))


def _refusal(answer: http.Answer, *, has_key: bool) -> BackendError:
    nobody_asks = answer.status == 401 and not has_key
    if answer.status == 404 or nobody_asks or answer.headers.get("x-error-code") == "RepoNotFound":
        return _missing()
    failure = failures.of_answer(answer)
    if answer.status in {401, 403}:
        return failure
    return down(failure.wait if answer.status == 429 else HUB_PAUSE)


def _missing() -> BackendError:
    return BackendError("no_repository", advice=Advice.NEXT_MODEL)


def down(wait: float = HUB_PAUSE) -> BackendError:
    """The Hub does not answer now."""
    return BackendError("hub_down", advice=Advice.TRY_AGAIN, wait=wait, tries=2, trouble=Trouble.TRANSIENT)


def _served(found: Any) -> list[Served]:
    """The mapping, which is an object of entries by provider, or a list of entries that name theirs."""
    mapping = at(found, "inferenceProviderMapping")
    if isinstance(mapping, list):
        mapping = {text_at(each, "provider"): each for each in mapping}
    if not isinstance(mapping, dict):
        return []
    entries = (
        Served(
            provider,
            text_at(each, "providerId"),
            text_at(each, "task"),
            text_at(each, "status"),
            text_at(each, "adapter"),
        )
        for provider, each in mapping.items()
    )
    return [each for each in entries if each.provider and REMOTE_ID.fullmatch(each.remote_id)]


def _licence(found: Any) -> str:
    named = text_at(found, "cardData", "license_name") or text_at(found, "cardData", "license")
    tags = at(found, "tags")
    tagged = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    in_tags = (tag.removeprefix("license:") for tag in tagged if tag.startswith("license:"))
    return (named or next(in_tags, ""))[:80]


def _licence_url(found: Any, repo_id: str) -> str:
    """The card's own link where it is an address, else the repository's page, where a gated one is accepted."""
    link = text_at(found, "cardData", "license_link")
    is_own = LINK.fullmatch(link) is not None and not at(found, "gated")
    return link if is_own else f"https://huggingface.co/{repo_id}"
