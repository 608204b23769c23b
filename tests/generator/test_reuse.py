"""The picture that somebody has already: offered instead of made again, and named while they type."""

import json
import threading
from collections.abc import Callable
from copy import copy
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.models import LedgerEntry, Usage, User
from events import types, webhooks
from events.models import Delivery
from gallery.models import Image
from generator import reuse, services, wording
from generator.backends.builtin import files
from generator.models import AIModel, Generation, Style
from generator.params import Params
from tests.generator.pictures import png
from tests.hostile import BLUR, MUG, hostile

Ask = Callable[..., Generation]
Api = Callable[..., Client]
Draw = Callable[..., Image]

ROUTE = "/api/v1/generations"
WISH = {"prompt": MUG, "negative_prompt": BLUR, "width": 64, "height": 64, "steps": 5, "seed": 7}


def picture_of(owner: User, prompt: str = MUG, **fields: Any) -> Image:
    """A row of the gallery; nobody looks at its file here."""
    recipe = {"prompt": prompt, "model": "builtin", "seed": 7, **fields.pop("recipe", {})}
    size = {"format": "png", "bytes": 1, "width": 64, "height": 64}
    return Image.objects.create(
        owner=owner, origin=Image.Origin.GENERATED, path="a.png", recipe=recipe, **size, **fields
    )


def finish(generation: Generation, *, made_by: str = "builtin") -> Generation:
    """All its pictures are there."""
    for output in generation.outputs.all():
        output.image = picture_of(generation.owner, recipe={"model": made_by, "seed": output.seed})
        output.save(update_fields=["image"])
    Generation.objects.filter(pk=generation.pk).update(status="succeeded", finished_at=timezone.now(), attempt=1)
    return Generation.objects.get(pk=generation.pk)


def found(user: User, **wishes: Any) -> Generation | None:
    return services.reusable(user=user, params=Params(**{**WISH, **wishes}))


@pytest.fixture
def mug(alice: User, ask: Ask) -> Generation:
    """Alice's red mug of seed 7, finished."""
    return finish(ask(alice, seed=7))


