"""Collections: what is in them, in which order, and who takes part."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from common.errors import InvalidInput
from common.ids import new_id
from gallery import shelves, sweeper
from gallery.models import Collection, Image, Member
from gallery.services import collections, images, members
from tests.hostile import ABOUT, SHELF, hostile


def pictures(owner: User, count: int) -> list[Image]:
    """Rows without bytes."""
    return Image.objects.bulk_create(
        Image(
            owner=owner, origin="generated", path=f"{owner.pk}/{new_id()}.png", format="png", bytes=1, width=1,
            height=1, digest="", recipe={"prompt": hostile(f"mug {number}")},
        )
        for number in range(count)
    )  # fmt: skip


def order_of(collection: Collection) -> list[Any]:
    return shelves.image_ids(collection)


def refused(act: Callable[[], Any]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refusal:
        act()
    return [(field, code) for field, code, _ in refusal.value.errors]


@pytest.fixture
def mugs(alice: User) -> Collection:
    return collections.create(user=alice, name=SHELF)


@pytest.fixture
def shared(alice: User, bob: User, mugs: Collection) -> Collection:
    """Bob is an editor of Alice's mugs."""
    members.share(collection=mugs, by=alice, handle="bob", role="editor")
    return mugs


class TestNames:
    def test_outer_and_double_spaces_are_cut(self, alice: User):
        made = collections.create(user=alice, name="  My \n  mugs ", description=" one\r\ntwo ")

        assert (made.name, made.description) == ("My mugs", "one\ntwo")

    @pytest.mark.parametrize(
        ("name", "code"),
        [("", "required"), ("   ", "required"), ("x" * 101, "too_long"), ("a\0b", "control_characters")],
    )
    def test_what_is_no_name_is_refused(self, alice: User, name: str, code: str):
        assert refused(lambda: collections.create(user=alice, name=name)) == [("name", code)]
        assert not Collection.objects.exists()

    def test_a_description_has_an_end(self, alice: User):
        assert refused(lambda: collections.create(user=alice, name="a", description="x" * 1001)) == [
            ("description", "too_long")
        ]

    def test_a_thousand_are_enough(self, alice: User):
        Collection.objects.bulk_create(Collection(owner=alice, name=str(number)) for number in range(1_000))

        with pytest.raises(collections.TooManyCollections):
            collections.create(user=alice, name="one more")

    def test_it_is_changed_part_by_part(self, mugs: Collection):
        collections.change(collection=mugs, description=ABOUT)

        mugs.refresh_from_db()
        assert (mugs.name, mugs.description) == (SHELF, ABOUT)


class TestAdding:
    def test_pictures_come_last_in_the_order_given_and_once(self, alice: User, mugs: Collection):
        one, two, three = pictures(alice, 3)
        collections.add(user=alice, collection=mugs, images=[two])

        added = collections.add(user=alice, collection=mugs, images=[three, two, one, three])

        assert added == [str(three.pk), str(one.pk)]
        assert order_of(mugs) == [two.pk, three.pk, one.pk]

    def test_neither_the_trash_nor_pictures_of_others_are_added(self, alice: User, bob: User, mugs: Collection):
        [trashed] = pictures(alice, 1)
        images.trash(image=trashed)

        assert collections.add(user=alice, collection=mugs, images=[trashed, *pictures(bob, 1)]) == []

    def test_ten_thousand_are_enough(self, alice: User, mugs: Collection):
        collections.add(user=alice, collection=mugs, images=pictures(alice, 9_999))

        with pytest.raises(collections.CollectionFull):
            collections.add(user=alice, collection=mugs, images=pictures(alice, 2))

        assert mugs.entries.count() == 9_999

    def test_what_is_thrown_away_is_not_shown_and_comes_back_to_its_place(self, alice: User, mugs: Collection):
        one, two, three = pictures(alice, 3)
        collections.add(user=alice, collection=mugs, images=[one, two, three])

        images.trash(image=two)
        without = order_of(mugs)
        images.restore(image=two)

        assert without == [one.pk, three.pk]
        assert order_of(mugs) == [one.pk, two.pk, three.pk]


