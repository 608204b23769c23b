"""Pictures that an answer only links to: fetched without the token, from the open internet."""

from urllib.parse import urljoin, urlsplit

from accounts.services import huggingface
from common import http
from common.addresses import origin
from generator.backends.base import Advice, BackendError, Trouble
from generator.backends.huggingface import failures, router
from generator.backends.huggingface.answers import is_picture

REDIRECTS = 3
MOVED = {301, 302, 303, 307, 308}
PAUSES = (0.5, 1.0)
"""Seconds before a picture that did not come is fetched again."""


def download(url: str) -> bytes:
    """The picture at an address that a stranger named.

    Raises `BackendError`; where only the fetching failed the job is not lost, for the picture is made and paid.
    """
    for pause in PAUSES:
        try:
            return _picture(url)
        except BackendError as failure:
            if failure.job_lost or failure.code == "timed_out":
                raise
        wait(pause)
    return _picture(url)


def checked(content: bytes) -> bytes:
    """What begins as a picture does. Raises `BackendError` for anything else."""
    if not is_picture(content):
        raise failures.bad_answer()
    return content


def wait(seconds: float) -> None:
    """Let the provider have some time. Raises as `router.ask`, with the job kept."""
    try:
        http.pause(seconds)
    except http.Failed as failed:
        raise _kept(failed) from failed


def _picture(url: str) -> bytes:
    answer = _fetched(url)
    if answer.status == 200:
        return checked(answer.content)
    raise BackendError(
        "provider_failed", advice=Advice.TRY_AGAIN, wait=5, tries=2, trouble=Trouble.TRANSIENT, job_lost=False
    )


def _fetched(url: str) -> http.Answer:
    """What is there, after a few redirects, each as suspicious as the first address."""
    for _ in range(1 + REDIRECTS):
        if not _may_be_called(url):
            raise failures.of_silence(http.Failed("private_address"))
        try:
            answer = http.fetch("GET", url, most=router.MOST_PICTURE, headers={"User-Agent": router.AGENT})
        except http.Failed as failed:
            raise _kept(failed) from failed
        if answer.status not in MOVED or "location" not in answer.headers:
            return answer
        url = _joined(url, answer.headers["location"])
    raise failures.bad_answer()


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise failures.bad_answer() from error


def _may_be_called(url: str) -> bool:
    """Whether it is encrypted, or where this studio was told to find Hugging Face."""
    try:
        leads_to, scheme = origin(url), urlsplit(url).scheme
    except ValueError:
        return False
    return bool(leads_to[0]) and (scheme == "https" or (scheme == "http" and leads_to in huggingface.origins()))


def _kept(failed: http.Failed) -> BackendError:
    failure = failures.of_silence(failed)
    failure.job_lost = failure.code not in {"network", "timed_out"}
    return failure
