"""Settings that a person keeps under a name."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from accounts.models import User
from common.errors import InvalidInput
from gallery.models import Image
from generator import presets, runner
from generator.models import AIModel, Preset, Style
from generator.params import Params
from tests.hostile import BLUR, MUG, hostile

ClientOf = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
SETTINGS = {
    "mode": "text-to-image",
    "prompt": MUG,
    "model": "builtin",
    "style": "night",
    "steps": "12",
    "guidance": "4.5",
    "scheduler": "ddim",
    "strength": "0.6",
    "negative_prompt": BLUR,
    "seed": "7",
    "images": "3",
    "width": "128",
    "height": "64",
}

NIGHT = hostile("Night shop", 100)


@pytest.fixture
def studio(alice: User, shipped: None, client_of: ClientOf) -> Client:
    """Alice's."""
    return client_of(alice)


def keep(user: User, name: str = NIGHT, **wishes: Any) -> Preset:
    params = Params(
        **{"prompt": MUG, "negative_prompt": BLUR, "model": "builtin", "steps": 12, "style": "night", **wishes}
    )
    return presets.save(user=user, name=name, params=params, model=AIModel.objects.get(slug="builtin"))


def words(response: Any) -> str:
    return response.content.decode()


class TestSaving:
    def test_enter_in_its_name_keeps_it_without_javascript_and_makes_nothing(self, alice: User, studio: Client) -> None:
        entered = {**SETTINGS, "entered": "1", "preset_name": NIGHT}

        response = studio.post(reverse("generations"), entered, follow=True)

        assert escape(NIGHT[:39]) in words(response)
        assert alice.presets.get().name == NIGHT
        assert not alice.generations.exists()

    def test_all_is_kept_but_words_seed_and_source(self, alice: User, studio: Client) -> None:
        studio.post(reverse("presets"), {**SETTINGS, "preset_name": f"  {NIGHT} "})

        kept = alice.presets.get()
        assert kept.name == NIGHT
        assert kept.settings == {
            "mode": "text-to-image",
            "negative_prompt": BLUR,
            "model": "builtin",
            "style": "night",
            "width": 128,
            "height": 64,
            "steps": 12,
            "guidance": 4.5,
            "scheduler": "ddim",
            "images": 3,
        }

    def test_the_page_that_saved_it_keeps_what_was_filled_in(self, studio: Client) -> None:
        page = words(studio.post(reverse("presets"), {**SETTINGS, "preset_name": NIGHT}))

        assert f">{escape(NIGHT[:39])}…</a>" in page
        assert f"{escape(MUG)}</textarea>" in page

    @pytest.mark.parametrize("name", ["", "   ", "x" * 101, "two\nlines", "a\x07bell"])
    def test_a_name_that_is_none_is_refused(self, alice: User, studio: Client, name: str) -> None:
        response = studio.post(reverse("presets"), {**SETTINGS, "preset_name": name}, headers=HTMX)

        assert response.status_code == 422
        assert "1 to 100 characters" in words(response)
        assert not alice.presets.exists()

    def test_a_name_is_taken_once_by_everybody(self, alice: User, bob: User, shipped: None) -> None:
        keep(alice)
        keep(bob)

        with pytest.raises(presets.NameTaken):
            keep(alice)

    def test_fifty_are_the_most(self, alice: User, studio: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(presets, "MOST", 2)
        keep(alice, "one")
        keep(alice, "two")

        response = studio.post(reverse("presets"), {**SETTINGS, "preset_name": "three"}, headers=HTMX)

        assert response.status_code == 409
        assert alice.presets.count() == 2

    @pytest.mark.parametrize("wish", [{"steps": 900}, {"style": "none-such"}, {"scheduler": "x"}, {"width": 65}])
    def test_settings_that_the_model_does_not_take_are_not_kept(
        self, alice: User, shipped: None, wish: dict[str, Any]
    ) -> None:
        with pytest.raises(InvalidInput):
            keep(alice, **wish)

    def test_hostile_names_are_shown_as_they_are(self, alice: User, studio: Client) -> None:
        keep(alice, "<b>مرحبا</b>")

        assert "&lt;b&gt;مرحبا&lt;/b&gt;" in words(studio.get("/"))


class TestApplying:
    def test_the_form_takes_its_settings_and_keeps_the_words(self, alice: User, studio: Client) -> None:
        one = keep(alice, width=128, height=64, images=3)

        page = words(studio.get("/", {"preset": str(one.pk), "prompt": "a blue chair"}))

        assert "a blue chair</textarea>" in page
        assert 'name="steps" value="12"' in page
        assert 'name="style" value="night" checked' in page
        assert 'name="width" value="128"' in page
        assert '<input type="radio" name="images" value="3" id="id_images_2" checked' in page

    def test_the_seed_and_the_original_of_a_remix_stay(self, alice: User, studio: Client, ask: Any) -> None:
        ask(alice, prompt="a white boat")
        runner.take_turn("local")
        one, boat = keep(alice), str(Image.objects.get().pk)

        page = words(studio.get("/", {"preset": str(one.pk), "prompt": "", "seed": "42", "remix_of": boat}))

        assert "Remix of a white boat" in page
        assert f'name="remix_of" value="{boat}"' in page
        assert 'name="seed" value="42"' in page

    @pytest.mark.parametrize("wild", ["x", "\0", "-1", "9" * 400, hostile("7")])
    def test_a_seed_and_an_original_that_are_none_are_passed_over(self, alice: User, studio: Client, wild: str) -> None:
        page = words(studio.get("/", {"preset": str(keep(alice).pk), "seed": wild, "remix_of": wild}))

        assert 'class="remix"' not in page
        assert 'name="seed" min="0"' in page

    def test_what_its_model_takes_no_more_is_moved_and_said(self, alice: User, studio: Client) -> None:
        one = keep(alice, steps=60)
        builtin = AIModel.objects.get(slug="builtin")
        builtin.parameters["steps"]["max"] = 40
        builtin.save(update_fields=["parameters"])
        Style.objects.filter(slug="night").update(enabled=False)

        page = words(studio.get("/", {"preset": str(one.pk)}))

        assert 'name="steps" value="40"' in page
        assert "Moved to the nearest that is possible here: steps." in page
        assert "not possible here: style." in page

    @pytest.mark.parametrize("wanted", ["x", "0193a1f4-4f02-7c55-b0c1-6a2d9e83f714"])
    def test_one_that_is_not_there_is_not_found(self, studio: Client, wanted: str) -> None:
        assert studio.get("/", {"preset": wanted}).status_code == 404

    def test_nobody_uses_or_changes_anothers(self, alice: User, mallory: User, studio: Client, client_of: Any) -> None:
        one, stranger = keep(alice), client_of(mallory)

        assert stranger.get("/", {"preset": str(one.pk)}).status_code == 404
        assert stranger.post(reverse("preset_rename", args=[one.pk]), {"name": "mine"}).status_code == 404
        assert stranger.post(reverse("preset_delete", args=[one.pk])).status_code == 404
        assert stranger.post(reverse("preset_restore", args=[one.pk])).status_code == 404
        assert "Night shop" not in words(stranger.get(reverse("presets")))


class TestChanging:
    def test_it_gets_another_name(self, alice: User, studio: Client) -> None:
        one = keep(alice)

        studio.post(reverse("preset_rename", args=[one.pk]), {"name": "Dark shop"})

        assert alice.presets.get().name == "Dark shop"

    def test_a_name_that_is_taken_is_said(self, alice: User, studio: Client) -> None:
        one, _ = keep(alice), keep(alice, "Other")

        page = words(studio.post(reverse("preset_rename", args=[one.pk]), {"name": "Other"}, follow=True))

        assert "You have a preset of this name already." in page

    def test_deleting_offers_an_undo_that_brings_it_back_once(self, alice: User, studio: Client) -> None:
        one = keep(alice)
        undo = reverse("preset_restore", args=[one.pk])

        page = words(studio.post(reverse("preset_delete", args=[one.pk]), follow=True))
        assert f'action="{undo}"' in page
        assert not alice.presets.exists()

        studio.post(undo)
        assert alice.presets.get().settings == one.settings
        assert studio.post(undo).status_code == 404

    def test_a_name_that_was_taken_meanwhile_is_said(self, alice: User, studio: Client) -> None:
        one = keep(alice)
        studio.post(reverse("preset_delete", args=[one.pk]))
        keep(alice)

        page = words(studio.post(reverse("preset_restore", args=[one.pk]), follow=True))

        assert "You have a preset of this name already." in page

    def test_the_list_costs_the_same_however_long(
        self, alice: User, studio: Client, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(20):
            keep(alice, f"preset {number}")

        with django_assert_max_num_queries(6):
            studio.get(reverse("presets"))
