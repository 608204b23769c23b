"""The studios that faults are tried on: the laptop's, and the cluster's over servers of the test's own."""

import shutil
from collections.abc import Iterator

import pytest

from tests.real import servers
from tests.real.studio import Studio


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """SQLite and the broker of files."""
    studio = Studio(tmp_path_factory.mktemp("laptop"))
    studio.start_web()
    yield studio
    studio.stop()


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Redis]:
    if not shutil.which("redis-server"):
        pytest.skip("Redis is not installed (Debian: redis-server)")
    server = servers.Redis(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, redis: servers.Redis) -> Iterator[Studio]:
    """PostgreSQL and Redis."""
    if servers.postgresql_folder() is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    folder = tmp_path_factory.mktemp("cluster")
    with servers.postgresql() as address:
        studio = Studio(folder, DATABASE_URL=address, REDIS_URL=redis.address)
        studio.start_web()
        yield studio
        studio.stop()
