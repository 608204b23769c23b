import heapq

from generator.turns import next_turn


def test_a_newcomer_stands_where_the_queue_is_now() -> None:
    turn = next_turn(virtual_time=40.0, last_finish=0.0, images=1, weight=1)

    assert (turn.start, turn.finish) == (40.0, 41.0)


def test_somebody_with_a_backlog_stands_behind_it() -> None:
    turn = next_turn(virtual_time=40.0, last_finish=60.0, images=2, weight=1)

    assert (turn.start, turn.finish) == (60.0, 62.0)


def test_a_heavier_plan_moves_slower_in_virtual_time() -> None:
    turn = next_turn(virtual_time=0.0, last_finish=0.0, images=4, weight=4)

    assert turn.finish == 1.0


def test_thirty_people_all_move_while_three_hundred_of_one_person_wait() -> None:
    queue: list[tuple[float, int, str]] = []
    for owner, count in [("crowd", 300), *[(f"person {n}", 10) for n in range(30)]]:
        finish = 0.0
        for n in range(count):
            turn = next_turn(virtual_time=0.0, last_finish=finish, images=1, weight=1)
            finish = turn.finish
            heapq.heappush(queue, (turn.start, n, owner))

    first = [heapq.heappop(queue)[2] for _ in range(310)]

    assert first.count("crowd") == 10
    assert all(first.count(f"person {n}") == 10 for n in range(30))
