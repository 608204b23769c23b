"""Hugging Face tokens: people's own, and the pictures that the server's token still pays for today."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from accounts import whoami
from accounts.days import today
from accounts.models import HuggingFaceToken, ServerSpending, User
from common import ciphers
from common.addresses import Origin, origin
from common.database import release_connection
from common.errors import DomainError, InvalidInput

TOKEN = re.compile(r"hf_[A-Za-z0-9]+")
FATAL = {"own_token_refused", "own_token_expired", "own_token_without_scope"}


class TokenUnreadable(DomainError):
    """The keys that would open somebody's token are gone: nobody else's token pays instead."""

    code = "token_unreadable"
    status = 409


@dataclass(frozen=True)
class Key:
    """A token to call with; `account` tells it from others (24 hexadecimal digits) and may be written down."""

    secret: str = field(repr=False)
    account: str
    is_server: bool


def key_of(user: User) -> Key | None:
    """The person's own token, else the server's where their plan allows it. Raises `TokenUnreadable`."""
    own: HuggingFaceToken | None = getattr(user, "huggingface_token", None)
    if own is not None:
        return Key(_secret_of(own), own.account, is_server=False)
    if settings.HF_TOKEN and user.plan.server_token:
        return Key(settings.HF_TOKEN, account_of(settings.HF_TOKEN), is_server=True)
    return None


def keep(*, user: User, secret: str) -> HuggingFaceToken:
    """Keep somebody's own token, which pays from now on; what lacks credit is kept too, and says so.

    Raises `InvalidInput` for what is no token (it is sent nowhere) or one that cannot be used, and `whoami.HubSilent`.
    """
    secret = secret.strip()
    if not TOKEN.fullmatch(secret):
        raise InvalidInput([("token", "not_a_hugging_face_token", {})])
    release_connection()
    found = whoami.look(secret)
    if found.code in FATAL:
        raise InvalidInput([("token", found.code, {})])
    fields = {
        "secret": ciphers.close(secret),
        "account": account_of(secret),
        "last_four": secret[-4:],
        "name": found.name,
        "code": found.code,
        "checked_at": timezone.now(),
    }
    token, _made = HuggingFaceToken.objects.update_or_create(user=user, defaults=fields)
    return token


def check(*, user: User) -> bool:
    """Ask Hugging Face about somebody's token again and note what it says; False where there is none.

    Raises `TokenUnreadable` and `whoami.HubSilent`.
    """
    token = HuggingFaceToken.objects.filter(user=user).first()
    if token is None:
        return False
    secret = _secret_of(token)
    release_connection()
    found = whoami.look(secret)
    same = HuggingFaceToken.objects.filter(user=user, account=token.account)
    return bool(same.update(name=found.name or token.name, code=found.code, checked_at=timezone.now()))


def remove(*, user: User) -> bool:
    """Forget somebody's token; False where there was none."""
    removed, _rows = HuggingFaceToken.objects.filter(user=user).delete()
    return bool(removed)


def refusal(user: User) -> str:
    """Why no token can serve this person now, as a code: needs_token, server_spent; "" where one can."""
    if getattr(user, "huggingface_token", None) is not None:
        return ""
    if not (settings.HF_TOKEN and user.plan.server_token):
        return "needs_token"
    return "server_spent" if server_pictures_left() == 0 else ""


def origins() -> set[Origin]:
    """Where the operator says that Hugging Face is: what is asked there may have a private address."""
    return {origin(settings.HF_ROUTER_URL), origin(settings.HF_HUB_URL)}


def account_of(secret: str) -> str:
    """What tells this token from others without telling it: 24 hexadecimal digits."""
    return hashlib.sha256(secret.encode()).hexdigest()[:24]


def spend_server_picture() -> date | None:
    """Count one picture for the server's token: the day it was counted on; None, and not counted, at `HF_DAILY_IMAGES`.

    The day's row stays locked until the caller's transaction ends.
    """
    day = today()
    if _count(day):
        return day
    ServerSpending.objects.get_or_create(day=day)
    return day if _count(day) else None


def _count(day: date) -> bool:
    room = ServerSpending.objects.filter(day=day)
    if settings.HF_DAILY_IMAGES is not None:
        room = room.filter(images__lt=settings.HF_DAILY_IMAGES)
    return bool(room.update(images=F("images") + 1))


def return_server_picture(day: date) -> None:
    """A picture counted on `day` was not made after all."""
    ServerSpending.objects.filter(day=day, images__gt=0).update(images=F("images") - 1)


def server_pictures_left() -> int | None:
    """How many pictures the server's token still pays for today; None without a cap."""
    if settings.HF_DAILY_IMAGES is None:
        return None
    row = ServerSpending.objects.filter(day=today()).first()
    return max(0, settings.HF_DAILY_IMAGES - (row.images if row else 0))


def rotate() -> tuple[int, int]:
    """Encrypt every token with the first key: how many were, and how many no key opens."""
    encrypted = unreadable = 0
    for token in HuggingFaceToken.objects.order_by("pk").iterator():
        try:
            anew = ciphers.close_anew(token.secret)
        except ciphers.Unreadable:
            unreadable += 1
        else:
            encrypted += HuggingFaceToken.objects.filter(pk=token.pk, secret=token.secret).update(secret=anew)
    return encrypted, unreadable


def _secret_of(token: HuggingFaceToken) -> str:
    try:
        return ciphers.open_up(token.secret)
    except ciphers.Unreadable as error:
        raise TokenUnreadable from error
