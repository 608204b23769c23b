"""Live streams of real processes: any web process tells what any worker did."""

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.generator.live import Stream
from tests.real import servers
from tests.real.studio import ROOT, Studio

pytestmark = pytest.mark.real


def listen(port: int, token: str, at: str = "events", **headers: str) -> Stream:
    address = f"http://127.0.0.1:{port}/api/v1/{at}"
    named = {"Authorization": f"Bearer {token}", **headers}
    return Stream(requests.get(address, headers=named, stream=True, timeout=60))


def names(heard: list[Any]) -> list[str]:
    return [each.name for each in heard]


def test_a_picture_is_told_of_from_the_queue_to_its_end(studio: Studio) -> None:
    token = studio.token("told@example.org")
    studio.start_worker()
    stream = listen(studio.port, token)

    one = studio.submit(token)
    heard = stream.take(4)

    stream.close()
    assert names(heard) == ["queued", "started", "image", "succeeded"]
    assert {each.body["id"] for each in heard} == {one["id"]}


def test_any_web_process_tells_and_goes_on_where_another_one_stopped(two_webs: Studio) -> None:
    token = two_webs.token("moves@example.org")
    two_webs.kill_worker()
    first, second = listen(two_webs.port, token), listen(two_webs.second_port, token)
    ids = [two_webs.submit(token, seed=seed)["id"] for seed in range(3)]

    of_first, of_second = first.take(1), second.take(3)
    first.close()
    moved = listen(two_webs.second_port, token, **{"Last-Event-ID": str(of_first[0].id)})
    rest = moved.take(2)

    for stream in (second, moved):
        stream.close()
    two_webs.cancel(token, *ids)
    assert [each.body["id"] for each in of_second] == ids
    assert [each.id for each in of_first + rest] == [each.id for each in of_second]


def test_streams_live_on_while_redis_is_away(cluster: Studio, redis: servers.Redis) -> None:
    token = cluster.token("patient@example.org")
    cluster.kill_worker()
    stream = listen(cluster.port, token)
    ids = [cluster.submit(token, seed=1)["id"]]
    heard = stream.take(1)

    redis.stop()
    ids.append(cluster.submit(token, seed=2)["id"])
    heard += stream.take(1)
    redis.start()
    ids.append(cluster.submit(token, seed=3)["id"])
    heard += stream.take(1)

    stream.close()
    cluster.cancel(token, *ids)
    assert [each.body["id"] for each in heard] == ids


def test_with_redis_an_event_is_told_at_once(cluster: Studio) -> None:
    """Far sooner than the five seconds after which everybody is looked at anyway."""
    token = cluster.token("quick@example.org")
    cluster.kill_worker()
    stream = listen(cluster.port, token)
    ids, seconds = [], []

    for seed in range(5):
        ids.append(cluster.submit(token, seed=seed)["id"])
        answered = time.monotonic()
        stream.take(1)
        seconds.append(time.monotonic() - answered)

    stream.close()
    cluster.cancel(token, *ids)
    assert sum(seconds) < 5


def test_a_server_that_stops_lets_go_of_its_streams(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    command = ["-m", "common.supervisor", "127.0.0.1", str(studio.port), str(tmp_path / "data")]
    supervisor = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=studio.environment)
    servers.until(lambda: servers.answers(studio.port), seconds=60, what="the studio answering")
    stream = listen(studio.port, studio.token("stays@example.org"))
    ended = threading.Thread(target=lambda: list(stream))
    ended.start()

    supervisor.terminate()

    ended.join(30)
    stream.close()
    assert not ended.is_alive()
    assert supervisor.wait(30) == 0
