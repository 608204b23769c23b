"""The pages of collections, without JavaScript."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from common.ids import new_id
from gallery import shelves
from gallery.models import Collection, Image, Member
from gallery.services import collections, members, searches
from tests.gallery.rows import rows
from tests.hostile import SHELF

HOSTILE = '<script>alert("x")</script>'
Browser = Callable[[User], Client]


@pytest.fixture
def mugs(alice: User) -> Collection:
    return collections.create(user=alice, name=SHELF)


def words(answer: Any) -> str:
    """What the page says, without its markup."""
    text = re.sub(r"<(script|style|template)\b.*?</\1>", "", answer.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def undo(browser: Client, page: Any) -> Any:
    """Press the button of the toast that `page` shows."""
    [address] = re.findall(r'action="(/undo/[^"]+)"', page.content.decode())
    return browser.post(address, follow=True)


class TestShelf:
    def test_who_has_none_is_told_what_to_do(self, alice: User, client_of: Browser):
        page = client_of(alice).get("/collections/")

        assert "Give the first one a name" in words(page)
        assert 'name="name"' in page.content.decode()

    def test_alice_makes_one_and_stands_in_it(self, alice: User, client_of: Browser):
        page = client_of(alice).post("/collections/new", {"name": "Mugs"}, follow=True)

        assert page.redirect_chain == [(f"/collections/{Collection.objects.get().pk}/", 302)]
        assert "No picture yet" in words(page)

    @pytest.mark.parametrize("name", ["", "x" * 101, "a\x01b"])
    def test_a_name_that_is_none_is_refused_in_place(self, alice: User, client_of: Browser, name: str):
        page = client_of(alice).post("/collections/new", {"name": name})

        assert page.status_code == 422
        assert "id_name_error" in page.content.decode()
        assert not Collection.objects.exists()

    def test_it_shows_hers_what_is_shared_with_her_and_searches(
        self, alice: User, bob: User, mugs: Collection, client_of: Browser
    ):
        boats = collections.create(user=bob, name="Boats")
        collections.create(user=bob, name="Secret")
        members.share(collection=boats, by=bob, handle="alice", role="viewer")
        searches.save(user=alice, name="Red things", query="red")
        browser = client_of(alice)

        seen = {
            show: words(browser.get(f"/collections/?show={show}")) for show in ("all", "mine", "shared", "searches")
        }

        found = {show: [n for n in ("Mugs", "Boats", "Red things") if n in text] for show, text in seen.items()}
        assert found == {
            "all": ["Mugs", "Boats", "Red things"], "mine": ["Mugs"], "shared": ["Boats"], "searches": ["Red things"],
        }  # fmt: skip
        assert "by bob" in seen["shared"]
        assert not any("Secret" in text for text in seen.values())

    def test_hostile_words_stay_words(self, alice: User, client_of: Browser):
        one = collections.create(user=alice, name=HOSTILE, description=HOSTILE)
        browser = client_of(alice)

        for address in ("/collections/", f"/collections/{one.pk}/"):
            page = browser.get(address).content.decode()
            assert HOSTILE not in page
            assert "&lt;script&gt;alert" in page

    def test_a_longer_shelf_asks_no_more_of_the_database(
        self, alice: User, mugs: Collection, generated: Callable[..., Image], client_of: Browser
    ):
        browser = client_of(alice)

        def queries(address: str) -> int:
            with CaptureQueriesContext(connection) as asked:
                assert browser.get(address).status_code == 200
            return len(asked)

        def fill(count: int) -> None:
            for number in range(count):
                other = collections.create(user=alice, name=str(number))
                collections.add(user=alice, collection=other, images=[generated(alice)])
                collections.add(user=alice, collection=mugs, images=[generated(alice)])

        fill(1)
        addresses = ("/collections/", f"/collections/{mugs.pk}/")
        before = [queries(address) for address in addresses]
        fill(4)

        assert [queries(address) for address in addresses] == before

    def test_searches_are_looked_up_12_a_page(self, alice: User, client_of: Browser):
        for number in range(30):
            searches.save(user=alice, name=f"Search {number:02}", query="mug")
        browser = client_of(alice)

        def page(query: str) -> tuple[list[str], list[str]]:
            text = browser.get(f"/collections/?{query}").content.decode()
            return re.findall(r"Search (\d\d)", text), re.findall(r'rel="(?:prev|next)"[^>]*cursor=(\d+)', text)

        whole = [f"{number:02}" for number in range(30)]
        assert page("show=searches") == (whole[:12], ["12"])
        assert page("show=searches&cursor=12") == (whole[12:24], ["0", "24"])
        assert page("show=searches&cursor=24") == (whole[24:], ["12"])
        assert page("show=all")[0] == whole[:5]

    @pytest.mark.parametrize(
        "query", ["show=theirs", "cursor=x", "show=mine&cursor=older_x_y", "show=searches&cursor=-1"]
    )
    def test_an_address_that_no_page_gave_is_refused(self, alice: User, client_of: Browser, query: str):
        assert client_of(alice).get(f"/collections/?{query}").status_code == 422


class TestOne:
    def test_pictures_stand_in_order_24_a_page(
        self, alice: User, mugs: Collection, generated: Callable[..., Image], client_of: Browser
    ):
        rows = [generated(alice, prompt=f"mug {number:02}") for number in range(25)]
        collections.add(user=alice, collection=mugs, images=rows)
        browser = client_of(alice)

        first = browser.get(f"/collections/{mugs.pk}/").content.decode()
        [further] = re.findall(r'href="(\?cursor=[^"]+)"', first)
        second = browser.get(f"/collections/{mugs.pk}/{further}").content.decode()

        assert re.findall(r'data-image="([^"]+)"', first + second) == [str(row.pk) for row in rows]
        assert f'data-start="{rows[23].pk}"' in second
        assert 'data-start=""' in first

    def test_a_picture_moves_step_by_step(
        self, alice: User, mugs: Collection, generated: Callable[..., Image], client_of: Browser
    ):
        one, two, three = (generated(alice) for _ in range(3))
        collections.add(user=alice, collection=mugs, images=[one, two, three])
        browser, address = client_of(alice), f"/collections/{mugs.pk}/move"

        browser.post(address, {"image": three.pk, "to": "earlier"})
        browser.post(address, {"image": one.pk, "to": "later"})
        browser.post(address, {"image": two.pk, "to": "first"})

        assert shelves.image_ids(mugs) == [two.pk, three.pk, one.pk]

    def test_what_is_dragged_is_answered_without_a_page(
        self, alice: User, mugs: Collection, generated: Callable[..., Image], client_of: Browser
    ):
        one, two = generated(alice), generated(alice)
        collections.add(user=alice, collection=mugs, images=[one, two])

        answer = client_of(alice).post(
            f"/collections/{mugs.pk}/move", {"image": one.pk, "after": two.pk}, headers={"HX-Request": "true"}
        )

        assert (answer.status_code, answer.content) == (204, b"")
        assert shelves.image_ids(mugs) == [two.pk, one.pk]

    @pytest.mark.parametrize("sent", [{"to": "sideways"}, {"after": "x"}, {"image": "x"}, {"image": ""}])
    def test_a_move_that_is_none_is_refused(
        self, alice: User, mugs: Collection, generated: Callable[..., Image], client_of: Browser, sent: dict[str, str]
    ):
        image = generated(alice)
        collections.add(user=alice, collection=mugs, images=[image])

        answer = client_of(alice).post(f"/collections/{mugs.pk}/move", {"image": image.pk, **sent})

        assert answer.status_code in (404, 422)

    def test_what_is_taken_out_comes_back_to_its_place(
        self, alice: User, mugs: Collection, generated: Callable[..., Image], client_of: Browser
    ):
        rows = [generated(alice) for _ in range(3)]
        collections.add(user=alice, collection=mugs, images=rows)
        browser = client_of(alice)

        page = browser.post(f"/collections/{mugs.pk}/take-out", {"image": rows[0].pk}, follow=True)
        without = shelves.image_ids(mugs)
        undo(browser, page)

        assert without == [row.pk for row in rows[1:]]
        assert shelves.image_ids(mugs) == [row.pk for row in rows]

    def test_a_cover_is_chosen_and_given_up(
        self, alice: User, mugs: Collection, generated: Callable[..., Image], client_of: Browser
    ):
        rows = [generated(alice), generated(alice)]
        collections.add(user=alice, collection=mugs, images=rows)
        browser = client_of(alice)

        browser.post(f"/collections/{mugs.pk}/cover", {"image": rows[1].pk})
        chosen = Collection.objects.get().cover
        shelf = browser.get("/collections/").content.decode()
        browser.post(f"/collections/{mugs.pk}/cover", {"image": rows[1].pk, "clear": "1"})

        assert chosen == rows[1]
        assert f"/images/{rows[1].pk}/thumbnail/640" in shelf
        assert Collection.objects.get().cover is None

    def test_name_and_description_change_or_are_refused_in_place(
        self, alice: User, mugs: Collection, client_of: Browser
    ):
        browser = client_of(alice)

        page = browser.post(f"/collections/{mugs.pk}/change", {"name": "Cups", "description": "white"}, follow=True)
        refused = browser.post(f"/collections/{mugs.pk}/change", {"name": "", "description": "green"})

        assert "Cups" in words(page)
        assert (refused.status_code, Collection.objects.get().description) == (422, "white")

    def test_a_deleted_one_comes_back(self, alice: User, mugs: Collection, client_of: Browser):
        browser = client_of(alice)

        page = browser.post(f"/collections/{mugs.pk}/delete", follow=True)
        gone = browser.get(f"/collections/{mugs.pk}/").status_code
        undo(browser, page)

        assert gone == 404
        assert browser.get(f"/collections/{mugs.pk}/").status_code == 200


class TestPeople:
    @pytest.fixture
    def viewed(self, alice: User, bob: User, mugs: Collection, generated: Callable[..., Image]) -> Collection:
        """Bob may look at Alice's mugs."""
        collections.add(user=alice, collection=mugs, images=[generated(alice), generated(alice)])
        members.share(collection=mugs, by=alice, handle="bob", role="viewer")
        return mugs

    def test_alice_shares_changes_the_role_and_ends_it(
        self, alice: User, bob: User, mugs: Collection, client_of: Browser
    ):
        browser, address = client_of(alice), f"/collections/{mugs.pk}"

        shared = browser.post(f"{address}/share", {"handle": "@bob", "role": "viewer"}, follow=True)
        browser.post(f"{address}/members/bob/role", {"role": "editor"})
        role = Member.objects.get().role
        ended = browser.post(f"{address}/members/bob/remove", follow=True)
        left = Member.objects.exists()
        undo(browser, ended)

        assert "Shared with bob " in words(shared)
        assert (role, left) == ("editor", False)
        assert Member.objects.get().role == "editor"

    @pytest.mark.parametrize("handle", ["nobody", "alice", "bob@example.org", ""])
    def test_with_whom_it_cannot_be_shared_is_said_in_place(
        self, alice: User, bob: User, mugs: Collection, client_of: Browser, handle: str
    ):
        page = client_of(alice).post(f"/collections/{mugs.pk}/share", {"handle": handle, "role": "viewer"})

        assert page.status_code == 422
        assert "id_handle_error" in page.content.decode()

    def test_bob_looks_and_is_not_shown_what_he_may_not(self, bob: User, viewed: Collection, client_of: Browser):
        page = client_of(bob).get(f"/collections/{viewed.pk}/").content.decode()

        assert page.count("data-image=") == 2
        assert not re.findall(r'action="/collections/[^"]*/(move|take-out|share|change|cover|delete)"', page)
        assert "data-grip" not in page

    def test_bob_leaves_and_comes_back(self, bob: User, viewed: Collection, client_of: Browser):
        browser = client_of(bob)

        page = browser.post(f"/collections/{viewed.pk}/leave", follow=True)
        gone = browser.get(f"/collections/{viewed.pk}/").status_code
        undo(browser, page)

        assert gone == 404
        assert browser.get(f"/collections/{viewed.pk}/").status_code == 200

    @pytest.mark.parametrize(
        ("address", "viewer", "editor"),
        [
            ("change", 403, 403), ("cover", 403, 403), ("delete", 403, 403), ("share", 403, 403),
            ("members/bob/role", 403, 403), ("members/bob/remove", 403, 403), ("move", 403, 302),
            ("take-out", 403, 302),
        ],
    )  # fmt: skip
    def test_a_role_may_what_it_may_and_mallory_finds_nothing(
        self, alice: User, bob: User, mallory: User, viewed: Collection, client_of: Browser, address: str, viewer: int,
        editor: int,
    ):  # fmt: skip
        sent = {"image": str(shelves.image_ids(viewed)[0]), "role": "editor", "to": "first", "name": "x"}

        def status(user: User) -> int:
            return client_of(user).post(f"/collections/{viewed.pk}/{address}", sent).status_code

        assert (status(bob), status(mallory)) == (viewer, 404)
        members.change_role(collection=viewed, person=bob, role="editor")
        assert status(bob) == editor