class TestOrder:
    @pytest.fixture
    def abc(self, alice: User, mugs: Collection) -> list[Image]:
        rows = pictures(alice, 3)
        collections.add(user=alice, collection=mugs, images=rows)
        return rows

    @pytest.mark.parametrize(
        ("moved", "after", "order"),
        [(0, 2, "bca"), (2, None, "cab"), (2, 0, "acb"), (0, None, "abc"), (0, 1, "bac"), (1, 2, "acb"), (1, 1, "abc")],
    )
    def test_a_picture_stands_after_another(
        self, mugs: Collection, abc: list[Image], moved: int, after: int | None, order: str
    ):
        collections.move(collection=mugs, image=abc[moved], after=None if after is None else abc[after].pk)

        assert order_of(mugs) == [abc["abc".index(letter)].pk for letter in order]

    def test_where_no_number_is_left_between_two_all_are_numbered_anew(self, mugs: Collection, abc: list[Image]):
        first, *others = abc
        for number in range(130):
            collections.move(collection=mugs, image=others[number % 2], after=first.pk)

        assert order_of(mugs) == [first.pk, others[1].pk, others[0].pk]
        positions = list(mugs.entries.order_by("position").values_list("position", flat=True))
        assert all(one < other for one, other in pairwise(positions))

    def test_pictures_at_the_same_number_are_parted(self, mugs: Collection, abc: list[Image]):
        mugs.entries.update(position=1.0)

        collections.move(collection=mugs, image=abc[2], after=abc[0].pk)

        assert order_of(mugs) == [abc[0].pk, abc[2].pk, abc[1].pk]

    def test_neither_a_strange_picture_nor_a_strange_place_is_moved(
        self, alice: User, mugs: Collection, abc: list[Image]
    ):
        [stranger] = pictures(alice, 1)

        with pytest.raises(collections.CollectionGone):
            collections.move(collection=mugs, image=stranger, after=None)
        assert refused(lambda: collections.move(collection=mugs, image=abc[0], after=stranger.pk)) == [
            ("after", "not_in_collection")
        ]

    @pytest.mark.parametrize(("to", "order"), [("first", "bac"), ("earlier", "bac"), ("later", "acb")])
    def test_a_step_goes_past_the_pictures_that_are_seen(
        self, alice: User, mugs: Collection, abc: list[Image], to: str, order: str
    ):
        beside = shelves.place_beside(mugs, abc[1], to)
        collections.move(collection=mugs, image=abc[1], after=beside)

        assert order_of(mugs) == [abc["abc".index(letter)].pk for letter in order]

    def test_the_last_cannot_go_later_nor_the_first_earlier(self, mugs: Collection, abc: list[Image]):
        for image, to in ((abc[2], "later"), (abc[0], "earlier")):
            collections.move(collection=mugs, image=image, after=shelves.place_beside(mugs, image, to))

        assert order_of(mugs) == [image.pk for image in abc]


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_both_moves_hold_and_nothing_is_lost(self, alice: User):
        mugs = collections.create(user=alice, name=SHELF)
        rows = pictures(alice, 6)
        collections.add(user=alice, collection=mugs, images=rows)
        begin = threading.Barrier(2)

        def move_often(moved: list[Image]) -> None:
            begin.wait(10)
            try:
                for number in range(40):
                    collections.move(collection=mugs, image=moved[number % len(moved)], after=rows[0].pk)
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as both:
            for done in [both.submit(move_often, moved) for moved in (rows[1:3], rows[3:6])]:
                done.result(60)

        assert order_of(mugs)[0] == rows[0].pk
        positions = list(mugs.entries.values_list("position", flat=True))
        assert len(set(positions)) == 6


