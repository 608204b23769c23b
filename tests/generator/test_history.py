"""What the studio remembers: the settings of last time, the prompts of before, and recipes that are pasted."""

import html
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Pixels

from accounts.models import User
from gallery import provenance, storage
from gallery.models import Collection, CollectionImage, Image, Member
from generator import earlier, runner
from generator.models import AIModel, Generation
from tests import fakes
from tests.hostile import hostile

ClientOf = Callable[[User], Client]
Ask = Callable[..., Generation]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def studio(alice: User, shipped: None, client_of: ClientOf, run_by: Callable[[type], None]) -> Client:
    """Alice's, on a studio whose built-in model is quick."""
    run_by(fakes.Painter)
    return client_of(alice)


def words(response: Any) -> str:
    return response.content.decode()


def following(page: str) -> str:
    """The address of the next page of the history."""
    return html.unescape(page.split('rel="next" href="')[1].split('"')[0])


def png(size: tuple[int, int] = (96, 64)) -> SimpleUploadedFile:
    file = io.BytesIO()
    Pixels.new("RGB", size, (200, 30, 30)).save(file, "PNG")
    return SimpleUploadedFile("cup.png", file.getvalue(), "image/png")


class TestNothingYet:
    @pytest.mark.parametrize("address", ["history", "picker"])
    def test_what_is_empty_leads_back_to_the_studio(self, address: str, studio: Client) -> None:
        page, sheet = words(studio.get(reverse(address))), words(studio.get(reverse(address), headers=HTMX))

        assert 'class="btn btn-ink" href="/"' in page
        assert 'class="empty"' in sheet
        assert "btn-ink" not in sheet


class TestFour:
    def test_four_variations_say_what_they_cost_before_they_are_pressed(
        self, alice: User, studio: Client, ask: Ask
    ) -> None:
        ask(alice, prompt="a blue chair")
        runner.take_turn("local")

        page = words(studio.get("/"))

        assert re.search(r'id="four-left"[^>]*> · 4 of 9 left\s*<', page)

    def test_four_variations_say_when_fewer_pictures_are_left(self, alice: User, studio: Client, ask: Ask) -> None:
        ask(alice, prompt="a blue chair", images=3)
        ask(alice, prompt="a blue chair", images=4)
        runner.take_turn("local")

        page = words(studio.get("/"))

        assert re.search(r'id="four-left"[^>]*> · needs 4, 3 left\s*<', page)
        assert re.search(r'class="cost-3">3 of 3 left\s', page)


