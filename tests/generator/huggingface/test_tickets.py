"""What is ordered is paid: a job is asked after, never ordered twice."""

from typing import Any

import pytest

from common import http
from common.addresses import origin
from generator import backends
from generator.backends.base import Advice, Call, CallEnded, Route
from generator.backends.huggingface import queued
from generator.backends.huggingface.providers import PROVIDERS
from generator.backends.huggingface.queued import Queue
from generator.params import Params
from tests.generator.huggingface.asking import SERVED, T2I, paint, refusal, route_of, within
from tests.hf_server import HFServer
from tests.hostile import MUG

QUEUES = [name for name, provider in PROVIDERS.items() if isinstance(provider.family, Queue)]
ROUTE = Route("fal-ai", "fal-ai/flux/schnell")


def left_behind(hf: HFServer, provider: str) -> str:
    """The ticket of a job that a worker ordered just before it was killed."""

    class Killed(BaseException):
        pass

    def die(ticket: str) -> None:
        tickets.append(ticket)
        raise Killed

    tickets: list[str] = []
    repo_id = SERVED[provider]
    params = Params(prompt=MUG, mode=T2I, width=512, height=256, seed=7)
    call = Call(params, repo_id=repo_id, route=route_of(hf, provider, repo_id), key="hf_good", on_ticket=die)
    with pytest.raises(Killed):
        within(hf, lambda: backends.get("huggingface").generate(call))
    return tickets[0]


def test_every_provider_that_gives_a_job_an_id_is_a_queue() -> None:
    assert QUEUES == ["fal-ai", "replicate", "wavespeed", "zai-org"]


@pytest.mark.parametrize("provider", QUEUES)
def test_a_job_is_told_before_it_is_asked_after(hf: HFServer, provider: str) -> None:
    ticket = left_behind(hf, provider)

    assert ticket
    assert [call.kind for call in hf.calls if call.kind != "hub"] == ["create"]


@pytest.mark.parametrize("provider", QUEUES)
def test_a_job_that_a_killed_worker_left_is_fetched_and_not_ordered_again(hf: HFServer, provider: str) -> None:
    ticket = left_behind(hf, provider)

    told = paint(hf, provider, ticket=ticket)

    assert told.image.getbbox()
    assert told.tickets == []
    assert "a red mug" in str(told.sent)
    assert hf.created() == len(hf.seen(kind="create")) == 1
    assert hf.faults == []


@pytest.mark.parametrize("provider", QUEUES)
def test_a_job_that_nobody_knows_any_more_is_lost(hf: HFServer, provider: str) -> None:
    ticket = left_behind(hf, provider)
    known = ticket.split("/")
    known[-2 if provider == "wavespeed" else -1] = "12345"

    failure = refusal(lambda: paint(hf, provider, ticket="/".join(known)))

    assert (failure.code, failure.advice, failure.job_lost) == ("provider_failed", Advice.TRY_AGAIN, True)
    assert hf.created() == 1


@pytest.mark.parametrize(
    "ticket",
    [
        "https://evil.example/fal-ai/flux/requests/1",
        "//evil.example/requests/1",
        "/fal-ai/flux/requests/../../../v1/chat",
        "/fal-ai/../replicate/requests/1",
        "/fal-ai/flux/requests/1?x=y",
        "/fal-ai/flux/requests/1/cancel",
        "/fal-ai/flux/requests/1\n",
        "/v1/predictions/1",
        "?",
    ],
)
def test_a_ticket_that_leads_elsewhere_is_not_followed(hf: HFServer, ticket: str) -> None:
    failure = refusal(lambda: paint(hf, "fal-ai", ticket=ticket, route=ROUTE))

    assert (failure.advice, failure.job_lost) == (Advice.TRY_AGAIN, True)
    assert hf.calls == []


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/secrets",
        "https://queue.fal.run/fal-ai/flux/requests/../../x",
        "https://queue.fal.run/",
        "https://[bad/fal-ai/flux/requests/1",
        "",
        7,
        None,
    ],
)
def test_an_order_whose_answer_leads_elsewhere_is_a_bad_answer(hf: HFServer, address: Any) -> None:
    hf.script("fal-ai", status=200, kind="create", body={"request_id": "1", "response_url": address})

    failure = refusal(lambda: paint(hf, "fal-ai"))

    assert failure.code == "bad_answer"
    assert hf.seen(kind="poll") == []


