"""What somebody sends who means harm, or does not look: nothing breaks, nothing leaks, nobody is led away."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from common.errors import DomainError
from gallery import sweeper
from gallery.models import Collection, Image, Like, Share
from gallery.services import collections, members, selection, sharing
from tests.gallery.rows import rows

ClientOf = Callable[[User], Client]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each gave, or the refusal that it raised, when all begin together."""
    begin = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        begin.wait(10)
        try:
            return act()
        except DomainError as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


class TestAddresses:
    @pytest.mark.parametrize(
        "address", ["/s/%00/", "/s/a%00b/file", "/s/a%00b/thumbnail/320", "/s/a%00b/preview.jpg", "/s/..%00/report"]
    )
    def test_a_key_that_can_be_none_is_not_there(self, client: Client, db: None, address: str) -> None:
        assert client.get(address).status_code == 404

    @pytest.mark.parametrize("address", ["/showcase/?q=%00", "/showcase/?q=a%00mug", "/gallery/?cursor=%00"])
    def test_a_nul_breaks_no_list(self, alice: User, client_of: ClientOf, address: str) -> None:
        assert client_of(alice).get(address).status_code in (200, 422)

    @pytest.mark.parametrize("what", ["role", "remove"])
    def test_a_handle_that_can_be_none_is_not_there(
        self, alice: User, bob: User, client_of: ClientOf, what: str
    ) -> None:
        mugs = collections.create(user=alice, name="Mugs")
        members.share(collection=mugs, by=alice, handle="bob", role="viewer")

        answer = client_of(alice).post(f"/collections/{mugs.pk}/members/%00/{what}", {"role": "editor"})

        assert answer.status_code == 404


class TestNextPage:
    @pytest.mark.parametrize(
        "wanted",
        [
            "foo",
            "admin:index",
            "javascript:alert(1)",
            "//evil.example/",
            "/\\evil.example",
            "/\t/evil.example",
            "http://[::1",
            "https://evil.example/gallery/",
            "\x00/",
        ],
    )
    def test_nobody_is_led_elsewhere(self, alice: User, client_of: ClientOf, wanted: str) -> None:
        [image] = rows(alice, 1)

        answer = client_of(alice).post(reverse("image_change", args=[image.pk]), {"favourite": "true", "next": wanted})

        assert answer.headers["Location"] == reverse("image", args=[image.pk])
        assert Image.objects.get().favourite

    def test_the_way_back_to_a_search_is_kept(self, alice: User, client_of: ClientOf) -> None:
        [image] = rows(alice, 1)

        answer = client_of(alice).post(
            reverse("image_change", args=[image.pk]), {"favourite": "true", "next": "/gallery/?q=mug"}
        )

        assert answer.headers["Location"] == "/gallery/?q=mug"


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_one_person_likes_once_however_often_they_press(self, alice: User, bob: User) -> None:
        [image] = rows(alice, 1)

        at_once(*[lambda: sharing.like(user=bob, image=image)] * 4)

        assert Like.objects.count() == 1

    def test_twenty_links_stay_twenty(self, alice: User) -> None:
        [image] = rows(alice, 1)
        for _ in range(sharing.LINKS_MAX - 1):
            sharing.share(image=image)

        answers = at_once(*[lambda: sharing.share(image=image)] * 3)

        assert sorted(type(each).__name__ for each in answers) == ["Share", "TooManyLinks", "TooManyLinks"]
        assert Share.objects.count() == sharing.LINKS_MAX

    def test_no_more_collections_come_back_than_there_is_room_for(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gone = [collections.create(user=alice, name=str(number)) for number in range(4)]
        for each in gone:
            collections.delete(user=alice, collection=each)
        monkeypatch.setattr(collections, "COLLECTIONS_MAX", 1)

        at_once(*[lambda pk=each.pk: collections.restore(user=alice, collection=str(pk)) for each in gone])

        assert Collection.objects.kept().count() == 1

    def test_who_is_shut_out_while_they_add_leaves_nothing_behind(self, alice: User, bob: User) -> None:
        mugs = collections.create(user=alice, name="Mugs")
        his = rows(bob, 3)
        for _ in range(3):
            members.share(collection=mugs, by=alice, handle="bob", role="editor")

            at_once(
                lambda: members.unshare(collection=mugs, person=bob),
                lambda: collections.add(user=bob, collection=mugs, images=his),
            )

            assert not mugs.entries.exists()

    def test_what_is_said_to_be_back_is_back(self, alice: User) -> None:
        rows(alice, 20, deleted_at=timezone.now() - sweeper.TRASH_KEPT * 2)

        gone, back, swept = at_once(
            lambda: selection.empty_trash(user=alice), lambda: selection.restore(user=alice), sweeper.empty_trash
        )

        assert len(back) == Image.objects.kept().count() == Image.objects.count()
        assert gone + len(back) + swept == 20
