"""Pages of pictures, their names, and one as JSON."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from common.errors import InvalidInput
from common.ids import new_id
from gallery import queries
from gallery.models import Image
from gallery.services import images


def rows(owner: User, count: int, *, origin: str = "generated", **fields: Any) -> list[Image]:
    """Rows without bytes, a minute apart (three of them at the same moment), oldest first."""
    begin = datetime(2026, 11, 1, tzinfo=UTC)
    made = Image.objects.bulk_create(
        Image(
            pk=new_id(), owner=owner, origin=origin, path=f"{n}", format="png", bytes=1, width=1, height=1,
            digest="", recipe={"prompt": str(n)}, **fields,
        )
        for n in range(count)
    )  # fmt: skip
    for n, image in enumerate(made):
        Image.objects.filter(pk=image.pk).update(created_at=begin + timedelta(minutes=n // 3))
    return list(Image.objects.filter(pk__in=[image.pk for image in made]).order_by("created_at", "pk"))


def walk(user: User, direction: str, cursor: str = "", **options: Any) -> list[queries.Page]:
    """All pages from `cursor` on."""
    pages = [queries.page(user, cursor=cursor, **options)]
    while onward := getattr(pages[-1], direction):
        pages.append(queries.page(user, cursor=onward, **options))
    return pages


class TestPage:
    def test_twelve_at_a_time_newest_first_each_once(self, alice: User) -> None:
        made = rows(alice, 40)

        pages = walk(alice, "older")

        assert [len(page.images) for page in pages] == [12, 12, 12, 4]
        assert [image for page in pages for image in page.images] == made[::-1]

    def test_the_way_back_is_the_same(self, alice: User) -> None:
        made = rows(alice, 30)
        last = walk(alice, "older")[-1]

        back = walk(alice, "newer", last.newer)

        assert [image for page in back[::-1] for image in page.images] == made[::-1][:24]
        assert back[-1].newer == ""

    @pytest.mark.parametrize("count", [0, 1, 11, 12])
    def test_one_page_leads_nowhere(self, count: int, alice: User) -> None:
        rows(alice, count)

        page = queries.page(alice)

        assert (len(page.images), page.newer, page.older) == (count, "", "")

    def test_a_page_shows_neither_uploads_nor_trash_nor_what_is_bobs(self, alice: User, bob: User) -> None:
        [mine] = rows(alice, 1)
        rows(alice, 1, origin="uploaded")
        rows(alice, 1, deleted_at=timezone.now())
        rows(bob, 1)

        assert queries.page(alice).images == [mine]

    def test_the_trash_shows_all_that_alice_threw_away(self, alice: User, bob: User) -> None:
        rows(alice, 1)
        thrown = rows(alice, 13, deleted_at=timezone.now()) + rows(
            alice, 1, origin="uploaded", deleted_at=timezone.now()
        )
        rows(bob, 1, deleted_at=timezone.now())

        pages = walk(alice, "older", trash=True)

        assert {image.pk for page in pages for image in page.images} == {image.pk for image in thrown}

    def test_a_picture_that_goes_meanwhile_shifts_nothing(self, alice: User) -> None:
        made = rows(alice, 30)
        first = queries.page(alice)
        Image.objects.filter(pk__in=[image.pk for image in first.images]).delete()

        assert queries.page(alice, cursor=first.older).images == made[::-1][12:24]

    @pytest.mark.parametrize(
        "cursor", ["x", "older", "older_1_2", "sideways_20261101T000000000000_" + "0" * 32, "older_" * 9, "\x00"]
    )
    def test_a_cursor_of_nobodys_is_refused(self, cursor: str, alice: User) -> None:
        with pytest.raises(InvalidInput) as refusal:
            queries.page(alice, cursor=cursor)

        assert refusal.value.errors == [("cursor", "bad_cursor", {})]

    def test_the_deepest_page_is_found_by_the_index(self, alice: User) -> None:
        rows(alice, 100)
        cursor = walk(alice, "older")[-2].older
        _, at, pk = queries._parsed(cursor)

        plan = queries._older(Image.objects.visible_to(alice).kept().generated(), at, pk).explain()

        if connection.vendor == "sqlite":
            assert "gallery_newest_first" in plan
        assert "TEMP B-TREE" not in plan

    def test_a_page_costs_one_query(self, alice: User, django_assert_num_queries: Any) -> None:
        rows(alice, 30)

        with django_assert_num_queries(1):
            queries.page(alice)


class TestNeighbours:
    def test_each_knows_the_one_before_and_after(self, alice: User, bob: User) -> None:
        first, second, third = rows(alice, 3)
        rows(bob, 3)

        assert queries.neighbours(second) == (third, first)
        assert queries.neighbours(third) == (None, second)
        assert queries.neighbours(first) == (second, None)


class TestFilename:
    @pytest.mark.parametrize(
        ("words", "name"),
        [
            ("A red mug, studio lighting", "a-red-mug-studio-lighting.png"),
            ("Café crème", "café-crème.png"),
            ("كوب أحمر", "كوب-أحمر.png"),
            ("赤いマグ", "赤いマグ.png"),
            ("🫖☕", "picture.png"),
            ("", "picture.png"),
            ("../../etc/passwd", "etcpasswd.png"),
            ("‮gnp.exe\u2028", "gnpexe.png"),
            ('"; rm -rf \\ /\r\nSet-Cookie: a=b', "rm-rf-set-cookie-ab.png"),
            ("<script>alert(1)</script>", "scriptalert1script.png"),
            ("x" * 500, "x" * 60 + ".png"),
        ],
    )
    def test_a_name_is_made_of_letters_digits_and_hyphens(
        self, words: str, name: str, alice: User, generated: Callable[..., Image]
    ) -> None:
        image = generated(alice, prompt="prompt")
        image.title, image.recipe = "", {"prompt": words}

        assert queries.filename(image) == name

    def test_the_title_comes_first_and_the_format_ends_it(self, alice: User, generated: Callable[..., Image]) -> None:
        image = images.change(image=generated(alice), title="Mug, final")

        assert queries.filename(image, "jpeg") == "mug-final.jpg"

    def test_an_upload_is_a_picture(self, alice: User, uploaded: Callable[..., Image]) -> None:
        assert queries.filename(uploaded(alice)) == "picture.png"


def test_an_image_as_json(alice: User, generated: Callable[..., Image]) -> None:
    image = generated(alice, prompt="a mug 🫖")
    route = f"https://studio.example/api/v1/images/{image.pk}"

    assert queries.as_json(image, "https://studio.example") == {
        "id": str(image.pk),
        "origin": "generated",
        "title": "",
        "tags": [],
        "favourite": False,
        "visibility": "private",
        "url": f"{route}/file",
        "thumbnail_url": f"{route}/thumbnail",
        "width": 64,
        "height": 64,
        "format": "png",
        "bytes": image.bytes,
        "digest": image.digest,
        "model": "builtin",
        "seed": 42,
        "prompt": "a mug 🫖",
        "parent": None,
        "created_at": image.created_at.isoformat().replace("+00:00", "Z"),
        "deleted_at": None,
    }


def test_an_upload_as_json_has_no_recipe(alice: User, uploaded: Callable[..., Image]) -> None:
    told = queries.as_json(uploaded(alice), "")

    assert (told["origin"], told["model"], told["seed"], told["prompt"]) == ("uploaded", None, None, None)
