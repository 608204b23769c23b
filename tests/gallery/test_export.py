"""A picture leaves in any format and size, with its mark always and its recipe unless told otherwise."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image as Pixels

from accounts.models import User
from common.errors import InvalidInput
from gallery import export, provenance, storage
from gallery.export import Size
from gallery.models import Image
from tests.gallery.conftest import drawn
from tests.gallery.test_provenance import IPTC, TRAINED, xmp_of
from tests.hostile import MUG, MUG_FILE

Keep = Callable[..., Image]
ClientOf = Callable[[User], Client]


def opened(content: bytes) -> Pixels.Image:
    return Pixels.open(io.BytesIO(content))


@pytest.fixture
def mug(alice: User, generated: Keep) -> Image:
    """200 x 100 pixels: a red square at the left of a blue one."""
    picture = Pixels.new("RGB", (200, 100), "blue")
    picture.paste("red", (0, 0, 100, 100))
    content = io.BytesIO()
    picture.save(content, "PNG")
    return generated(alice, content=content.getvalue(), prompt=MUG)


class TestSize:
    @pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
    @pytest.mark.parametrize(
        ("size", "sides"),
        [
            (Size(64, 64), (64, 64)),
            (Size(width=400), (400, 200)),
            (Size(height=50), (100, 50)),
            (Size(300, 500, fit="pad"), (300, 500)),
        ],
    )
    def test_a_file_has_exactly_the_size_that_was_asked_for(
        self, size: Size, sides: tuple[int, int], format: str, mug: Image
    ) -> None:
        assert opened(export.content(mug, format, size=size)).size == sides

    def test_a_crop_keeps_the_middle_and_a_margin_the_whole(self, mug: Image) -> None:
        cropped = opened(export.content(mug, "png", size=Size(100, 100)))
        padded = opened(export.content(mug, "png", size=Size(200, 200, fit="pad", background="#00ff00")))

        assert [cropped.getpixel((x, 50)) for x in (10, 90)] == [(255, 0, 0), (0, 0, 255)]
        assert [padded.getpixel((x, y)) for x, y in ((10, 10), (10, 100), (190, 190))] == [
            (0, 255, 0), (255, 0, 0), (0, 255, 0),
        ]  # fmt: skip

    def test_a_margin_is_white_unless_told(self, mug: Image) -> None:
        assert opened(export.content(mug, "png", size=Size(200, 200, fit="pad"))).getpixel((0, 0)) == (255, 255, 255)

    def test_what_is_transparent_is_kept_or_laid_on_a_colour(self, alice: User, generated: Keep) -> None:
        clear = io.BytesIO()
        Pixels.new("RGBA", (64, 64), (0, 0, 0, 0)).save(clear, "PNG")
        image = generated(alice, content=clear.getvalue())

        kept = opened(export.content(image, "webp", size=Size(32, 32)))
        laid = opened(export.content(image, "png", size=Size(background="#336699")))

        assert kept.convert("RGBA").getpixel((0, 0))[3] == 0
        assert (laid.mode, laid.size, laid.getpixel((0, 0))) == ("RGB", (64, 64), (0x33, 0x66, 0x99))

    def test_a_side_that_follows_from_the_other_has_limits_too(self, alice: User, generated: Keep) -> None:
        tall = generated(alice, content=drawn(32, 320))

        with pytest.raises(InvalidInput) as refusal:
            export.content(tall, "png", size=Size(width=1000))

        assert refusal.value.as_members()[0]["field"] == "height"
        assert "10000 pixels" in refusal.value.as_members()[0]["message"]


class TestRecipe:
    @pytest.mark.parametrize("format", export.STORED)
    @pytest.mark.parametrize("size", [None, Size(32, 32)])
    def test_the_mark_stays_where_the_recipe_is_left_out(self, format: str, size: Size | None, mug: Image) -> None:
        content = export.content(mug, format, size=size, with_recipe=False)

        assert xmp_of(content).find(f".//{IPTC}").text == TRAINED
        assert provenance.texts(content) == provenance.Texts(None, None)
        assert b"mug" not in content
        assert "mug".encode("utf-16-be") not in content

    def test_taking_the_recipe_out_of_a_png_leaves_the_pixels_and_their_coding(self, mug: Image) -> None:
        stored, bare = storage.read(mug), export.content(mug, "png", with_recipe=False)

        assert opened(bare).tobytes() == opened(stored).tobytes()
        assert stored[stored.index(b"IDAT") :] == bare[bare.index(b"IDAT") :]

    @pytest.mark.parametrize("format", export.FORMATS)
    @pytest.mark.parametrize("size", [None, Size(48, 48)])
    def test_a_file_that_comes_back_gives_the_exact_recipe(self, format: str, size: Size | None, mug: Image) -> None:
        assert provenance.texts(export.content(mug, format, size=size)).recipe_json == mug.recipe

    @pytest.mark.parametrize("format", export.FORMATS)
    def test_what_somebody_sent_is_given_without_a_mark(self, format: str, alice: User, uploaded: Keep) -> None:
        content = export.content(uploaded(alice), format, size=Size(32, 32))

        assert b"DigitalSourceType" not in content
        assert provenance.texts(content) == provenance.Texts(None, None)


class TestFileRoute:
    @pytest.mark.parametrize(
        ("query", "media_type", "name"),
        [
            ({}, "image/png", f"{MUG_FILE}.png"),
            ({"format": "jpeg", "width": "64", "height": "64"}, "image/jpeg", f"{MUG_FILE}.jpg"),
            ({"format": "svg"}, "image/svg+xml", f"{MUG_FILE}.svg"),
        ],
    )
    def test_a_program_saves_it_under_a_readable_name(
        self, query: dict[str, str], media_type: str, name: str, mug: Image, api: Callable[..., Client]
    ) -> None:
        response = api(mug.owner).get(reverse("api_image_file", args=[mug.pk]), query)

        assert response["Content-Type"] == media_type
        assert f'filename="{name}"' in response["Content-Disposition"]

    @pytest.mark.parametrize(
        ("query", "field", "code"),
        [
            ({"format": "gif"}, "format", "not_a_choice"),
            ({"width": "15"}, "width", "out_of_range"),
            ({"height": "4097"}, "height", "out_of_range"),
            ({"width": ""}, "width", "not_a_whole_number"),
            ({"width": "1e3"}, "width", "not_a_whole_number"),
            ({"width": "٣٢"}, "width", "not_a_whole_number"),
            ({"width": "9" * 5000}, "width", "not_a_whole_number"),
            ({"fit": "stretch"}, "fit", "not_a_choice"),
            ({"background": "white"}, "background", "not_a_colour"),
            ({"background": "#fff"}, "background", "not_a_colour"),
            ({"recipe": "0"}, "recipe", "not_a_choice"),
            ({"colour": "#ffffff"}, "colour", "unknown"),
        ],
    )
    def test_what_cannot_be_is_refused_on_its_field(
        self, query: dict[str, str], field: str, code: str, mug: Image, api: Callable[..., Client]
    ) -> None:
        response = api(mug.owner).get(reverse("api_image_file", args=[mug.pk]), query)

        assert response.status_code == 422
        assert [(error["field"], error["code"]) for error in response.json()["errors"]] == [(field, code)]

    def test_each_variant_has_a_tag_of_its_own(self, mug: Image, api: Callable[..., Client]) -> None:
        client, address = api(mug.owner), reverse("api_image_file", args=[mug.pk])
        queries: list[dict[str, str]] = [
            {}, {"format": "webp"}, {"recipe": "false"}, {"width": "64"}, {"height": "64"},
            {"width": "64", "height": "64"}, {"width": "64", "height": "64", "fit": "pad"},
            {"width": "64", "height": "64", "fit": "pad", "background": "#000000"}, {"background": "#000000"},
        ]  # fmt: skip

        tags = [client.get(address, query)["ETag"] for query in queries]

        assert len(set(tags)) == len(tags)
        assert all(
            client.get(address, query, headers={"if-none-match": tag}).status_code == 304
            for query, tag in zip(queries, tags, strict=True)
        )

    def test_empty_fields_of_a_pages_form_ask_for_nothing(self, mug: Image, client_of: ClientOf) -> None:
        query = {"download": "", "format": "png", "width": "", "height": "", "fit": "crop", "background": ""}

        response = client_of(mug.owner).get(reverse("image_file", args=[mug.pk]), query)

        assert response.content == storage.read(mug)
        assert response["Content-Disposition"].startswith("attachment;")

    def test_a_recipe_is_read_back_as_it_is_told(self, mug: Image, api: Callable[..., Client]) -> None:
        client = api(mug.owner)

        file = client.get(reverse("api_image_file", args=[mug.pk]), {"format": "webp"}).content
        told: Any = json.loads(client.get(reverse("api_image_recipe", args=[mug.pk])).content)

        assert provenance.texts(file).recipe_json == told
