"""fal-ai, replicate, wavespeed, zai-org: a job is ordered, then asked after until it is over.

What was ordered is paid, whether or not somebody comes for it, so its ticket is told before anything else is done.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from generator.backends.base import Advice, BackendError, Trouble
from generator.backends.huggingface import failures, linked, router
from generator.backends.huggingface.answers import as_json, at, text_at

FIRST_PAUSE, LONGEST_PAUSE = 0.3, 2.0
NAME = r"[\w-]{1,100}"
PASSING = {"provider_busy", "busy", "timed_out", "network"}
"""After these the result is still where it was."""


@dataclass(frozen=True)
class Queue:
    """One provider's way with jobs.

    `ticket` reads the path to ask at from the answer to an order, and it must fit `tickets`; `is_over` and `link` (the
    picture's address; raises `BackendError` for a job that failed) read the answers. Where the state is asked at one
    path and the picture at another, `state_suffix` and `query` make them. `cancel` is the method that ends a job, where
    there is one.
    """

    prefix: str
    tickets: str
    ticket: Callable[[Any], str]
    is_over: Callable[[Any], bool]
    link: Callable[[Any], str]
    state_suffix: str = ""
    query: str = ""
    cancel: str = ""


def order(queue: Queue, path: str, body: router.Body, *, key: str, provider: str) -> tuple[str, Any]:
    """A job at the provider: its ticket and what the provider said of it. Raises as `router.ask`."""
    answer = as_json(router.ask("POST", path + queue.query, key=key, body=body, provider=provider).content)
    ticket = queue.ticket(answer)
    if not is_ticket(queue, ticket):
        raise failures.bad_answer()
    return ticket, answer


def is_ticket(queue: Queue, ticket: str) -> bool:
    """Whether it leads to a job of this provider, and nowhere else."""
    return re.fullmatch(queue.tickets, ticket, re.ASCII) is not None


def picture(queue: Queue, ticket: str, said: Any, *, key: str, provider: str) -> bytes:
    """The picture of a job, awaited as long as the exchange around it lasts; `said` is what is known already.

    Raises as `router.ask`; the job is lost where the provider says that it failed or that it knows of none.
    """
    if not is_ticket(queue, ticket):
        raise lost()
    for pause in _pauses():
        if queue.is_over(said):
            break
        linked.wait(pause)
        said = _asked(queue, ticket + queue.state_suffix, key=key, provider=provider)
    if queue.state_suffix:
        said = _asked(queue, ticket, key=key, provider=provider, is_result=True)
    link = queue.link(said)
    if not link:
        raise failures.bad_answer()
    return linked.download(link)


def cancel(queue: Queue, ticket: str, *, key: str, provider: str) -> None:
    """Ask the provider to end a job, where it can be asked. Raises as `router.ask`."""
    if queue.cancel and is_ticket(queue, ticket):
        router.ask(queue.cancel, f"{queue.prefix}{ticket}/cancel{queue.query}", key=key, provider=provider)


def lost() -> BackendError:
    """The provider knows nothing of the job."""
    return BackendError("provider_failed", advice=Advice.TRY_AGAIN, wait=3, tries=1, trouble=Trouble.TRANSIENT)


def _pauses() -> Iterator[float]:
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(LONGEST_PAUSE, pause * 1.5)


def _asked(queue: Queue, place: str, *, key: str, provider: str, is_result: bool = False) -> Any:
    """What the provider says of the job. A failed job is told by the answer to the question for its result."""
    try:
        answer = router.ask("GET", queue.prefix + place + queue.query, key=key, provider=provider)
    except BackendError as failure:
        if failure.code == "model_gone":
            raise lost() from failure
        failure.job_lost = is_result and failure.code not in PASSING
        raise
    found = as_json(answer.content)
    if not isinstance(found, dict):
        rubbish = failures.bad_answer()
        rubbish.job_lost = False
        raise rubbish
    return found


def _is_fal_over(said: Any) -> bool:
    return text_at(said, "status") == "COMPLETED"


def _fal_link(said: Any) -> str:
    if at(said, "has_nsfw_concepts", 0) is True:
        raise failures.refused()
    return text_at(said, "images", 0, "url")


def _is_replicate_over(said: Any) -> bool:
    """Its state may say "processing" while the picture is there already."""
    return bool(at(said, "output")) or text_at(said, "status") in {"succeeded", "failed", "canceled", "aborted"}


def _replicate_link(said: Any) -> str:
    if text_at(said, "status") in {"failed", "canceled", "aborted"}:
        raise failures.of_job(text_at(said, "error"))
    return text_at(said, "output") or text_at(said, "output", 0)


def _is_wavespeed_over(said: Any) -> bool:
    return text_at(said, "data", "status") in {"completed", "failed"}


def _wavespeed_link(said: Any) -> str:
    if text_at(said, "data", "status") == "failed":
        raise failures.of_job(text_at(said, "data", "error"))
    if at(said, "data", "has_nsfw_contents", 0) is True:
        raise failures.refused()
    return text_at(said, "data", "outputs", 0)


def _is_zai_over(said: Any) -> bool:
    return text_at(said, "task_status") in {"SUCCESS", "FAIL"}


def _zai_link(said: Any) -> str:
    if text_at(said, "task_status") == "FAIL":
        raise failures.of_job(text_at(said, "error", "message"))
    return text_at(said, "image_result", 0, "url")


def _path_of(url: str) -> str:
    """Only the path: whatever host an answer names, the router is asked."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


FAL = Queue(
    prefix="/fal-ai",
    tickets=rf"(/(?!\.)[\w.-]{{1,100}}){{1,5}}/requests/{NAME}",
    ticket=lambda said: _path_of(text_at(said, "response_url")),
    is_over=_is_fal_over,
    link=_fal_link,
    state_suffix="/status",
    query="?_subdomain=queue",
    cancel="PUT",
)
REPLICATE = Queue(
    prefix="/replicate",
    tickets=rf"/v1/predictions/{NAME}",
    ticket=lambda said: f"/v1/predictions/{text_at(said, 'id')}",
    is_over=_is_replicate_over,
    link=_replicate_link,
    cancel="POST",
)
WAVESPEED = Queue(
    prefix="/wavespeed",
    tickets=rf"/api/v3/predictions/{NAME}/result",
    ticket=lambda said: f"/api/v3/predictions/{text_at(said, 'data', 'id')}/result",
    is_over=_is_wavespeed_over,
    link=_wavespeed_link,
)
ZAI = Queue(
    prefix="/zai-org",
    tickets=rf"/api/paas/v4/async-result/{NAME}",
    ticket=lambda said: f"/api/paas/v4/async-result/{text_at(said, 'id')}",
    is_over=_is_zai_over,
    link=_zai_link,
)
