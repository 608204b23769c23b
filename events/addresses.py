"""Where a webhook may lead."""

import re
import threading
from time import monotonic
from urllib.parse import urlsplit

from django.conf import settings

from common.addresses import is_public, origin, tells_secrets
from common.database import release_connection
from common.names import addresses_of
from common.texts import Problem
from events.models import WebhookEndpoint

LOOK_UP_SECONDS = 3.0
LOOK_UPS = 16
"""At once in a process: names that are never answered hold up the names of others by `LOOK_UP_SECONDS` at most."""
URL_PATTERN = r"^https?://[^\s/?#@\\%]+([/?][^\s#\\]*)?$"
"""The form of an address, for documents."""
NOT_IN_AN_ADDRESS = re.compile(r"[\x00-\x20\x7f-\xa0\ud800-\udfff\\]|\s")

_looking_up = threading.BoundedSemaphore(LOOK_UPS)


def check_url(url: str, *, field: str = "url") -> list[Problem]:
    """What is wrong with the address of a webhook; takes `LOOK_UP_SECONDS` at most, and holds no database connection.

    A name that nobody knows just now passes: the address is looked at again at each delivery, as it is connected to.
    """
    if len(url) > WebhookEndpoint.URL_MAX:
        return [(field, "too_long", {"most": WebhookEndpoint.URL_MAX, "length": len(url)})]
    if code := _wrong_form(url):
        return [(field, code, {})]
    return [(field, "private_address", {})] if _is_private(url) else []


def _wrong_form(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError:
        return "not_a_webhook_address"
    if NOT_IN_AN_ADDRESS.search(url) or parts.scheme not in {"http", "https"} or not host or "%" in host or port == 0:
        return "not_a_webhook_address"
    if "@" in parts.netloc:
        return "address_with_user"
    return "address_with_fragment" if "#" in url else ""


def _is_private(url: str) -> bool:
    """Whether any address of its host is not to be reached: outside of the open internet, or, where an operator allows
    that, where a cloud tells secrets."""
    release_connection()
    host, port = origin(url)
    until = monotonic() + LOOK_UP_SECONDS
    if not _looking_up.acquire(timeout=LOOK_UP_SECONDS):
        return False
    try:
        found = addresses_of(host.rstrip("."), port, seconds=max(0.0, until - monotonic()))
    except (OSError, UnicodeError):
        return False
    finally:
        _looking_up.release()
    if settings.WEBHOOK_ALLOW_PRIVATE:
        return any(tells_secrets(each) for each in found)
    return not all(is_public(each) for each in found)
