"""Kill -9 between any two lines: the picture arrives all the same and is paid for once."""

import pytest

from tests.real import servers
from tests.real.books import assert_books_balance
from tests.real.studio import Studio

pytestmark = pytest.mark.real


@pytest.mark.parametrize("point", ["claimed", "during", "made", "stored", "delivered"])
def test_a_worker_killed_at_any_point_delays_the_picture_and_no_more(studio: Studio, point: str) -> None:
    token = studio.token(f"{point}@example.org")
    studio.start_worker(stalls=True)
    words = f"a red mug, stop at {point}"
    generation = studio.submit(token, images=2, prompt=words)
    servers.until(lambda: words in studio.stalled(), what=f"the worker stopping at '{point}'")

    studio.kill_worker()
    studio.start_worker()
    ended = studio.finished(token, generation["id"])
    studio.kill_worker()

    assert ended["status"] == "succeeded"
    assert len(ended["images"]) == 2
    assert studio.call("GET", "/api/v1/account/usage", token).json()["used"] == 2
    assert studio.rows(f"SELECT attempt FROM generator_generation WHERE {studio.where(ended['id'])}") == [(2,)]
    assert_books_balance(studio)


def test_what_was_submitted_while_no_worker_lived_is_made_when_one_does(studio: Studio) -> None:
    token = studio.token("before@example.org")
    ids = [studio.submit(token)["id"] for _ in range(5)]

    studio.start_worker()
    ended = [studio.finished(token, each) for each in ids]
    studio.kill_worker()

    assert {each["status"] for each in ended} == {"succeeded"}
    assert_books_balance(studio)


def test_two_workers_share_the_work_and_make_nothing_twice(studio: Studio) -> None:
    token = studio.token("two@example.org", plan="enterprise")
    studio.start_worker()
    studio.start_worker(replaces=False)

    ids = [studio.submit(token)["id"] for _ in range(20)]
    ended = [studio.finished(token, each) for each in ids]
    studio.kill_worker()

    assert {each["status"] for each in ended} == {"succeeded"}
    assert {len(each["attempts"]) for each in ended} == {1}
    assert_books_balance(studio)


def test_a_broker_that_is_down_refuses_nobody_and_delays_nothing(cluster: Studio, redis: servers.Redis) -> None:
    token = cluster.token("no-broker@example.org")
    cluster.start_worker()
    cluster.finished(token, cluster.submit(token)["id"])

    redis.stop()
    ids = [cluster.submit(token)["id"] for _ in range(3)]
    ended = [cluster.finished(token, each) for each in ids]
    redis.start()
    cluster.kill_worker()

    assert {each["status"] for each in ended} == {"succeeded"}
    assert_books_balance(cluster)
