"""The promises about webhooks: make, change and remove them, their secrets, and sending once more."""

import json
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from common import ciphers
from common.database import database_now
from common.errors import DomainError, InvalidInput, NotFound
from common.texts import Problem, problems, shown
from common.times import rfc3339
from events import signing, switch, tasks, types
from events.addresses import check_url
from events.models import Delivery, SigningKey, WebhookEndpoint


class TooManyWebhooks(DomainError):
    """As many webhooks as one may have."""

    code = "too_many_webhooks"
    status = 409


class WebhookDisabled(DomainError):
    """Nothing is sent to a webhook that is switched off."""

    code = "webhook_disabled"
    status = 409


def add(*, user: Any, url: str, events: list[str], description: str = "") -> tuple[WebhookEndpoint, str]:
    """A webhook that is on, and its secret, which is shown this once. Raises `InvalidInput`, `TooManyWebhooks`."""
    _refuse_wrong({"url": url, "events": events, "description": description})
    secret = signing.new_secret()
    with transaction.atomic():
        _lock(user)
        if user.webhooks.count() >= WebhookEndpoint.MOST:
            raise TooManyWebhooks(most=WebhookEndpoint.MOST)
        endpoint = WebhookEndpoint.objects.create(
            user=user, url=url, events=_in_order(events), description=description, secret=ciphers.close(secret)
        )
    return endpoint, secret


def change(*, endpoint: WebhookEndpoint, **fields: Any) -> WebhookEndpoint:
    """Change its `url`, `events`, `description` or `enabled`; the endpoint as it is then.

    Raises `InvalidInput`, and `NotFound` where it was removed meanwhile.

    What waits goes to the new address. Switched off, what waits fails; switched on, it forgets why it was off.
    """
    _refuse_wrong(fields)
    enabled = fields.pop("enabled", None)
    if "events" in fields:
        fields["events"] = _in_order(fields["events"])
    with transaction.atomic():
        row = WebhookEndpoint.objects.select_for_update().filter(pk=endpoint.pk).first()
        if row is None:
            raise NotFound
        if enabled:
            fields |= {"enabled": True, "disabled_code": "", "disabled_at": None, "told_at": None}
        if fields:
            WebhookEndpoint.objects.filter(pk=row.pk).update(**fields)
        if "url" in fields:
            row.deliveries.filter(status=Delivery.Status.WAITING).update(url=fields["url"])
        if enabled is False:
            switch.off(row, code="")
        endpoint.refresh_from_db()
    return endpoint


def remove(*, endpoint: WebhookEndpoint) -> None:
    """Forget it and what was sent to it; what is under way ends without a trace."""
    with transaction.atomic():
        WebhookEndpoint.objects.select_for_update().filter(pk=endpoint.pk).first()
        list(endpoint.deliveries.select_for_update().values_list("pk"))
        WebhookEndpoint.objects.filter(pk=endpoint.pk).delete()


def rotate(*, endpoint: WebhookEndpoint) -> str:
    """Its new secret, shown this once; each old one signs too for a day. Raises `NotFound`, `RotatedTooOften`."""
    return signing.replace_secret(WebhookEndpoint.objects.filter(pk=endpoint.pk))


def default_secret(*, user: Any) -> str:
    """What signs the `webhook_url` of single generations; made at the first look. Raises `SecretUnreadable`."""
    return signing.secret_of(signing.default_key(user.pk))


def rotate_default(*, user: Any) -> str:
    """A new default secret; each old one signs too for a day. Raises `RotatedTooOften`."""
    signing.default_key(user.pk)
    return signing.replace_secret(SigningKey.objects.filter(user=user))


def rotate_keys() -> tuple[int, int]:
    """Encrypt every secret with the first of `TOKEN_ENCRYPTION_KEYS`: how many were, and how many no key opens."""
    return signing.encrypt_anew()


def send_test(*, endpoint: WebhookEndpoint) -> Delivery:
    """Send it a message that tells of nothing, now. Raises `WebhookDisabled`, `NotFound`."""
    now = timezone.now()
    message = {"type": types.TEST, "timestamp": rfc3339(now), "data": {"webhook": str(endpoint.pk)}}
    with transaction.atomic():
        _refuse_disabled(endpoint.pk)
        transaction.on_commit(tasks.wake)
        sent = Delivery.objects.create(
            user=endpoint.user,
            endpoint=endpoint,
            url=endpoint.url,
            type=types.TEST,
            body=json.dumps(message, separators=(",", ":")),
            next_try_at=database_now(),
        )
        sent.refresh_from_db()
    return sent


def redeliver(*, delivery: Delivery) -> Delivery:
    """Send it once more, now, under the same id and with all its tries. Raises `WebhookDisabled`, `NotFound`."""
    again: dict[str, Any] = {"status": Delivery.Status.WAITING, "code": "", "tries": 0, "finished_at": None}
    with transaction.atomic():
        if delivery.endpoint_id:
            again["url"] = _refuse_disabled(delivery.endpoint_id).url
        if not Delivery.objects.filter(pk=delivery.pk).update(next_try_at=database_now(), **again):
            raise NotFound
        transaction.on_commit(tasks.wake)
        delivery.refresh_from_db()
    return delivery


def refuse_wrong_url(url: str, *, field: str) -> None:
    """Raises `InvalidInput` on this field where `check_url` finds something wrong."""
    if wrong := check_url(url, field=field):
        raise InvalidInput(wrong)


def _refuse_disabled(endpoint_id: Any) -> WebhookEndpoint:
    """The endpoint, locked so that it stays on for this transaction. Raises `WebhookDisabled`, `NotFound`."""
    endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound
    if not endpoint.enabled:
        raise WebhookDisabled
    return endpoint


def _refuse_wrong(fields: dict[str, Any]) -> None:
    checks = {
        "url": check_url,
        "events": _wrong_events,
        "description": partial(problems, "description", most=WebhookEndpoint.DESCRIPTION_MAX),
    }
    wrong = [problem for name, check in checks.items() if name in fields for problem in check(fields[name])]  # type: ignore[operator]
    if wrong:
        raise InvalidInput(wrong)


def _wrong_events(events: list[str]) -> list[Problem]:
    if not events:
        return [("events", "no_event", {})]
    unknown = [name for name in events if name not in types.TOLD]
    if unknown:
        return [("events", "unknown_event", {"name": shown(str(unknown[0])), "choices": ", ".join(types.TOLD)})]
    return [("events", "event_twice", {})] if len(set(events)) < len(events) else []


def _in_order(events: list[str]) -> list[str]:
    return [name for name in types.TOLD if name in events]


def _lock(user: Any) -> None:
    """Two at the same moment are counted one after the other."""
    list(get_user_model().objects.select_for_update(of=("self",), no_key=True).filter(pk=user.pk).values_list("pk"))
