"""Bytes: whole or not at all, on a disk and on S3."""

import errno
import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage, default_storage, storages
from PIL import Image as Pixels

from accounts.models import User
from common import pictures
from common.errors import DomainError
from common.pictures import NotAPicture
from gallery import storage
from gallery.models import Image
from gallery.services import images
from gallery.storage import StorageFull
from tests.gallery.conftest import drawn, files_in, recipe_of


class SmallDisk(FileSystemStorage):
    """Has room for so many files, then half of the next one."""

    room = 0

    def _save(self, name: str, content: Any) -> str:
        if type(self).room <= 0:
            half = content.read()[: content.size // 2]
            path = Path(self.path(name))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(half)
            raise OSError(errno.ENOSPC, "No space left on device")
        type(self).room -= 1
        return super()._save(name, content)


class ForgetfulDisk(FileSystemStorage):
    """Says it stored everything and kept half."""

    def size(self, name: str) -> int:
        return super().size(name) // 2


def opened(path: Path) -> Pixels.Image:
    return Pixels.open(io.BytesIO(path.read_bytes()))


def test_a_picture_and_its_thumbnails_lie_in_the_folder_of_its_owner(alice: User, media: Path) -> None:
    stored = storage.store(owner_id=alice.pk, marked=storage.marked(content=drawn(700, 350), recipe=recipe_of()))

    names = [f"{alice.pk}/{stored.id}.{end}" for end in ("320.webp", "640.webp", "png")]
    assert files_in(media) == names
    assert [opened(media / name).size for name in names] == [(320, 160), (640, 320), (700, 350)]


def test_what_is_stored_is_described_exactly(alice: User, media: Path) -> None:
    stored = storage.store(owner_id=alice.pk, marked=storage.marked(content=drawn(48, 32), recipe=recipe_of()))

    content = (media / stored.path).read_bytes()
    assert (stored.format, stored.width, stored.height) == ("png", 48, 32)
    assert (stored.bytes, stored.digest) == (len(content), hashlib.sha256(content).hexdigest())


def test_what_a_provider_sends_as_jpeg_becomes_a_png(alice: User) -> None:
    stored = storage.store(owner_id=alice.pk, marked=storage.marked(content=drawn(format="JPEG"), recipe=recipe_of()))

    assert stored.path.endswith(".png")


def test_bytes_that_are_no_picture_are_never_stored(alice: User, media: Path) -> None:
    with pytest.raises(NotAPicture):
        storage.store(owner_id=alice.pk, marked=storage.marked(content=drawn()[:60], recipe=recipe_of()))

    assert files_in(media) == []


@pytest.mark.parametrize(("sent", "kept"), [("JPEG", "jpeg"), ("PNG", "png"), ("WEBP", "png"), ("GIF", "png")])
def test_a_photograph_stays_one_and_everything_else_is_kept_without_loss(
    sent: str, kept: str, alice: User, media: Path
) -> None:
    image = pictures.decode(drawn(format=sent))

    stored = storage.store_upload(owner_id=alice.pk, image=image)

    assert (stored.format, opened(media / stored.path).format) == (kept, kept.upper())


def test_discarding_leaves_nothing_and_may_be_repeated(alice: User, media: Path) -> None:
    stored = storage.store(owner_id=alice.pk, marked=storage.marked(content=drawn(), recipe=recipe_of()))

    storage.discard(stored.path)
    storage.discard(stored.path)

    assert files_in(media) == []


@pytest.mark.parametrize("room", [0, 1, 2])
def test_a_full_disk_keeps_nothing_half_stored(
    room: int, alice: User, media: Path, disk: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    disk("tests.gallery.test_storage.SmallDisk")
    monkeypatch.setattr(SmallDisk, "room", room)

    with pytest.raises(StorageFull) as refusal:
        images.keep_upload(owner=alice, file=drawn())

    assert (refusal.value.status, refusal.value.code) == (507, "storage_full")
    assert files_in(media) == []
    assert not Image.objects.exists()


def test_a_disk_that_lost_bytes_is_noticed(alice: User, media: Path, disk: Callable[..., None]) -> None:
    disk("tests.gallery.test_storage.ForgetfulDisk")

    with pytest.raises(StorageFull):
        storage.store(owner_id=alice.pk, marked=storage.marked(content=drawn(), recipe=recipe_of()))

    assert files_in(media) == []


def test_a_folder_that_may_not_be_written_is_a_refusal(alice: User, settings: Any, tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    settings.MEDIA_ROOT = blocked

    with pytest.raises(DomainError, match="storage_full"):
        storage.store(owner_id=alice.pk, marked=storage.marked(content=drawn(), recipe=recipe_of()))


def test_everything_works_on_s3(alice: User, bucket: Path, generated: Callable[..., Image]) -> None:
    image = generated(alice)

    kept = [path.name for path in (bucket / str(alice.pk)).iterdir()]
    assert sorted(kept) == [f"{image.pk}.{end}" for end in ("320.webp", "640.webp", "png")]
    assert hashlib.sha256(storage.read(image)).hexdigest() == image.digest
    assert storage.read(image, 320)[8:12] == b"WEBP"

    storage.discard(image.path)

    assert not [path for path in bucket.rglob("*") if path.is_file()]


def test_a_bucket_that_is_gone_is_a_refusal(alice: User, bucket: Path) -> None:
    bucket.rmdir()

    with pytest.raises(StorageFull):
        images.keep_upload(owner=alice, file=drawn())

    assert not Image.objects.exists()


def test_the_storage_is_the_one_of_the_settings(disk: Callable[..., None]) -> None:
    disk("tests.gallery.test_storage.ForgetfulDisk")

    assert isinstance(storages["default"], ForgetfulDisk)
    assert isinstance(default_storage, ForgetfulDisk)