class TestTakingOut:
    def test_a_picture_leaves_and_comes_back_to_its_place(self, alice: User, mugs: Collection):
        rows = pictures(alice, 3)
        collections.add(user=alice, collection=mugs, images=rows)

        places = collections.take_out(user=alice, collection=mugs, images=[rows[1]])

        assert [pk for pk, _ in places] == [str(rows[1].pk)]
        assert order_of(mugs) == [rows[0].pk, rows[2].pk]

        collections.put_back(user=alice, collection=str(mugs.pk), places=places)
        assert order_of(mugs) == [row.pk for row in rows]

    def test_a_cover_that_leaves_is_none_any_more(self, alice: User, mugs: Collection):
        rows = pictures(alice, 2)
        collections.add(user=alice, collection=mugs, images=rows)
        collections.change(collection=mugs, cover=rows[1])

        collections.take_out(user=alice, collection=mugs, images=[rows[1]])

        mugs.refresh_from_db()
        assert mugs.cover is None
        assert shelves.with_looks(Collection.objects.all()).get().shown_cover == rows[0].pk

    def test_only_a_picture_in_it_is_a_cover(self, alice: User, mugs: Collection):
        [stranger] = pictures(alice, 1)

        assert refused(lambda: collections.change(collection=mugs, cover=stranger)) == [("cover", "not_in_collection")]

    def test_an_editor_takes_out_any_a_viewer_only_theirs(self, alice: User, bob: User, shared: Collection):
        [hers], [his] = pictures(alice, 1), pictures(bob, 1)
        collections.add(user=alice, collection=shared, images=[hers])
        collections.add(user=bob, collection=shared, images=[his])
        members.change_role(collection=shared, person=bob, role="viewer")

        assert [pk for pk, _ in collections.take_out(user=bob, collection=shared, images=[hers, his])] == [str(his.pk)]

        members.change_role(collection=shared, person=bob, role="editor")
        assert [pk for pk, _ in collections.take_out(user=bob, collection=shared, images=[hers])] == [str(hers.pk)]

    def test_who_was_shut_out_meanwhile_undoes_nothing(self, alice: User, bob: User, shared: Collection):
        [hers], [his] = pictures(alice, 1), pictures(bob, 1)
        collections.add(user=alice, collection=shared, images=[hers])
        places = collections.take_out(user=bob, collection=shared, images=[hers])
        members.unshare(collection=shared, person=bob)

        with pytest.raises(collections.CollectionGone):
            collections.put_back(user=bob, collection=str(shared.pk), places=places)
        with pytest.raises(collections.CollectionGone):
            collections.undo_add(user=bob, collection=str(shared.pk), ids=[str(his.pk)])

    def test_a_picture_of_somebody_who_left_is_not_put_back(self, alice: User, bob: User, shared: Collection):
        [his] = pictures(bob, 1)
        collections.add(user=bob, collection=shared, images=[his])
        places = collections.take_out(user=alice, collection=shared, images=[his])
        members.leave(collection=shared, user=bob)

        collections.put_back(user=alice, collection=str(shared.pk), places=places)

        assert order_of(shared) == []


class TestDeleting:
    def test_it_comes_back_whole(self, alice: User, bob: User, shared: Collection):
        collections.add(user=alice, collection=shared, images=pictures(alice, 2))

        collections.delete(user=alice, collection=shared)
        gone = [Collection.objects.visible_to(user).exists() for user in (alice, bob)]
        collections.restore(user=alice, collection=str(shared.pk))

        assert gone == [False, False]
        assert Collection.objects.visible_to(bob).get() == shared
        assert len(order_of(shared)) == 2

    def test_its_pictures_are_hidden_from_those_it_was_shared_with(self, alice: User, bob: User, shared: Collection):
        [hers] = pictures(alice, 1)
        collections.add(user=alice, collection=shared, images=[hers])
        seen = Image.objects.visible_to(bob).exists()

        collections.delete(user=alice, collection=shared)

        assert (seen, Image.objects.visible_to(bob).exists()) == (True, False)
        assert Image.objects.visible_to(alice).get() == hers

    def test_mallory_neither_deletes_nor_restores(self, alice: User, mallory: User, mugs: Collection):
        collections.delete(user=mallory, collection=mugs)
        assert Collection.objects.owned_by(alice).exists()

        collections.delete(user=alice, collection=mugs)
        with pytest.raises(collections.CollectionGone):
            collections.restore(user=mallory, collection=str(mugs.pk))

    def test_after_thirty_days_it_is_gone_and_its_pictures_are_not(self, alice: User, mugs: Collection):
        kept = collections.create(user=alice, name="kept")
        young = collections.create(user=alice, name="young")
        collections.add(user=alice, collection=mugs, images=pictures(alice, 2))
        collections.delete(user=alice, collection=young)
        Collection.objects.filter(pk=mugs.pk).update(deleted_at=timezone.now() - timedelta(days=31))

        assert sweeper.remove_collections() == 1

        assert set(Collection.objects.all()) == {kept, young}
        assert Image.objects.count() == 2

    def test_nothing_is_put_into_what_was_thrown_away(self, alice: User, mugs: Collection):
        collections.delete(user=alice, collection=mugs)

        with pytest.raises(collections.CollectionGone):
            collections.add(user=alice, collection=mugs, images=pictures(alice, 1))


