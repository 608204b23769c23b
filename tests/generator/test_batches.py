"""Lists of prompts: read first, queued line by line, watched, and put away."""

import csv
import io
import json
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Plan, Usage, User
from accounts.queries import usage
from gallery.services import images
from generator import batches, forecast, lines, listing, runner, tasks
from generator.models import AIModel, Batch, BatchLine, Generation
from tests import fakes
from tests.hostile import FILE

ClientOf = Callable[[User], Client]
Keep = Callable[..., Batch]
HTMX = {"HX-Request": "true"}
SMALL = "prompt,width,height,steps,images\n"


@pytest.fixture
def studio(alice: User, shipped: None, client_of: ClientOf, run_by: Callable[[type], None]) -> Client:
    """Alice's, on a studio whose built-in model is quick."""
    run_by(fakes.Painter)
    return client_of(alice)


@pytest.fixture
def keep(shipped: None) -> Keep:
    """A list of small pictures of somebody's: `keep(alice, "a mug", "a boat")`."""

    def of(user: User, *prompts: str, images: int = 1) -> Batch:
        text = SMALL + "".join(f'"{prompt}",64,64,5,{images}\n' for prompt in prompts)
        return batches.keep(user=user, name=FILE, lines=lines.read(text.encode()))

    return of


def bring(browser: Client, text: str, name: str = FILE) -> Any:
    file = SimpleUploadedFile(name, text.encode(), "text/csv")
    return browser.post(reverse("batches"), {"file": file, "lines": ""}, follow=True)


def words(response: Any) -> str:
    return str(response.content.decode())


