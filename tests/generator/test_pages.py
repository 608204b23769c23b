"""The studio in a browser without JavaScript, and what htmx is answered."""

import io
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape, strip_tags
from PIL import Image as Pixels

from accounts.models import Usage, User
from gallery.models import Image
from generator import runner
from generator.models import AIModel, Generation, Output
from tests import fakes
from tests.hostile import MUG

ClientOf = Callable[[User], Client]
Ask = Callable[..., Generation]
Use = Callable[[type], None]

HTMX = {"HX-Request": "true"}
WISH = {
    "mode": "text-to-image",
    "prompt": MUG,
    "model": "builtin",
    "style": "",
    "steps": "5",
    "guidance": "6.0",
    "scheduler": "dpmpp_2m",
    "strength": "0.6",
    "seed": "7",
    "images": "1",
    "width": "64",
    "height": "64",
    "latest": "",
}


@pytest.fixture
def studio(alice: User, shipped: None, client_of: ClientOf, run_by: Use) -> Client:
    """Alice's, on a studio whose built-in model is quick."""
    run_by(fakes.Painter)
    return client_of(alice)


@pytest.fixture
def made(alice: User, ask: Ask, run_by: Use) -> Image:
    """A finished picture of Alice's."""
    run_by(fakes.Painter)
    ask(alice, seed=7, style="night")
    runner.take_turn("local")
    return Image.objects.get()


def png(size: tuple[int, int] = (96, 64)) -> SimpleUploadedFile:
    file = io.BytesIO()
    Pixels.new("RGB", size, (200, 30, 30)).save(file, "PNG")
    return SimpleUploadedFile("cup.png", file.getvalue(), "image/png")


def post(browser: Client, headers: dict[str, str] | None = None, **wishes: Any) -> Any:
    return browser.post(reverse("generations"), {**WISH, **wishes}, headers=headers or {})


def words(response: Any) -> str:
    return response.content.decode()


class TestComposer:
    def test_a_newcomer_finds_words_to_begin_with(self, studio: Client) -> None:
        page = words(studio.get("/"))

        assert "Your first picture will appear here" in page
        assert "?prompt=a%20white%20boat%20at%20sunset" in page
        assert "of 10 left" in page

    def test_a_stranger_is_sent_to_sign_in(self, client: Client, shipped: None) -> None:
        response = client.get("/")

        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")

    def test_only_what_the_model_takes_is_shown_with_its_range_and_default(self, studio: Client) -> None:
        page = words(studio.get("/"))

        assert '<input type="range" name="steps" value="25" min="5" max="60" step="1"' in page
        assert 'name="guidance" value="6.0" min="1" max="15" step="0.5"' in page
        assert 'name="strength"' in page
        assert 'min="64" max="512" step="32"' in page

    def test_another_model_brings_its_own_settings(self, studio: Client) -> None:
        AIModel.objects.filter(slug="flux-1-schnell").update(backend="builtin")

        page = words(studio.get("/", {"model": "flux-1-schnell"}))

        assert 'name="steps" value="4" min="1" max="4"' in page
        assert 'name="guidance"' not in page
        assert 'name="scheduler"' not in page
        assert 'name="negative_prompt"' not in page
        assert 'value="image-to-image" disabled' in page

    def test_a_model_that_cannot_be_used_says_why(self, studio: Client) -> None:
        page = words(studio.get("/", {"model": "qwen-image"}))

        assert "It needs a Hugging Face token." in page
        assert 'name="model" value="builtin" checked' in page

    def test_prompts_arrive_by_address_and_are_shown_as_they_are(self, studio: Client) -> None:
        prompt = "<b>كوب أحمر</b> 🦊 & más"

        page = words(studio.get("/", {"prompt": prompt}))

        assert "&lt;b&gt;كوب أحمر&lt;/b&gt; 🦊 &amp; más</textarea>" in page
        assert 'dir="auto"' in page

    def test_words_the_model_does_not_know_are_named(self, studio: Client) -> None:
        page = words(studio.get("/", {"prompt": "a unicorn on a yellow background"}))

        assert '<b dir="auto">unicorn</b>' in page
        assert "yellow</b>" not in page

    def test_the_hint_comes_while_typing(self, studio: Client) -> None:
        hint = words(studio.get(reverse("hint"), {"prompt": "<i>dragon</i>", "model": "builtin"}))

        assert "dragon" in hint
        assert "<i>" not in hint

    def test_vary_fills_the_composer_from_the_recipe(self, studio: Client, made: Image) -> None:
        page = words(studio.get("/", {"vary": str(made.pk)}))

        assert f"{escape(MUG)}</textarea>" in page
        assert 'name="seed" value="7"' in page
        assert 'name="style" value="night" checked' in page
        assert 'name="steps" value="5"' in page

    def test_a_picture_can_be_the_source(self, studio: Client, made: Image) -> None:
        page = words(studio.get("/", {"source": str(made.pk)}))

        assert 'value="image-to-image" checked' in page
        assert f'name="source_image" value="{made.pk}"' in page

    @pytest.mark.parametrize("member", ["vary", "source"])
    @pytest.mark.parametrize("value", ["theirs", "not-an-id"])
    def test_nobody_varies_somebody_elses_picture(
        self, made: Image, mallory: User, client_of: ClientOf, member: str, value: str
    ) -> None:
        asked = str(made.pk) if value == "theirs" else value

        assert client_of(mallory).get("/", {member: asked}).status_code == 404

    def test_lists_of_prompts_are_one_of_the_ways(self, studio: Client) -> None:
        ways = words(studio.get("/")).split('class="ways"')[1].split("</p>")[0]

        assert f'<a href="{reverse("batches")}">Lists of prompts</a>' in ways

    def test_an_empty_catalogue_says_so(self, alice: User, client_of: ClientOf) -> None:
        assert "No model can be used now" in words(client_of(alice).get("/"))


