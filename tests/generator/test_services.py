import threading
from collections.abc import Callable

import pytest
from django.db import close_old_connections, connection

from accounts.models import LedgerEntry, Plan, Usage, User
from accounts.services import quota
from common.errors import InvalidInput
from events.models import Event
from gallery.services import images
from generator import once, services
from generator.models import AIModel, Generation, Output
from generator.params import Params
from tests.generator.pictures import png
from tests.hostile import MUG

Ask = Callable[..., Generation]


def test_a_generation_is_born_with_its_outputs_its_reservation_and_its_event(alice: User, ask: Ask) -> None:
    generation = ask(alice, images=3, seed=2**32 - 1)

    assert generation.status == "queued"
    assert list(Output.objects.order_by("index").values_list("seed", flat=True)) == [2**32 - 1, 0, 1]
    assert Usage.objects.get().reserved == 3
    assert LedgerEntry.objects.get().reference == str(generation.pk)
    assert list(Event.objects.values_list("name", flat=True)) == ["generation.queued"]


def test_a_seed_that_was_not_given_is_drawn_and_recorded(alice: User, ask: Ask) -> None:
    first, second = ask(alice), ask(alice)

    assert 0 <= first.request["seed"] < 2**32
    assert first.request["seed"] != second.request["seed"]


def test_the_eleventh_picture_of_the_day_is_refused_and_nothing_moves(alice: User, ask: Ask) -> None:
    for _ in range(10):
        ask(alice)

    with pytest.raises(quota.QuotaExhausted) as refused:
        ask(alice)

    assert "resets_at" in refused.value.extra
    assert Generation.objects.count() == Output.objects.count() == Event.objects.count() == 10
    assert Usage.objects.get().reserved == 10


@pytest.mark.parametrize(
    ("wishes", "field", "code"),
    [
        ({"model": "no-such"}, "model", "unknown_model"),
        ({"style": "no-such"}, "style", "unknown_style"),
        ({"source_image": "019f0000-0000-7000-8000-000000000000"}, "source_image", "not_found"),
        ({"steps": 999}, "steps", "out_of_range"),
    ],
)
def test_a_broken_wish_names_its_field(alice: User, ask: Ask, wishes: dict, field: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(alice, **wishes)

    assert [(name, problem) for name, problem, _ in refused.value.errors] == [(field, code)]
    assert not Usage.objects.exists()


def test_the_picture_of_somebody_else_does_not_exist_as_a_source(alice: User, mallory: User, ask: Ask) -> None:
    theirs = images.keep_upload(owner=alice, file=png(64, 64))

    with pytest.raises(InvalidInput):
        ask(mallory, source_image=str(theirs.pk))


def test_a_hugging_face_model_needs_a_token(alice: User, ask: Ask) -> None:
    with pytest.raises(services.ModelUnavailable) as refused:
        ask(alice, model="black-forest-labs/FLUX.1-schnell")

    assert "Hugging Face token" in refused.value.message


def test_where_no_model_can_be_used_the_refusal_says_whom_to_ask(alice: User, ask: Ask) -> None:
    AIModel.objects.update(enabled=False)

    with pytest.raises(services.NoModel) as refused:
        ask(alice)

    assert refused.value.message == "No model can be used now. Ask whoever runs this studio."


def test_without_a_model_the_first_usable_one_is_taken(alice: User, ask: Ask) -> None:
    AIModel.objects.filter(slug="builtin").update(is_default=False)
    AIModel.objects.filter(slug="flux-1-schnell").update(is_default=True)

    assert ask(alice).model.slug == "builtin"


def test_a_model_of_another_plan_is_refused(alice: User, ask: Ask) -> None:
    AIModel.objects.get(slug="builtin").plans.add(Plan.objects.get(slug="pro"))

    with pytest.raises(services.NotInPlan):
        ask(alice, model="builtin")


def test_a_picture_larger_than_the_plan_is_refused(alice: User, ask: Ask) -> None:
    Plan.objects.filter(slug="free").update(max_pixels=100 * 100)
    alice.refresh_from_db()

    with pytest.raises(services.TooManyPixels):
        ask(alice, width=256, height=256)


def test_more_than_may_wait_are_refused(alice: User, ask: Ask) -> None:
    Plan.objects.filter(slug="free").update(queued_max=2)
    alice.refresh_from_db()
    ask(alice)
    ask(alice)

    with pytest.raises(services.QueueFull):
        ask(alice)

    assert Usage.objects.get().reserved == 2


def test_an_estimate_says_everything_and_makes_nothing(alice: User, bob: User, ask: Ask) -> None:
    ask(bob, images=2)

    estimate = services.estimate(user=alice, params=Params(prompt=MUG, images=2))

    assert (estimate.cost, estimate.quota_left, estimate.queue_position) == (2, 10, 1)
    assert estimate.expected_seconds > 0
    assert estimate.params.steps == 25
    assert Generation.objects.count() == 1


def test_an_estimate_refuses_what_submit_would_refuse(alice: User, ask: Ask) -> None:
    for _ in range(9):
        ask(alice)

    with pytest.raises(quota.QuotaExhausted):
        services.estimate(user=alice, params=Params(prompt=MUG, images=2))


def test_cancelling_what_waits_gives_the_quota_back_once(alice: User, ask: Ask) -> None:
    generation = ask(alice, images=2)

    services.cancel(generation=generation)

    assert generation.status == "cancelled"
    usage = Usage.objects.get()
    assert (usage.used, usage.reserved) == (0, 0)
    with pytest.raises(services.NotCancellable):
        services.cancel(generation=generation)
    assert sum(LedgerEntry.objects.values_list("amount", flat=True)) == 0


def test_what_was_cancelled_before_it_started_does_not_hold_its_owner_back(alice: User, ask: Ask) -> None:
    services.cancel(generation=ask(alice, images=4))

    assert ask(alice).turn == 0


def test_run_again_asks_for_the_same_recipe(alice: User, ask: Ask) -> None:
    generation = ask(alice, style="night", seed=5)

    again = services.rerun(user=alice, generation=generation)

    assert again.pk != generation.pk
    assert again.request == generation.request


def test_an_idempotency_key_answers_the_same_generation(alice: User, shipped: None) -> None:
    def post(digest: str) -> tuple[Generation, bool]:
        return once.answer(user=alice, key="k", digest=digest, find_or_make=new)

    def new() -> tuple[Generation, bool]:
        return services.submit(user=alice, params=Params(prompt=MUG)), True

    first, made = post("body")
    second, made_again = post("body")

    assert (made, made_again) == (True, False)
    assert first.pk == second.pk
    with pytest.raises(once.KeyReused):
        post("another body")
    assert Usage.objects.get().reserved == 1


@pytest.mark.django_db(transaction=True)
def test_forty_threads_submitting_against_ten_left_give_exactly_ten(alice: User, ask: Ask) -> None:
    accepted, refused = [], []
    start = threading.Barrier(40)

    def submit() -> None:
        start.wait()
        try:
            accepted.append(ask(alice).pk)
        except quota.QuotaExhausted:
            refused.append(1)
        finally:
            connection.close()

    threads = [threading.Thread(target=submit) for _ in range(40)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    close_old_connections()

    assert (len(accepted), len(refused)) == (10, 30)
    usage = Usage.objects.get()
    assert (usage.used, usage.reserved) == (0, 10)
    assert sum(LedgerEntry.objects.values_list("amount", flat=True)) == 10
    assert Generation.objects.count() == 10