def rows(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


class TestReading:
    def test_a_file_is_shown_with_its_problems_and_its_cost_before_anything_is_made(self, studio: Client) -> None:
        page = words(bring(studio, f"{SMALL}a mug,64,64,5,2\na boat,65,64,5,1\n,64,64,5,1\na dog,64,64,many,1\n"))

        assert "1 line can be queued · 3 have problems" in page
        assert "They cost 2 pictures; 10 are left today." in page
        assert '<code class="mono">width</code> Each side must be a multiple of' in page
        assert '<code class="mono">prompt</code> This is needed.' in page
        assert '<code class="mono">steps</code> Write a whole number.' in page
        assert Generation.objects.count() == 0

    def test_written_lines_are_a_list_too(self, studio: Client) -> None:
        page = words(studio.post(reverse("batches"), {"lines": "a mug, red\r\na boat"}, follow=True))

        assert "<title>a mug, red" in page
        assert "2 lines can be queued" in page

    @pytest.mark.parametrize(
        ("sent", "sentence"),
        [
            ({"lines": ""}, "There is no prompt in it."),
            ({"file": b"prompt,colour\na mug,red\n", "lines": ""}, "The column “colour” is not known."),
            (
                {"file": b"prompt,colour,Size of it,steps\na mug,red,1,5\n", "lines": ""},
                "The columns “colour”, “size_of_it” are not known.",
            ),
            ({"file": b"prompt\na mug\n", "lines": "a boat"}, "Choose a file or write the lines here, not both."),
            ({"file": b"x" * (lines.BYTES_MAX + 1), "lines": ""}, "This is larger than 256 kB."),
        ],
    )
    def test_what_cannot_be_read_is_told_at_its_field(
        self, studio: Client, sent: dict[str, Any], sentence: str
    ) -> None:
        if "file" in sent:
            sent = sent | {"file": SimpleUploadedFile("mugs.csv", sent["file"], "text/csv")}

        response = studio.post(reverse("batches"), sent)

        assert response.status_code == 422
        assert sentence in words(response)
        assert Batch.objects.count() == 0

    def test_hostile_words_and_names_are_shown_as_they_are(self, studio: Client) -> None:
        page = words(bring(studio, 'prompt,style\n<script>alert(1)</script>,"<b>"\n', name="<img src=x>.csv"))

        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page
        assert "<img src=x>" not in page

    def test_a_model_outside_the_plan_is_a_problem_until_it_is_in(self, studio: Client, alice: User) -> None:
        AIModel.objects.filter(slug="builtin").update(enabled=False)
        page = bring(studio, "prompt,model\na mug,builtin\n")
        batch = Batch.objects.get()
        assert "cannot be used now" in words(page) or "There is no such model" in words(page)

        AIModel.objects.filter(slug="builtin").update(enabled=True)
        studio.post(reverse("batch_check", args=[batch.pk]))

        assert batch.lines.get().problems == []

    def test_what_cannot_be_read_is_not_read_again(self, studio: Client) -> None:
        bring(studio, "prompt,steps\na mug,many\n")

        studio.post(reverse("batch_check", args=[Batch.objects.get().pk]))

        assert BatchLine.objects.get().problems == [["steps", "not_a_whole_number", {}]]

    def test_reading_the_problems_again_says_what_came_of_it(self, studio: Client) -> None:
        AIModel.objects.filter(slug="builtin").update(enabled=False)
        bring(studio, "prompt,model,steps\na mug,builtin,5\na boat,,many\n,,5\n")
        check = reverse("batch_check", args=[Batch.objects.get().pk])
        assert "3 lines still have problems." in words(studio.post(check, follow=True))

        AIModel.objects.filter(slug="builtin").update(enabled=True)
        page = words(studio.post(check, follow=True))

        assert "1 line can be queued now." in page
        assert "2 lines still have problems." in page

    def test_the_example_can_be_queued_as_it_is(self, studio: Client, alice: User) -> None:
        example = studio.get(reverse("batch_example")).content.decode("utf-8-sig")

        page = words(bring(studio, example))

        assert "3 lines can be queued" in page
        assert "problem" not in page.split('id="batch"')[1].split("</section>")[0]

    def test_a_person_keeps_at_most_100_lists(self, studio: Client, alice: User) -> None:
        Batch.objects.bulk_create(Batch(owner=alice, name="old") for _ in range(batches.BATCHES_MAX))

        response = bring(studio, "prompt\na mug\n")

        assert response.status_code == 409
        assert "You keep 100 lists of prompts" in words(response)
        studio.post(reverse("batch_delete", args=[Batch.objects.first().pk]))
        assert bring(studio, "prompt\na mug\n").status_code == 200


class TestQueueing:
    def test_each_line_becomes_a_generation_and_ends_with_its_picture(
        self, studio: Client, alice: User, keep: Keep
    ) -> None:
        batch = keep(alice, "a mug", "a boat")

        studio.post(reverse("batch_queue", args=[batch.pk]))
        assert [line.generation.request["prompt"] for line in batch.lines.order_by("number")] == ["a mug", "a boat"]
        while runner.take_turn("local"):
            pass

        page = words(studio.get(reverse("batch", args=[batch.pk])))
        assert "2 pictures made" in page
        assert page.count("/thumbnail/320") == 2
        assert "hx-trigger" not in page

    def test_lines_with_problems_stay_behind(self, studio: Client, alice: User, keep: Keep) -> None:
        batch = keep(alice, "a mug", "")

        assert batches.queue(user=alice, batch=batch) is None

        assert Generation.objects.count() == 1
        assert batch.lines.get(generation=None).problems == [["prompt", "required", {}]]

    def test_pressing_twice_makes_nothing_twice(self, studio: Client, alice: User, keep: Keep) -> None:
        batch = keep(alice, "a mug", "a boat")

        for _ in range(2):
            studio.post(reverse("batch_queue", args=[batch.pk]))

        assert Generation.objects.count() == 2

    def test_what_the_quota_does_not_cover_waits_visibly_and_is_queued_later(
        self, studio: Client, alice: User, keep: Keep
    ) -> None:
        batch = keep(alice, "a", "b", "c", "d", images=4)

        page = words(studio.post(reverse("batch_queue", args=[batch.pk]), follow=True))

        assert Generation.objects.count() == 2
        assert "The other lines wait here." in page
        assert "Queue the other 2" in page
        Usage.objects.update(limit=None)
        assert "They cost 8 pictures." in words(studio.get(reverse("batch", args=[batch.pk])))

        studio.post(reverse("batch_queue", args=[batch.pk]))
        assert Generation.objects.count() == 4

    def test_a_full_queue_stops_too(self, alice: User, keep: Keep) -> None:
        Plan.objects.filter(pk=alice.plan_id).update(queued_max=1)
        alice.refresh_from_db()
        batch = keep(alice, "a mug", "a boat")

        stopped = batches.queue(user=alice, batch=batch)

        assert stopped is not None
        assert stopped.code == "queue_full"
        runner.take_turn("local")
        assert batches.queue(user=alice, batch=batch) is None
        assert Generation.objects.count() == 2

    def test_a_model_that_went_away_meanwhile_is_a_problem_of_its_line(self, alice: User, keep: Keep) -> None:
        batch = keep(alice, "a mug")
        AIModel.objects.filter(slug="builtin").update(enabled=False)
        BatchLine.objects.update(wish={"prompt": "a mug", "model": "builtin"})

        assert batches.queue(user=alice, batch=batch) is None

        [[field, code, _arguments]] = batch.lines.get().problems
        assert (field, code) == ("model", "model_off")
        assert usage(alice).reserved == 0

    def test_cancelling_ends_what_is_open_and_gives_the_quota_back(
        self, studio: Client, alice: User, keep: Keep
    ) -> None:
        batch = keep(alice, "a mug", "a boat")
        studio.post(reverse("batch_queue", args=[batch.pk]))
        runner.take_turn("local")

        studio.post(reverse("batch_cancel", args=[batch.pk]))

        assert sorted(Generation.objects.values_list("status", flat=True)) == ["cancelled", "succeeded"]
        assert usage(alice).left == 9


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_press_at_once_make_nothing_twice(alice: User, keep: Keep) -> None:
    batch = keep(alice, "a", "b", "c", "d", "e")
    together = threading.Barrier(2)

    def press() -> None:
        try:
            together.wait(10)
            batches.queue(user=User.objects.get(pk=alice.pk), batch=batch)
        finally:
            connection.close()

    tabs = [threading.Thread(target=press) for _ in range(2)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join(60)

    assert Generation.objects.count() == 5
    assert usage(alice).reserved == 5


class TestWatching:
    def test_an_unfinished_list_asks_every_two_seconds_and_says_when_it_is_done(
        self, studio: Client, alice: User, keep: Keep
    ) -> None:
        batch = keep(alice, "a mug")
        batches.queue(user=alice, batch=batch)
        address = reverse("batch", args=[batch.pk])

        waiting = studio.get(address, {"open": "1"}, headers=HTMX)
        runner.take_turn("local")
        done = studio.get(address, {"open": "1"}, headers=HTMX)

        assert 'hx-trigger="every 2s"' in words(waiting)
        assert "next in the queue" in words(waiting)
        assert "HX-Trigger" not in waiting
        assert f"{FILE}: 1 picture is ready." in json.loads(done["HX-Trigger"])["ended"]["endings"][0]["words"]

    def test_an_unfinished_list_takes_the_quota_of_the_bar_with_it(
        self, studio: Client, alice: User, keep: Keep
    ) -> None:
        batch = keep(alice, "a mug")
        batches.queue(user=alice, batch=batch)

        page = words(studio.get(reverse("batch", args=[batch.pk])))

        assert 'hx-select-oob="#quota"' in page.split('id="batch"')[1].split(">")[0]
        assert 'id="quota"' in page

    def test_a_finished_list_with_problems_has_a_full_bar_and_marks_them(
        self, studio: Client, alice: User, keep: Keep
    ) -> None:
        batch = keep(alice, "a mug", "")
        batches.queue(user=alice, batch=batch)
        runner.take_turn("local")

        page = words(studio.get(reverse("batch", args=[batch.pk])))

        assert '<progress class="bar" max="1" value="1"' in page
        assert re.search(r'<div class="wrong"><svg[^§]*?</svg><p><code class="mono">prompt</code> This is needed', page)

    def test_what_went_to_the_trash_was_made_all_the_same(self, studio: Client, alice: User, keep: Keep) -> None:
        batch = keep(alice, "a mug", "a boat", images=2)
        batches.queue(user=alice, batch=batch)
        for _ in range(2):
            runner.take_turn("local")
        mugs, boats = (
            [output.image for output in line.generation.outputs.all()] for line in batch.lines.order_by("number")
        )
        for image in [mugs[0], *boats]:
            images.trash(image=image)
        boats[0].delete()

        page = words(studio.get(reverse("batch", args=[batch.pk])))

        assert "4 pictures made" in page
        assert page.count("/thumbnail/320") == 1
        mug, boat = page.split("<tr>")[2:]
        assert ("1 in the trash" in mug, "deleted" in mug) == (True, False)
        assert ("1 in the trash" in boat, "1 deleted" in boat) == (True, True)

    def test_what_a_line_could_not_make_does_not_count_as_made(self, studio: Client, alice: User, keep: Keep) -> None:
        batch = keep(alice, "a mug", images=3)
        batches.queue(user=alice, batch=batch)
        runner.take_turn("local")
        generation = Generation.objects.get()
        generation.outputs.filter(index=2).update(image=None)
        generation.notice = [{"code": "partly", "arguments": {"made": 2, "asked": 3}}]
        generation.save(update_fields=["notice"])

        page = words(studio.get(reverse("batch", args=[batch.pk])))

        assert "2 pictures made" in page
        assert "deleted" not in page.split("<tr>")[2]

    def test_a_page_costs_the_same_queries_for_3_lines_as_for_12(
        self, studio: Client, alice: User, keep: Keep, django_assert_max_num_queries: Any
    ) -> None:
        Plan.objects.filter(pk=alice.plan_id).update(daily_images=None)
        alice.refresh_from_db()
        for count in (3, 12):
            batch = keep(alice, *["a mug"] * count)
            batches.queue(user=alice, batch=batch)
            for _ in range(2):
                runner.take_turn("local")

            with django_assert_max_num_queries(14):
                studio.get(reverse("batch", args=[batch.pk]))

    def test_the_lists_cost_the_same_queries_however_many_there_are(
        self, studio: Client, alice: User, keep: Keep, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(6):
            keep(alice, "a mug", "a boat")

        with django_assert_max_num_queries(7):
            page = words(studio.get(reverse("batches")))

        assert page.count("2 not queued yet") == 6

    def test_the_results_name_every_line_and_no_cell_is_a_formula(
        self, studio: Client, alice: User, keep: Keep
    ) -> None:
        batch = keep(alice, "=1+1", "a boat", "-mug", "")
        batch.name = "été.csv"
        batch.save(update_fields=["name"])
        batches.queue(user=alice, batch=batch)
        runner.take_turn("local")

        response = studio.get(reverse("batch_results", args=[batch.pk]))

        assert response["Content-Disposition"] == 'attachment; filename="ete-results.csv"'
        first, second, third, fourth = rows(response)
        image = alice.images.get()
        assert first["prompt"] == "'=1+1"
        assert first["status"] == "succeeded"
        assert first["images"] == str(image.pk)
        assert first["addresses"].endswith(reverse("image", args=[image.pk]))
        assert (second["status"], third["prompt"]) == ("queued", "'-mug")
        assert (fourth["status"], fourth["sentence"]) == ("problem", "prompt: This is needed.")

    def test_a_cell_that_begins_like_a_formula_is_marked(self) -> None:
        cells = ["=a", "+a", "-a", "@a", "\ta", "\ra", "a=", ""]

        assert [listing._harmless(cell) for cell in cells] == [f"'{cell}" for cell in cells[:6]] + cells[6:]


class TestPuttingAway:
    def test_a_deleted_list_can_be_restored_and_its_pictures_stay(
        self, studio: Client, alice: User, keep: Keep
    ) -> None:
        batch = keep(alice, "a mug")
        batches.queue(user=alice, batch=batch)
        runner.take_turn("local")

        page = words(studio.post(reverse("batch_delete", args=[batch.pk]), follow=True))
        assert f'action="{reverse("batch_restore", args=[batch.pk])}"' in page
        assert studio.get(reverse("batch", args=[batch.pk])).status_code == 404
        assert alice.images.count() == 1

        restored = studio.post(reverse("batch_restore", args=[batch.pk]), follow=True)
        assert "1 picture made" in words(restored)

    def test_no_more_lists_come_back_than_one_may_keep(
        self, studio: Client, alice: User, keep: Keep, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(batches, "BATCHES_MAX", 1)
        first = keep(alice, "a mug")
        batches.delete(batch=first)
        keep(alice, "a boat")

        assert studio.post(reverse("batch_restore", args=[first.pk])).status_code == 409

        assert alice.batches.get(deleted_at=None).pk != first.pk

    def test_after_a_day_it_is_gone(self, alice: User, keep: Keep) -> None:
        batch, kept = keep(alice, "a mug"), keep(alice, "a boat")
        Batch.objects.filter(pk=batch.pk).update(deleted_at=timezone.now() - timedelta(days=2))
        batches.delete(batch=kept)

        tasks.sweep()

        assert list(Batch.objects.all()) == [kept]

    @pytest.mark.parametrize(
        ("method", "name"),
        [
            ("get", "batch"),
            ("get", "batch_results"),
            ("post", "batch_queue"),
            ("post", "batch_check"),
            ("post", "batch_cancel"),
            ("post", "batch_delete"),
            ("post", "batch_restore"),
        ],
    )
    def test_for_mallory_it_does_not_exist(
        self, alice: User, mallory: User, keep: Keep, client_of: ClientOf, method: str, name: str
    ) -> None:
        batch = keep(alice, "a mug")
        if name == "batch_restore":
            batches.delete(batch=batch)

        response = getattr(client_of(mallory), method)(reverse(name, args=[batch.pk]))

        assert response.status_code == 404
        assert Generation.objects.count() == 0


class TestNews:
    def test_what_ended_since_the_page_asked_is_told_to_its_script_and_said(
        self, studio: Client, alice: User, keep: Keep
    ) -> None:
        batches.queue(user=alice, batch=keep(alice, "a mug"))
        state = words(studio.get(reverse("running"), headers=HTMX)).split("?state=")[1].split('"')[0]
        runner.take_turn("local")

        answer = studio.get(reverse("running"), {"state": state, "latest": ""}, headers=HTMX)

        assert "The picture is ready: a mug" in answer["HX-Trigger"]
        assert '<div id="said" hx-swap-oob="innerHTML">The picture is ready: a mug' in words(answer)

    def test_a_cancelled_one_is_no_news(self, studio: Client, alice: User, keep: Keep) -> None:
        batches.queue(user=alice, batch=keep(alice, "a mug"))
        state = words(studio.get(reverse("running"), headers=HTMX)).split("?state=")[1].split('"')[0]
        studio.post(reverse("generation_cancel", args=[Generation.objects.get().pk]))

        answer = studio.get(reverse("running"), {"state": state, "latest": ""}, headers=HTMX)

        assert "HX-Trigger" not in answer


class TestForecast:
    def test_one_that_waits_counts_the_pictures_before_it_and_those_being_made(
        self, studio: Client, alice: User, keep: Keep
    ) -> None:
        AIModel.objects.filter(slug="builtin").update(default_seconds=3.0)
        batches.queue(user=alice, batch=keep(alice, "a", "b", "c", images=2))
        first = Generation.objects.order_by("turn").first()
        Generation.objects.filter(pk=first.pk).update(status="running", started_at=timezone.now())

        page = words(studio.get(reverse("running"), headers=HTMX))

        assert "next in the queue · ready in about 12\N{NO-BREAK SPACE}s" in page
        assert "waits for 1 other · ready in about 18\N{NO-BREAK SPACE}s" in page

    @pytest.mark.parametrize(
        ("elapsed", "steps", "step", "left"),
        [(4.0, 10, 4, 4), (8.0, 10, 8, 2), (9.0, 10, 1, 11), (1.0, None, None, 2), (9.0, None, None, None)],
    )
    def test_one_that_runs_is_judged_by_its_own_pace_the_more_of_it_is_done(
        self, alice: User, keep: Keep, elapsed: float, steps: int | None, step: int | None, left: int | None
    ) -> None:
        AIModel.objects.filter(slug="builtin").update(default_seconds=3.0)
        batches.queue(user=alice, batch=keep(alice, "a mug"))
        Generation.objects.update(status="running", steps=steps, step=step, started_at=timezone.now())
        one = Generation.objects.select_related("model").get()

        assert forecast.seconds_left(one, done=step or 0, whole=steps or 30, elapsed=elapsed) == left
