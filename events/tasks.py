"""Chores of events."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from events.models import Event

KEPT = timedelta(days=30)


@shared_task(ignore_result=True)
def purge(**_: object) -> None:
    """Events are kept 30 days."""
    Event.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
