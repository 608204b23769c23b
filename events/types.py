"""The names of events. The reference of each is its generation, and its data the JSON of it."""

QUEUED = "generation.queued"
STARTED = "generation.started"
FALLBACK = "generation.fallback"
SUCCEEDED = "generation.succeeded"
FAILED = "generation.failed"
CANCELLED = "generation.cancelled"
IMAGE_CREATED = "image.created"

FINAL = frozenset({SUCCEEDED, FAILED, CANCELLED})
ALL = (QUEUED, STARTED, FALLBACK, IMAGE_CREATED, SUCCEEDED, FAILED, CANCELLED)
TEST = "webhook.test"
"""What an endpoint is sent when its owner tries it; no event of anything."""
TOLD = (SUCCEEDED, FAILED, CANCELLED)
"""What webhooks can be told of."""