class TestTheSame:
    def test_the_same_wish_is_the_picture_that_is_there(self, alice: User, mug: Generation) -> None:
        assert found(alice) == mug

    def test_what_the_model_fills_in_may_be_said_or_left_out(self, alice: User, mug: Generation) -> None:
        assert found(alice, guidance=6, scheduler="dpmpp_2m", model="builtin", mode="text-to-image") == mug
        assert found(alice, fallback=False) == mug

    @pytest.mark.parametrize(
        "other",
        [
            {"prompt": "a blue mug"},
            {"seed": 8},
            {"seed": None},
            {"steps": 6},
            {"guidance": 7.0},
            {"scheduler": "ddim"},
            {"width": 96, "height": 64},
            {"negative_prompt": "text"},
            {"style": "night"},
        ],
        ids=lambda other: next(iter(other)),
    )
    def test_another_wish_is_another_picture(self, alice: User, mug: Generation, other: dict[str, Any]) -> None:
        assert found(alice, **other) is None

    def test_another_revision_of_the_model_makes_another_picture(self, alice: User, mug: Generation) -> None:
        AIModel.objects.filter(slug="builtin").update(revision="another")

        assert found(alice) is None

    def test_the_built_in_models_revision_is_that_of_its_files(self, shipped: None) -> None:
        assert AIModel.objects.get(slug="builtin").revision == files.revision()

    def test_a_style_that_a_curator_changed_makes_another_picture(self, alice: User, ask: Ask) -> None:
        finish(ask(alice, seed=7, style="night"))
        Style.objects.filter(slug="night").update(prompt="{prompt} in the dark")

        assert found(alice, style="night") is None

    def test_the_same_source_sent_again_is_the_same_source(self, alice: User, ask: Ask) -> None:
        first, second = (picture_of(alice, digest="one and the same") for _ in range(2))
        made = finish(ask(alice, seed=7, source_image=str(first.pk), strength=0.5))
        another = picture_of(alice, digest="another")

        assert found(alice, source_image=str(second.pk), strength=0.5) == made
        assert found(alice, source_image=str(another.pk), strength=0.5) is None

    def test_nobody_gets_somebody_elses_picture(self, bob: User, mug: Generation) -> None:
        assert found(bob) is None

    def test_a_picture_in_the_trash_or_gone_is_made_again(self, alice: User, mug: Generation) -> None:
        Image.objects.update(deleted_at=timezone.now())
        in_the_trash = found(alice)
        Image.objects.all().delete()

        assert in_the_trash is None
        assert found(alice) is None

    def test_a_picture_that_another_model_made_instead_is_none(self, alice: User, ask: Ask) -> None:
        finish(ask(alice, seed=7), made_by="flux-1-dev")

        assert found(alice) is None

    def test_one_that_is_not_finished_or_failed_is_none(self, alice: User, ask: Ask) -> None:
        generation = ask(alice, seed=7)
        while_it_waits = found(alice)
        Generation.objects.filter(pk=generation.pk).update(status="failed", finished_at=timezone.now())

        assert while_it_waits is None
        assert found(alice) is None

    def test_as_many_as_asked_must_be_there_and_more_do_not_matter(self, alice: User, ask: Ask) -> None:
        batch = finish(ask(alice, seed=7, images=3))
        Image.objects.filter(output__index=2).update(deleted_at=timezone.now())

        assert found(alice, images=1) == found(alice, images=2) == batch
        assert found(alice, images=3) is None

    def test_the_newest_of_several_is_taken(self, alice: User, mug: Generation, ask: Ask) -> None:
        newest = finish(ask(alice, seed=7))

        assert found(alice) == newest != mug

    def test_a_seed_that_was_drawn_can_be_asked_for_afterwards(self, alice: User, ask: Ask) -> None:
        drawn = finish(ask(alice))

        assert found(alice, seed=drawn.request["seed"]) == drawn


