"""The task queue, and what every worker process starts beside it."""

import os

from celery import Celery
from celery.signals import worker_ready, worker_shutdown, worker_shutting_down

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("studio")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["accounts", "events", "gallery", "generator"])


@worker_ready.connect
def _start_timekeeper(**_: object) -> None:
    """Hand the timekeeper what lies above it."""
    from generator import runner, tasks, timekeeper

    timekeeper.start(
        timekeeper.Keeper(
            begin=runner.free_replaced,
            start_turn=tasks.run_turn,
            free_expired=runner.free_expired,
            send_chore=app.send_task,
        )
    )


@worker_shutting_down.connect
def _stop_claiming(**_: object) -> None:
    from generator import slots

    slots.stop()


@worker_shutdown.connect
def _stop_timekeeper(**_: object) -> None:
    from generator import timekeeper

    timekeeper.stop()