class TestMemory:
    def test_a_visit_opens_with_the_settings_of_last_time_but_the_seed(
        self, alice: User, studio: Client, ask: Ask
    ) -> None:
        ask(alice, prompt="a blue chair", seed=7, style="night", guidance=4.5, images=2, negative_prompt="fog")

        page = words(studio.get("/"))

        assert "a blue chair</textarea>" in page
        assert 'name="style" value="night" checked' in page
        assert 'name="steps" value="5"' in page
        assert 'name="guidance" value="4.5"' in page
        assert 'name="width" value="64"' in page
        assert "fog</textarea>" in page
        assert 'name="images" value="2" id="id_images_1" checked' in page
        assert 'name="seed" min="0"' in page
        assert "Pictures of nearly the same words" not in page

    def test_starting_afresh_forgets_it_for_this_visit(self, alice: User, studio: Client, ask: Ask) -> None:
        ask(alice, prompt="a blue chair", style="night")

        page = words(studio.get("/", {"fresh": "1"}))

        assert "a blue chair</textarea>" not in page
        assert 'name="style" value="" checked' in page
        assert 'name="steps" value="25"' in page

    def test_a_model_that_is_gone_is_replaced_without_a_word(self, alice: User, studio: Client, ask: Ask) -> None:
        AIModel.objects.filter(slug="flux-1-schnell").update(backend="builtin")
        ask(alice, prompt="a blue chair", model="flux-1-schnell", steps=3)
        AIModel.objects.filter(slug="flux-1-schnell").update(enabled=False)

        page = words(studio.get("/"))

        assert 'name="model" value="builtin" checked' in page
        assert "a blue chair</textarea>" in page
        assert 'name="steps" value="5"' in page
        assert "Moved to the nearest" not in page

    def test_a_usual_size_stays_the_models_own_business(self, alice: User, studio: Client, ask: Ask) -> None:
        ask(alice, width=256, height=256)

        assert 'name="width" min="64"' in words(studio.get("/"))

    def test_a_source_comes_back_until_it_is_thrown_away(self, alice: User, studio: Client, ask: Ask) -> None:
        ask(alice, seed=7)
        runner.take_turn("local")
        source = Image.objects.get()
        ask(alice, prompt="again", source_image=str(source.pk), strength=0.3)

        assert f'name="source_image" value="{source.pk}"' in words(studio.get("/"))

        Image.objects.filter(pk=source.pk).update(deleted_at=timezone.now())
        page = words(studio.get("/"))
        assert 'name="source_image" value=""' in page
        assert 'value="text-to-image" checked' in page

    def test_a_picture_to_begin_with_leaves_what_was_not_sent(self, alice: User, studio: Client, ask: Ask) -> None:
        ask(alice, prompt="a blue chair", style="night")
        runner.take_turn("local")
        source = str(Image.objects.get().pk)

        assert " data-plain" in words(studio.get("/"))
        assert " data-plain" in words(studio.get("/", {"source": source}))
        assert " data-plain" not in words(studio.get("/", {"source": source, "prompt": "a mug"}))

    def test_a_source_chooses_a_model_that_takes_it(self, alice: User, studio: Client, ask: Ask) -> None:
        ask(alice, prompt="a boat", style="night")
        runner.take_turn("local")
        poor = AIModel.objects.get(is_default=True)
        poor.pk, poor.is_default, poor.slug, poor.name, poor.repo_id = None, False, "poor", "Poor", "a/b"
        poor.modes = ["text-to-image"]
        poor.save()
        source = Image.objects.get().pk

        page = words(studio.get("/", {"source": source, "model": "poor", "prompt": "a mug"}))

        assert "Poor makes pictures from words only: " in page
        assert f'name="source_image" value="{source}"' in page
        assert re.search(r'value="image-to-image"[^>]* checked', page)
        assert re.search(r">\s*a mug</textarea>", page)

    def test_a_source_of_its_own_replaces_the_one_on_the_page(self, alice: User, studio: Client, ask: Ask) -> None:
        ask(alice, seed=7)
        runner.take_turn("local")
        source = str(Image.objects.get().pk)
        with_source = ask(alice, source_image=source, strength=0.3)
        without = ask(alice, prompt="a mug")

        assert "hx-preserve" not in words(studio.get("/", {"settings": str(with_source.pk)}, headers=HTMX))
        assert "hx-preserve" in words(studio.get("/", {"settings": str(without.pk)}, headers=HTMX))

    def test_it_is_ones_own_last_time(self, bob: User, studio: Client, ask: Ask) -> None:
        ask(bob, prompt="a secret of Bob's")

        assert "secret" not in words(studio.get("/"))


class TestAnotherModel:
    def test_it_takes_over_what_was_set_and_uses_its_own_defaults_for_the_rest(self, studio: Client) -> None:
        AIModel.objects.filter(slug__in=["flux-1-dev", "qwen-image"]).update(backend="builtin")
        form = {
            "was": "flux-1-dev",
            "model": "qwen-image",
            "prompt": "a mug",
            "mode": "text-to-image",
            "steps": "12",
            "guidance": "3.5",
            "seed": "42",
            "images": "3",
            "width": "",
            "height": "",
        }

        page = words(studio.get("/", form))

        assert "a mug</textarea>" in page
        assert 'name="steps" value="12"' in page
        assert 'name="guidance" value="2.5"' in page
        assert 'name="seed" value="42"' in page
        assert 'name="images" value="3" id="id_images_2" checked' in page
        assert 'name="width" min="64"' in page

    @pytest.mark.parametrize("value", ["nan", "1e9", "x", "9" * 400, "-5", "\x00"])
    def test_what_is_no_setting_is_passed_over(self, studio: Client, value: str) -> None:
        form = {"was": value, "model": "builtin", "steps": value, "guidance": value, "seed": value, "width": value}

        assert studio.get("/", form).status_code == 200


