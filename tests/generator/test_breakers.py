from datetime import timedelta

import pytest
from django.db.models import F

from generator import breakers
from generator.backends.base import Advice, BackendError, Trouble
from generator.breakers import Subject
from generator.models import Breaker

pytestmark = pytest.mark.django_db
CALL = Subject("alices-account", "org/flux", "fal-ai")


def fail(trouble: Trouble, call: Subject = CALL) -> None:
    breakers.note_failure(BackendError("busy", advice=Advice.TRY_AGAIN, trouble=trouble), call)


def is_closed(call: Subject = CALL) -> bool:
    return breakers.closed_by(breakers.standing(call)) is not None


def pass_time() -> None:
    """What was to stay open is over."""
    Breaker.objects.update(open_until=F("failed_at") - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("trouble", "also_closed", "still_called"),
    [
        (Trouble.CREDITS, Subject("alices-account", "org/other", "replicate"), Subject("bobs", "org/flux", "fal-ai")),
        (Trouble.UNFUNDED, Subject("alices-account", "org/other", "fal-ai"), Subject("bobs", "org/flux", "fal-ai")),
        (Trouble.GATED, Subject("alices-account", "org/flux", "replicate"), Subject("bobs", "org/flux", "fal-ai")),
        (Trouble.RETIRED, Subject("bobs", "org/flux", "fal-ai"), Subject("bobs", "org/flux", "replicate")),
    ],
)
def test_a_failure_that_says_enough_closes_exactly_what_it_is_about(
    trouble: Trouble, also_closed: Subject, still_called: Subject
) -> None:
    fail(trouble)

    assert is_closed()
    assert is_closed(also_closed)
    assert not is_closed(still_called)


def test_what_may_pass_closes_after_five_in_a_row() -> None:
    for _ in range(4):
        fail(Trouble.TRANSIENT)
    assert not is_closed()

    fail(Trouble.TRANSIENT)

    assert is_closed()
    assert not is_closed(Subject("alices-account", "org/flux", "replicate"))


def test_a_success_in_between_begins_the_count_anew() -> None:
    for _ in range(4):
        fail(Trouble.TRANSIENT)
    breakers.note_success(breakers.standing(CALL))
    fail(Trouble.TRANSIENT)

    assert not is_closed()


def test_failures_of_long_ago_are_not_in_a_row_with_one_of_now() -> None:
    for _ in range(4):
        fail(Trouble.TRANSIENT)
    Breaker.objects.update(failed_at=F("failed_at") - timedelta(minutes=11))

    fail(Trouble.TRANSIENT)

    assert not is_closed()


def test_when_its_time_is_over_one_caller_probes_and_the_others_wait() -> None:
    fail(Trouble.RETIRED)
    pass_time()

    assert [is_closed(), is_closed(), is_closed()] == [False, True, True]


def test_a_probe_that_fails_closes_again_and_one_that_works_opens_for_all() -> None:
    for _ in range(5):
        fail(Trouble.TRANSIENT)
    pass_time()
    assert not is_closed()
    fail(Trouble.TRANSIENT)
    assert is_closed()

    pass_time()
    assert not is_closed()
    breakers.note_success(breakers.standing(CALL))

    assert not is_closed()
    assert not Breaker.objects.exists()


def test_a_refused_prompt_says_nothing_about_the_provider() -> None:
    fail(Trouble.NONE)

    assert not Breaker.objects.exists()