def test_only_the_path_of_a_foreign_address_is_asked_for_at_the_router(hf: HFServer) -> None:
    address = "https://evil.example:8443/fal-ai/flux/requests/abc?token=1#x"
    hf.script("fal-ai", status=200, kind="create", body={"request_id": "abc", "response_url": address})

    refusal(lambda: paint(hf, "fal-ai"))

    assert hf.seen(kind="poll")[0].path == "/fal-ai/fal-ai/flux/requests/abc/status"


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("poll", "reset"),
        ("poll", "close_before_answer"),
        ("poll", "nginx_502"),
        ("poll", "crash_500"),
        ("poll", "throttled_429_bare"),
        ("result", "reset"),
        ("result", "html_504"),
        ("result", "busy_503"),
        ("result", "throttled_429_bare"),
    ],
)
def test_a_break_while_a_job_is_asked_after_keeps_it(hf: HFServer, row: str, kind: str) -> None:
    hf.script("fal-ai", row, kind=kind, times=1)

    failure = refusal(lambda: paint(hf, "fal-ai"))

    assert (failure.advice, failure.job_lost) == (Advice.TRY_AGAIN, False)


@pytest.mark.parametrize("row", ["fail_job", "cancel_job"])
@pytest.mark.parametrize("provider", QUEUES)
def test_a_job_that_failed_is_lost(hf: HFServer, provider: str, row: str) -> None:
    hf.script(provider, row)

    failure = refusal(lambda: paint(hf, provider))

    assert failure.job_lost
    assert failure.code in {"provider_failed", "provider_memory"}


@pytest.mark.parametrize("provider", QUEUES)
def test_a_job_that_the_filter_ended_refuses_the_words(hf: HFServer, provider: str) -> None:
    hf.script(provider, "nsfw_job")

    failure = refusal(lambda: paint(hf, provider))

    assert (failure.code, failure.advice) == ("prompt_refused", Advice.STOP)


@pytest.mark.parametrize("provider", ["fal-ai", "replicate", "wavespeed"])
def test_a_picture_that_the_filter_flagged_refuses_the_words(hf: HFServer, provider: str) -> None:
    hf.script(provider, "nsfw_flag_200")

    assert refusal(lambda: paint(hf, provider)).code == "prompt_refused"


@pytest.mark.parametrize("provider", QUEUES)
def test_a_job_without_a_picture_is_a_bad_answer(hf: HFServer, provider: str) -> None:
    hf.script(provider, "empty_images_200")

    assert refusal(lambda: paint(hf, provider)).code == "bad_answer"


def test_a_job_that_takes_too_long_is_kept(hf: HFServer) -> None:
    hf.script("replicate", "stuck_job", times=1)
    ticket = left_behind(hf, "replicate")

    failure = refusal(lambda: paint(hf, "replicate", ticket=ticket, seconds=0.5))

    assert (failure.code, failure.tries, failure.job_lost) == ("timed_out", 1, False)


def test_a_job_is_asked_after_until_it_is_over(hf: HFServer) -> None:
    hf.settings(pending_polls=4)

    told = paint(hf, "wavespeed")

    assert told.picture
    assert len(hf.seen(kind="poll")) == 5


def test_a_prediction_whose_picture_is_there_at_once_is_not_asked_after(hf: HFServer) -> None:
    ticket = left_behind(hf, "replicate")
    paint(hf, "replicate", ticket=ticket)
    address = hf.seen(kind="picture")[0].path
    said = {"id": "abc", "status": "processing", "output": [f"{hf.url}{address}"]}
    hf.script("replicate", status=201, kind="create", body=said)
    polls = len(hf.seen(kind="poll"))

    told = paint(hf, "replicate")

    assert told.tickets == ["/v1/predictions/abc"]
    assert len(hf.seen(kind="poll")) == polls


@pytest.mark.parametrize("row", ["picture_404", "picture_403_xml", "picture_500"])
def test_a_picture_that_is_not_there_yet_is_fetched_again(hf: HFServer, row: str) -> None:
    hf.script(row=row, times=2)

    assert paint(hf, "fal-ai").picture
    assert (len(hf.seen(kind="picture")), hf.created()) == (3, 1)


def test_a_picture_that_never_comes_leaves_the_job_to_be_asked_again(hf: HFServer) -> None:
    hf.script(row="picture_404", times=3)

    failure = refusal(lambda: paint(hf, "fal-ai"))
    told = paint(hf, "fal-ai", ticket=hf_ticket(hf))

    assert (failure.advice, failure.job_lost) == (Advice.TRY_AGAIN, False)
    assert told.picture
    assert hf.created() == 1