class TestSharing:
    @pytest.mark.parametrize("written", ["bob", " @Bob "])
    def test_bob_is_found_by_his_handle(self, alice: User, bob: User, mugs: Collection, written: str):
        member = members.share(collection=mugs, by=alice, handle=written, role="viewer")

        assert (member.user, member.role) == (bob, "viewer")
        assert Collection.objects.visible_to(bob).get() == mugs
        assert not Collection.objects.edited_by(bob).exists()

    @pytest.mark.parametrize("address", ["bob@example.org", "nobody@example.org"])
    def test_no_answer_tells_whether_an_address_has_an_account(
        self, alice: User, bob: User, mugs: Collection, address: str
    ):
        assert refused(lambda: members.share(collection=mugs, by=alice, handle=address, role="viewer")) == [
            ("handle", "not_by_email")
        ]

    @pytest.mark.parametrize(
        ("handle", "code"),
        [
            ("nobody", "person_unknown"),
            ("alice", "shared_with_yourself"),
            ("  ", "required"),
            ("a\0b", "person_unknown"),
        ],
    )
    def test_with_whom_it_cannot_be_shared(self, alice: User, mugs: Collection, handle: str, code: str):
        assert refused(lambda: members.share(collection=mugs, by=alice, handle=handle, role="viewer")) == [
            ("handle", code)
        ]

    def test_a_closed_account_is_nobody(self, alice: User, bob: User, mugs: Collection):
        User.objects.filter(pk=bob.pk).update(is_active=False)

        assert refused(lambda: members.share(collection=mugs, by=alice, handle="bob", role="viewer")) == [
            ("handle", "person_unknown")
        ]

    def test_there_are_two_roles(self, alice: User, bob: User, mugs: Collection):
        assert refused(lambda: members.share(collection=mugs, by=alice, handle="bob", role="owner")) == [
            ("role", "not_a_choice")
        ]

    def test_sharing_again_changes_the_role(self, alice: User, bob: User, shared: Collection):
        members.share(collection=shared, by=alice, handle="bob", role="viewer")

        assert Member.objects.get().role == "viewer"

    def test_a_hundred_people_are_enough(self, alice: User, bob: User, mugs: Collection, person: Callable[..., User]):
        plan = alice.plan
        others = User.objects.bulk_create(User(handle=f"p{number}", plan=plan) for number in range(100))
        Member.objects.bulk_create(Member(collection=mugs, user=other) for other in others)

        with pytest.raises(members.TooManyMembers):
            members.share(collection=mugs, by=alice, handle="bob", role="viewer")
        members.share(collection=mugs, by=alice, handle="p7", role="editor")

    def test_bobs_pictures_leave_with_him_and_come_back_with_him(self, alice: User, bob: User, shared: Collection):
        hers, [his] = pictures(alice, 2), pictures(bob, 1)
        collections.add(user=alice, collection=shared, images=hers[:1])
        collections.add(user=bob, collection=shared, images=[his])
        collections.add(user=alice, collection=shared, images=hers[1:])

        undone_with = members.unshare(collection=shared, person=bob)
        assert order_of(shared) == [image.pk for image in hers]
        assert not Image.objects.visible_to(alice).filter(pk=his.pk).exists()

        members.share_again(user=alice, **undone_with)
        assert order_of(shared) == [hers[0].pk, his.pk, hers[1].pk]
        assert Collection.objects.edited_by(bob).get() == shared

    def test_who_left_comes_back_within_an_hour_and_not_later(self, bob: User, shared: Collection):
        undone_with = members.leave(collection=shared, user=bob)
        late = {**undone_with, "at": (timezone.now() - timedelta(minutes=61)).isoformat()}

        with pytest.raises(members.MemberGone):
            members.share_again(user=bob, **late)
        members.share_again(user=bob, **undone_with)

        assert Collection.objects.edited_by(bob).get() == shared

    def test_who_was_let_in_again_as_a_viewer_does_not_undo_that(self, alice: User, bob: User, shared: Collection):
        undone_with = members.leave(collection=shared, user=bob)
        members.share(collection=shared, by=alice, handle="bob", role="viewer")

        with pytest.raises(members.MemberGone):
            members.share_again(user=bob, **undone_with)

        assert Member.objects.get().role == "viewer"

    def test_who_was_shut_out_does_not_come_back_by_an_older_undo(self, alice: User, bob: User, shared: Collection):
        kept = members.leave(collection=shared, user=bob)
        members.share(collection=shared, by=alice, handle="bob", role="editor")
        members.unshare(collection=shared, person=bob)

        with pytest.raises(members.MemberGone):
            members.share_again(user=bob, **kept)

        assert not Collection.objects.visible_to(bob).exists()

    def test_a_role_of_somebody_who_left_meanwhile_is_not_changed(self, alice: User, bob: User, shared: Collection):
        members.leave(collection=shared, user=bob)

        with pytest.raises(members.MemberGone):
            members.change_role(collection=shared, person=bob, role="viewer")

    def test_mallory_lets_nobody_in(self, mallory: User, bob: User, shared: Collection):
        undone_with = members.leave(collection=shared, user=bob)

        with pytest.raises(members.MemberGone):
            members.share_again(user=mallory, **undone_with)
        with pytest.raises(members.MemberGone):
            members.leave(collection=shared, user=mallory)


