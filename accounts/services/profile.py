"""What people say about themselves."""

from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from common.errors import InvalidInput


@transaction.atomic
def change(*, user: User, **fields: str) -> None:
    """Change `name`, `handle` or `language`. Raises `InvalidInput` where the handle belongs to somebody else."""
    changed: dict[str, Any] = {name: value for name, value in fields.items() if value != getattr(user, name)}
    if not changed:
        return
    try:
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(**changed)
    except IntegrityError as error:
        raise InvalidInput([("handle", "handle_taken", {})]) from error
    for name, value in changed.items():
        setattr(user, name, value)