class TestApi:
    def post(self, program: Client, **members: Any) -> Any:
        return program.post(ROUTE, {**WISH, **members}, content_type="application/json")

    def test_reuse_answers_the_picture_and_spends_nothing(self, alice: User, mug: Generation, api: Api) -> None:
        spent = LedgerEntry.objects.count()

        answer = self.post(api(alice), reuse=True, metadata={"sku": "B"})

        assert answer.status_code == 200
        assert answer.json()["id"] == str(mug.pk)
        assert answer["Location"].endswith(str(mug.pk))
        assert answer.json()["images"][0]["seed"] == 7
        assert Generation.objects.count() == 1
        assert LedgerEntry.objects.count() == spent

    def test_without_it_nothing_changes(self, alice: User, mug: Generation, api: Api) -> None:
        told = [self.post(api(alice)), self.post(api(alice), reuse=False)]

        assert [answer.status_code for answer in told] == [202, 202]
        assert Generation.objects.count() == 3

    @pytest.mark.parametrize("more", [{}, {"dry_run": True}])
    def test_reuse_without_a_seed_is_refused(self, more: dict[str, Any], alice: User, api: Api, shipped: None) -> None:
        wish = {"prompt": MUG, "reuse": True, **more}

        refused = api(alice).post(ROUTE, wish, content_type="application/json")

        assert refused.status_code == 422
        assert [(each["field"], each["code"]) for each in refused.json()["errors"]] == [("seed", "seed_needed")]
        assert Generation.objects.count() == 0

    def test_reuse_makes_what_is_not_there(self, alice: User, api: Api, shipped: None) -> None:
        assert self.post(api(alice), reuse=True).status_code == 202

    def test_it_is_free_even_when_the_quota_is_used_up(self, alice: User, mug: Generation, api: Api) -> None:
        Usage.objects.update(used=10, reserved=0)

        assert self.post(api(alice), reuse=True).status_code == 200
        assert self.post(api(alice)).status_code == 402

    def test_a_dry_run_says_that_it_costs_nothing(self, alice: User, mug: Generation, api: Api) -> None:
        reused = self.post(api(alice), reuse=True, dry_run=True).json()
        anew = self.post(api(alice), dry_run=True).json()

        assert (reused["cost"], reused["queue_position"], reused["expected_seconds"]) == (0, 0, 0)
        assert (anew["cost"], reused["request"]) == (1, anew["request"])

    def test_a_key_answers_what_it_made_before_anything_is_looked_for(self, alice: User, api: Api, ask: Ask) -> None:
        headers = {"idempotency-key": "one"}
        program = api(alice)

        def post() -> Any:
            return program.post(ROUTE, {**WISH, "reuse": True}, content_type="application/json", headers=headers)

        first = post()
        finish(ask(alice, seed=7))
        second = post()

        assert (first.status_code, second.status_code) == (202, 200)
        assert first.json()["id"] == second.json()["id"]

    def test_a_key_answers_what_was_found_for_a_day(self, alice: User, mug: Generation, api: Api, ask: Ask) -> None:
        keyed = {"content_type": "application/json", "headers": {"idempotency-key": "one"}}
        program = api(alice)

        found = program.post(ROUTE, {**WISH, "reuse": True}, **keyed)
        other = program.post(ROUTE, {**WISH, "seed": 8, "reuse": True}, **keyed)
        finish(ask(alice, seed=7))
        Image.objects.filter(output__generation=mug).update(deleted_at=timezone.now())
        again = program.post(ROUTE, {**WISH, "reuse": True}, **keyed)

        assert [answer.status_code for answer in (found, other, again)] == [200, 409, 200]
        assert found.json()["id"] == again.json()["id"] == str(mug.pk)
        assert other.json()["code"] == "key_reused"
        assert Generation.objects.count() == 2

    def test_the_address_that_came_along_hears_of_what_was_found_and_nobody_else_does(
        self, alice: User, mug: Generation, api: Api
    ) -> None:
        webhooks.add(user=alice, url="https://8.8.8.8/all", events=list(types.TOLD))
        keyed = {"content_type": "application/json", "headers": {"idempotency-key": "one"}}
        program, wish = api(alice), {**WISH, "reuse": True, "webhook_url": "https://8.8.8.8/a"}

        answers = [program.post(ROUTE, wish, **keyed) for _ in range(2)]
        program.post(ROUTE, {**wish, "dry_run": True}, content_type="application/json")

        sent = Delivery.objects.get()
        assert (sent.url, sent.endpoint, sent.type, sent.reference) == (
            "https://8.8.8.8/a", None, "generation.succeeded", str(mug.pk),
        )  # fmt: skip
        assert json.loads(sent.body)["data"] == answers[0].json() == answers[1].json()
        assert json.loads(sent.body)["timestamp"] == answers[0].json()["finished_at"]
        refused = self.post(program, reuse=True, webhook_url="http://127.0.0.1/")
        assert refused.status_code == 422

    @pytest.mark.django_db(transaction=True)
    def test_forty_threads_with_one_key_find_it_once(self, plans: None, alice: User, shipped: None, api: Api) -> None:
        mug = finish(services.submit(user=alice, params=Params(**WISH)))
        body = json.dumps({**WISH, "reuse": True, "webhook_url": "https://8.8.8.8/a"})
        program, answers, start = api(alice), [], threading.Barrier(40)
        program.defaults["HTTP_IDEMPOTENCY_KEY"] = "one"

        def knock() -> None:
            start.wait()
            try:
                answers.append(copy(program).post(ROUTE, body, content_type="application/json"))
            finally:
                connection.close()

        threads = [threading.Thread(target=knock) for _ in range(40)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]

        assert {(answer.status_code, answer.json()["id"]) for answer in answers} == {(200, str(mug.pk))}
        assert Delivery.objects.count() == 1

    def test_a_source_that_came_along_for_nothing_is_removed(self, alice: User, api: Api) -> None:
        program = api(alice)

        def post(seed: str) -> Any:
            form = {
                "prompt": MUG,
                "negative_prompt": BLUR,
                "seed": seed,
                "width": "64",
                "height": "64",
                "reuse": "true",
            }
            return program.post(ROUTE, {**form, "source": SimpleUploadedFile("mug.png", png(64, 64), "image/png")})

        made = finish(Generation.objects.get(pk=post("7").json()["id"]))
        again = post("7")

        assert (again.status_code, again.json()["id"]) == (200, str(made.pk))
        assert Image.objects.filter(origin=Image.Origin.UPLOADED).count() == 1


