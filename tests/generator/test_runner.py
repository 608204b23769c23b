import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.utils import timezone

from accounts.models import LedgerEntry, Plan, Usage, User
from events.models import Event
from gallery.models import Image
from gallery.services import images
from generator import leases, runner, services, telling, timekeeper
from generator.backends.base import Advice, BackendError
from generator.models import Attempt, Generation, Output
from generator.timekeeper import Job
from tests import fakes
from tests.generator.pictures import png
from tests.hostile import MUG

Ask = Callable[..., Generation]
Use = Callable[[type], None]


def balance(user: User) -> tuple[int, int]:
    """Used and reserved, after a look that the ledger says the same."""
    usage = Usage.objects.get(user=user)
    assert sum(LedgerEntry.objects.filter(usage=usage).values_list("amount", flat=True)) == usage.used + usage.reserved
    return usage.used, usage.reserved


def names(generation: Generation) -> list[str]:
    return list(Event.objects.filter(reference=str(generation.pk)).order_by("pk").values_list("name", flat=True))


def expire(generation: Generation, **fields: Any) -> None:
    past = timezone.now() - timedelta(minutes=1)
    Generation.objects.filter(pk=generation.pk).update(**{"lease_until": past, **fields})


def test_a_picture_arrives_with_its_recipe_and_is_paid_for(alice: User, ask: Ask, run_by: Use) -> None:
    run_by(fakes.Painter)
    generation = ask(alice, seed=7, style="night")

    assert runner.take_turn("local") is True

    generation.refresh_from_db()
    image = Image.objects.get()
    assert generation.status == "succeeded"
    assert generation.served_by == {
        "model": "builtin",
        "backend": "builtin",
        "provider": None,
        "fallback_from": None,
    }
    assert image.recipe["seed"] == 7
    assert image.recipe["prompt"] == MUG
    assert image.recipe["full_prompt"] == f"{MUG} at night, night sky, moon and stars"
    assert image.recipe["revision"] == "painter-1"
    assert balance(alice) == (1, 0)
    assert names(generation) == [
        "generation.queued",
        "generation.started",
        "image.created",
        "generation.succeeded",
    ]
    assert Attempt.objects.get().outcome == "ok"


def test_nothing_due_is_no_turn(alice: User, ask: Ask) -> None:
    assert runner.take_turn("local") is False


def test_every_image_of_a_batch_has_its_seed(alice: User, ask: Ask, run_by: Use) -> None:
    run_by(fakes.Painter)
    ask(alice, images=4, seed=7)

    runner.take_turn("local")

    assert sorted(image.recipe["seed"] for image in Image.objects.all()) == [7, 8, 9, 10]
    assert balance(alice) == (4, 0)


def test_a_failure_gives_the_quota_back_once_and_says_why(alice: User, ask: Ask, run_by: Use) -> None:
    run_by(fakes.Broken)
    generation = ask(alice, images=2)

    runner.take_turn("local")

    generation.refresh_from_db()
    assert (generation.status, generation.error["code"]) == ("failed", "backend_failed")
    assert balance(alice) == (0, 0)
    assert names(generation)[-1] == "generation.failed"
    assert runner.close(generation, "failed", worker="", attempt=1) is False


def test_a_batch_that_broke_after_one_image_succeeded_with_that_one(alice: User, ask: Ask, run_by: Use) -> None:
    run_by(fakes.Fickle)
    generation = ask(alice, images=3, seed=7)

    runner.take_turn("local")

    generation.refresh_from_db()
    assert (generation.status, generation.notice[0]["arguments"]["made"]) == ("succeeded", 1)
    assert balance(alice) == (1, 0)


def test_a_bug_ends_one_generation_and_not_the_worker(
    alice: User, ask: Ask, run_by: Use, caplog: pytest.LogCaptureFixture
) -> None:
    run_by(fakes.Buggy)
    generation = ask(alice)

    assert runner.take_turn("local") is True

    generation.refresh_from_db()
    assert generation.error["code"] == "internal_error"
    assert "ZeroDivisionError" in caplog.text
    assert balance(alice) == (0, 0)


