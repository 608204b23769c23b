"""Many pictures as one ZIP."""

import gc
import json
import os
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import aclosing
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import pytest
from asgiref.sync import async_to_sync
from django.core.files.storage import default_storage
from django.test import Client, RequestFactory

from accounts.models import User
from accounts.throttling import ARCHIVES, RateLimited
from common.ids import new_id
from gallery import archive, storage
from gallery.models import Image
from gallery.services import collections
from tests.hostile import MUG_FILE, SHELF, hostile

MEGABYTE = 2**20


@pytest.fixture(autouse=True)
def _places_are_left() -> Iterator[None]:
    """Each test gives back the places it took."""
    yield
    gc.collect()
    assert archive.places.taken.total() == 0


def response(user: User, images: list[Image], **options: Any) -> Any:
    request = RequestFactory().get("/")
    ids = [image.pk for image in images]
    return archive.response(request, ids, user=user, **{"name": SHELF, **options})


async def _collected(answer: Any) -> bytes:
    return b"".join([chunk async for chunk in answer])


def opened(answer: Any) -> ZipFile:
    return ZipFile(BytesIO(async_to_sync(_collected)(answer)))


async def _drained(answer: Any) -> int:
    size = 0
    async for chunk in answer:
        size += len(chunk)
    return size


def pictures(owner: User, count: int, media: Path) -> list[Image]:
    """Rows of a megabyte each, whose files are all the same file on the disk."""
    original = media / str(owner.pk) / "original.png"
    original.parent.mkdir(parents=True, exist_ok=True)
    original.write_bytes(os.urandom(MEGABYTE))
    rows = [
        Image(
            pk=(pk := new_id()), owner=owner, origin="generated", path=f"{owner.pk}/{pk}.png", format="png",
            bytes=MEGABYTE, width=8, height=8, digest="", recipe={"prompt": hostile(f"mug {number}")},
        )
        for number in range(count)
    ]  # fmt: skip
    for row in rows:
        os.link(original, media / row.path)
    return Image.objects.bulk_create(rows)


class TestWhatIsInIt:
    def test_pictures_stand_in_their_order_each_with_its_recipe(self, alice: User, generated: Callable[..., Image]):
        first, second = generated(alice, prompt="a red mug"), generated(alice, prompt="Œuvre d’été: la tasse")

        file = opened(response(alice, [second, first]))

        assert file.testzip() is None
        assert file.namelist() == [
            "001-œuvre-dété-la-tasse-42.png", "001-œuvre-dété-la-tasse-42.json",
            "002-a-red-mug-42.png", "002-a-red-mug-42.json",
        ]  # fmt: skip
        assert file.read("002-a-red-mug-42.png") == storage.read(first)
        assert json.loads(file.read("002-a-red-mug-42.json")) == first.recipe
        assert {each.compress_type for each in file.infolist()} == {ZIP_STORED}

    def test_two_pictures_of_the_same_words_have_two_names(self, alice: User, generated: Callable[..., Image]):
        file = opened(response(alice, [generated(alice), generated(alice)]))

        assert len(set(file.namelist())) == 4

    def test_without_recipes_no_file_has_one(self, alice: User, generated: Callable[..., Image]):
        image = generated(alice, prompt="a secret recipe of mugs")

        file = opened(response(alice, [image], recipes=False))

        assert file.namelist() == ["001-picture.png"]
        assert b"a secret recipe of mugs" not in file.read(file.namelist()[0])

    def test_an_upload_has_no_recipe(self, alice: User, uploaded: Callable[..., Image]):
        assert opened(response(alice, [uploaded(alice)])).namelist() == ["001-picture.png"]

    def test_a_picture_whose_bytes_are_gone_is_named(self, alice: User, generated: Callable[..., Image]):
        gone, kept = generated(alice, prompt="gone"), generated(alice, prompt="kept")
        default_storage.delete(gone.path)

        file = opened(response(alice, [gone, kept]))

        assert file.namelist() == ["002-kept-42.png", "002-kept-42.json", "MISSING.txt"]
        assert "001-gone-42.png" in file.read("MISSING.txt").decode()

    def test_one_that_was_deleted_meanwhile_is_left_out(self, alice: User, generated: Callable[..., Image]):
        image, deleted = generated(alice), generated(alice)
        answer = response(alice, [deleted, image])
        deleted.delete()

        assert opened(answer).namelist() == [f"001-{MUG_FILE}.png", f"001-{MUG_FILE}.json"]

    def test_an_empty_one_opens(self, alice: User):
        assert opened(response(alice, [])).namelist() == []

    def test_the_name_cannot_break_the_header(self, alice: User):
        answer = response(alice, [], name='é"\r\nSet-Cookie: a=b; ../../' + "x" * 300)

        assert answer["Content-Disposition"].startswith("attachment; filename")
        assert "\n" not in answer["Content-Disposition"]
        assert "/" not in answer["Content-Disposition"].partition("''")[2]
        answer.close()

    def test_more_than_an_old_zip_holds_is_written_as_a_large_one(self, alice: User, generated: Callable[..., Image]):
        image = generated(alice)
        Image.objects.filter(pk=image.pk).update(bytes=archive.OLD_ZIP_MAX)

        file = opened(response(alice, [image]))

        assert file.testzip() is None
        assert file.infolist()[0].extract_version == 45


