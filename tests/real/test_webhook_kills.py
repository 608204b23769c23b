"""Kill -9 while a receiver thinks: it is told again, under the same id, and the picture is as it was."""

import pytest

from tests.events.receiver import Receiver, silence, status
from tests.real import servers
from tests.real.books import assert_books_balance
from tests.real.studio import Studio

pytestmark = pytest.mark.real

HELD = "SELECT count(*) FROM events_delivery WHERE held_until IS NOT NULL"


def test_a_worker_killed_while_a_receiver_thinks_tells_it_again(studio: Studio) -> None:
    token = studio.token("told@example.org")
    with Receiver(silence, status("200 OK")) as receiver:
        studio.start_worker()
        made = studio.submit(token, webhook_url=receiver.address)
        assert receiver.asked.wait(60)
        before = studio.finished(token, made["id"])

        studio.kill_worker()
        studio.change("UPDATE events_delivery SET held_until = created_at WHERE held_until IS NOT NULL")
        studio.start_worker()
        servers.until(lambda: len(receiver.requests) == 2, what="the second message")
        delivered = "SELECT count(*) FROM events_delivery WHERE status <> 'delivered'"
        servers.until(lambda: studio.rows(delivered) == [(0,)], what="its end")
        studio.kill_worker()

    assert receiver.headers(0)["webhook-id"] == receiver.headers(1)["webhook-id"]
    assert receiver.body(0) == receiver.body(1)
    assert receiver.message()["type"] == "generation.succeeded"
    assert studio.generation(token, made["id"]) == before
    assert before["status"] == "succeeded"
    assert_books_balance(studio)


def test_a_worker_that_is_told_to_stop_lets_the_next_one_tell(studio: Studio) -> None:
    token = studio.token("stopped@example.org")
    with Receiver(silence, status("200 OK")) as receiver:
        studio.start_worker()
        studio.submit(token, webhook_url=receiver.address)
        assert receiver.asked.wait(60)

        (worker,) = studio.workers
        studio.workers.clear()
        worker.terminate()
        worker.wait(60)
        assert studio.rows(HELD) == [(0,)]
        studio.start_worker()
        servers.until(lambda: len(receiver.requests) == 2, what="the second message")
        studio.kill_worker()

    assert receiver.headers(0)["webhook-id"] == receiver.headers(1)["webhook-id"]