def hf_ticket(hf: HFServer) -> str:
    """The ticket of the first job, as its polls show it."""
    return hf.seen(kind="poll")[0].path.removeprefix("/fal-ai").removesuffix("/status")


@pytest.mark.parametrize("row", ["reset", "close_before_answer", "close_inside_answer"])
def test_a_download_that_breaks_is_begun_again(hf: HFServer, row: str) -> None:
    hf.script(row=row, kind="picture", times=2)

    assert paint(hf, "fal-ai").picture
    assert hf.created() == 1


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("poll", "drip_headers"),
        ("poll", "silence"),
        ("result", "drip_body"),
        ("picture", "drip_body"),
        ("picture", "silence"),
    ],
)
def test_nothing_outlives_the_limit_of_a_call_and_the_job_is_kept(hf: HFServer, row: str, kind: str) -> None:
    ticket = left_behind(hf, "fal-ai")
    hf.script(row=row, kind=kind)

    failure = refusal(lambda: paint(hf, "fal-ai", ticket=ticket, seconds=0.5))

    assert (failure.code, failure.tries, failure.job_lost) == ("timed_out", 1, False)
    assert hf.created() == 1


@pytest.mark.parametrize("provider", QUEUES)
def test_a_call_that_is_ended_from_outside_says_so_and_asks_no_more(hf: HFServer, provider: str) -> None:
    repo_id = SERVED[provider]
    route = route_of(hf, provider, repo_id)
    params = Params(prompt=MUG, mode=T2I, width=512, height=256, seed=7)

    with http.exchange(seconds=20, trusted=[origin(hf.url)]) as exchange:
        call = Call(params, repo_id=repo_id, route=route, key="hf_good", on_ticket=lambda ticket: exchange.end())
        with pytest.raises(CallEnded):
            backends.get("huggingface").generate(call)

    assert [call.kind for call in hf.calls if call.kind != "hub"] == ["create"]


def test_a_pause_is_over_when_its_exchange_is() -> None:
    with http.exchange(seconds=20) as exchange:
        exchange.end()
        with pytest.raises(http.Failed) as failed:
            http.pause(600)

    assert failed.value.reason == "ended"


def test_a_pause_never_outlives_its_exchange() -> None:
    with http.exchange(seconds=0.05), pytest.raises(http.Failed) as failed:
        http.pause(600)

    assert failed.value.reason == "late"


def test_questions_become_rarer() -> None:
    pauses = queued._pauses()

    first = [next(pauses) for _ in range(20)]

    assert first == sorted(first)
    assert first[-1] == queued.LONGEST_PAUSE


@pytest.mark.parametrize(("provider", "cancelled"), [("fal-ai", 1), ("replicate", 1), ("wavespeed", 0), ("zai-org", 0)])
def test_a_job_that_nobody_wants_is_ended_where_the_provider_can_be_asked(
    hf: HFServer, provider: str, cancelled: int
) -> None:
    hf.settings(default_delay=60)
    ticket = left_behind(hf, provider)
    repo_id = SERVED[provider]
    call = Call(Params(MUG, mode=T2I), repo_id, route_of(hf, provider, repo_id), key="hf_good", ticket=ticket)

    within(hf, lambda: backends.get("huggingface").abandon(call))

    assert len(hf.counts["cancelled"]) == cancelled
    assert hf.faults == []


def test_a_provider_that_will_not_end_a_job_stops_nobody(hf: HFServer) -> None:
    ticket = left_behind(hf, "fal-ai")
    hf.script("fal-ai", "crash_500", kind="cancel")
    call = Call(Params(MUG, mode=T2I), SERVED["fal-ai"], ROUTE, key="hf_good", ticket=ticket)

    within(hf, lambda: backends.get("huggingface").abandon(call))

    assert hf.seen(kind="cancel")


@pytest.mark.parametrize(
    "location",
    ["http://[", "file:///etc/passwd", "http://a:b:c/", "//10.0.0.1/", "https://", "http://127.0.0.1:1/",
     "https://127.0.0.1:1/", "https://169.254.169.254/latest/", "https://[fd00:ec2::254]/"],
)  # fmt: skip
def test_a_picture_that_leads_where_nobody_may_go_is_no_picture(hf: HFServer, location: str) -> None:
    hf.script(kind="picture", status=302, headers={"Location": location}, body="")

    failure = refusal(lambda: paint(hf, "fal-ai"))

    assert failure.code in {"bad_answer", "network"}
    assert hf.faults == []
