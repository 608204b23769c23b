"""Where logs go, and how much of them."""

from config.env import env_choice

LOG_LEVEL = env_choice("LOG_LEVEL", "info", ("debug", "info", "warning", "error")).upper()
LOG_FORMAT = env_choice("LOG_FORMAT", "auto", ("auto", "text", "json"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"studio": {"()": "common.logs.formatter", "style": LOG_FORMAT}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "studio"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {name: {"level": "WARNING"} for name in ("uvicorn", "celery", "kombu")}
    | {"urllib3": {"level": "ERROR"}},  # it writes down whole addresses, and those of webhooks often hold a secret
}
