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
from gallery import finding, orders, queries
from gallery.models import Image
from gallery.orders import ORDERS
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


def walk(user: User, direction: str, cursor: str = "", **options: Any) -> list[orders.Page[Image]]:
    """All pages of the gallery from `cursor` on."""
    pages = [queries.gallery(user, cursor=cursor, **options)]
    while onward := getattr(pages[-1], direction):
        pages.append(queries.gallery(user, cursor=onward, **options))
    return pages


def of(pages: list[orders.Page[Image]]) -> list[Image]:
    return [image for page in pages for image in page.rows]


class TestPage:
    def test_twelve_at_a_time_newest_first_each_once(self, alice: User) -> None:
        made = rows(alice, 40)

        pages = walk(alice, "older")

        assert [len(page.rows) for page in pages] == [12, 12, 12, 4]
        assert of(pages) == made[::-1]

    def test_the_way_back_is_the_same(self, alice: User) -> None:
        made = rows(alice, 30)
        last = walk(alice, "older")[-1]

        back = walk(alice, "newer", last.newer)

        assert of(back[::-1]) == made[::-1][:24]
        assert back[-1].newer == ""

    @pytest.mark.parametrize("count", [0, 1, 11, 12])
    def test_one_page_leads_nowhere(self, count: int, alice: User) -> None:
        rows(alice, count)

        page = queries.gallery(alice)

        assert (len(page.rows), page.newer, page.older) == (count, "", "")

    def test_the_gallery_shows_neither_uploads_nor_trash_nor_what_is_bobs(self, alice: User, bob: User) -> None:
        [mine] = rows(alice, 1)
        rows(alice, 1, origin="uploaded")
        rows(alice, 1, deleted_at=timezone.now())
        rows(bob, 1)

        assert queries.gallery(alice).rows == [mine]
        assert queries.count(alice) == 1

    @pytest.mark.parametrize(("sort", "field"), [("deleted", "deleted_at"), ("published", "published_at")])
    def test_any_images_have_pages_by_when_something_happened_to_them(
        self, sort: str, field: str, alice: User, bob: User
    ) -> None:
        made = rows(alice, 3) + rows(bob, 3)
        begin = datetime(2026, 11, 1, tzinfo=UTC)
        for days, image in zip((4, 1, 2, 0, 5, 3), made, strict=True):
            Image.objects.filter(pk=image.pk).update(**{field: begin - timedelta(days=days)})

        first = orders.page(Image.objects.all(), sort=sort, size=4)
        second = orders.page(Image.objects.all(), sort=sort, size=4, cursor=first.older)

        assert of([first, second]) == [made[number] for number in (3, 1, 2, 5, 0, 4)]
        assert orders.page(Image.objects.all(), sort=sort, size=4, cursor=second.newer).rows == first.rows

    def test_a_picture_that_goes_meanwhile_shifts_nothing(self, alice: User) -> None:
        made = rows(alice, 30)
        first = queries.gallery(alice)
        Image.objects.filter(pk__in=[image.pk for image in first.rows]).delete()

        assert queries.gallery(alice, cursor=first.older).rows == made[::-1][12:24]

    @pytest.mark.parametrize(
        "cursor",
        [
            "x", "older", "older_newest_1_2", "sideways_newest_20261101T000000000000_" + "0" * 32, "older_" * 9, "\x00",
            "older_oldest_20261101T000000000000_" + "0" * 32, "older_20261101T000000000000_" + "0" * 32,
            "older_newest_20261101T000000000000_zz", "older_newest__" + "0" * 32,
        ],
    )  # fmt: skip
    def test_a_cursor_of_nobodys_is_refused(self, cursor: str, alice: User) -> None:
        with pytest.raises(InvalidInput) as refusal:
            queries.gallery(alice, cursor=cursor)

        assert refusal.value.errors == [("cursor", "bad_cursor", {})]

    @pytest.mark.parametrize(
        "cursor", ["older_title_00_", "older_title_FF_", "older_title_é_", "older_largest_-1_", "older_largest_1e3_"]
    )
    def test_so_is_one_with_a_key_that_no_image_has(self, cursor: str, alice: User) -> None:
        with pytest.raises(InvalidInput):
            queries.gallery(alice, cursor=cursor + "0" * 32, sort=cursor.split("_")[1])

    def test_an_order_that_there_is_not_is_refused(self, alice: User) -> None:
        with pytest.raises(InvalidInput) as refusal:
            queries.gallery(alice, sort="deleted")

        [(field, code, arguments)] = refusal.value.errors
        assert (field, code, arguments["choices"]) == ("sort", "not_a_choice", "newest, oldest, title, largest")

    @pytest.mark.parametrize("sort", ["newest", "oldest"])
    def test_the_first_and_the_deepest_page_are_read_in_the_order_of_the_index(self, sort: str, alice: User) -> None:
        rows(alice, 100)
        images, order = queries.made_by(alice), ORDERS[sort]
        [middle] = order.sorted(images)[50:51]

        for ordered in (order.sorted(images), order.after(images, middle.created_at, middle.pk)):
            plan = ordered.explain()

            assert "TEMP B-TREE" not in plan
            assert connection.vendor != "sqlite" or "gallery_newest_first" in plan

    def test_the_deepest_page_begins_to_read_at_its_place(self, alice: User) -> None:
        rows(alice, 100)
        [image] = rows(alice, 1)

        plan = ORDERS["newest"].after(queries.made_by(alice), image.created_at, image.pk).explain()

        assert connection.vendor != "sqlite" or "created_at<?" in plan

    def test_a_page_costs_one_query(self, alice: User, django_assert_num_queries: Any) -> None:
        rows(alice, 30)

        with django_assert_num_queries(1):
            queries.gallery(alice, terms=finding.parsed("1 -2 tag:x is:shared"))