class TestNearlyTheSameWords:
    @pytest.mark.parametrize(
        ("one", "other", "is_near"),
        [
            ("a red mug on a table", "red mugs on the tables", True),
            ("Une tasse rouge sur la table", "tasses ROUGES, table", True),
            ("un château près de l'eau", "le chateau, près de l’eau", True),
            ("红色的杯子在桌上", "红色的杯子在桌子上", True),
            ("a red mug on a table", "a blue mug on a chair", False),
            ("a red mug", "a red mug in the snow at night by a river", False),
        ],
    )
    def test_case_accents_plural_and_little_words_do_not_matter(self, one: str, other: str, is_near: bool) -> None:
        assert (wording.likeness(one, other) >= reuse.ALIKE) is is_near

    def test_the_likest_come_first_and_three_at_most(self, alice: User) -> None:
        near = picture_of(alice, "a red mug on a wooden table by the window")
        exact = picture_of(alice, "red mug, wooden table")
        picture_of(alice, "a lighthouse at dusk")
        others = [picture_of(alice, "a red mug on the wooden table, window") for _ in range(2)]

        best = reuse.alike(user=alice, prompt="A red mug on a wooden table")

        assert best == [exact, others[1], others[0]]
        assert near not in best

    def test_one_word_is_not_enough(self, alice: User) -> None:
        picture_of(alice, "mug")

        assert reuse.alike(user=alice, prompt="a mug") == []

    def test_only_my_kept_generated_pictures_are_shown(self, alice: User, bob: User) -> None:
        picture_of(bob)
        picture_of(alice, deleted_at=timezone.now())
        Image.objects.filter(pk=picture_of(alice).pk).update(origin=Image.Origin.UPLOADED)

        assert reuse.alike(user=alice, prompt="a red mug") == []

    def test_it_costs_two_queries_however_many_pictures_there_are(
        self, alice: User, django_assert_num_queries: Callable[[int], CaptureQueriesContext]
    ) -> None:
        for _ in range(20):
            picture_of(alice)

        with django_assert_num_queries(2):
            assert len(reuse.alike(user=alice, prompt=MUG)) == 3


