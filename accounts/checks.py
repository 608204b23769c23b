"""What an operator should be told when the studio starts."""

import ipaddress
from typing import Any

from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security, "accounts")
def money_is_guarded(**_: Any) -> list[checks.CheckMessage]:
    """Warns when strangers could spend the server's Hugging Face credits without any cap."""
    exposed = settings.SIGNUP == "open" and _reachable_from_outside()
    if not (settings.HF_TOKEN and exposed) or settings.HF_DAILY_IMAGES is not None:
        return []
    return [
        checks.Warning(
            "Anybody who can open this address may sign up and spend the credits of HF_TOKEN, without a limit.",
            hint="Set HF_DAILY_IMAGES to a number of images a day, or SIGNUP to invite or closed.",
            id="accounts.W001",
        )
    ]


def _reachable_from_outside() -> bool:
    return not (_is_loopback(settings.HOST) and _is_loopback(settings.PUBLIC_HOST))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
