"""Connections from the pool that work."""

from typing import Any

from django.db.backends.postgresql import base
from psycopg import Error
from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
    """Where a connection broke while it lay in the pool, all that lie there are replaced.

    Whatever broke it, a restart say, broke them. With `CONN_HEALTH_CHECKS` the pool finds out one by one, with a longer
    pause after each (https://github.com/psycopg/psycopg/pull/711): with six of them a request waits 20 s for nothing.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that answers. Raises `psycopg.OperationalError` where the pool has none in its time."""
        connection = super().get_new_connection(conn_params)
        if self.pool and not _answers(connection):
            self.pool.drain()
            self.pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        return connection


def _answers(connection: Any) -> bool:
    try:
        ConnectionPool.check_connection(connection)
    except Error:
        return False
    return True