class TestSorts:
    def test_the_oldest_come_first_when_that_is_asked(self, alice: User) -> None:
        made = rows(alice, 30)

        pages = walk(alice, "older", sort="oldest")

        assert of(pages) == made
        assert of(walk(alice, "newer", pages[-1].newer, sort="oldest")[::-1]) == made[:24]

    def test_the_largest_come_first_when_that_is_asked(self, alice: User) -> None:
        made = rows(alice, 30)
        for n, image in enumerate(made):
            Image.objects.filter(pk=image.pk).update(width=70_000 if n % 5 else 64, height=100_000 - n // 2)

        pages = walk(alice, "older", sort="largest")

        sizes = [(image.width * image.height, image.pk) for image in of(pages)]
        assert sizes == sorted(sizes, reverse=True)
        assert set(of(pages)) == set(made)
        assert of(walk(alice, "newer", pages[-1].newer, sort="largest")[::-1]) == of(pages[:-1])

    def test_titles_go_by_the_alphabet_whatever_their_accents_and_length(self, alice: User) -> None:
        titles = ["zebra", "Élan", "elbow", "", "Apple", "apple", "été" * 60 + "z", "été" * 60 + "a", "風景", "_", "🫖"]
        made = rows(alice, len(titles) * 3)
        for n, image in enumerate(made):
            images.change(image=image, title=titles[n % len(titles)])

        pages = walk(alice, "older", sort="title", size=4)

        assert len(of(pages)) == len(set(of(pages))) == len(made)
        latin = [image.title for image in of(pages) if image.title[:1].isalpha() and image.title != "風景"]
        assert [title[:9] for title in latin[::3]] == [
            "Apple",
            "apple",
            "Élan",
            "elbow",
            "étéétéété",
            "étéétéété",
            "zebra",
        ]
        assert of(walk(alice, "newer", pages[-1].newer, sort="title", size=4)[::-1]) == of(pages[:-1])


class TestSearch:
    def test_a_search_has_pages_and_a_count(self, alice: User, bob: User) -> None:
        made = rows(alice, 40)
        for image in made[::2]:
            images.change(image=image, title="A red mug")
            images.change(image=rows(bob, 1)[0], title="A red mug")
        terms = finding.parsed("mugs")

        pages = walk(alice, "older", terms=terms)

        assert of(pages) == made[::2][::-1]
        assert queries.count(alice, terms) == 20


class TestNeighbours:
    def test_each_knows_the_one_before_and_after(self, alice: User, bob: User) -> None:
        first, second, third = rows(alice, 3)
        rows(bob, 3)

        assert queries.neighbours(second) == (third, first)
        assert queries.neighbours(third) == (None, second)
        assert queries.neighbours(first) == (second, None)

    def test_in_a_search_they_are_the_next_it_finds_in_its_order(self, alice: User) -> None:
        made = rows(alice, 6)
        for image, title in zip(made, ("A mug", "B cup", "D mug", "C mug", "E cup", "F mug"), strict=True):
            images.change(image=image, title=title)
        terms = finding.parsed("mug")
        third = Image.objects.get(pk=made[2].pk)

        assert queries.neighbours(third, terms) == (made[3], made[0])
        assert queries.neighbours(third, terms, "oldest") == (made[0], made[3])
        assert queries.neighbours(third, terms, "title") == (made[3], made[5])


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
            ("\N{CJK UNIFIED IDEOGRAPH-20000}" * 60, "\N{CJK UNIFIED IDEOGRAPH-20000}" * 45 + ".png"),
        ],
    )
    def test_a_name_is_made_of_letters_digits_and_hyphens(
        self, words: str, name: str, alice: User, generated: Callable[..., Image]
    ) -> None:
        image = generated(alice, prompt="prompt")
        image.title, image.recipe, image.seed = "", {"prompt": words}, None

        assert queries.filename(image) == name

    def test_the_title_comes_first_then_the_seed_and_the_format(
        self, alice: User, generated: Callable[..., Image]
    ) -> None:
        image = images.change(image=generated(alice), title="Mug, final")

        assert queries.filename(image, "jpeg") == "mug-final-42.jpg"

    def test_without_its_recipe_it_tells_neither_prompt_nor_seed(
        self, alice: User, generated: Callable[..., Image]
    ) -> None:
        assert queries.filename(generated(alice, prompt="secret"), with_recipe=False) == "picture.png"

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
