"""Recipes that people paste, and what they paste instead."""

import json
import random

import pytest

from gallery import provenance
from generator.reading import MOST, Reading, Unreadable, read

RECIPE = {
    "version": 1,
    "mode": "text-to-image",
    "model": "builtin",
    "repo_id": "builtin",
    "revision": "4f0c",
    "backend": "builtin",
    "provider": None,
    "prompt": "a red mug",
    "negative_prompt": "fog",
    "style": "night",
    "full_prompt": "a red mug at night, night sky, moon and stars",
    "full_negative_prompt": "fog",
    "width": 256,
    "height": 192,
    "steps": 25,
    "guidance": 6.5,
    "scheduler": "dpmpp_2m",
    "seed": 42,
    "strength": None,
    "source_digest": None,
    "software": {"onnxruntime": "1"},
}
WRITTEN = """\
a red mug, studio lighting,
on a table
Negative prompt: fog, (blurry:1.2)
and rain
Steps: 20, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 965400086, Size: 512x768, Model hash: 4c86efd062, \
Model: "dreams, v3", Denoising strength: 0.55, Lora hashes: "a: 1, b: 2", Version: v1.10.1"""


def unread(text: str) -> str:
    with pytest.raises(Unreadable) as why:
        read(text)
    return why.value.code


class TestOurs:
    def test_a_recipe_gives_its_words_and_settings(self) -> None:
        assert read(json.dumps(RECIPE)) == Reading(
            {
                "prompt": "a red mug",
                "mode": "text-to-image",
                "negative_prompt": "fog",
                "model": "builtin",
                "style": "night",
                "width": 256,
                "height": 192,
                "steps": 25,
                "guidance": 6.5,
                "scheduler": "dpmpp_2m",
                "seed": 42,
            },
            (),
        )

    @pytest.mark.parametrize("around", ["request", "recipe"])
    def test_what_holds_a_recipe_is_read_too(self, around: str) -> None:
        assert read(json.dumps({"id": "x", around: RECIPE})).values["seed"] == 42

    def test_a_request_needs_no_more_than_words(self) -> None:
        assert read('{"prompt": "a cat"}') == Reading({"prompt": "a cat"}, ())

    def test_values_of_the_wrong_kind_are_named_and_left_out(self) -> None:
        wish = {"prompt": "x", "seed": -1, "steps": "many", "guidance": True, "width": 2.5, "height": 64, "images": 9}

        assert read(json.dumps(wish)) == Reading(
            {"prompt": "x", "height": 64}, ("size", "steps", "guidance", "seed", "images")
        )

    def test_without_a_slug_the_repository_names_the_model(self) -> None:
        assert read('{"prompt": "x", "repo_id": "owner/name"}').values["model"] == "owner/name"


class TestAutomatic1111:
    def test_prompts_settings_and_quoted_names_are_read(self) -> None:
        assert read(WRITTEN) == Reading(
            {
                "prompt": "a red mug, studio lighting,\non a table",
                "negative_prompt": "fog, (blurry:1.2)\nand rain",
                "steps": 20,
                "scheduler": "dpmpp_2m",
                "guidance": 7.0,
                "seed": 965400086,
                "model": "dreams, v3",
                "strength": 0.55,
                "width": 512,
                "height": 768,
            },
            (),
            ("Lora hashes",),
        )

    def test_what_we_write_into_files_is_read_back(self) -> None:
        found = read(provenance.parameters(RECIPE)).values

        assert {name: found[name] for name in ("seed", "steps", "width", "height", "guidance", "scheduler")} == {
            name: RECIPE[name] for name in ("seed", "steps", "width", "height", "guidance", "scheduler")
        }
        assert found["prompt"] == RECIPE["full_prompt"]

    def test_a_sampler_and_a_size_that_we_do_not_know_are_named(self) -> None:
        found = read("a mug\nSteps: 20, Sampler: UniPC, Size: large, Seed: 1")

        assert found == Reading({"prompt": "a mug", "steps": 20, "seed": 1}, ("scheduler", "size"))

    def test_labels_that_we_do_not_know_are_named_and_harmless_ones_are_not(self) -> None:
        found = read(
            "a mug\nSteps: 20, Clip skip: 2, Hires upscale: 1.5, VAE hash: 1a, VAE: x.pt, Clip skip: 3, Eta: , "
            'Hashes: {"vae": "1a", "model": "2b"}, Version: v1.10.1'
        )

        assert found.unknown == ("Clip skip", "Hires upscale", "VAE")

    def test_what_is_no_label_is_never_named(self) -> None:
        long = "Very " * 3000

        assert read(f"a mug\nSteps: 20, <b>: 1, \u202e: 2, : 3, {long}: 4").unknown == (long.strip()[:40],)

    def test_windows_lines_are_lines(self) -> None:
        assert read("a mug\r\nNegative prompt: fog\r\nSteps: 5").values["negative_prompt"] == "fog"


class TestWhatIsNone:
    @pytest.mark.parametrize(
        "text",
        ["", "   ", "a red mug", "{", "[]", "{}", '{"prompt": 5}', "null", "[" * 19000, '{"a":' * 3000, "Steps: many"],
    )
    def test_it_is_said(self, text: str) -> None:
        assert unread(text) == "recipe_missing"

    def test_what_is_too_long_is_not_looked_at(self) -> None:
        assert unread("x" * (MOST + 1)) == "recipe_too_long"

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000])
    def test_numbers_that_are_none_are_left_out(self, number: str) -> None:
        try:
            found = read('{"prompt": "x", "guidance": ' + number + "}")
        except Unreadable:
            return
        assert found == Reading({"prompt": "x"}, ("guidance",))

    def test_mangled_recipes_never_raise_anything_else(self) -> None:
        chance = random.Random(11)
        letters = '{}[]",:\\0123456789 \n\x00\x1béx"Steps: Size Negative prompt:'
        for text in (json.dumps(RECIPE), WRITTEN) * 1500:
            mangled = list(text)
            for _ in range(chance.randrange(1, 12)):
                mangled[chance.randrange(len(mangled))] = chance.choice(letters)
            try:
                found = read("".join(mangled))
            except Unreadable:
                continue
            assert set(found.values) <= {*RECIPE, "images"}
