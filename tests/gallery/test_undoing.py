"""What an undo says: what came back, how much of it, or that nothing does any more."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from gallery import shelves
from gallery.models import Collection, CollectionImage, Image, Share
from gallery.services import collections, members, searches
from gallery.views import undoing
from tests.gallery.rows import rows
from tests.hostile import SHELF

ClientOf = Callable[[User], Client]
NOTHING = "This cannot be undone any more."


@pytest.fixture
def browser(alice: User, client_of: ClientOf) -> Client:
    return client_of(alice)


@pytest.fixture
def mugs(alice: User) -> Collection:
    collection = collections.create(user=alice, name=SHELF)
    collections.add(user=alice, collection=collection, images=rows(alice, 3))
    return collection


def said(browser: Client, page: Any) -> str:
    """What is said once the undo of the toast is pressed."""
    [offered] = re.findall(r'action="(/undo/[^"]+)"', page.content.decode())
    after = browser.post(offered, follow=True).content.decode()
    return re.findall(r'<div class="toast-card"[^>]*>\s*<p dir="auto">([^<]*)</p>', after)[0]


def select(browser: Client, images: list[Image], **sent: Any) -> Any:
    return browser.post("/gallery/selection", {"ids": [image.pk for image in images], **sent}, follow=True)


def test_all_that_came_back_is_undone(browser: Client, alice: User) -> None:
    assert said(browser, select(browser, rows(alice, 3), do="trash")) == "Undone."
    assert Image.objects.kept().count() == 3


def test_what_was_deleted_for_good_meanwhile_is_counted(browser: Client, alice: User) -> None:
    images = rows(alice, 3)
    page = select(browser, images, do="trash")
    Image.objects.filter(pk=images[0].pk).delete()

    assert said(browser, page) == "Undone for 2 of 3 pictures."


def test_what_a_session_remembers_has_a_size(browser: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing, "KEPT_BYTES", 1500)
    images = rows(alice, 8)
    for name in ("shop", "old", "new"):
        select(browser, images, do="tag", tag=name)

    assert [each["arguments"]["tag"] for each in browser.session[undoing.REMEMBERED]] == ["old", "new"]


@pytest.mark.parametrize(
    "sent", [{"do": "trash"}, {"do": "tag", "tag": "shop"}, {"do": "untag", "tag": "old"}, {"do": "favourite"}]
)
def test_where_nothing_is_left_to_undo_that_is_said(browser: Client, alice: User, sent: dict[str, str]) -> None:
    images = rows(alice, 2, tags=["old"])
    page = select(browser, images, **sent)
    Image.objects.all().delete()

    assert said(browser, page) == NOTHING


def test_a_search_whose_name_was_taken_does_not_come_back(browser: Client, alice: User) -> None:
    kept = searches.save(user=alice, name="Mugs", query="mug")
    page = browser.post(f"/gallery/searches/{kept.pk}/forget", follow=True)
    searches.save(user=alice, name="Mugs", query="cup")

    assert said(browser, page) == NOTHING


def test_a_search_comes_back(browser: Client, alice: User) -> None:
    kept = searches.save(user=alice, name="Mugs", query="mug")

    assert said(browser, browser.post(f"/gallery/searches/{kept.pk}/forget", follow=True)) == "Undone."


def test_a_collection_comes_back(browser: Client, mugs: Collection) -> None:
    assert said(browser, browser.post(f"/collections/{mugs.pk}/delete", follow=True)) == "Undone."


def test_what_was_put_back_by_hand_is_not_put_back_again(browser: Client, alice: User, mugs: Collection) -> None:
    [first, *_] = shelves.image_ids(mugs)
    page = browser.post(f"/collections/{mugs.pk}/take-out", {"image": first}, follow=True)
    collections.add(user=alice, collection=mugs, images=[Image.objects.get(pk=first)])

    assert said(browser, page) == NOTHING


@pytest.mark.parametrize(("left", "words"), [(0, NOTHING), (1, "Undone for 1 of 2 pictures."), (2, "Undone.")])
def test_what_was_collected_is_taken_out_again(
    browser: Client, alice: User, mugs: Collection, left: int, words: str
) -> None:
    images = rows(alice, 2)
    page = select(browser, images, do="collect", collection=mugs.pk)
    CollectionImage.objects.filter(image__in=[image.pk for image in images[left:]]).delete()

    assert said(browser, page) == words


class TestPeople:
    @pytest.fixture
    def with_bob(self, alice: User, bob: User, mugs: Collection) -> Collection:
        """Bob fills it too."""
        members.share(collection=mugs, by=alice, handle="bob", role="editor")
        collections.add(user=bob, collection=mugs, images=rows(bob, 3))
        return mugs

    def part(self, browser: Client, collection: Collection) -> Any:
        return browser.post(f"/collections/{collection.pk}/members/bob/remove", follow=True)

    def test_somebody_comes_back_with_all_of_theirs(self, browser: Client, with_bob: Collection) -> None:
        assert said(browser, self.part(browser, with_bob)) == "Undone."
        assert len(shelves.image_ids(with_bob)) == 6

    def test_more_than_an_undo_remembers_is_counted(
        self, browser: Client, with_bob: Collection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(members, "PLACES_UNDONE", 2)

        assert said(browser, self.part(browser, with_bob)) == "Undone for 2 of 3 pictures."
        assert with_bob.members.count() == 1

    def test_somebody_comes_back_without_pictures_that_are_gone(
        self, browser: Client, bob: User, with_bob: Collection
    ) -> None:
        page = self.part(browser, with_bob)
        Image.objects.owned_by(bob).delete()

        assert said(browser, page) == "Undone for 0 of 3 pictures."
        assert with_bob.members.count() == 1

    def test_who_has_no_picture_in_it_comes_back(self, browser: Client, alice: User, bob: User) -> None:
        empty = collections.create(user=alice, name=SHELF)
        members.share(collection=empty, by=alice, handle="bob", role="viewer")

        assert said(browser, self.part(browser, empty)) == "Undone."


def test_a_link_that_was_opened_again_meanwhile_is_not_opened_twice(browser: Client, alice: User) -> None:
    image = rows(alice, 1)[0]
    share = Share.objects.create(image=image, key="k" * 22)
    page = browser.post(f"/shares/{share.pk}/revoke", follow=True)
    Share.objects.update(revoked_at=None)

    assert said(browser, page) == NOTHING


def offers(page: Any) -> list[str]:
    """The undos on a page, in their order."""
    return re.findall(r'action="(/undo/[^"]+)"', page.content.decode())


class TestSeveral:
    """What is undone next to something else that can be undone."""

    def take_out(self, browser: Client, mugs: Collection, image: Any) -> Any:
        return browser.post(f"/collections/{mugs.pk}/take-out", {"image": image}, follow=True)

    def test_taking_out_twice_leaves_both_undos_the_newest_last(self, browser: Client, mugs: Collection) -> None:
        before = shelves.image_ids(mugs)
        [first] = offers(self.take_out(browser, mugs, before[0]))
        page = self.take_out(browser, mugs, before[1])
        assert offers(page)[0] == first

        for offered in offers(page):
            page = browser.post(offered, follow=True)

        assert len(offers(page)) == 0
        assert sorted(shelves.image_ids(mugs)) == sorted(before)

    def test_one_undone_leaves_the_other(self, browser: Client, mugs: Collection) -> None:
        before = shelves.image_ids(mugs)
        self.take_out(browser, mugs, before[0])
        first, second = offers(self.take_out(browser, mugs, before[1]))

        page = browser.post(second, follow=True)

        assert offers(page) == [first]
        assert "Undone." in page.content.decode()

    def test_what_is_done_between_leaves_it_too(self, browser: Client, mugs: Collection) -> None:
        [first, second, _] = shelves.image_ids(mugs)
        offered = offers(self.take_out(browser, mugs, first))

        moved = browser.post(f"/collections/{mugs.pk}/move", {"image": second, "to": "last"}, follow=True)
        covered = browser.post(f"/collections/{mugs.pk}/cover", {"image": second}, follow=True)

        assert (offers(moved), offers(covered)) == (offered, offered)

    def test_at_most_four_stand_on_a_page_each_once(self, browser: Client, alice: User) -> None:
        images = rows(alice, 6)
        for image in images[:5]:
            browser.post("/gallery/selection", {"ids": [image.pk], "do": "trash"})

        page = select(browser, images[5:], do="trash")

        assert len(offers(page)) == len(set(offers(page))) <= undoing.SHOWN

    def test_what_was_done_long_ago_does_not_come_up_again(
        self, browser: Client, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one, other = rows(alice, 2)
        select(browser, [one], do="trash")
        monkeypatch.setattr(undoing, "OPEN", -1)

        assert len(offers(select(browser, [other], do="trash"))) == 1

    def test_htmx_gets_the_new_one_only(self, browser: Client, alice: User) -> None:
        one, other = rows(alice, 2)
        select(browser, [one], do="trash")

        sent = {"ids": [other.pk], "do": "favourite"}
        page = browser.post("/gallery/selection", sent, headers={"HX-Request": "true"})

        assert len(offers(page)) == 1

    def test_in_the_gallery_an_undo_changes_the_tiles_the_count_and_its_toast_only(
        self, browser: Client, alice: User, mugs: Collection
    ) -> None:
        page = select(browser, rows(alice, 1), do="trash")
        [offered] = offers(page)
        shelf = self.take_out(browser, mugs, shelves.image_ids(mugs)[0]).content.decode()

        assert f'hx-post="{offered}"' in page.content.decode()
        assert 'hx-select-oob="#tiles,#count"' in page.content.decode()
        assert 'hx-post="/undo' not in shelf
