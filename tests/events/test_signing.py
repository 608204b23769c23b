"""What is signed is believed by the public library, and by nobody who has another secret."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from accounts.models import User
from common import ciphers
from events import signing, webhooks
from events.models import SigningKey, WebhookEndpoint
from events.models.webhooks import Signed
from tests.accounts.test_commands import run

KNOWN = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def key_of(secret: str, **fields: Any) -> WebhookEndpoint:
    return WebhookEndpoint(secret=ciphers.close(secret), **fields)


def old_one(closed: bytes, until: datetime) -> dict[str, Any]:
    return {"secret": closed.decode(), "until": until.timestamp()}


def believed(key: Signed, secret: str, *, at: datetime) -> bool:
    """Whether a receiver that has only this secret takes what is signed then."""
    signed = signing.signatures(key, message_id="msg_1", at=at, body="{}")
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signed}
    with time_machine.travel(at, tick=False), suppress(WebhookVerificationError):
        return Webhook(secret).verify("{}", headers) == {}
    return False


def test_the_published_example_is_signed_as_published() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)

    signed = signing.signatures(
        key_of(KNOWN), message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", at=at, body='{"test": 2432232314}'
    )

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_is_32_random_bytes_behind_its_prefix() -> None:
    one, other = signing.new_secret(), signing.new_secret()

    assert one != other
    assert one.startswith("whsec_")
    assert len(Webhook(one)._whsecret) == 32


@pytest.mark.parametrize(("ago", "signatures"), [(timedelta(hours=23, minutes=59), 2), (timedelta(hours=24), 1)])
def test_for_a_day_the_old_secret_signs_too(ago: timedelta, signatures: int) -> None:
    now = timezone.now()
    old, new = signing.new_secret(), signing.new_secret()
    key = key_of(new, replaced=[old_one(ciphers.close(old), now - ago + signing.BOTH_SIGN)])

    signed = signing.signatures(key, message_id="msg_1", at=now, body="{}")

    assert len(signed.split(" ")) == signatures
    assert believed(key, new, at=now)
    assert believed(key, old, at=now) is (signatures == 2)


def test_every_secret_that_was_replaced_within_a_day_signs(alice: User, settings: Any) -> None:
    """Whoever loses the answer of a rotation asks again, while the receivers still have the first."""
    settings.WEBHOOK_ALLOW_PRIVATE = True
    began = timezone.now()
    with time_machine.travel(began, tick=False):
        endpoint, first = webhooks.add(user=alice, url="http://127.0.0.1/", events=["generation.failed"])
        second = webhooks.rotate(endpoint=endpoint)
    with time_machine.travel(began + timedelta(hours=20), tick=False):
        third = webhooks.rotate(endpoint=endpoint)

    endpoint.refresh_from_db()
    assert all(believed(endpoint, each, at=began + timedelta(hours=23)) for each in (first, second, third))
    later = began + timedelta(hours=25)
    assert [believed(endpoint, each, at=later) for each in (first, second, third)] == [False, True, True]
    assert [believed(endpoint, each, at=began + timedelta(hours=45)) for each in (second, third)] == [False, True]


@pytest.mark.parametrize("of_account", [False, True])
def test_nobody_is_cut_off_by_one_rotation_too_many(of_account: bool, alice: User, settings: Any) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    endpoint, _secret = webhooks.add(user=alice, url="http://127.0.0.1/", events=["generation.failed"])
    first = webhooks.default_secret(user=alice) if of_account else signing.secret_of(endpoint)
    rotate = partial(webhooks.rotate_default, user=alice) if of_account else partial(webhooks.rotate, endpoint=endpoint)
    key = SigningKey.objects.get(user=alice) if of_account else endpoint
    made = [rotate() for _ in range(5)]

    with pytest.raises(signing.RotatedTooOften) as refused:
        rotate()

    key.refresh_from_db()
    assert refused.value.status == 409
    assert "5" in refused.value.message
    assert all(believed(key, each, at=timezone.now()) for each in (first, *made))
    with time_machine.travel(timezone.now() + timedelta(hours=24)):
        rotate()
    key.refresh_from_db()
    assert len(key.replaced) == 1


def test_an_old_secret_that_cannot_be_read_does_not_keep_the_new_one_from_signing() -> None:
    now = timezone.now()
    key = key_of(KNOWN, replaced=[old_one(b"rubbish", now + timedelta(hours=1))])

    assert signing.signatures(key, message_id="msg_1", at=now, body="{}").count("v1,") == 1


def test_the_default_secret_is_made_at_the_first_look_and_stays(alice: User, bob: User) -> None:
    first, again, other = (webhooks.default_secret(user=user) for user in (alice, alice, bob))

    assert first == again
    assert first != other


def test_a_new_default_secret_replaces_the_old_one_for_a_day(alice: User) -> None:
    old = webhooks.default_secret(user=alice)

    new = webhooks.rotate_default(user=alice)

    key = SigningKey.objects.get(user=alice)
    assert webhooks.default_secret(user=alice) == new != old
    assert [believed(key, old, at=timezone.now() + timedelta(hours=hours)) for hours in (23, 24)] == [True, False]


def test_a_secret_is_not_readable_in_the_database(alice: User) -> None:
    secret = webhooks.default_secret(user=alice)

    webhooks.rotate_default(user=alice)

    row = SigningKey.objects.get()
    assert secret.encode() not in bytes(row.secret)
    assert secret not in str(row.replaced)


def test_a_secret_that_no_key_opens_says_so_when_it_is_to_be_shown(alice: User, settings: Any) -> None:
    webhooks.default_secret(user=alice)
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(signing.SecretUnreadable):
        webhooks.default_secret(user=alice)


def test_secrets_are_encrypted_anew_with_the_first_key(alice: User, bob: User, settings: Any) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    endpoint, first = webhooks.add(user=alice, url="http://127.0.0.1/", events=["generation.failed"])
    secret = webhooks.rotate(endpoint=endpoint)
    default = webhooks.default_secret(user=alice)
    SigningKey.objects.create(user=bob, secret=b"rubbish")
    settings.TOKEN_ENCRYPTION_KEYS = [new := Fernet.generate_key().decode(), *settings.TOKEN_ENCRYPTION_KEYS]

    printed = run("rotate_tokens")

    assert "Secrets of webhooks encrypted anew: 2." in printed
    assert "which their owners must replace: 1." in printed
    settings.TOKEN_ENCRYPTION_KEYS = [new]
    endpoint.refresh_from_db()
    assert signing.secret_of(endpoint) == secret
    assert believed(endpoint, first, at=timezone.now())
    assert webhooks.default_secret(user=alice) == default