class TestPages:
    def test_pages_of_a_collection_meet_in_both_directions(self, alice: User, mugs: Collection):
        rows = pictures(alice, 7)
        collections.add(user=alice, collection=mugs, images=rows)

        first = shelves.contents(mugs, size=3)
        second = shelves.contents(mugs, size=3, cursor=first.older)
        third = shelves.contents(mugs, size=3, cursor=second.older)
        back = shelves.contents(mugs, size=3, cursor=third.newer)

        shown = [entry.image_id for page in (first, second, third) for entry in page.rows]
        assert shown == [row.pk for row in rows]
        assert back.rows == second.rows
        assert (first.newer, third.older) == ("", "")

    def test_pages_of_the_shelf_meet_in_both_directions(self, alice: User):
        made = [collections.create(user=alice, name=str(number)) for number in range(5)]

        first = shelves.shelf(alice, size=2)
        second = shelves.shelf(alice, size=2, cursor=first.older)
        third = shelves.shelf(alice, size=2, cursor=second.older)

        assert [row for page in (first, second, third) for row in page.rows] == made[::-1]
        assert shelves.shelf(alice, size=2, cursor=second.newer).rows == first.rows

    @pytest.mark.parametrize(
        "cursor",
        ["x", *(f"older_placed_{place}_{'0' * 32}" for place in ("nan", "0x1p+9999", "x")), "older_placed_0x1p+1_x"],
    )
    def test_a_cursor_that_no_page_gave_is_refused(self, mugs: Collection, cursor: str):
        assert refused(lambda: shelves.contents(mugs, cursor=cursor)) == [("cursor", "bad_cursor")]
