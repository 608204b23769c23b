"""Tell somebody by e-mail that one of their webhooks was switched off."""

import logging
import smtplib
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from common.sentences import say
from events.models import WebhookEndpoint

MAIL_SECONDS = 10
SOON = timedelta(minutes=5)
"""Who was not told by then is told by the chore."""
AN_HOUR, HOUR = 10, 60 * 60
"""E-mails to one person; the others wait for the chore."""
LONG_AGO = timedelta(days=2)
log = logging.getLogger(__name__)


def untold() -> QuerySet[WebhookEndpoint]:
    """Endpoints that went off some minutes to days ago and whose owners have an address but no e-mail of it yet."""
    now = timezone.now()
    return _to_tell().filter(disabled_at__lt=now - SOON, disabled_at__gt=now - LONG_AGO)


def tell(endpoint_id: UUID) -> bool:
    """Send the e-mail, in its owner's language; False where it could not be sent, or need not be."""
    endpoint = _to_tell().filter(pk=endpoint_id).first()
    if endpoint is None or not _is_bearable(endpoint):
        return False
    with translation.override(endpoint.user.language or settings.LANGUAGE_CODE):
        subject, text = gettext("One of your webhooks was switched off"), _text(endpoint)
    try:
        with mail.get_connection(timeout=MAIL_SECONDS) as connection:
            mail.EmailMessage(subject, text, to=[endpoint.user.email or ""], connection=connection).send()
    except (OSError, smtplib.SMTPException) as error:
        log.warning("An e-mail about a webhook could not be sent (%s); it is tried again", type(error).__name__)
        return False
    same = WebhookEndpoint.objects.filter(pk=endpoint.pk, disabled_at=endpoint.disabled_at)
    return bool(same.update(told_at=timezone.now()))


def _is_bearable(endpoint: WebhookEndpoint) -> bool:
    """Whether its owner has not had `AN_HOUR` e-mails of this kind within the hour; a cache that is down says yes."""
    key = f"told-of-webhooks:{endpoint.user_id}"
    cache.add(key, 0, HOUR)
    try:
        return (cache.incr(key) or 0) <= AN_HOUR
    except ValueError:
        return True


def _to_tell() -> QuerySet[WebhookEndpoint]:
    off = WebhookEndpoint.objects.filter(enabled=False, told_at=None, user__is_active=True).exclude(disabled_code="")
    return off.exclude(user__email=None).exclude(user__email="").select_related("user")


def _text(endpoint: WebhookEndpoint) -> str:
    """The host only: the rest of an address may be a secret."""
    return gettext(
        "Hello {name},\n\n"
        "nothing more is sent to your webhook at {host}. {reason}\n\n"
        "What was sent, what came back, and the switch are here:\n{page}\n"
    ).format(
        name=endpoint.user.display_name,
        host=endpoint.host,
        reason=say(endpoint.disabled_code),
        page=f"{settings.PUBLIC_URL}{reverse('webhook', args=[endpoint.pk])}",
    )
