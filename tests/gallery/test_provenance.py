"""Every file we made says so; what somebody sent says nothing."""

import io
import json
import random
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from defusedxml import ElementTree
from PIL import Image as Pixels
from PIL import PngImagePlugin

from accounts.models import User
from common import containers, pictures
from gallery import export, provenance, storage
from gallery.models import THUMBNAIL_SIZES, Image
from tests.gallery.conftest import drawn, recipe_of
from tests.hostile import MUG

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
            f"{MUG}\n"
            "Negative prompt: blurry, text\n"
            "Steps: 25, Sampler: DPM++ 2M, CFG scale: 7.5, Seed: 42, Size: 64x64, Model hash: 9d2c4e7f1b, "
            "Model: builtin, Denoising strength: 0.55, Version: Training Edge AI"
        )

    def test_what_the_model_does_not_take_is_not_written(self) -> None:
        lacking = ("negative_prompt", "full_negative_prompt", "steps", "guidance", "scheduler", "revision")
        recipe = recipe_of(**dict.fromkeys(lacking))

        assert provenance.parameters(recipe) == (
            f"{MUG}\nSeed: 42, Size: 64x64, Model: builtin, Version: Training Edge AI"
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

    @pytest.mark.parametrize("format", export.STORED)
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


def png_with(*texts: tuple[bytes, bytes]) -> bytes:
    """A PNG with these chunks before its pixels."""
    plain = drawn(8, 8)
    chunks = [struct.pack(">I", len(body)) + kind + body + bytes(4) for kind, body in texts]
    return plain[:33] + b"".join(chunks) + plain[33:]


def foreign(format: str, comment: bytes) -> bytes:
    """A picture of another program with an EXIF comment."""
    exif = Pixels.Exif()
    exif.get_ifd(containers.EXIF_IFD)[containers.USER_COMMENT] = comment
    return drawn(format=format, exif=exif)


class TestReadingBack:
    @pytest.mark.parametrize("words", [*UNTRUSTED, "&" * 1000, "\ufffe\uffff </studio:Recipe> ]]>", "🫖" * 1000])
    @pytest.mark.parametrize("format", export.STORED)
    def test_whatever_the_words_were_the_exact_recipe_comes_back(self, format: str, words: str) -> None:
        recipe = recipe_of(prompt=words, negative_prompt=words, full_negative_prompt=words)

        file = pictures.encode(Pixels.new("RGB", (8, 8)), format, **provenance.marks(format, recipe))

        assert provenance.texts(file) == provenance.Texts(recipe, provenance.parameters(recipe))

    @pytest.mark.parametrize("words", UNTRUSTED)
    def test_the_packet_stays_xml_whatever_the_words(self, words: str) -> None:
        packet = xmp_of(provenance.xmp(recipe_of(prompt=words)))

        assert json.loads(packet.find(".//{urn:training-edge-ai:recipe}Recipe").text)["prompt"] == words

    @pytest.mark.parametrize("format", ["JPEG", "WEBP"])
    @pytest.mark.parametrize(
        "comment",
        [
            b"UNICODE\0" + "a mug 🫖\nSteps: 20".encode("utf-16-be"),
            b"UNICODE\0" + "a mug 🫖\nSteps: 20".encode("utf-16-le"),
            b"ASCII\0\0\0" + "a mug 🫖\nSteps: 20".encode(),
        ],
    )
    def test_the_text_of_another_program_is_found_in_its_comment(self, comment: bytes, format: str) -> None:
        assert provenance.texts(foreign(format, comment)) == provenance.Texts(None, "a mug 🫖\nSteps: 20")

    @pytest.mark.parametrize("kind", ["add_text", "add_itxt"])
    @pytest.mark.parametrize("is_packed", [False, True])
    def test_the_text_of_another_program_is_found_in_its_png(self, kind: str, is_packed: bool) -> None:
        chunks = PngImagePlugin.PngInfo()
        getattr(chunks, kind)("parameters", "a mug\nSteps: 20", zip=is_packed)

        assert provenance.texts(drawn(pnginfo=chunks)).parameters == "a mug\nSteps: 20"

    @pytest.mark.parametrize(
        "content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"RIFF\0\0\0\0WEBP", drawn()]
    )
    def test_a_file_that_says_nothing_says_nothing(self, content: bytes) -> None:
        assert provenance.texts(content) == provenance.Texts(None, None)

    @pytest.mark.parametrize("said", ["[1]", '"a"', "{", "NaN", '{"a": NaN}', "[" * 5000, '{"a": ' * 5000, "\0"])
    def test_a_recipe_that_is_no_object_is_none(self, said: str) -> None:
        assert provenance.texts(png_with((b"iTXt", b"recipe\0\0\0\0\0" + said.encode()))).recipe_json is None

    @pytest.mark.parametrize("kind", [b"zTXt", b"iTXt"])
    def test_a_packed_text_is_unpacked_to_a_limit(self, kind: bytes) -> None:
        bomb = zlib.compress(bytes(100_000_000), 9)
        head = b"parameters\0\0" if kind == b"zTXt" else b"parameters\0\1\0\0\0"

        text = provenance.texts(png_with((kind, head + bomb))).parameters

        assert text is not None
        assert len(text) == containers.TEXT_MAX

    def test_of_many_texts_only_the_first_are_read(self) -> None:
        many = [(b"tEXt", b"key %d\0text" % n) for n in range(5000)]

        assert len(containers.texts(png_with(*many))) <= containers.TEXTS_MAX + 1

    @pytest.mark.parametrize("format", ["jpeg", "webp"])
    def test_blocks_that_say_nothing_are_not_read_for_ever(self, format: str) -> None:
        file = pictures.encode(Pixels.new("RGB", (8, 8)), format, parameters="a mug")
        silent = {"jpeg": b"\xff\xe1\0\x08Exif\0\0", "webp": b"EXIF\0\0\0\0"}[format]
        start = {"jpeg": 2, "webp": 12}[format]

        def with_silence(count: int) -> str | None:
            return provenance.texts(file[:start] + silent * count + file[start:]).parameters

        assert with_silence(containers.TEXTS_MAX // 2) == "a mug"
        assert with_silence(containers.TEXTS_MAX * 2) is None

    def test_damaged_files_never_break_the_reading(self) -> None:
        chance = random.Random(5)
        recipe = recipe_of(prompt="a mug 🫖")
        whole = [
            pictures.encode(Pixels.new("RGB", (8, 8)), format, **provenance.marks(format, recipe))
            for format in export.STORED
        ]
        whole.append(png_with((b"zTXt", b"parameters\0\0" + zlib.compress(b"a mug"))))

        for _ in range(10_000):
            damaged = bytearray(chance.choice(whole))
            for _ in range(chance.randint(1, 8)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            cut = bytes(damaged[: chance.randrange(len(damaged))] if chance.random() < 0.2 else damaged)
            assert isinstance(provenance.texts(cut), provenance.Texts)
            containers.without_texts(cut, ("parameters",))
