"""Nothing more is sent to an endpoint."""

from django.utils import timezone

from events.models import Delivery, WebhookEndpoint

DISABLED = "webhook_disabled"


def off(endpoint: WebhookEndpoint, *, code: str) -> bool:
    """Switch it off for this reason ("": its owner did) and fail what waits; False where it was off already.

    The caller holds the row, in a transaction.
    """
    on = WebhookEndpoint.objects.filter(pk=endpoint.pk, enabled=True)
    if not on.update(enabled=False, disabled_code=code, disabled_at=timezone.now(), told_at=None):
        return False
    endpoint.deliveries.filter(status=Delivery.Status.WAITING).update(**failed(DISABLED))
    return True


def failed(code: str) -> dict[str, object]:
    """The columns of a delivery that is given up."""
    return {
        "status": Delivery.Status.FAILED,
        "code": code,
        "next_try_at": None,
        "held_until": None,
        "finished_at": timezone.now(),
    }