class TestMake:
    def test_without_javascript_the_answer_is_the_page_of_the_generation(self, studio: Client) -> None:
        response = post(studio)

        generation = Generation.objects.get()
        assert response.status_code == 302
        assert response["Location"] == reverse("generation", args=[generation.pk])
        assert generation.request["seed"] == 7
        assert generation.request["steps"] == 5
        assert "strength" not in generation.request

    def test_htmx_gets_the_rows_with_the_new_quota(self, studio: Client) -> None:
        response = post(studio, HTMX)

        page = words(response)
        assert response.status_code == 200
        assert "next in the queue" in page
        assert 'hx-trigger="every 500ms, told"' in page
        assert "9 left" in page
        assert 'id="stage"' not in page

    def test_line_ends_of_a_form_are_one_character(self, studio: Client) -> None:
        post(studio, prompt="a red mug\r\non a table")

        assert Generation.objects.get().request["prompt"] == "a red mug\non a table"

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("prompt", "", "This is needed."),
            ("prompt", " \n ", "This is needed."),
            ("prompt", "x" * 1001, "at most 1000 are possible"),
            ("prompt", "a red \x07mug", "control characters"),
            ("prompt", "a red \x00mug", "Null characters are not allowed"),
            ("negative_prompt", "y" * 1001, "at most 1000 are possible"),
            ("steps", "61", "Choose a value from 5 to 60."),
            ("steps", "many", "Enter a whole number."),
            ("steps", "7.5", "Enter a whole number."),
            ("guidance", "nan", "Enter a number."),
            ("guidance", "inf", "Enter a number."),
            ("scheduler", "lms", "Choose one of"),
            ("seed", "-1", "Choose a value from 0 to 4294967295."),
            ("images", "5", "Select a valid choice."),
            ("width", "65", "multiple of 32"),
            ("width", "99999999999999999999", "multiple of 32"),
            ("height", "", "both the width and the height"),
            ("style", "baroque", "There is no such style."),
            ("model", "dall-e", "There is no such model."),
            ("mode", "video", "Select a valid choice."),
            ("source_image", "not-an-id", "valid UUID"),
        ],
    )
    def test_bad_input_is_said_on_its_field_and_costs_nothing(
        self, studio: Client, field: str, value: str, sentence: str
    ) -> None:
        response = post(studio, **{field: value})

        assert response.status_code == 422
        assert sentence in words(response)
        assert not Generation.objects.exists()
        assert not Usage.objects.filter(reserved__gt=0).exists()

    def test_bad_input_replaces_the_composer_for_htmx(self, studio: Client) -> None:
        response = post(studio, HTMX, prompt="")

        assert response.status_code == 422
        assert response["HX-Retarget"] == "#composer"
        assert words(response).lstrip().startswith('<form id="composer"')

    def test_a_setting_the_model_does_not_take_is_refused_not_dropped(self, studio: Client) -> None:
        AIModel.objects.filter(slug="flux-1-schnell").update(backend="builtin")

        response = post(studio, model="flux-1-schnell", steps="4", guidance="6", strength="")

        assert response.status_code == 422
        assert "does not take this setting" in words(response)

    def test_choosing_a_model_without_javascript_keeps_the_words_and_makes_nothing(self, studio: Client) -> None:
        AIModel.objects.filter(slug="flux-1-schnell").update(backend="builtin")

        response = post(studio, model="flux-1-schnell", use_model="1", steps="4")

        assert response.status_code == 200
        assert f"{escape(MUG)}</textarea>" in words(response)
        assert 'max="4"' in words(response)
        assert not Generation.objects.exists()

    def test_a_model_that_cannot_be_used_is_a_toast_for_htmx(self, studio: Client) -> None:
        response = post(studio, HTMX, model="qwen-image")

        assert response.status_code == 503
        assert response["HX-Retarget"] == "#toasts"
        assert "it needs a Hugging Face token." in words(response)

    def test_the_eleventh_picture_is_refused_with_the_time_of_the_next(self, studio: Client, alice: User) -> None:
        for _count in range(2):
            post(studio, images="4")
        post(studio, images="2")

        toast = post(studio, HTMX)
        page = post(studio)

        assert (toast.status_code, page.status_code) == (402, 402)
        assert "toast-card" in words(toast)
        assert "<html" in words(page)
        assert Usage.objects.get(user=alice).reserved == 10