class TestHistory:
    def test_each_prompt_is_there_once_the_newest_first(self, alice: User, bob: User, studio: Client, ask: Ask) -> None:
        ask(bob, prompt="a secret of Bob's")
        for prompt in ("a mug", "a chair", "a mug"):
            ask(alice, prompt=prompt)

        page = words(studio.get(reverse("history"), headers=HTMX))

        assert page.index(">a mug</a>") < page.index(">a chair</a>")
        assert page.count(">a mug</a>") == 1
        assert "secret" not in page

    def test_a_search_minds_neither_case_nor_accents(self, alice: User, studio: Client, ask: Ask) -> None:
        ask(alice, prompt="Une tasse très ÉLÉGANTE")
        ask(alice, prompt="a chair")

        page = words(studio.get(reverse("history"), {"q": "elegante TASSE"}))

        assert "Une tasse" in page
        assert ">a chair</a>" not in page
        assert "No prompt has these words." in words(studio.get(reverse("history"), {"q": "zebra"}))

    def test_one_brings_its_words_or_all_its_settings(self, alice: User, studio: Client, ask: Ask) -> None:
        old = ask(alice, prompt="a mug", seed=42, style="night")
        ask(alice, prompt="a chair", steps=9)

        with_words = words(studio.get("/", {"words": str(old.pk)}))
        with_all = words(studio.get("/", {"settings": str(old.pk)}))

        assert "a mug</textarea>" in with_words
        assert 'name="steps" value="9"' in with_words
        assert 'name="style" value="night" checked' not in with_words
        assert 'name="style" value="night" checked' in with_all
        assert 'name="seed" value="42"' in with_all

    def test_its_words_come_into_the_form_as_it_is_filled_in(self, alice: User, studio: Client, ask: Ask) -> None:
        old = ask(alice, prompt="a mug", style="night")
        form = {"was": "builtin", "model": "builtin", "steps": "31"}

        page = words(studio.get("/", {"words": str(old.pk), **form}))

        assert "a mug</textarea>" in page
        assert 'name="steps" value="31"' in page

    def test_only_the_sheet_of_the_studio_fills_in_the_form_on_the_page(
        self, alice: User, studio: Client, ask: Ask
    ) -> None:
        ask(alice, prompt="a mug")

        page, sheet = words(studio.get(reverse("history"))), words(studio.get(reverse("history"), headers=HTMX))

        assert "hx-target" not in page
        assert 'hx-target="#words"' in sheet
        assert 'hx-target="#composer"' in sheet

    def test_a_search_says_how_far_it_looked_and_goes_on_from_there(
        self, alice: User, studio: Client, ask: Ask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(earlier, "LOOKED_AT", 2)
        for prompt in ("a zebra", "a mug", "a chair", "a boat", "a dog"):
            ask(alice, prompt=prompt)

        first = words(studio.get(reverse("history"), {"q": "zebra & co"}))
        assert "None of the newest 2 requests has these words." in first
        second = words(studio.get(following(first)))
        assert "None of the next 2 requests has these words." in second
        assert "zebra &amp; co" in second
        last = words(studio.get(following(second)))
        assert "No older request has these words." in last
        assert 'rel="next"' not in last

    def test_what_does_not_fit_is_on_the_next_page(
        self, alice: User, studio: Client, ask: Ask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(earlier, "PROMPTS_SHOWN", 2)
        for prompt in ("a mug", "a chair", "a boat"):
            ask(alice, prompt=prompt)
        Generation.objects.update(created_at=timezone.now())

        first = words(studio.get(reverse("history"), headers=HTMX))
        second = words(studio.get(following(first)))

        assert first.count('class="earlier-words"') == 2
        assert second.count('class="earlier-words"') == 1
        assert 'rel="next"' not in second
        assert ">a mug</a>" in second

    @pytest.mark.parametrize("before", ["x", "\0", "0193a1f4-4f02-7c55-b0c1-6a2d9e83f714"])
    def test_a_page_after_nothing_of_mine_is_not_there(self, studio: Client, before: str) -> None:
        assert studio.get(reverse("history"), {"before": before}).status_code == 404

    def test_nobody_reads_anothers(self, alice: User, mallory: User, studio: Client, ask: Ask, client_of: Any) -> None:
        old, stranger = ask(alice, prompt="a mug"), client_of(mallory)

        assert stranger.get(reverse("history"), {"before": str(old.pk)}).status_code == 404
        assert stranger.get("/", {"words": str(old.pk)}).status_code == 404
        assert stranger.get("/", {"settings": str(old.pk)}).status_code == 404

    def test_it_costs_the_same_however_long(
        self, alice: User, studio: Client, ask: Ask, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(6):
            ask(alice, prompt=f"mug {number}")
            runner.take_turn("local")

        with django_assert_max_num_queries(6):
            studio.get(reverse("history"))


class TestPicker:
    def test_it_shows_my_newest_pictures_and_finds_them_by_words(
        self, alice: User, bob: User, studio: Client, ask: Ask
    ) -> None:
        for user, prompt in ((alice, "a mug"), (alice, "a chair"), (bob, "a mug of Bob's")):
            ask(user, prompt=prompt)
            runner.take_turn("local")
        mug = Image.objects.get(owner=alice, recipe__prompt="a mug")

        assert words(studio.get(reverse("picker"))).count("data-use-source") == 2
        found = words(studio.get(reverse("picker"), {"q": "MUG"}, headers=HTMX))
        assert found.count("data-use-source") == 1
        assert f'href="/?source={mug.pk}"' in found
        assert words(studio.get(reverse("picker"), {"q": "\0mug"}, headers=HTMX)).count("data-use-source") == 1


class TestRemix:
    def test_the_form_is_filled_in_and_says_of_what(self, alice: User, bob: User, studio: Client, ask: Ask) -> None:
        ask(bob, prompt="a white boat", seed=7, style="night")
        runner.take_turn("local")
        boat = Image.objects.get()
        Image.objects.filter(pk=boat.pk).update(published_at=timezone.now())

        page = words(studio.get("/", {"remix": str(boat.pk)}))

        assert "Remix of a white boat" in page
        assert f'name="remix_of" value="{boat.pk}"' in page
        assert 'name="style" value="night" checked' in page
        assert 'name="seed" value="7"' in page

    def test_somebody_elses_source_stays_with_them(self, alice: User, bob: User, studio: Client, ask: Ask) -> None:
        ask(bob, seed=7)
        runner.take_turn("local")
        source = Image.objects.get()
        ask(bob, prompt="a boat", source_image=str(source.pk), strength=0.3)
        runner.take_turn("local")
        boat = Image.objects.get(parent=source)
        shelf = Collection.objects.create(owner=bob, name="Boats")
        CollectionImage.objects.create(collection=shelf, image=boat, position=1)
        Member.objects.create(collection=shelf, user=alice)

        page = words(studio.get("/", {"remix": str(boat.pk)}))

        assert str(source.pk) not in page
        assert "stays with its owner" in page
        assert 'name="strength" value="0.3"' in page

    def test_what_may_not_be_remixed_is_not_there(self, bob: User, studio: Client, ask: Ask) -> None:
        ask(bob)
        runner.take_turn("local")

        assert studio.get("/", {"remix": str(Image.objects.get().pk)}).status_code == 404
        assert studio.get("/", {"remix": "a-key-that-is-none"}).status_code == 404

    def test_the_picture_that_the_form_makes_knows_its_original(
        self, alice: User, bob: User, studio: Client, ask: Ask
    ) -> None:
        ask(bob, prompt="a white boat", seed=7)
        runner.take_turn("local")
        boat = Image.objects.get()
        Image.objects.filter(pk=boat.pk).update(published_at=timezone.now())

        wish = {"prompt": "a red boat", "model": "builtin", "width": "64", "height": "64", "remix_of": str(boat.pk)}
        studio.post(reverse("generations"), wish)
        runner.take_turn("local")

        assert Image.objects.get(owner=alice).remix_of == boat


class TestRecipe:
    def test_a_text_of_another_tool_fills_in_the_form_and_says_what_it_could_not(self, studio: Client) -> None:
        text = (
            "a red mug\nNegative prompt: fog\nSteps: 90, Sampler: UniPC, CFG scale: 7, Seed: 42, "
            "Size: 1024x768, Model: dreams_v3, Denoising strength: 0.5"
        )

        page = words(studio.post(reverse("recipe"), {"recipe": text}))

        assert "a red mug</textarea>" in page
        assert 'name="seed" value="42"' in page
        assert 'name="guidance" value="7.0"' in page
        assert 'name="steps" value="60"' in page
        assert 'name="width" value="512"' in page
        assert "not possible here: scheduler, model, strength." in page
        assert "Moved to the nearest that is possible here: steps, size." in page

    def test_what_is_not_known_at_all_is_named_as_it_was_written(self, studio: Client) -> None:
        many = ", ".join(f"Extra {number}: 1" for number in range(9))
        text = (
            f"a red mug\nSteps: 5, Clip skip: 2, Model hash: 4c86, {many}, Version: v1, {hostile('x')}: {hostile('x')}"
        )

        page = words(studio.post(reverse("recipe"), {"recipe": text}))

        assert "not possible here: Clip skip, Extra 0, Extra 1, Extra 2, Extra 3, …." in page

    def test_our_own_recipe_comes_back_whole_from_a_downloaded_file(
        self, alice: User, studio: Client, ask: Ask
    ) -> None:
        ask(alice, prompt="a white boat", seed=7, style="night", guidance=4.5)
        runner.take_turn("local")
        content = storage.read(Image.objects.get())
        file = SimpleUploadedFile("boat.png", content, "image/png")

        page = words(studio.post(reverse("recipe"), {"recipe_file": file}, headers=HTMX))

        assert provenance.texts(content).parameters
        assert page.lstrip().startswith('<form id="composer"')
        assert "a white boat</textarea>" in page
        assert 'name="style" value="night" checked' in page
        assert 'name="guidance" value="4.5"' in page
        assert 'name="seed" value="7"' in page
        assert "Not taken over" not in page

    def test_json_in_a_file_is_read_too(self, studio: Client) -> None:
        file = SimpleUploadedFile("r.json", json.dumps({"prompt": "a cat", "seed": 5}).encode())

        assert 'name="seed" value="5"' in words(studio.post(reverse("recipe"), {"recipe_file": file}))

    def test_the_repository_names_the_model_as_well(self, studio: Client) -> None:
        AIModel.objects.filter(slug="flux-1-schnell").update(backend="builtin")
        text = json.dumps({"prompt": "a cat", "model": "black-forest-labs/FLUX.1-schnell"})

        assert 'value="flux-1-schnell" checked' in words(studio.post(reverse("recipe"), {"recipe": text}))

    def test_a_source_is_not_in_a_recipe(self, studio: Client) -> None:
        text = json.dumps({"prompt": "a cat", "mode": "image-to-image", "strength": 0.4})

        page = words(studio.post(reverse("recipe"), {"recipe": text}))

        assert "not possible here: source picture." in page
        assert 'name="strength" value="0.4"' in page

    @pytest.mark.parametrize("recipe", ["", "a red mug", "{", "x" * 20_001])
    def test_what_is_none_is_said_beside_what_was_pasted(self, studio: Client, recipe: str) -> None:
        response = studio.post(reverse("recipe"), {"recipe": recipe}, headers=HTMX)

        assert response.status_code == 422
        assert response["HX-Retarget"] == "#recipe-form"
        assert 'role="alert"' in words(response)

    def test_a_picture_without_one_says_so(self, studio: Client) -> None:
        page = words(studio.post(reverse("recipe"), {"recipe_file": png()}))

        assert "This file carries no recipe." in page