class TestStudio:
    FILLED = {
        **{
            "mode": "text-to-image",
            "prompt": MUG,
            "negative_prompt": BLUR,
            "model": "builtin",
            "style": "",
            "steps": "5",
            "seed": "7",
        },
        **{"guidance": "6.0", "scheduler": "dpmpp_2m", "images": "1", "width": "64", "height": "64", "latest": ""},
    }
    HTMX = {"HX-Request": "true"}

    @pytest.fixture
    def studio(self, alice: User, client_of: Callable[[User], Client], shipped: None) -> Client:
        return client_of(alice)

    def post(self, studio: Client, headers: dict[str, str] | None = None, **filled: Any) -> Any:
        return studio.post(reverse("generations"), {**self.FILLED, **filled}, headers=headers or {})

    @pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "htmx"])
    def test_the_same_wish_is_offered_what_is_there_and_spends_nothing(
        self, studio: Client, mug: Generation, headers: dict[str, str] | None
    ) -> None:
        answer = self.post(studio, headers)

        page = answer.content.decode()
        image = Image.objects.get()
        assert answer.status_code == 200
        assert "You already have this picture" in page
        assert f'href="{reverse("image", args=[image.pk])}" autofocus' in page
        assert Generation.objects.count() == 1
        assert ("<html" in page) == (headers is None)
        assert answer.headers.get("HX-Retarget") == ("#offer" if headers else None)

    def test_without_javascript_the_offer_keeps_what_was_filled_in(self, studio: Client, mug: Generation) -> None:
        page = self.post(studio).content.decode()

        assert f"{escape(MUG)}</textarea>" in page
        assert 'name="seed" value="7"' in page
        assert 'name="again" value="1"' in page

    def test_again_makes_it_anyway_and_takes_the_offer_away(self, studio: Client, mug: Generation) -> None:
        page = self.post(studio, self.HTMX, again="1").content.decode()

        assert Generation.objects.count() == 2
        assert '<section id="offer" hx-swap-oob="true">' in page

    def test_a_drawn_seed_and_a_first_time_are_simply_made(self, studio: Client, mug: Generation) -> None:
        answers = [self.post(studio, seed="").status_code, self.post(studio, seed="8").status_code]

        assert answers == [302, 302]
        assert Generation.objects.count() == 3

    def test_several_pictures_are_opened_together(self, studio: Client, alice: User, ask: Ask) -> None:
        batch = finish(ask(alice, seed=7, images=2))

        page = self.post(studio, self.HTMX, images="2").content.decode()

        assert "You already have these pictures" in page
        assert f'href="{reverse("generation", args=[batch.pk])}"' in page

    def test_a_source_sent_again_is_removed_and_the_first_one_is_named(self, studio: Client) -> None:
        def upload() -> dict[str, Any]:
            file = SimpleUploadedFile("mug.png", png(64, 64), "image/png")
            return {"mode": "image-to-image", "strength": "0.6", "source": file}

        self.post(studio, **upload())
        made = finish(Generation.objects.get())
        page = self.post(studio, **upload()).content.decode()
        again = self.post(studio, mode="image-to-image", strength="0.6", source_image=str(made.source_id), again="1")

        assert "You already have this picture" in page
        assert f'name="source_image" value="{made.source_id}"' in page
        assert Image.objects.filter(origin=Image.Origin.UPLOADED).count() == 1
        assert again.status_code == 302

    def test_running_again_from_a_page_always_makes_anew(self, studio: Client, mug: Generation) -> None:
        studio.post(reverse("generation_again", args=[mug.pk]))
        studio.post(reverse("image_again", args=[Image.objects.get().pk]))

        assert Generation.objects.count() == 3

    def test_pictures_of_nearly_the_same_words_come_while_typing(self, studio: Client, mug: Generation) -> None:
        asked = {"prompt": hostile("red mugs, <i>"), "model": "builtin"}

        part = studio.get(reverse("hint"), asked, headers=self.HTMX).content.decode()
        nothing = studio.get(reverse("hint"), {**asked, "prompt": "a lighthouse"}, headers=self.HTMX).content.decode()

        image = Image.objects.get()
        assert 'id="alike" class="alike" hx-swap-oob="true"' in part
        assert f'href="{reverse("image", args=[image.pk])}"' in part
        assert "<a " not in nothing

    def test_a_submit_with_a_seed_looks_once(self, studio: Client, mug: Generation) -> None:
        def queries(**filled: str) -> int:
            with CaptureQueriesContext(connection) as captured:
                assert self.post(studio, **filled).status_code == 302
            return len([one for one in captured.captured_queries if not one["sql"].startswith(("SAVE", "RELE"))])

        self.post(studio, seed="")
        drawn, given = queries(seed=""), queries(seed="9")

        assert drawn < given <= drawn + 2
