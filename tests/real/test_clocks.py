"""A worker whose clock is an hour off: on PostgreSQL every time that counts is the server's."""

from datetime import timedelta

import pytest

from tests.hf_server import Control
from tests.real.books import assert_books_balance, assert_server_paid
from tests.real.studio import Studio

pytestmark = pytest.mark.real

HOUR = 3600
SHORTLY = timedelta(seconds=60)
AT_ONCE, IN_QUEUE, OTHER = "stable-diffusion-3-medium", "flux-1-schnell", "z-image-turbo"


@pytest.mark.parametrize("off", [HOUR, -HOUR])
def test_a_worker_with_a_wrong_clock_lets_nothing_expire_early_and_waits_as_long_as_any(
    cluster: Studio, hf: Control, off: int
) -> None:
    token = cluster.token("clock@example.org")
    hf.settings(default_delay=1)
    hf.script("hf-inference", "busy_503", times=1, prompt="busy")
    hf.script("hf-inference", "throttled_429_retry_after_date", times=1, prompt="throttled")
    cluster.start_worker(CLOCK_OFF=str(off))

    ids = [cluster.submit(token, model=IN_QUEUE)["id"]]
    for words in ("throttled", "busy"):
        ids.append(cluster.submit(token, model=AT_ONCE, prompt=words, fallback=False)["id"])
    cluster.ended(token, [ids[0], ids[2]], hurry=False)
    [(left,)] = cluster.rows(
        f"SELECT not_before - clock_timestamp() FROM generator_generation WHERE {cluster.where(ids[1])}"
    )
    ended = cluster.ended(token, ids)
    cluster.kill_worker()

    assert timedelta(0) < left < SHORTLY
    assert {each["status"] for each in ended} == {"succeeded"}
    assert [len(each["attempts"]) for each in ended] == [1, 2, 2]
    assert hf.created() == 3
    between = "bool_and(finished_at BETWEEN started_at AND clock_timestamp())"
    assert cluster.rows(f"SELECT {between} FROM generator_generation WHERE {cluster.where(*ids)}") == [(True,)]
    assert_server_paid(cluster, hf)
    assert_books_balance(cluster)


@pytest.mark.parametrize("off", [HOUR, -HOUR])
def test_a_breaker_opens_and_closes_by_the_clock_of_the_database(cluster: Studio, hf: Control, off: int) -> None:
    token = cluster.token("breaker-clock@example.org")
    hf.script("fal-ai", "depleted_402", times=1)
    cluster.start_worker(CLOCK_OFF=str(off))

    [first] = cluster.ended(token, [cluster.submit(token, model=OTHER, fallback=False)["id"]])
    [(left,)] = cluster.rows("SELECT open_until - clock_timestamp() FROM generator_breaker")
    cluster.change("UPDATE generator_breaker SET open_until = clock_timestamp() + interval '30 minutes'")
    [forbidden] = cluster.ended(token, [cluster.submit(token, model=OTHER, fallback=False)["id"]])
    cluster.change("UPDATE generator_breaker SET open_until = clock_timestamp() - interval '30 minutes'")
    [probe] = cluster.ended(token, [cluster.submit(token, model=OTHER, fallback=False)["id"]])
    cluster.kill_worker()

    assert timedelta(hours=6) - SHORTLY < left <= timedelta(hours=6)
    assert [each["error"]["code"] for each in (first, forbidden)] == ["no_credits", "no_credits"]
    assert probe["status"] == "succeeded"
    assert len(hf.seen(kind="create")) == 2
    assert cluster.rows("SELECT code FROM generator_breaker") == []
    assert_server_paid(cluster, hf)
    assert_books_balance(cluster)
