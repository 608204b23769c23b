import pytest

from generator import chain
from generator.backends.base import Advice, BackendError, Route
from generator.chain import Link, Past

FAL, REPLICATE = Link("flux", Route("fal-ai")), Link("flux", Route("replicate"))


def asks_again(*, wait: float = 0.0, tries: int = 2) -> BackendError:
    return BackendError("busy", advice=Advice.TRY_AGAIN, wait=wait, tries=tries)


def test_a_route_that_was_given_up_is_not_called_again() -> None:
    past = [Past("flux", "fal-ai", "next_model", "model_gone"), Past("other", "replicate", "next_model", "model_gone")]

    assert chain.open_links([FAL, REPLICATE], past) == [REPLICATE]


def test_a_route_that_asked_to_wait_is_called_again() -> None:
    assert chain.open_links([FAL, REPLICATE], [Past("flux", "fal-ai", "try_again", "busy")]) == [FAL, REPLICATE]


@pytest.mark.parametrize(
    ("failure", "tried", "others", "decision"),
    [
        (asks_again(), 0, True, Advice.TRY_AGAIN),
        (asks_again(), 1, True, Advice.TRY_AGAIN),
        (asks_again(), 2, True, Advice.NEXT_MODEL),
        (asks_again(), 2, False, Advice.NEXT_MODEL),
        (asks_again(wait=60), 0, True, Advice.TRY_AGAIN),
        (BackendError("gone", advice=Advice.NEXT_MODEL), 0, False, Advice.NEXT_MODEL),
        (BackendError("refused", advice=Advice.STOP), 0, True, Advice.STOP),
    ],
)
def test_what_a_failure_leads_to(failure: BackendError, tried: int, others: bool, decision: Advice) -> None:
    assert chain.decide(failure, tried=tried, others=others) is decision


def test_on_the_last_claim_there_is_no_later() -> None:
    assert chain.decide(asks_again(), tried=0, others=True, is_last=True) is Advice.NEXT_MODEL
    assert chain.decide(asks_again(), tried=0, others=False, is_last=True) is Advice.TRY_AGAIN


def test_who_makes_the_picture_already_is_worth_a_long_wait() -> None:
    assert chain.is_long(asks_again(wait=60))
    assert not chain.is_long(asks_again(wait=5))
    assert not chain.is_long(BackendError("busy", advice=Advice.TRY_AGAIN, wait=60, job_lost=False))


def test_only_the_tries_of_this_route_count() -> None:
    past = [
        Past("flux", "fal-ai", "try_again", "busy"),
        Past("flux", "replicate", "try_again", "busy"),
        Past("flux", "fal-ai", "ok", ""),
    ]

    assert chain.tried(FAL, past) == 1


def test_of_several_reasons_the_one_that_somebody_can_mend_is_told() -> None:
    assert chain.verdict(["model_gone", "no_credits", "busy"]) == "no_credits"
    assert chain.verdict(["model_gone", "busy"]) == "busy"