def test_what_may_help_later_waits_and_holds_no_slot(
    alice: User, ask: Ask, run_by: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_by(fakes.Broken)
    monkeypatch.setattr(fakes.Broken, "failure", BackendError("backend_failed", advice=Advice.TRY_AGAIN, wait=90))
    generation = ask(alice)

    runner.take_turn("local")

    generation.refresh_from_db()
    assert generation.status == "queued"
    assert 80 < (generation.not_before - timezone.now()).total_seconds() < 100
    assert runner.take_turn("local") is False
    assert balance(alice) == (0, 1)


def test_after_six_claims_it_fails_with_a_sentence(
    alice: User, ask: Ask, run_by: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_by(fakes.Broken)
    monkeypatch.setattr(fakes.Broken, "failure", BackendError("backend_failed", advice=Advice.TRY_AGAIN))
    generation = ask(alice)

    for _ in range(6):
        Generation.objects.update(not_before=None)
        assert runner.take_turn("local")

    generation.refresh_from_db()
    assert (generation.status, generation.attempt) == ("failed", 6)
    assert balance(alice) == (0, 0)


def test_a_source_is_scaled_to_cover_and_becomes_the_parent(alice: User, ask: Ask, run_by: Use) -> None:
    run_by(fakes.Painter)
    source = images.keep_upload(owner=alice, file=png(300, 500))
    ask(alice, source_image=str(source.pk), width=None, height=None)

    runner.take_turn("local")

    image = Image.objects.get(origin="generated")
    assert (image.width, image.height) == (288, 512)
    assert image.parent == source
    assert image.recipe["source_digest"] == source.digest
    assert image.recipe["strength"] == 0.6


def test_a_source_that_is_gone_fails_with_a_sentence(alice: User, ask: Ask, run_by: Use) -> None:
    run_by(fakes.Painter)
    source = images.keep_upload(owner=alice, file=png(64, 64))
    generation = ask(alice, source_image=str(source.pk))
    source.delete()

    runner.take_turn("local")

    generation.refresh_from_db()
    assert generation.error["code"] == "source_gone"


def test_a_full_disk_delays_and_leaves_nothing_half_stored(
    alice: User, ask: Ask, run_by: Use, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_by(fakes.Painter)
    generation = ask(alice)

    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "_save", full)
        runner.take_turn("local")
    generation.refresh_from_db()
    assert (generation.status, Image.objects.count(), balance(alice)) == ("queued", 0, (0, 1))
    assert not [path for path in media.rglob("*") if path.is_file()]

    Generation.objects.update(not_before=None)
    runner.take_turn("local")
    generation.refresh_from_db()
    assert (generation.status, balance(alice)) == ("succeeded", (1, 0))


def test_cancelling_a_running_one_ends_its_call_and_keeps_what_exists(alice: User, ask: Ask, run_by: Use) -> None:
    run_by(fakes.Painter)
    generation = ask(alice, images=2)
    claimed = runner.claim("local")
    assert claimed is not None
    job = Job(claimed.pk, claimed.attempt)
    timekeeper.register(job)

    services.cancel(generation=generation)
    timekeeper.look_after_jobs(extend=False)
    runner.run(claimed, job)
    timekeeper.forget(job)

    generation.refresh_from_db()
    assert job.ended.is_set()
    assert (generation.status, Image.objects.count(), balance(alice)) == ("cancelled", 0, (0, 0))


def test_a_late_worker_changes_nothing_and_leaves_no_bytes(alice: User, ask: Ask, run_by: Use, media: Path) -> None:
    run_by(fakes.Painter)
    generation = ask(alice)
    late = runner.claim("local")
    assert late is not None
    expire(generation)
    runner.free_expired()
    runner.take_turn("local")

    runner.run(late, Job(late.pk, late.attempt))

    assert Image.objects.count() == 1
    assert balance(alice) == (1, 0)
    assert len(list(media.rglob("*.png"))) == 1


def test_a_lease_that_ran_out_puts_it_back(alice: User, ask: Ask) -> None:
    generation = ask(alice)
    runner.claim("local")
    expire(generation)

    runner.free_expired()

    generation.refresh_from_db()
    assert (generation.status, generation.worker, generation.attempt) == ("queued", "", 1)


def test_a_second_claim_goes_on_at_the_first_image_that_is_missing(alice: User, ask: Ask, run_by: Use) -> None:
    run_by(fakes.Fickle)
    generation = ask(alice, images=2, seed=7)
    claimed = runner.claim("local")
    assert claimed is not None
    with pytest.raises(BackendError):
        runner.make_missing(claimed, Job(claimed.pk, claimed.attempt))
    expire(generation)
    runner.free_expired()
    first = Image.objects.get()

    run_by(fakes.Painter)
    runner.take_turn("local")

    assert Image.objects.count() == 2
    assert Output.objects.get(index=0).image == first
    assert balance(alice) == (2, 0)


def test_the_sixth_dead_worker_is_the_last(alice: User, ask: Ask) -> None:
    generation = ask(alice)
    runner.claim("local")
    expire(generation, attempt=6)

    runner.free_expired()

    generation.refresh_from_db()
    assert (generation.status, generation.error["code"]) == ("failed", "gave_up")
    assert balance(alice) == (0, 0)


@pytest.mark.parametrize("status", ["queued", "running"])
def test_past_its_deadline_it_fails(alice: User, ask: Ask, status: str) -> None:
    generation = ask(alice)
    runner.claim("local")
    past = timezone.now() - timedelta(minutes=1)
    expire(generation, deadline=past, status=status)

    runner.free_expired()

    generation.refresh_from_db()
    assert (generation.status, generation.error["code"]) == ("failed", "too_slow")


def test_a_call_past_its_deadline_is_ended(alice: User, ask: Ask) -> None:
    generation = ask(alice)
    claimed = runner.claim("local")
    assert claimed is not None
    job = Job(claimed.pk, claimed.attempt)
    timekeeper.register(job)
    Generation.objects.update(deadline=timezone.now() - timedelta(seconds=1))

    timekeeper.look_after_jobs(extend=False)
    timekeeper.forget(job)

    assert job.ended.is_set()
    assert runner.retry_later(generation, wait=None, worker=claimed.worker, attempt=1) is True
    generation.refresh_from_db()
    assert generation.error["code"] == "too_slow"


def test_progress_is_written_and_the_lease_extended_in_one_statement(
    alice: User, ask: Ask, django_assert_num_queries: Any
) -> None:
    generation = ask(alice)
    claimed = runner.claim("local")
    assert claimed is not None
    expire(generation)
    job = Job(claimed.pk, claimed.attempt, step=12, steps=30)
    timekeeper.register(job)

    with django_assert_num_queries(1):
        timekeeper.look_after_jobs(extend=True)
    timekeeper.forget(job)

    generation.refresh_from_db()
    assert (generation.step, generation.steps, job.ended.is_set()) == (12, 30, False)
    assert generation.lease_until > timezone.now() + timedelta(seconds=20)


def test_no_more_of_one_owner_run_than_the_plan_allows(alice: User, bob: User, ask: Ask) -> None:
    for _ in range(3):
        ask(alice)
    ask(bob)

    owners = [claimed.owner.handle for claimed in iter(lambda: runner.claim("local"), None)]

    assert Counter(owners) == {"alice": 2, "bob": 1}


def test_exactly_the_leases_of_the_dead_are_freed_at_once(
    alice: User, bob: User, ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dead, alive = ask(alice), ask(bob)
    runner.claim("local")
    runner.claim("local")
    Generation.objects.filter(pk=dead.pk).update(worker="dead-1")
    monkeypatch.setenv("REPLACES", "dead-1,dead-2")
    monkeypatch.setenv("CONFIRM_FREED", str(tmp_path / "freed"))

    runner.free_replaced()

    dead.refresh_from_db()
    alive.refresh_from_db()
    assert (dead.status, alive.status) == ("queued", "running")
    assert (tmp_path / "freed").read_text() == "dead-1,dead-2"


@pytest.mark.django_db(transaction=True)
def test_twenty_workers_claiming_give_one_winner_each(person: Callable[..., User], ask: Ask) -> None:
    Plan.objects.update(running_max=4, daily_images=None)
    for number in range(5):
        somebody = person(f"person-{number}")
        for _ in range(6):
            ask(somebody)
    won: list[Any] = []
    start = threading.Barrier(20)

    def claim() -> None:
        start.wait()
        try:
            while (claimed := runner.claim("local")) is not None:
                won.append((claimed.pk, claimed.owner_id))
        finally:
            connection.close()

    threads = [threading.Thread(target=claim) for _ in range(20)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert len(won) == len({pk for pk, _ in won}) == 20
    assert set(Counter(owner for _, owner in won).values()) == {4}
    assert Generation.objects.filter(status="running").count() == 20


def test_what_is_due_is_counted_up_to_the_free_slots(alice: User, bob: User, ask: Ask) -> None:
    ask(alice)
    ask(bob)
    waits = ask(bob)
    Generation.objects.filter(pk=waits.pk).update(not_before=timezone.now() + timedelta(minutes=5))

    assert (leases.due("local", most=5), leases.due("local", most=1), leases.due("provider", most=5)) == (
        2,
        1,
        0,
    )


def test_a_storage_that_stays_full_fails_with_a_sentence_after_six_claims(
    alice: User, ask: Ask, run_by: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_by(fakes.Painter)
    generation = ask(alice)

    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", full)
    for _ in range(6):
        Generation.objects.update(not_before=None)
        assert runner.take_turn("local")

    generation.refresh_from_db()
    assert (generation.status, generation.error["code"]) == ("failed", "storage_full")
    assert balance(alice) == (0, 0)
    assert telling.sentence(generation.error)
