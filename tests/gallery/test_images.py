"""What Alice does with her pictures, and what nobody can do to them."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.utils import timezone
from PIL import Image as Pixels

from accounts.models import User
from common.errors import InvalidInput
from gallery import storage
from gallery.access import own_image
from gallery.models import Image
from gallery.services import images
from tests.gallery.conftest import drawn, files_in

NOBODYS = "019f0000-0000-7000-8000-000000000000"

HOSTILE_NAMES = ["../../etc/passwd.png", "a\x00b.png", "‮gnp.exe", "<script>.png", "C:\\con.png", "x" * 300 + ".png"]
FRIENDLY_WORDS = [
    "Mug, final",
    "<script>alert(1)</script>",
    "كوب أحمر",
    "🫖 for two",
    "two\nlines\tand a tab",
    "'; DROP--",
]


def refused(**changes: Any) -> list[tuple[str, str]]:
    """Field and code of each problem of a change."""
    with pytest.raises(InvalidInput) as refusal:
        images.change(**changes)
    return [(field, code) for field, code, _ in refusal.value.errors]


class TestUploads:
    def test_a_picture_that_was_sent_is_kept_apart_from_those_we_made(
        self, alice: User, uploaded: Callable[..., Image]
    ) -> None:
        image = uploaded(alice, drawn(300, 500, format="JPEG"))

        assert (image.owner, image.origin, image.recipe, image.parent) == (alice, "uploaded", None, None)
        assert (image.width, image.height, image.format) == (300, 500, "jpeg")
        assert image.bytes == len(storage.read(image))

    def test_orientation_is_obeyed_and_what_was_behind_is_white(self, alice: User) -> None:
        exif = Pixels.Exif()
        exif[0x0112] = 6
        lying = images.keep_upload(owner=alice, file=drawn(80, 40, format="JPEG", exif=exif))
        clear = io.BytesIO()
        Pixels.new("RGBA", (20, 20), (255, 0, 0, 0)).save(clear, "PNG")
        see_through = images.keep_upload(owner=alice, file=clear.getvalue())

        assert (lying.width, lying.height) == (40, 80)
        assert Pixels.open(io.BytesIO(storage.read(see_through))).getpixel((5, 5)) == (255, 255, 255)

    @pytest.mark.parametrize("name", HOSTILE_NAMES)
    def test_the_name_of_a_file_leads_nowhere(self, name: str, alice: User, media: Path) -> None:
        file = SimpleUploadedFile("x", drawn())
        file._name = name  # what a client says, before Django cleans it

        image = images.keep_upload(owner=alice, file=file)

        assert image.path == f"{alice.pk}/{image.pk}.png"
        assert all(path.startswith(str(alice.pk)) for path in files_in(media))

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "source_empty"),
            (b"hello", "source_format"),
            (drawn(format="BMP"), "source_format"),
            (drawn(300, 300, format="JPEG")[:700], "source_unreadable"),
            (drawn(9000, 9000, colour="black", format="GIF"), "source_too_large"),
        ],
        ids=["empty", "text", "bmp", "cut off", "bomb"],
    )
    def test_what_is_no_picture_is_refused_and_leaves_nothing(
        self, content: bytes, code: str, alice: User, media: Path
    ) -> None:
        with pytest.raises(InvalidInput) as refusal:
            images.keep_upload(owner=alice, file=content)

        [member] = refusal.value.as_members()
        assert (member["field"], member["code"]) == ("source", code)
        assert "{" not in member["message"]
        assert files_in(media) == []
        assert not Image.objects.exists()

    def test_25_megabytes_are_taken(self, alice: User) -> None:
        content = io.BytesIO()
        Pixels.effect_noise((5200, 5000), 100).convert("RGB").save(content, "JPEG", quality=95)
        assert len(content.getvalue()) > 25_000_000

        image = images.keep_upload(owner=alice, file=content.getvalue())

        assert (image.width, image.height) == (5200, 5000)

    def test_an_upload_whose_generation_was_refused_goes_row_and_bytes(
        self, alice: User, uploaded: Callable[..., Image], media: Path, django_capture_on_commit_callbacks: Any
    ) -> None:
        image = uploaded(alice)

        with django_capture_on_commit_callbacks(execute=True):
            images.discard_upload(image=image)

        assert not Image.objects.exists()
        assert files_in(media) == []

    def test_a_picture_we_made_is_never_discarded_so(
        self, alice: User, generated: Callable[..., Image], django_capture_on_commit_callbacks: Any
    ) -> None:
        image = generated(alice)

        with django_capture_on_commit_callbacks(execute=True):
            images.discard_upload(image=image)

        assert storage.read(Image.objects.get())


class TestChange:
    @pytest.mark.parametrize("words", FRIENDLY_WORDS)
    def test_a_title_and_tags_hold_any_words(self, words: str, alice: User, generated: Callable[..., Image]) -> None:
        image = images.change(image=generated(alice), title=words, tags=[words, "shop"], favourite=True)

        stored = Image.objects.get(pk=image.pk)
        assert (stored.title, stored.tags, stored.favourite) == (words, [words, "shop"], True)

    def test_what_is_not_said_stays(self, alice: User, generated: Callable[..., Image]) -> None:
        image = images.change(image=generated(alice), title="Mug", tags=["shop"], favourite=True)

        images.change(image=image, favourite=False)

        stored = Image.objects.get(pk=image.pk)
        assert (stored.title, stored.tags, stored.favourite) == ("Mug", ["shop"], False)

    def test_outer_space_and_a_second_same_tag_go(self, alice: User, generated: Callable[..., Image]) -> None:
        image = images.change(image=generated(alice), title="  Mug ", tags=["shop", " shop", "red"])

        assert (image.title, image.tags) == ("Mug", ["shop", "red"])

    def test_the_largest_title_and_tags_fit(self, alice: User, generated: Callable[..., Image]) -> None:
        tags = [f"{n:02}" + "é" * 48 for n in range(20)]

        image = images.change(image=generated(alice), title="é" * 200, tags=tags)

        assert Image.objects.get(pk=image.pk).tags == tags

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"title": "é" * 201}, ("title", "too_long")),
            ({"title": "a\x00b"}, ("title", "control_characters")),
            ({"title": "a\x1bb"}, ("title", "control_characters")),
            ({"title": "a\ud800b"}, ("title", "control_characters")),
            ({"tags": [str(n) for n in range(21)]}, ("tags", "too_many")),
            ({"tags": ["x" * 51]}, ("tags", "too_long")),
            ({"tags": ["good", "  "]}, ("tags", "tag_empty")),
            ({"tags": ["bell\x07"]}, ("tags", "control_characters")),
        ],
    )
    def test_what_breaks_a_rule_is_refused_whole(
        self,
        changes: dict[str, Any],
        problem: tuple[str, str],
        alice: User,
        generated: Callable[..., Image],
    ) -> None:
        image = generated(alice)

        assert refused(image=image, favourite=True, **changes) == [problem]
        stored = Image.objects.get(pk=image.pk)
        assert (stored.title, stored.tags, stored.favourite) == ("", [], False)

    def test_every_problem_is_named_at_once(self, alice: User, generated: Callable[..., Image]) -> None:
        problems = refused(image=generated(alice), title="x" * 201, tags=["", "y" * 51])

        assert problems == [("title", "too_long"), ("tags", "tag_empty"), ("tags", "too_long")]


class TestTrash:
    def test_into_the_trash_and_back(self, alice: User, generated: Callable[..., Image]) -> None:
        image = generated(alice)

        assert images.trash(image=image).deleted_at
        assert not Image.objects.kept().exists()

        assert images.restore(image=image).deleted_at is None
        assert Image.objects.kept().exists()

    def test_throwing_away_twice_keeps_the_first_day(self, alice: User, generated: Callable[..., Image]) -> None:
        image = images.trash(image=generated(alice))

        again = images.trash(image=Image.objects.get(pk=image.pk))

        assert again.deleted_at == image.deleted_at

    def test_what_was_never_thrown_away_is_restored_without_harm(
        self, alice: User, generated: Callable[..., Image]
    ) -> None:
        assert images.restore(image=generated(alice)).deleted_at is None

    def test_what_was_swept_meanwhile_is_gone(self, alice: User, generated: Callable[..., Image]) -> None:
        image = images.trash(image=generated(alice))
        Image.objects.all().delete()

        with pytest.raises(images.ImageGone) as refusal:
            images.restore(image=image)

        assert (refusal.value.status, refusal.value.code) == (404, "not_found")


class TestGate:
    def test_alice_finds_her_image_even_in_the_trash(self, alice: User, generated: Callable[..., Image]) -> None:
        image = generated(alice)
        Image.objects.update(deleted_at=timezone.now())

        assert own_image(alice, image.pk) == image
        assert own_image(alice, str(image.pk)) == image

    def test_mallory_finds_nothing(self, alice: User, mallory: User, generated: Callable[..., Image]) -> None:
        image = generated(alice)

        with pytest.raises(Http404):
            own_image(mallory, image.pk)

    @pytest.mark.parametrize("image_id", [NOBODYS, "1", "", "nobody", "'; --", "\x00"])
    def test_what_is_no_id_is_not_there(self, image_id: Any, alice: User) -> None:
        with pytest.raises(Http404):
            own_image(alice, image_id)
