"""Every file we made says so; what somebody sent says nothing."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from defusedxml import ElementTree
from PIL import Image as Pixels

from accounts.models import User
from gallery import export, provenance, storage
from gallery.models import THUMBNAIL_SIZES, Image
from tests.gallery.conftest import drawn, recipe_of

IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}creator"
TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
UNTRUSTED = [
    "a red mug, studio light: 50mm",
    'she said "mug"',
    "one\ntwo\nthree",
    "<script>alert(1)</script>",
    "كوب أحمر على خلفية صفراء",
    "a mug 🫖☕",
    "Steps: 3, Sampler: none, Seed: 1",
]


def read_parameters(text: str) -> dict[str, str]:
    """What AUTOMATIC1111's readers make of a text: the last line has the pairs, what is before are the prompts."""
    *lines, last = text.split("\n")
    words: dict[str, list[str]] = {"Prompt": [], "Negative prompt": []}
    name = "Prompt"
    for line in lines:
        if line.startswith("Negative prompt:"):
            name, line = "Negative prompt", line.removeprefix("Negative prompt:")
        words[name].append(line.strip())
    return {**{key: "\n".join(value) for key, value in words.items()}, **dict(pairs_of(last))}


def pairs_of(line: str) -> list[tuple[str, str]]:
    """Name and value of each `name: value`; a quoted value is JSON."""
    pairs = []
    while line:
        name, _, rest = line.partition(": ")
        if rest.startswith('"'):
            value, end = json.JSONDecoder().raw_decode(rest)
            line = rest[end:].removeprefix(", ")
        else:
            value, _, line = rest.partition(", ")
        pairs.append((name, value))
    return pairs


def xmp_of(content: bytes) -> Any:
    """The packet, as any reader of XML finds it in the bytes of whatever format."""
    start, end = content.index(b"<x:xmpmeta"), content.index(b"</x:xmpmeta>") + len(b"</x:xmpmeta>")
    return ElementTree.fromstring(content[start:end])


class TestParameters:
    def test_a_full_recipe_is_written_as_automatic1111_would(self) -> None:
        recipe = recipe_of(negative_prompt="blurry", full_negative_prompt="blurry, text", strength=0.55, guidance=7.5)

        assert provenance.parameters(recipe) == (
            "a red mug\n"
            "Negative prompt: blurry, text\n"
            "Steps: 25, Sampler: DPM++ 2M, CFG scale: 7.5, Seed: 42, Size: 64x64, Model hash: 9d2c4e7f1b, "
            "Model: builtin, Denoising strength: 0.55, Version: Training Edge AI"
        )

    def test_what_the_model_does_not_take_is_not_written(self) -> None:
        recipe = recipe_of(steps=None, guidance=None, scheduler=None, revision=None)

        assert provenance.parameters(recipe) == (
            "a red mug\nSeed: 42, Size: 64x64, Model: builtin, Version: Training Edge AI"
        )

    @pytest.mark.parametrize(
        ("scheduler", "sampler"), [("euler_a", "Euler a"), ("ddim", "DDIM"), ("dpmpp_2m", "DPM++ 2M")]
    )
    def test_a_scheduler_has_the_name_that_others_know(self, scheduler: str, sampler: str) -> None:
        assert read_parameters(provenance.parameters(recipe_of(scheduler=scheduler)))["Sampler"] == sampler

    def test_the_words_are_those_the_model_was_told(self) -> None:
        recipe = recipe_of(prompt="a mug", full_prompt="watercolour of a mug")

        assert read_parameters(provenance.parameters(recipe))["Prompt"] == "watercolour of a mug"

    @pytest.mark.parametrize("words", UNTRUSTED)
    def test_words_come_back_as_they_were(self, words: str) -> None:
        recipe = recipe_of(prompt=words, full_negative_prompt=words)

        read = read_parameters(provenance.parameters(recipe))

        assert (read["Prompt"], read["Negative prompt"], read["Seed"]) == (words, words, "42")

    @pytest.mark.parametrize("name", ["one, two", "model: best", 'the "best"', "line\nbreak", "مرحبا, bien"])
    def test_a_value_with_marks_in_it_is_quoted(self, name: str) -> None:
        assert read_parameters(provenance.parameters(recipe_of(model=name)))["Model"] == name


class TestMarks:
    @pytest.mark.parametrize("words", UNTRUSTED)
    def test_a_stored_picture_has_its_recipe_as_text(
        self, words: str, alice: User, generated: Callable[..., Image]
    ) -> None:
        image = generated(alice, prompt=words)

        written = Pixels.open(io.BytesIO(storage.read(image))).info["parameters"]

        assert read_parameters(written)["Prompt"] == words

    @pytest.mark.parametrize("mode", ["text-to-image", "image-to-image"])
    def test_a_stored_picture_is_marked_as_made_by_a_model(
        self, mode: str, alice: User, generated: Callable[..., Image]
    ) -> None:
        packet = xmp_of(storage.read(generated(alice, mode=mode)))

        assert packet.find(f".//{IPTC}").text == TRAINED
        assert "".join(packet.find(f".//{DUBLIN_CORE}").itertext()) == "Training Edge AI"

    @pytest.mark.parametrize("size", THUMBNAIL_SIZES)
    def test_a_thumbnail_is_marked_too(self, size: int, alice: User, generated: Callable[..., Image]) -> None:
        assert xmp_of(storage.read(generated(alice), size)).find(f".//{IPTC}").text == TRAINED

    @pytest.mark.parametrize("format", export.FORMATS)
    def test_another_format_keeps_the_marks_and_the_recipe(
        self, format: str, alice: User, generated: Callable[..., Image]
    ) -> None:
        image = generated(alice, prompt="a mug 🫖")

        content = export.content(image, format)

        assert Pixels.open(io.BytesIO(content)).format == format.upper()
        assert xmp_of(content).find(f".//{IPTC}").text == TRAINED
        told = "a mug 🫖".encode("utf-8" if format == "png" else "utf-16-be")
        assert told in content

    def test_the_marks_leave_the_pixels_alone(self, alice: User, generated: Callable[..., Image]) -> None:
        noise = Pixels.effect_noise((64, 64), 90).convert("RGB")
        content = io.BytesIO()
        noise.save(content, "PNG")

        image = generated(alice, content=content.getvalue())

        assert Pixels.open(io.BytesIO(storage.read(image))).tobytes() == noise.tobytes()

    @pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
    def test_what_somebody_sent_is_never_marked(self, format: str, alice: User, uploaded: Callable[..., Image]) -> None:
        exif = Pixels.Exif()
        exif[0x010E] = "my secret garden"
        image = uploaded(alice, drawn(format=format, exif=exif, xmp=b"<x:xmpmeta>mine</x:xmpmeta>"))

        for content in [storage.read(image), storage.read(image, 320), export.content(image, "webp")]:
            assert b"xmpmeta" not in content
            assert b"Training Edge" not in content
            assert b"secret" not in content
