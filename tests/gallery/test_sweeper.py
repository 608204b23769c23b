"""What is swept, and what is not."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from common.ids import new_id
from gallery import storage, sweeper, tasks
from gallery.models import Image
from gallery.services import images
from tests.gallery.conftest import drawn, files_in, recipe_of

DAYS_30 = timedelta(days=30)
MINUTE = timedelta(minutes=1)


def thrown_away(image: Image, ago: timedelta) -> Image:
    Image.objects.filter(pk=image.pk).update(deleted_at=timezone.now() - ago)
    return image


def aged(folder: Path, days: float) -> None:
    """Every file looks that old."""
    then = (timezone.now() - timedelta(days=days)).timestamp()
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (then, then))


class TestTrash:
    def test_after_30_days_row_and_bytes_go(self, alice: User, generated: Callable[..., Image], media: Path) -> None:
        thrown_away(generated(alice), DAYS_30 + MINUTE)

        assert sweeper.empty_trash() == 1

        assert not Image.objects.exists()
        assert files_in(media) == []

    def test_a_minute_earlier_everything_stays(
        self, alice: User, generated: Callable[..., Image], uploaded: Callable[..., Image]
    ) -> None:
        kept = {thrown_away(generated(alice), DAYS_30 - MINUTE), generated(alice), uploaded(alice)}

        assert sweeper.empty_trash() == 0

        assert set(Image.objects.all()) == kept
        assert all(storage.read(image) for image in kept)

    def test_a_variation_outlives_its_source(self, alice: User, generated: Callable[..., Image]) -> None:
        source = thrown_away(generated(alice), DAYS_30 + MINUTE)
        stored = storage.store(owner_id=alice.pk, marked=storage.marked(content=drawn(), recipe=recipe_of()))
        variation = images.add_image(owner=alice, stored=stored, recipe=recipe_of(), parent=source)

        sweeper.empty_trash()

        assert Image.objects.get().pk == variation.pk
        assert Image.objects.get().parent is None

    def test_more_than_a_batch_goes_too(
        self, alice: User, generated: Callable[..., Image], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sweeper, "BATCH", 2)
        for _ in range(5):
            thrown_away(generated(alice), DAYS_30 + MINUTE)

        assert sweeper.empty_trash() == 5


class TestStrays:
    def test_bytes_that_no_row_names_go_after_a_day(
        self, alice: User, generated: Callable[..., Image], media: Path
    ) -> None:
        kept = generated(alice)
        storage.store(owner_id=alice.pk, marked=storage.marked(content=drawn(), recipe=recipe_of()))
        aged(media, 1.1)

        assert sweeper.remove_strays() == 3

        assert len(files_in(media)) == 3
        assert all(str(kept.pk) in name for name in files_in(media))

    def test_bytes_whose_row_may_still_come_stay(self, alice: User, media: Path) -> None:
        storage.store(owner_id=alice.pk, marked=storage.marked(content=drawn(), recipe=recipe_of()))
        aged(media, 0.9)

        assert sweeper.remove_strays() == 0
        assert len(files_in(media)) == 3

    def test_what_lies_in_the_trash_is_named_by_its_row(
        self, alice: User, generated: Callable[..., Image], media: Path
    ) -> None:
        thrown_away(generated(alice), MINUTE)
        aged(media, 9)

        assert sweeper.remove_strays() == 0

    def test_files_that_are_not_named_as_ours_stay(self, db: None, media: Path) -> None:
        for name in ("notes.txt", f"archives/{new_id()}.zip", f"{uuid4()}/readme.txt"):
            (media / name).parent.mkdir(parents=True, exist_ok=True)
            (media / name).write_text("mine")
        aged(media, 9)

        assert sweeper.remove_strays() == 0
        assert len(files_in(media)) == 3

    def test_a_studio_without_pictures_has_nothing_to_sweep(self, db: None) -> None:
        assert sweeper.remove_strays() == 0

    def test_many_files_are_asked_for_in_batches(
        self, alice: User, media: Path, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
    ) -> None:
        monkeypatch.setattr(sweeper, "BATCH", 6)
        for _ in range(4):
            storage.store(owner_id=alice.pk, marked=storage.marked(content=drawn(), recipe=recipe_of()))
        aged(media, 2)

        with django_assert_num_queries(2):
            assert sweeper.remove_strays() == 12

    def test_a_bucket_is_swept_as_well(
        self,
        alice: User,
        bucket: Path,
        generated: Callable[..., Image],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        generated(alice)
        storage.store(owner_id=alice.pk, marked=storage.marked(content=drawn(), recipe=recipe_of()))
        monkeypatch.setattr(sweeper, "STRAYS_KEPT", -timedelta(days=1))

        assert sweeper.remove_strays() == 3
        assert len([path for path in bucket.rglob("*") if path.is_file()]) == 3


class TestPlaceholders:
    """Pictures from before there were placeholders."""

    def test_they_get_theirs_from_the_thumbnail(self, alice: User, generated: Callable[..., Image]) -> None:
        image = generated(alice)
        likeness = image.placeholder
        Image.objects.filter(pk=image.pk).update(placeholder="")

        assert sweeper.fill_placeholders() == 1

        assert likeness.startswith("data:image/webp;base64,")
        assert Image.objects.get().placeholder.startswith("data:image/webp;base64,")
        assert sweeper.fill_placeholders() == 0

    @pytest.mark.parametrize("content", [None, b"no picture"])
    def test_one_whose_thumbnail_is_gone_or_damaged_is_not_looked_at_again(
        self, alice: User, generated: Callable[..., Image], media: Path, content: bytes | None
    ) -> None:
        image = generated(alice)
        Image.objects.filter(pk=image.pk).update(placeholder="")
        thumbnail = media / storage.path_of(image, 320)
        thumbnail.unlink() if content is None else thumbnail.write_bytes(content)

        assert sweeper.fill_placeholders() == 1
        assert sweeper.fill_placeholders() == 0
        assert Image.objects.get().placeholder == " "

    def test_a_sweep_does_so_many_and_the_next_one_the_rest(
        self, alice: User, generated: Callable[..., Image], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sweeper, "PLACEHOLDERS", 2)
        for _ in range(3):
            generated(alice)
        Image.objects.update(placeholder="")

        assert [sweeper.fill_placeholders() for _ in range(3)] == [2, 1, 0]
        assert not Image.objects.filter(placeholder="").exists()

    def test_while_the_storage_does_not_answer_they_wait(
        self, alice: User, generated: Callable[..., Image], disk: Callable[..., None]
    ) -> None:
        generated(alice)
        Image.objects.update(placeholder="")
        disk(
            "storages.backends.s3.S3Storage",
            bucket_name="studio",
            endpoint_url="http://127.0.0.1:9",
            region_name="us-east-1",
            access_key="key",
            secret_key="secret",
        )

        assert sweeper.fill_placeholders() == 1
        assert Image.objects.get().placeholder == ""


def test_the_chore_does_all(alice: User, generated: Callable[..., Image], media: Path) -> None:
    thrown_away(generated(alice), DAYS_30 + MINUTE)
    storage.store(owner_id=alice.pk, marked=storage.marked(content=drawn(), recipe=recipe_of()))
    aged(media, 2)
    kept = generated(alice)
    Image.objects.update(placeholder="")

    tasks.sweep()

    assert len(files_in(media)) == 3
    assert Image.objects.get() == kept
    assert Image.objects.get().placeholder