class TestSource:
    def test_a_file_becomes_the_source(self, studio: Client, alice: User) -> None:
        response = post(studio, mode="image-to-image", source=png(), width="", height="")

        generation = Generation.objects.get()
        assert response.status_code == 302
        assert generation.mode == "image-to-image"
        assert generation.request["strength"] == 0.6
        assert (generation.request["width"], generation.request["height"]) == (96, 64)
        assert generation.source.owner == alice
        assert generation.source.origin == Image.Origin.UPLOADED

    def test_words_leave_a_chosen_file_aside(self, studio: Client) -> None:
        post(studio, source=png())

        assert Generation.objects.get().source is None
        assert not Image.objects.exists()

    def test_an_upload_whose_wish_is_refused_is_removed(self, studio: Client) -> None:
        response = post(studio, mode="image-to-image", source=png(), prompt="")

        assert response.status_code == 422
        assert not Image.objects.exists()

    def test_an_upload_without_quota_is_removed(self, studio: Client, alice: User) -> None:
        alice.plan.daily_images = 0
        alice.plan.save(update_fields=["daily_images"])

        response = post(studio, HTMX, mode="image-to-image", source=png())

        assert response.status_code == 402
        assert not Image.objects.exists()

    def test_an_upload_is_removed_even_where_a_bug_ends_its_submit(self, studio: Client) -> None:
        studio.raise_request_exception = False
        AIModel.objects.filter(slug="builtin").update(parameters={"steps": {"min": "few", "max": "many"}})

        response = post(studio, mode="image-to-image", source=png(), guidance="", scheduler="", strength="")

        assert response.status_code == 500
        assert not Image.objects.exists()

    @pytest.mark.parametrize("content", [b"", b"not a picture", png().read()[:60]], ids=["empty", "text", "truncated"])
    def test_what_is_no_picture_is_refused_on_its_field(self, studio: Client, content: bytes) -> None:
        file = SimpleUploadedFile("cup.png", content, "image/png")

        response = post(studio, HTMX, mode="image-to-image", source=file)

        assert response.status_code == 422
        assert 'id="id_source_error"' in words(response)
        assert not Image.objects.exists()

    def test_making_from_a_picture_needs_one(self, studio: Client) -> None:
        response = post(studio, mode="image-to-image")

        assert response.status_code == 422
        assert "needs a source picture" in words(response)

    def test_somebody_elses_picture_is_no_source(
        self, studio: Client, bob: User, client_of: ClientOf, made: Image
    ) -> None:
        response = post(client_of(bob), mode="image-to-image", source_image=str(made.pk))

        assert response.status_code == 422
        assert "There is nothing here" in words(response)


