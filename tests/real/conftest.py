"""The studios that faults are tried on: the laptop's, and the cluster's over servers of the test's own.

They live as long as the test run: what one test leaves behind, the next one finds.
"""

import shutil
from collections.abc import Iterator

import pytest

from tests.hf_server import HFProcess
from tests.real import servers
from tests.real.studio import Studio

pytest.register_assert_rewrite("tests.real.books")
_started: list[Studio] = []


@pytest.fixture(scope="session")
def emulator() -> Iterator[HFProcess]:
    """Hugging Face for all studios, in a process of its own."""
    with HFProcess() as process:
        yield process


@pytest.fixture
def hf(emulator: HFProcess) -> HFProcess:
    """The same, as new; the studios have forgotten what failed and what was paid."""
    emulator.reset()
    for studio in _started:
        studio.change("DELETE FROM generator_breaker")
        studio.change("DELETE FROM accounts_serverspending")
    return emulator


@pytest.fixture(scope="session")
def laptop(tmp_path_factory: pytest.TempPathFactory, emulator: HFProcess) -> Iterator[Studio]:
    """SQLite and the broker of files."""
    yield from _started_studio(Studio(tmp_path_factory.mktemp("laptop"), **_calling(emulator)))


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Redis]:
    if not shutil.which("redis-server"):
        pytest.skip("Redis is not installed (Debian: redis-server)")
    server = servers.Redis(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def database() -> Iterator[servers.PostgreSQL]:
    if servers.postgresql_folder() is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    server = servers.PostgreSQL()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def cluster(
    tmp_path_factory: pytest.TempPathFactory, redis: servers.Redis, database: servers.PostgreSQL, emulator: HFProcess
) -> Iterator[Studio]:
    """PostgreSQL and Redis."""
    environment = {"DATABASE_URL": database.address, "REDIS_URL": redis.address, **_calling(emulator)}
    yield from _started_studio(Studio(tmp_path_factory.mktemp("cluster"), **environment))


@pytest.fixture
def two_webs(cluster: Studio) -> Iterator[Studio]:
    """The cluster with a second web process."""
    cluster.start_second_web()
    yield cluster
    cluster.stop_second_web()


@pytest.fixture(params=["laptop", "cluster"])
def studio(request: pytest.FixtureRequest) -> Studio:
    return request.getfixturevalue(request.param)


def _calling(emulator: HFProcess) -> dict[str, str]:
    """Hugging Face and people's programs are on our own machine."""
    places = {"HF_HUB_URL": emulator.url, "HF_ROUTER_URL": emulator.url}
    return {"HF_TOKEN": "hf_good", "WEBHOOK_ALLOW_PRIVATE": "true", **places}


def _started_studio(studio: Studio) -> Iterator[Studio]:
    studio.start_web()
    _started.append(studio)
    yield studio
    studio.stop()
