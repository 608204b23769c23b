"""What happened, and whom we tell of it."""

from events.models.events import Event
from events.models.webhooks import Delivery, DeliveryTry, SigningKey, Straggler, WebhookEndpoint

__all__ = ["Delivery", "DeliveryTry", "Event", "SigningKey", "Straggler", "WebhookEndpoint"]
