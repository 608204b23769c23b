"""The same request sent twice, by its idempotency key, is answered once."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from common.errors import DomainError, InvalidInput
from generator.models import Generation, RequestKey

HEADER = "Idempotency-Key"
KEY = re.compile(r"[\x21-\x7e]{1,255}")
KEY_KEPT = timedelta(days=1)
"""How long an idempotency key answers its generation."""
Answer = tuple[Generation, bool]
"""A generation, and whether it was made now."""


class KeyReused(DomainError):
    """The same idempotency key came with another body."""

    code = "key_reused"
    status = 409


def key_of(headers: Mapping[str, str]) -> str | None:
    """The key that makes a repetition harmless. Raises `InvalidInput`."""
    key = headers.get(HEADER)
    if key is not None and not KEY.fullmatch(key):
        raise InvalidInput([(HEADER, "bad_key", {})])
    return key


def digest_of(members: dict[str, Any], source: UploadedFile | None = None) -> str:
    """The SHA-256 of what was asked, whatever the order of its members, the picture's bytes included."""
    digest = hashlib.sha256(json.dumps(members, sort_keys=True).encode())
    if source is not None:
        for chunk in source.chunks():
            digest.update(chunk)
        source.seek(0)
    return digest.hexdigest()


def at_most(*, user: User, key: str | None, digest: str, find_or_make: Callable[[], Answer]) -> Answer:
    """What `find_or_make` answers; with a key that was answered within a day, its generation. Raises `KeyReused`."""
    if key is None:
        return find_or_make()
    if existing := of_key(user=user, key=key, digest=digest):
        return existing, False
    return answer(user=user, key=key, digest=digest, find_or_make=find_or_make)


def answer(*, user: User, key: str, digest: str, find_or_make: Callable[[], Answer]) -> Answer:
    """What `find_or_make` answers, under a key that `of_key` did not know; `digest` names the body.

    Of two simultaneous posts one is answered so, the other has the same generation. Raises `KeyReused`.
    """
    try:
        with transaction.atomic():
            generation, is_new = find_or_make()
            RequestKey.objects.create(owner=user, key=key, digest=digest, generation=generation)
            return generation, is_new
    except (IntegrityError, DomainError):
        existing = of_key(user=user, key=key, digest=digest)
        if existing is None:
            raise
        return existing, False


def of_key(*, user: User, key: str, digest: str) -> Generation | None:
    """The generation that this idempotency key was answered with within a day. Raises `KeyReused`.

    An older key is forgotten here, even before the sweep.
    """
    row = user.request_keys.filter(key=key).select_related("generation__model", "generation__owner").first()
    if row is None:
        return None
    if row.created_at <= timezone.now() - KEY_KEPT:
        row.delete()
        return None
    if row.digest != digest:
        raise KeyReused
    return row.generation
