"""The accounts' chores."""

from typing import Any

from celery import shared_task
from django.core.management import call_command


@shared_task(ignore_result=True)
def sweep(**_: Any) -> None:
    """Sessions that ran out are removed."""
    call_command("clearsessions", verbosity=0)
