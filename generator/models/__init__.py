"""The catalogue, the wishes for pictures, and what is known of the providers' health."""

from generator.models.catalogue import QUEUE_OF, AIModel, FallbackLink, Style
from generator.models.generations import Attempt, Generation, Output, RequestKey
from generator.models.health import Breaker
from generator.models.keeping import Batch, BatchLine, Preset

__all__ = [
    "QUEUE_OF",
    "AIModel",
    "Attempt",
    "Batch",
    "BatchLine",
    "Breaker",
    "FallbackLink",
    "Generation",
    "Output",
    "Preset",
    "RequestKey",
    "Style",
]
