"""What is done again and again."""

from datetime import timedelta

CHORES = {
    "accounts.tasks.sweep": timedelta(days=1),
    "gallery.tasks.sweep": timedelta(hours=1),
    "generator.tasks.sweep": timedelta(hours=1),
    "generator.tasks.check_models": timedelta(hours=6),
    "events.tasks.purge": timedelta(hours=6),
    "events.tasks.tell_owners": timedelta(minutes=10),
}
"""Repeated chores: task name and how often; the laptop's timekeeper sends them, and beat in a cluster."""
CELERY_BEAT_SCHEDULE = {
    name: {"task": name, "schedule": period, "options": {"queue": "chores"}} for name, period in CHORES.items()
}
