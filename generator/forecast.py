"""How many seconds until a generation is finished, as far as can be told."""

import math

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from generator import durations
from generator.models import Generation


def with_queue(generations: QuerySet[Generation]) -> QuerySet[Generation]:
    """Each knows how many generations (`ahead`) and images (`images_ahead`) come before it in its queue, and how many
    images of it are being made (`images_running`)."""
    earlier = Q(turn__lt=OuterRef("turn")) | Q(turn=OuterRef("turn"), created_at__lt=OuterRef("created_at"))
    waiting = Generation.objects.filter(earlier, queue=OuterRef("queue"), status=Generation.Status.QUEUED)
    by_queue = waiting.order_by().values("queue")
    running = Generation.objects.filter(queue=OuterRef("queue"), status=Generation.Status.RUNNING).order_by()
    return generations.annotate(
        ahead=Subquery(by_queue.annotate(count=Count("pk")).values("count")),
        images_ahead=Subquery(by_queue.annotate(sum=Sum("images")).values("sum")),
        images_running=Subquery(running.values("queue").annotate(sum=Sum("images")).values("sum")),
    )


def seconds_left(generation: Generation, *, done: int, whole: int, elapsed: float | None) -> int | None:
    """Whole seconds until its last picture; None for what is finished or longer under way than ever before.

    One that runs is judged by its own pace the more of it is done, since the first steps also wait for the model, and
    before that by what its model usually takes; one that waits in the queue of this machine also by the images that
    come before it.
    """
    usual = durations.usual(generation.model)
    if generation.status == Generation.Status.QUEUED:
        names = ("images_ahead", "images_running") if generation.queue == "local" else ()
        before = sum(getattr(generation, name, None) or 0 for name in names)
        return max(1, math.ceil((before + generation.images) * usual))
    if generation.status != Generation.Status.RUNNING or elapsed is None:
        return None
    if generation.steps and done:
        share = done / whole
        by_pace, by_usual = elapsed * (1 - share) / share, generation.images * usual * (1 - share)
        return math.ceil(share * by_pace + (1 - share) * by_usual)
    left = generation.images * usual - elapsed
    return math.ceil(left) if left > 0 else None
