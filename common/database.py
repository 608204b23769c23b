"""Give the database connection back before something slow."""

from django.db import connection


def release_connection() -> None:
    """Close this thread's connection (the pool takes it back), unless a transaction of the caller is open."""
    if not connection.in_atomic_block:
        connection.close()
