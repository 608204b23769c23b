"""The gallery's chores."""

import logging
from typing import Any

from celery import shared_task
from kombu.exceptions import KombuError

from common.database import release_connection
from gallery import storage, sweeper

log = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def sweep(**_: Any) -> None:
    """Empty old trash, then remove bytes that no row names, then give old pictures their placeholders."""
    sweeper.empty_trash()
    sweeper.remove_collections()
    sweeper.remove_strays()
    sweeper.fill_placeholders()


@shared_task(ignore_result=True)
def forget(*, paths: list[str], **_: Any) -> None:
    """Remove the bytes of pictures whose rows are gone."""
    release_connection()
    for path in paths:
        storage.forget(path)


def forget_later(paths: list[str]) -> None:
    """Let a worker remove these bytes; where no message can be sent, a sweep finds them a day later."""
    try:
        forget.apply_async(kwargs={"paths": paths}, queue="chores", retry=False, ignore_result=True)
    except (OSError, KombuError) as error:
        log.warning("The bytes of emptied trash wait for the sweep (%s)", type(error).__name__)
