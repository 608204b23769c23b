"""The gallery's chores."""

from typing import Any

from celery import shared_task

from gallery import sweeper


@shared_task(ignore_result=True)
def sweep(**_: Any) -> None:
    """Empty old trash, then remove bytes that no row names."""
    sweeper.empty_trash()
    sweeper.remove_strays()
