"""Record that something happened."""

from typing import Any

from django.db import connection, transaction

from events.models import Event


def emit(name: str, *, user: Any, reference: str, data: dict[str, Any]) -> Event:
    """Append one event, last in the caller's transaction, so that one user's events appear in the order of ids.

    Raises `TransactionManagementError` outside a transaction (a fact and its event stand or fall together).
    """
    transaction.get_connection().validate_no_broken_transaction()
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("emit belongs at the end of a transaction.")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(user.pk)])
    return Event.objects.create(name=name, user=user, reference=reference, data=data)