class TestMemory:
    def test_it_does_not_grow_with_the_archive(self, alice: User, media: Path):
        images = pictures(alice, 300, media)

        def peak(count: int) -> int:
            answer = response(alice, images[:count])
            gc.collect()
            tracemalloc.start()
            size = async_to_sync(_drained)(answer)
            highest = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert size > count * MEGABYTE
            return highest

        small, large = peak(10), peak(300)

        assert large < small + 2 * MEGABYTE
        assert large < 10 * MEGABYTE


class TestLimits:
    def test_an_eleventh_in_a_minute_is_refused(self, alice: User):
        for _ in range(ARCHIVES):
            response(alice, []).close()

        with pytest.raises(RateLimited):
            response(alice, [])

    def test_four_are_sent_at_once_and_two_of_them_to_one_person(self, alice: User, bob: User, mallory: User):
        held = [response(mallory, []), response(mallory, []), response(bob, [])]

        with pytest.raises(archive.ArchivesBusy) as refused:
            response(mallory, [])
        assert refused.value.extra == {"retry_after": archive.RETRY_AFTER}

        held.append(response(alice, []))
        with pytest.raises(archive.ArchivesBusy):
            response(bob, [])

        held.pop().close()
        async_to_sync(_collected)(response(bob, []))
        for each in held:
            each.close()

    def test_who_goes_away_in_the_middle_gives_the_place_back(self, alice: User, generated: Callable[..., Image]):
        async def first_chunk(answer: Any) -> bytes:
            async with aclosing(aiter(answer)) as chunks:
                return await anext(chunks)

        assert async_to_sync(first_chunk)(response(alice, [generated(alice)]))
        assert archive.places.taken.total() == 0

    def test_one_that_nobody_reads_gives_its_place_back(self, alice: User):
        held = [response(alice, []) for _ in range(archive.AT_ONCE_EACH)]
        held.clear()
        gc.collect()

        response(alice, []).close()

    def test_too_many_pictures_are_refused(self, alice: User):
        with pytest.raises(archive.TooMuch):
            archive.response(RequestFactory().get("/"), [new_id()] * 10_001, user=alice, name=SHELF)


class TestCollection:
    @pytest.fixture
    def mugs(self, alice: User, generated: Callable[..., Image]) -> Any:
        collection = collections.create(user=alice, name=hostile("Mugs & <cups>", 100))
        collections.add(user=alice, collection=collection, images=[generated(alice)])
        return collection

    def test_alice_saves_her_collection(self, alice: User, mugs: Any, client_of: Callable[[User], Client]):
        answer = client_of(alice).get(f"/collections/{mugs.pk}/archive")

        assert answer["Content-Disposition"].startswith('attachment; filename="mugs-cups-img-srcx-onerroralert1-')
        assert answer["Content-Type"] == "application/zip"
        assert opened(answer).namelist() == [f"001-{MUG_FILE}.png", f"001-{MUG_FILE}.json"]

    def test_mallory_does_not(self, mallory: User, mugs: Any, client_of: Callable[[User], Client]):
        assert client_of(mallory).get(f"/collections/{mugs.pk}/archive").status_code == 404