class TestRunning:
    def test_the_poll_brings_the_picture_the_gallery_and_the_quota(self, studio: Client) -> None:
        post(studio)
        runner.take_turn("local")

        page = words(studio.get(reverse("running"), {"state": "before", "latest": ""}, headers=HTMX))

        image = Image.objects.get()
        assert "hx-trigger" not in page
        assert f'name="latest" value="{image.pk}"' in page
        assert 'id="recent" hx-swap-oob="true"' in page
        assert 'id="quota"' in page
        assert "The picture is ready: a red mug" in page

    def test_a_poll_that_brings_nothing_new_is_small(self, studio: Client, alice: User, ask: Ask) -> None:
        generation = ask(alice)
        Generation.objects.filter(pk=generation.pk).update(
            status="running", started_at=timezone.now(), step=12, steps=25
        )
        first = words(studio.get(reverse("running"), headers=HTMX))
        state = first.split("?state=")[1].split('"')[0]

        page = words(studio.get(reverse("running"), {"state": state, "latest": ""}, headers=HTMX))

        assert 'hx-trigger="every 500ms, told"' in page
        assert "step 12 of 25 · 0 s" in strip_tags(page)
        assert 'max="25" value="12"' in page
        assert "hx-swap-oob" not in page

    def test_a_batch_counts_its_pictures(self, studio: Client, alice: User, ask: Ask, made: Image) -> None:
        generation = ask(alice, images=3)
        Generation.objects.filter(pk=generation.pk).update(
            status="running", started_at=timezone.now() - timedelta(seconds=4), step=2, steps=5
        )
        Output.objects.filter(image=made).update(image=None)
        generation.outputs.filter(index=0).update(image=made)

        page = words(studio.get(reverse("running"), headers=HTMX))

        assert "picture 2 of 3 · step 2 of 5 · 4 s" in strip_tags(page)
        assert 'max="15" value="7"' in page

    def test_cancelling_leaves_a_row_until_it_is_put_away(self, studio: Client, alice: User, ask: Ask) -> None:
        generation = ask(alice)

        cancelled = studio.post(reverse("generation_cancel", args=[generation.pk]), headers=HTMX)
        put_away = studio.post(reverse("generation_put_away", args=[generation.pk]), headers=HTMX)

        assert "cancelled" in words(cancelled)
        assert "10 left" in words(cancelled)
        assert str(generation.pk) not in words(put_away)
        assert str(generation.pk) not in words(studio.get("/"))

    def test_a_failure_stays_with_its_sentence(self, studio: Client, alice: User, ask: Ask, run_by: Use) -> None:
        run_by(fakes.Broken)
        ask(alice)
        runner.take_turn("local")

        page = words(studio.get("/"))

        assert "could not be made" in page
        assert "The model could not make this picture." in page

    def test_what_is_finished_cannot_be_cancelled(self, studio: Client, made: Image) -> None:
        generation = Generation.objects.get()

        response = studio.post(reverse("generation_cancel", args=[generation.pk]), headers=HTMX)

        assert response.status_code == 409
        assert response["HX-Retarget"] == "#toasts"

    def test_who_waits_behind_others_is_asked_for_seldom(
        self, studio: Client, alice: User, bob: User, ask: Ask
    ) -> None:
        ask(bob, images=2)
        ask(alice)

        page = words(studio.get(reverse("running"), headers=HTMX))

        assert 'hx-trigger="every 2s, told"' in page

    def test_many_waiting_are_counted_not_listed(self, studio: Client, alice: User, ask: Ask) -> None:
        alice.plan.daily_images = None
        alice.plan.save(update_fields=["daily_images"])
        for _count in range(12):
            ask(alice)

        page = words(studio.get("/"))

        assert page.count('class="job"') == 10
        assert "and 2 more waiting" in page
        assert "waits for 9 others" in page


