"""Many pictures at once: ticked, acted on, and put back as they were."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from celery import current_app
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from common.errors import InvalidInput
from gallery import folding
from gallery.models import Collection, Image, Member
from gallery.services import collections, selection
from tests.gallery.rows import rows

ClientOf = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
HOSTILE = "<script>alert(1)</script> {0} {count} كوب 🦊"


def words(response: Any) -> str:
    return response.content.decode()


def keys(images: list[Image]) -> list[str]:
    return [str(image.pk) for image in images]


def undo(browser: Client, page: Any) -> Any:
    """Press the button of the newest toast."""
    return browser.post("/undo/" + words(page).split('action="/undo/')[-1].split('"')[0], follow=True)


async def collected(answer: Any) -> bytes:
    return b"".join([chunk async for chunk in answer])


@pytest.fixture
def act(alice: User, client_of: ClientOf) -> Callable[..., Any]:
    """Press a button of the bar with pictures ticked: `act("trash", images)`."""
    browser = client_of(alice)

    def press(do: str, images: list[Image], *, follow: bool = True, headers: Any = None, **fields: Any) -> Any:
        sent = {"do": do, "ids": keys(images), **fields}
        answer = browser.post(reverse("selection"), sent, follow=follow, headers=headers or {})
        answer.browser = browser
        return answer

    return press


def test_an_undo_leads_back_to_the_page_that_its_toast_stood_on(act: Any, alice: User) -> None:
    page = act("favourite", rows(alice, 2), next="/gallery/?q=mug&sort=oldest")
    form = words(page).split('action="/undo/')[-1].split("</form>")[0]
    assert 'name="next" value="/gallery/?q=mug&amp;sort=oldest"' in form

    answer = page.browser.post("/undo/" + form.split('"')[0], {"next": "/gallery/?q=mug&sort=oldest"})

    assert answer.headers["Location"] == "/gallery/?q=mug&sort=oldest"


class TestTags:
    """Several at once, with commas between them."""

    def test_each_gets_all_and_an_undo_takes_from_each_what_it_got(self, act: Any, alice: User) -> None:
        had, other = rows(alice, 1, tags=["shop"])[0], rows(alice, 1, tags=["blue"])[0]

        page = act("tag", [had, other], tag=" shop ,red,, shop")
        tagged = {image.pk: image.tags for image in Image.objects.all()}
        after = undo(page.browser, page)

        assert tagged == {had.pk: ["shop", "red"], other.pk: ["blue", "shop", "red"]}
        assert "2 pictures got 2 tags." in words(page)
        assert "Undone." in words(after)
        assert {image.pk: image.tags for image in Image.objects.all()} == {had.pk: ["shop"], other.pk: ["blue"]}

    def test_each_loses_all_and_an_undo_brings_them_back(self, act: Any, alice: User) -> None:
        both, one = rows(alice, 1, tags=["red", "shop"])[0], rows(alice, 1, tags=["red"])[0]

        page = act("untag", [both, one], tag="red, shop")
        bare = [image.tags for image in Image.objects.all()]
        undo(page.browser, page)

        assert bare == [[], []]
        assert "2 pictures lost 2 tags." in words(page)
        assert {image.pk: sorted(image.tags) for image in Image.objects.all()} == {
            both.pk: ["red", "shop"],
            one.pk: ["red"],
        }

    def test_a_comma_alone_is_no_tag(self, act: Any, alice: User) -> None:
        answer = act("tag", rows(alice, 1), tag=" , ", headers=HTMX)

        assert answer.status_code == 422
        assert "A tag is empty." in words(answer)

    def test_where_one_is_refused_none_is_given(self, act: Any, alice: User) -> None:
        images = rows(alice, 1, tags=[f"t{number}" for number in range(19)])

        assert act("tag", images, tag="red, shop", headers=HTMX).status_code == 422
        assert len(Image.objects.get().tags) == 19

    def test_they_are_written_as_on_the_page_of_a_picture(self, act: Any, alice: User) -> None:
        page = words(act("favourite", rows(alice, 1)))

        assert '<label for="id_tag">Tags to add, with commas between them</label>' in page
        assert 'id="id_tag" name="tag" maxlength="1000"' in page


class TestTag:
    def test_each_gets_the_tag_and_an_undo_takes_it_from_those_only(self, act: Any, alice: User) -> None:
        had, other = rows(alice, 1, tags=["shop"])[0], rows(alice, 1, tags=["red"])[0]

        page = act("tag", [had, other], tag=" shop ")
        tagged = {image.pk: image.tags for image in Image.objects.all()}
        undo(page.browser, page)

        assert tagged == {had.pk: ["shop"], other.pk: ["red", "shop"]}
        assert "1 picture got the tag “shop”." in words(page)
        assert {image.pk: image.tags for image in Image.objects.all()} == {had.pk: ["shop"], other.pk: ["red"]}

    def test_what_is_tagged_is_found_by_its_tag(self, alice: User) -> None:
        image = rows(alice, 1, title="Été", prompt="a mug")[0]

        selection.tag(user=alice, ids=[image.pk], tag="Œuvre")

        row = Image.objects.get()
        assert row.search_text == folding.search_text(title="Été", prompt="a mug", tags=["Œuvre"])

    def test_a_tag_can_be_taken_off_and_put_on_again(self, act: Any, alice: User) -> None:
        images = rows(alice, 2, tags=["red", "shop"])

        page = act("untag", images, tag="shop")
        bare = [image.tags for image in Image.objects.all()]
        undo(page.browser, page)

        assert bare == [["red"], ["red"]]
        assert [image.tags for image in Image.objects.all()] == [["red", "shop"]] * 2

    def test_where_one_has_20_tags_none_gets_another(self, act: Any, alice: User) -> None:
        full = rows(alice, 1, tags=[f"tag {number}" for number in range(20)])[0]
        other = rows(alice, 1)[0]

        answer = act("tag", [other, full], tag="shop")

        assert answer.status_code == 422
        assert "has 20 tags already" in words(answer)
        other.refresh_from_db()
        assert other.tags == []

    @pytest.mark.parametrize("tag", ["", "  ", "x" * 51, "a\x07b"])
    def test_what_is_no_tag_is_refused_with_a_sentence(self, act: Any, alice: User, tag: str) -> None:
        answer = act("tag", rows(alice, 1), tag=tag, headers=HTMX)

        assert answer.status_code == 422
        assert answer["HX-Retarget"] == "#toasts"
        assert Image.objects.get().tags == []

    def test_enter_in_the_field_is_its_first_button(self, act: Any, alice: User) -> None:
        act("", rows(alice, 1), tag="shop")

        assert Image.objects.get().tags == ["shop"]

    def test_hostile_words_are_said_as_they_are(self, act: Any, alice: User) -> None:
        page = act("tag", rows(alice, 1), tag=HOSTILE[:50])

        assert "<script>alert" not in words(page)
        assert "&lt;script&gt;alert(1)&lt;/script&gt; {0} {count} كوب" in words(page)


class TestFavourite:
    def test_all_become_favourites_and_an_undo_leaves_those_that_were(self, act: Any, alice: User) -> None:
        was, new = rows(alice, 1, favourite=True)[0], rows(alice, 1)[0]

        page = act("favourite", [was, new])
        stars = set(Image.objects.filter(favourite=True))
        undo(page.browser, page)

        assert stars == {was, new}
        assert set(Image.objects.filter(favourite=True)) == {was}

    def test_where_all_are_favourites_they_are_none_any_more(self, act: Any, alice: User) -> None:
        page = act("favourite", rows(alice, 2, favourite=True))

        assert "2 pictures are no favourites." in words(page)
        assert not Image.objects.filter(favourite=True).exists()

    def test_htmx_gets_the_stars_alone(self, act: Any, alice: User) -> None:
        image = rows(alice, 1)[0]

        answer = act("favourite", [image], headers=HTMX)

        assert answer["HX-Reswap"] == "none"
        assert f'hx-swap-oob="outerHTML:#tile-{image.pk} .star"' in words(answer)
        assert 'aria-pressed="true"' in words(answer)
        assert "1 picture is a favourite." in words(answer)


class TestCollect:
    def test_they_go_into_a_collection_in_their_order_and_out_again(self, act: Any, alice: User) -> None:
        collection = collections.create(user=alice, name="Shop {name} <b>")
        first, second, third = rows(alice, 3)
        collections.add(user=alice, collection=collection, images=[second])

        page = act("", [third, second, first], collection=str(collection.pk))
        inside = list(collection.entries.order_by("position").values_list("image", flat=True))
        undo(page.browser, page)

        assert inside == [second.pk, third.pk, first.pk]
        assert "2 pictures went into “Shop {name} &lt;b&gt;”." in words(page)
        assert [entry.image_id for entry in collection.entries.all()] == [second.pk]

    def test_a_new_collection_is_made_for_them(self, act: Any, alice: User) -> None:
        act("collect", rows(alice, 2), name="Mugs")

        assert Collection.objects.get().name == "Mugs"
        assert Collection.objects.get().entries.count() == 2

    def test_a_new_collection_needs_a_name(self, act: Any, alice: User) -> None:
        answer = act("collect", rows(alice, 1), name=" ")

        assert answer.status_code == 422
        assert not Collection.objects.exists()

    @pytest.mark.parametrize(("role", "status"), [("editor", 302), ("viewer", 403), (None, 404)])
    def test_bobs_collection_takes_them_from_an_editor_only(
        self, act: Any, alice: User, bob: User, role: str | None, status: int
    ) -> None:
        collection = collections.create(user=bob, name="Bob's")
        if role:
            Member.objects.create(collection=collection, user=alice, role=role)

        answer = act("", rows(alice, 1), follow=False, collection=str(collection.pk))

        assert answer.status_code == status
        assert collection.entries.exists() == (role == "editor")


class TestTrash:
    def test_all_go_into_the_trash_and_come_back(self, act: Any, alice: User) -> None:
        images = rows(alice, 3)

        page = act("trash", images[:2])
        left = list(Image.objects.kept())
        undo(page.browser, page)

        assert left == [images[2]]
        assert "2 pictures are in the trash." in words(page)
        assert Image.objects.kept().count() == 3

    def test_htmx_is_led_to_the_page_it_came_from(self, act: Any, alice: User) -> None:
        answer = act("trash", rows(alice, 1), follow=False, headers=HTMX, next="/gallery/?cursor=x")

        assert answer["Location"] == "/gallery/?cursor=x"

    def test_who_scrolls_without_end_stays_where_they_are(self, act: Any, alice: User) -> None:
        gone, kept = rows(alice, 2)
        page = act("favourite", [kept])
        page.browser.post(reverse("gallery_scroll"), {"endless": "on"})

        answer = act("trash", [gone], headers=HTMX)

        assert f'<article id="tile-{gone.pk}" hx-swap-oob="delete">' in words(answer)
        assert str(kept.pk) not in words(answer)
        assert "1 picture" in words(answer).split('id="count"')[1].split("</span>")[0]


class TestDownloadAndCompare:
    def test_they_come_as_one_archive(self, act: Any, alice: User, generated: Callable[..., Image]) -> None:
        images = [generated(alice, prompt="a red mug"), generated(alice, prompt="a vase")]

        answer = act("download", images)
        archive = zipfile.ZipFile(io.BytesIO(async_to_sync(collected)(answer)))

        assert 'filename="pictures.zip"' in answer["Content-Disposition"]
        assert sum(name.endswith(".png") for name in archive.namelist()) == 2
        assert archive.testzip() is None

    def test_the_archive_can_leave_the_recipes_out(
        self, act: Any, alice: User, generated: Callable[..., Image]
    ) -> None:
        answer = act("download_without_recipes", [generated(alice, prompt="a secret glaze")])
        archive = zipfile.ZipFile(io.BytesIO(async_to_sync(collected)(answer)))

        (name,) = archive.namelist()
        assert name.endswith(".png")
        assert "secret" not in name
        assert b"secret glaze" not in archive.read(name)

    def test_two_are_compared(self, act: Any, alice: User) -> None:
        images = rows(alice, 2)

        assert act("compare", images, follow=False)["Location"] == reverse("compare", args=keys(images))
        assert "Select two pictures to compare them." in words(act("compare", images[:1]))


class TestRights:
    @pytest.mark.parametrize(
        "do", ["trash", "tag", "untag", "favourite", "collect", "download", "download_without_recipes", "compare"]
    )
    def test_with_one_picture_of_somebody_else_nothing_happens(self, act: Any, alice: User, bob: User, do: str) -> None:
        mine, theirs = rows(alice, 1, tags=["shop"])[0], rows(bob, 1, tags=["shop"])[0]

        answer = act(do, [mine, theirs], tag="shop", name="Ours")

        assert answer.status_code == 404
        for image in (mine, theirs):
            image.refresh_from_db()
            assert (image.deleted_at, image.tags, image.favourite) == (None, ["shop"], False)
        assert not Collection.objects.exists()

    @pytest.mark.parametrize("service", ["tag", "untag", "favourite", "restore"])
    def test_the_services_touch_nobody_elses_either(self, alice: User, bob: User, service: str) -> None:
        theirs = rows(bob, 1, tags=["shop"], deleted_at=timezone.now())
        arguments = {"tag": {"tag": "new"}, "untag": {"tag": "shop"}, "favourite": {"favourite": True}}

        assert getattr(selection, service)(user=alice, ids=keys(theirs), **arguments.get(service, {})) == []
        assert Image.objects.get().tags == ["shop"]
        assert Image.objects.get().deleted_at
        assert not Image.objects.get().favourite

    def test_500_at_once_and_no_more(self, act: Any, alice: User) -> None:
        images = rows(alice, 501)

        assert act("favourite", images, follow=False).status_code == 422
        assert act("favourite", images[:500], follow=False).status_code == 302
        assert Image.objects.filter(favourite=True).count() == 500

    @pytest.mark.parametrize("ids", [["x"], ["01890000-0000-7000-8000-000000000000"]])
    def test_an_id_that_is_none_is_not_there(self, alice: User, client_of: ClientOf, ids: list[str]) -> None:
        assert client_of(alice).post(reverse("selection"), {"do": "trash", "ids": ids}).status_code == 404

    def test_a_button_that_there_is_not_is_not_there(self, act: Any, alice: User) -> None:
        assert act("publish", rows(alice, 1)).status_code == 404

    def test_nothing_ticked_says_what_to_do(self, act: Any, alice: User) -> None:
        assert "Select some pictures first." in words(act("trash", []))

    def test_many_cost_few_queries(self, alice: User, django_assert_max_num_queries: Any) -> None:
        images = rows(alice, 150)

        with django_assert_max_num_queries(5):
            selection.tag(user=alice, ids=keys(images), tag="shop")


class TestTrashPage:
    @pytest.fixture
    def browser(self, alice: User, client_of: ClientOf) -> Client:
        return client_of(alice)

    def test_it_says_how_much_lies_in_it_and_when_each_is_gone(self, browser: Client, alice: User, bob: User) -> None:
        rows(alice, 2, deleted_at=timezone.now(), bytes=1024 * 1024)
        rows(bob, 1, deleted_at=timezone.now())
        rows(alice, 1)

        page = words(browser.get(reverse("trash")))

        assert "2 pictures · 2.0\xa0MB" in page
        assert len(re.findall("Gone on", page)) == 2

    def test_the_last_one_thrown_away_comes_first(self, browser: Client, alice: User) -> None:
        first, second = rows(alice, 2)
        for image in (second, first):
            Image.objects.filter(pk=image.pk).update(deleted_at=timezone.now())

        page = words(browser.get(reverse("trash")))

        assert page.index(str(first.pk)) < page.index(str(second.pk))

    def test_the_ticked_ones_come_back_and_an_undo_throws_them_away_again(self, browser: Client, alice: User) -> None:
        images = rows(alice, 3, deleted_at=timezone.now())

        page = browser.post(reverse("trash_restore"), {"ids": keys(images[:2])}, follow=True)
        kept = set(Image.objects.kept())
        undo(browser, page)

        assert "2 pictures are back." in words(page)
        assert kept == set(images[:2])
        assert not Image.objects.kept().exists()

    def test_all_come_back_at_once(self, browser: Client, alice: User, bob: User) -> None:
        rows(alice, 250, deleted_at=timezone.now())
        rows(bob, 1, deleted_at=timezone.now())

        browser.post(reverse("trash_restore"), {"all": "1"})

        assert Image.objects.kept().count() == 250

    def test_a_picture_of_somebody_else_does_not_come_back(self, browser: Client, bob: User) -> None:
        theirs = rows(bob, 1, deleted_at=timezone.now())

        assert browser.post(reverse("trash_restore"), {"ids": keys(theirs)}).status_code == 404
        assert not Image.objects.kept().exists()

    def test_it_asks_before_it_is_emptied(self, browser: Client, alice: User) -> None:
        rows(alice, 2, deleted_at=timezone.now(), bytes=1024)

        page = words(browser.get(reverse("trash_empty")))

        assert "2 pictures (2.0\xa0KB) will be gone for good" in page
        assert "This cannot be undone." in page
        assert Image.objects.count() == 2

    def test_emptied_it_has_neither_rows_nor_bytes(
        self,
        browser: Client,
        alice: User,
        generated: Callable[..., Image],
        django_capture_on_commit_callbacks: Any,
        monkeypatch: pytest.MonkeyPatch,
        media: Path,
    ) -> None:
        monkeypatch.setattr(current_app.conf, "task_always_eager", True)
        kept, gone = generated(alice), generated(alice)
        Image.objects.filter(pk=gone.pk).update(deleted_at=timezone.now())

        with django_capture_on_commit_callbacks(execute=True):
            page = browser.post(reverse("trash_empty"), follow=True)

        assert "1 picture is gone for good." in words(page)
        assert list(Image.objects.all()) == [kept]
        assert not list(media.rglob(f"{gone.pk}*"))
        assert len(list(media.rglob(f"{kept.pk}*"))) == 3

    def test_nobody_elses_trash_is_emptied(self, browser: Client, alice: User, bob: User) -> None:
        rows(bob, 1, deleted_at=timezone.now())
        rows(alice, 1)

        browser.post(reverse("trash_empty"))

        assert Image.objects.count() == 2

    def test_an_empty_trash_says_so(self, browser: Client) -> None:
        for page in ("trash", "trash_empty"):
            assert "The trash is empty." in words(browser.get(reverse(page)))

    def test_it_costs_the_same_queries_whatever_its_length(
        self, browser: Client, alice: User, django_assert_max_num_queries: Any
    ) -> None:
        rows(alice, 40, deleted_at=timezone.now())

        with django_assert_max_num_queries(9):
            browser.get(reverse("trash"))


def test_a_refused_tag_is_refused_on_its_field(alice: User) -> None:
    with pytest.raises(InvalidInput) as refused:
        selection.tag(user=alice, ids=[], tag="")

    assert refused.value.errors == [("tag", "tag_empty", {})]