class TestCollecting:
    def test_a_picture_goes_into_one_and_out_again(
        self, alice: User, mugs: Collection, generated: Callable[..., Image], client_of: Browser
    ):
        image, browser = generated(alice), client_of(alice)

        page = browser.post(f"/images/{image.pk}/collect", {"collection": mugs.pk}, follow=True)
        inside = shelves.image_ids(mugs)
        undo(browser, page)

        assert inside == [image.pk]
        assert shelves.image_ids(mugs) == []

    def test_or_into_a_new_one(self, alice: User, generated: Callable[..., Image], client_of: Browser):
        image = generated(alice)

        client_of(alice).post(f"/images/{image.pk}/collect", {"name": "New"})

        assert shelves.chips(image, alice)["in_collections"] == [Collection.objects.get(name="New")]

    def test_nobody_collects_what_is_not_theirs_nor_into_what_they_do_not_see(
        self, alice: User, bob: User, mugs: Collection, generated: Callable[..., Image], client_of: Browser
    ):
        image, browser = generated(bob), client_of(bob)

        into_hers = browser.post(f"/images/{image.pk}/collect", {"collection": mugs.pk})
        hers = browser.post(f"/images/{generated(alice).pk}/collect", {"name": "x"})
        nowhere = browser.post(f"/images/{image.pk}/collect", {"collection": new_id()})

        assert [answer.status_code for answer in (into_hers, hers, nowhere)] == [404, 404, 404]
        assert shelves.image_ids(mugs) == []

    def test_a_name_that_is_none_is_refused(self, alice: User, generated: Callable[..., Image], client_of: Browser):
        answer = client_of(alice).post(f"/images/{generated(alice).pk}/collect", {"name": "x" * 101})

        assert answer.status_code == 422
        assert not Collection.objects.exists()


def test_what_somebody_else_sent_is_not_told_to_be_yours(alice: User, bob: User, mugs: Collection, client_of: Browser):
    collections.add(user=alice, collection=mugs, images=rows(alice, 1, origin="uploaded", recipe=None))
    Member.objects.create(collection=mugs, user=bob, role=Member.Role.VIEWER)

    page = client_of(bob).get(f"/collections/{mugs.pk}/").content.decode()

    assert 'alt="A picture that was sent"' in page
    assert "you sent" not in page
