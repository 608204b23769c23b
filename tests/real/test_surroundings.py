"""What the studio stands on fails while providers work: broker, database, storage."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.hf_server import Control
from tests.real import servers
from tests.real.books import assert_books_balance, assert_server_paid, server_paid
from tests.real.studio import Studio

pytestmark = pytest.mark.real

AT_ONCE, IN_QUEUE = "stable-diffusion-3-medium", "flux-1-schnell"
WAITING = "SELECT count(*) FROM generator_generation WHERE status = 'queued' AND not_before IS NOT NULL"
LOCKED_OUT = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
CONNECTED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle'"
MADE = "SELECT count(*) FROM generator_attempt WHERE outcome = 'ok'"


def test_a_broker_that_forgets_everything_in_the_middle_costs_nothing(
    cluster: Studio, redis: servers.Redis, hf: Control
) -> None:
    token = cluster.token("forgetful@example.org", plan="enterprise")
    hf.settings(default_delay=1)
    cluster.start_worker(PROVIDER_SLOTS="4")
    ids = [cluster.submit(token, model=model)["id"] for _ in range(5) for model in (AT_ONCE, IN_QUEUE)]
    assert hf.wait_for(kind="create", times=2)

    redis.stop()
    redis.start()
    ids += [cluster.submit(token, model=AT_ONCE)["id"]]
    ended = cluster.ended(token, ids)
    cluster.kill_worker()

    assert {each["status"] for each in ended} == {"succeeded"}
    assert {len(each["attempts"]) for each in ended} == {1}
    assert hf.created() == len(ids)
    assert_server_paid(cluster, hf)
    assert_books_balance(cluster)


def test_a_database_that_crashes_under_load_is_waited_for(
    cluster: Studio, database: servers.PostgreSQL, hf: Control
) -> None:
    token = cluster.token("crash@example.org", plan="enterprise")
    hf.settings(default_delay=0.3)
    cluster.start_worker(PROVIDER_SLOTS="8")
    ids = [cluster.submit(token, model=model)["id"] for _ in range(20) for model in (AT_ONCE, IN_QUEUE)]
    for seen in (5, 15, 25):
        assert hf.wait_for(kind="create", times=seen)
        database.crash()
        database.start()

    database.crash()
    with ThreadPoolExecutor() as people:
        body = {"prompt": "in the dark", "model": IN_QUEUE}
        headers = {"Idempotency-Key": "in-the-dark"}
        asked = people.submit(cluster.call, "POST", "/api/v1/generations", token, json=body, headers=headers)
        database.start()
        answer = asked.result()
    again = cluster.call("POST", "/api/v1/generations", token, json=body, headers=headers)
    ended = cluster.ended(token, [*ids, again.json()["id"]], seconds=90)
    cluster.kill_worker()

    assert answer.status_code in {202, 500, 503}
    assert {each["status"] for each in ended} == {"succeeded"}
    assert hf.created() == len(ended)
    assert server_paid(cluster) >= hf.created()
    assert_books_balance(cluster)


def test_a_database_that_crashed_is_used_again_by_the_first_who_asks(
    cluster: Studio, database: servers.PostgreSQL
) -> None:
    token = cluster.token("idle@example.org", plan="enterprise")

    def a_crowd_left_many_connections() -> bool:
        with ThreadPoolExecutor(40) as people:
            asked = [people.submit(cluster.call, "GET", "/api/v1/images", token) for _each in range(80)]
        assert {each.result().status_code for each in asked} == {200}
        [(idle,)] = cluster.rows(CONNECTED)
        return idle >= 10

    servers.until(a_crowd_left_many_connections)
    database.crash()
    database.start()

    assert cluster.call("GET", "/api/v1/images", token).status_code == 200


@pytest.mark.parametrize(("table", "given_up"), [("generator_output", AT_ONCE), ("generator_attempt", "")])
def test_a_database_that_crashes_inside_a_statement_has_no_picture_made_twice(
    cluster: Studio, database: servers.PostgreSQL, hf: Control, table: str, given_up: str
) -> None:
    token = cluster.token("statement@example.org")
    [(before,)] = cluster.rows(MADE)
    ids = {model: cluster.submit(token, model=model)["id"] for model in (AT_ONCE, IN_QUEUE)}

    writer = psycopg.connect(database.address)
    writer.execute(f"LOCK TABLE {table} IN SHARE MODE")  # whoever writes a ticket, a picture or an attempt now waits
    cluster.start_worker()
    servers.until(lambda: cluster.rows(LOCKED_OUT) == [(2,)], what="two statements that wait")
    database.crash()
    writer.close()
    database.start()
    if given_up:  # a delivery that broke is left to its lease
        cluster.change(f"UPDATE generator_generation SET lease_until = now() WHERE {cluster.where(ids[given_up])}")
    ended = cluster.ended(token, list(ids.values()))
    cluster.kill_worker()

    assert {each["status"] for each in ended} == {"succeeded"}
    assert hf.created() == 2
    assert cluster.rows(MADE) == [(before + 2,)]
    assert_server_paid(cluster, hf)
    assert_books_balance(cluster)


def test_a_picture_is_made_once_and_arrives_when_the_storage_works_again(studio: Studio, hf: Control) -> None:
    token = studio.token("storage@example.org")
    media = studio.folder / "data" / "media"
    studio.start_worker()
    studio.ended(token, [studio.submit(token, model=AT_ONCE)["id"]])
    [(before,)] = studio.rows(MADE)

    media.rename(media.with_name("away"))
    media.write_text("no folder any more")
    ids = [studio.submit(token, model=model)["id"] for model in (AT_ONCE, IN_QUEUE)]
    servers.until(lambda: studio.rows(WAITING) == [(2,)], what="both waiting for the storage")
    studio.hurry()
    servers.until(
        lambda: studio.rows(f"SELECT min(attempt) FROM generator_generation WHERE {studio.where(*ids)}") == [(2,)]
    )
    servers.until(lambda: studio.rows(WAITING) == [(2,)], what="both waiting again")
    media.unlink()
    media.with_name("away").rename(media)
    ended = studio.ended(token, ids)
    studio.kill_worker()

    assert {each["status"] for each in ended} == {"succeeded"}
    assert hf.created() == 3
    assert studio.rows(MADE) == [(before + 2,)]
    assert_server_paid(studio, hf)
    assert_books_balance(studio)
