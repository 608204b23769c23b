"""The names of events. The data of each is the JSON of its generation, or of its image."""

QUEUED = "generation.queued"
STARTED = "generation.started"
SUCCEEDED = "generation.succeeded"
FAILED = "generation.failed"
CANCELLED = "generation.cancelled"
IMAGE_CREATED = "image.created"

FINAL = frozenset({SUCCEEDED, FAILED, CANCELLED})
ALL = (QUEUED, STARTED, IMAGE_CREATED, SUCCEEDED, FAILED, CANCELLED)
