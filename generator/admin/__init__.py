"""The back office of models, styles and generations. Never shows prompts, pictures or tokens."""

from generator.admin import breakers, generations, models

__all__ = ["breakers", "generations", "models"]
