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
    from events.tasks import start_due
    from generator import runner, tasks, timekeeper

    timekeeper.start(
        timekeeper.Keeper(
            begin=runner.free_replaced,
            start_turn=tasks.run_turn,
            start_deliveries=start_due if "chores" in app.amqp.queues.consume_from else _none,
            free_expired=runner.free_expired,
            send_chore=app.send_task,
        )
    )


@worker_shutting_down.connect
def _stop_claiming(**_: object) -> None:
    from events import slots as deliveries
    from generator import slots as turns

    turns.stop()
    deliveries.stop()


@worker_shutdown.connect
def _stop_timekeeper(**_: object) -> None:
    from events import slots as deliveries
    from generator import timekeeper

    deliveries.end_all()
    timekeeper.stop()


def _none() -> None:
    """A worker that does not serve the queue `chores` sends no deliveries either."""
