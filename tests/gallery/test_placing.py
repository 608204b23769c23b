"""A picture goes to any place of a collection, however long that is, without JavaScript."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from gallery import shelves
from gallery.models import Collection, CollectionImage, Image
from gallery.services import collections
from tests.gallery.rows import rows
from tests.hostile import SHELF

ClientOf = Callable[[User], Client]


@pytest.fixture
def shelf(alice: User) -> Collection:
    """Thirty pictures, more than a page."""
    collection = collections.create(user=alice, name=SHELF)
    collections.add(user=alice, collection=collection, images=rows(alice, 30))
    return collection


@pytest.fixture
def send(alice: User, shelf: Collection, client_of: ClientOf) -> Callable[..., Any]:
    """Press a button of a picture's menu."""
    browser = client_of(alice)

    def press(image: Any, **sent: Any) -> Any:
        return browser.post(f"/collections/{shelf.pk}/move", {"image": image, **sent}, follow=True)

    return press


@pytest.mark.parametrize(("which", "place"), [(0, 1), (0, 2), (0, 30), (29, 1), (29, 15), (14, 15), (14, 16), (3, 27)])
def test_a_picture_goes_to_a_place(send: Any, shelf: Collection, which: int, place: int) -> None:
    before = shelves.image_ids(shelf)

    page = send(before[which], to="place", place=place)

    moved = before[:which] + before[which + 1 :]
    moved.insert(place - 1, before[which])
    assert shelves.image_ids(shelf) == moved
    assert f"The picture is at place {place} now." in page.content.decode()


def test_what_lies_in_the_trash_takes_no_place(send: Any, shelf: Collection) -> None:
    before = shelves.image_ids(shelf)
    Image.objects.filter(pk__in=before[:10]).update(deleted_at="2026-11-01T00:00:00Z")

    send(before[29], to="place", place=2)

    assert shelves.image_ids(shelf) == [before[10], before[29], *before[11:29]]


@pytest.mark.parametrize("place", ["0", "31", "-1", "", "ten", "1.5", "٣", "9" * 40])
def test_a_place_that_there_is_not_is_said(send: Any, shelf: Collection, place: str) -> None:
    before = shelves.image_ids(shelf)

    page = send(before[5], to="place", place=place)

    assert "There is no such place. Write a whole number from 1 to 30." in page.content.decode()
    assert shelves.image_ids(shelf) == before


def test_a_picture_goes_to_the_end(send: Any, shelf: Collection) -> None:
    before = shelves.image_ids(shelf)

    send(before[0], to="last")
    send(before[0], to="last")

    assert shelves.image_ids(shelf) == [*before[1:], before[0]]


def test_the_only_picture_stays(alice: User, client_of: ClientOf) -> None:
    collection = collections.create(user=alice, name=SHELF)
    [only] = rows(alice, 1)
    collections.add(user=alice, collection=collection, images=[only])

    for sent in ({"to": "last"}, {"to": "place", "place": "1"}):
        answer = client_of(alice).post(f"/collections/{collection.pk}/move", {"image": only.pk, **sent})
        assert answer.status_code == 302

    assert shelves.image_ids(collection) == [only.pk]


def test_enter_in_the_field_presses_its_own_button(alice: User, shelf: Collection, client_of: ClientOf) -> None:
    page = client_of(alice).get(f"/collections/{shelf.pk}/").content.decode()

    menu = page.split('class="menu-sheet" method="post"')[1].split("</form>")[0]
    assert re.search(r'<input[^>]* name="place"[^>]* max="30"', menu)
    assert re.findall(r'<button name="to" value="(\w+)"', menu)[0] == "place"


def test_a_move_asks_the_same_of_the_database_whatever_the_length(alice: User, client_of: ClientOf) -> None:
    collection, browser = collections.create(user=alice, name=SHELF), client_of(alice)

    def queries(count: int) -> int:
        made = rows(alice, count)
        collections.add(user=alice, collection=collection, images=made)
        with CaptureQueriesContext(connection) as asked:
            browser.post(f"/collections/{collection.pk}/move", {"image": made[0].pk, "to": "place", "place": "3"})
        return len(asked)

    queries(5)
    assert queries(5) == queries(200)
    assert CollectionImage.objects.count() == 210


def test_an_archive_that_is_refused_is_a_page_and_no_failed_download(
    alice: User, shelf: Collection, client_of: ClientOf
) -> None:
    page = client_of(alice).get(f"/collections/{shelf.pk}/").content.decode()

    links = re.findall(rf'<a[^>]*href="/collections/{shelf.pk}/archive[^>]*>', page)
    assert len(links) == 2
    assert not any("download" in link.split("archive")[1] for link in links)