class TestGeneration:
    def test_an_unfinished_one_reloads_itself_without_javascript(self, studio: Client, alice: User, ask: Ask) -> None:
        generation = ask(alice)

        page = words(studio.get(reverse("generation", args=[generation.pk])))

        assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page
        assert 'hx-trigger="every 500ms, told"' in page
        assert reverse("generation_cancel", args=[generation.pk]) in page

    def test_one_that_waits_says_how_many_come_before_it(
        self, studio: Client, alice: User, bob: User, ask: Ask
    ) -> None:
        ask(bob)
        generation = ask(alice)

        page = words(studio.get(reverse("generation", args=[generation.pk])))

        assert "waits for 1 other" in page
        assert 'hx-trigger="every 2s, told"' in page

    def test_a_finished_one_shows_its_picture_and_stops_asking(self, studio: Client, made: Image) -> None:
        page = words(studio.get(reverse("generation", args=[Generation.objects.get().pk])))

        assert reverse("image_file", args=[made.pk]) in page
        assert "refresh" not in page
        assert "hx-trigger" not in page

    def test_a_page_that_saw_it_unfinished_is_told_of_its_end(self, studio: Client, alice: User, ask: Ask) -> None:
        address = reverse("generation", args=[ask(alice, prompt="a mug").pk])

        waiting = studio.get(address, {"open": "1"}, headers=HTMX)
        runner.take_turn("local")
        done = studio.get(address, {"open": "1"}, headers=HTMX)

        assert f'hx-get="{address}?open=1"' in words(waiting)
        assert "data-tell-me" in words(waiting)
        assert "js/notify.js" in words(waiting)
        assert "HX-Trigger" not in waiting
        assert "The picture is ready: a mug" in done["HX-Trigger"]
        assert address in done["HX-Trigger"]
        assert "HX-Trigger" not in studio.get(address, headers=HTMX)
        assert "data-tell-me" not in words(done)

    def test_a_cancelled_one_is_no_news_on_its_page(self, studio: Client, alice: User, ask: Ask) -> None:
        one = ask(alice)
        studio.post(reverse("generation_cancel", args=[one.pk]))

        assert "HX-Trigger" not in studio.get(reverse("generation", args=[one.pk]), {"open": "1"}, headers=HTMX)

    def test_running_again_uses_the_same_recipe(self, studio: Client, made: Image) -> None:
        first = Generation.objects.get()

        response = studio.post(reverse("generation_again", args=[first.pk]))

        second = Generation.objects.exclude(pk=first.pk).get()
        assert response["Location"] == reverse("generation", args=[second.pk])
        assert second.request == first.request

    def test_a_picture_is_made_again_from_its_own_recipe(self, studio: Client, made: Image) -> None:
        studio.post(reverse("image_again", args=[made.pk]))

        again = Generation.objects.order_by("created_at").last()
        assert again.request["seed"] == 7
        assert again.request["style"] == "night"
        assert again.request["images"] == 1

    def test_a_recipe_that_cannot_run_any_more_says_why(self, studio: Client, made: Image) -> None:
        made.recipe["style"] = "gone"
        made.save(update_fields=["recipe"])

        response = studio.post(reverse("image_again", args=[made.pk]), follow=True)

        assert "There is no such style." in words(response)
        assert response.redirect_chain == [(reverse("image", args=[made.pk]), 302)]

    @pytest.mark.parametrize("name", ["generation", "generation_cancel", "generation_again", "generation_put_away"])
    def test_mallory_finds_nothing(self, made: Image, mallory: User, client_of: ClientOf, name: str) -> None:
        knocks = getattr(client_of(mallory), "get" if name == "generation" else "post")

        assert knocks(reverse(name, args=[Generation.objects.get().pk])).status_code == 404
        assert knocks(reverse(name, args=[uuid.uuid4()])).status_code == 404


class TestCost:
    def test_the_studio_costs_at_most_14_queries(
        self, studio: Client, alice: User, ask: Ask, django_assert_max_num_queries: Any
    ) -> None:
        for _count in range(4):
            ask(alice)
        for _count in range(2):
            runner.take_turn("local")

        with django_assert_max_num_queries(14):
            studio.get("/")

    def test_a_poll_costs_at_most_8_queries_however_much_is_made(
        self, studio: Client, alice: User, ask: Ask, django_assert_max_num_queries: Any
    ) -> None:
        for _count in range(6):
            ask(alice)
        state = words(studio.get(reverse("running"), headers=HTMX)).split("?state=")[1].split('"')[0]

        with django_assert_max_num_queries(8):
            studio.get(reverse("running"), {"state": state, "latest": ""}, headers=HTMX)
