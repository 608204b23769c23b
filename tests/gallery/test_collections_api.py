"""Collections over the API."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from common.ids import new_id
from gallery import shelves
from gallery.models import Collection, Image
from gallery.services import collections, images, members, sharing
from tests.hostile import ABOUT, MUG_FILE, SHELF, hostile

ROUTE = "/api/v1/collections"


@pytest.fixture
def mugs(alice: User) -> Collection:
    return collections.create(user=alice, name=SHELF, description=ABOUT)


@pytest.fixture
def shared(alice: User, bob: User, mugs: Collection) -> Callable[[str], Collection]:
    """Bob is a viewer or an editor of Alice's mugs."""

    def share(role: str) -> Collection:
        members.share(collection=mugs, by=alice, handle="bob", role=role)
        return mugs

    return share


def codes(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.content
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]


async def _collected(answer: Any) -> bytes:
    return b"".join([chunk async for chunk in answer])


class TestOne:
    def test_alice_makes_one_and_finds_it(self, alice: User, api: Callable[..., Client]):
        made = api(alice).post(ROUTE, {"name": " Mugs "}, content_type="application/json")

        assert made.status_code == 201
        assert made.json() == {
            "id": str(Collection.objects.get().pk), "name": "Mugs", "description": "", "cover": None, "images": 0,
            "role": "owner", "owner": "alice", "members": [], "created_at": made.json()["created_at"],
        }  # fmt: skip
        assert made["Location"].endswith(f"{ROUTE}/{made.json()['id']}")
        assert api(alice).get(f"{ROUTE}/{made.json()['id']}").json() == made.json()

    @pytest.mark.parametrize(
        ("body", "refusal"),
        [
            ({}, ("name", "required")),
            ({"name": ""}, ("name", "required")),
            ({"name": 7}, ("name", "not_a_text")),
            ({"name": "a", "owner": "bob"}, ("owner", "unknown")),
            ({"name": "x" * 101}, ("name", "too_long")),
        ],
    )
    def test_what_is_none_is_refused_on_its_field(
        self, alice: User, api: Callable[..., Client], body: dict[str, Any], refusal: tuple[str, str]
    ):
        assert codes(api(alice).post(ROUTE, body, content_type="application/json")) == [refusal]

    def test_who_deletes_one_sends_nothing_along(self, alice: User, mugs: Collection, api: Callable[..., Client]):
        address = f"{ROUTE}/{mugs.pk}"

        refused = api(alice).delete(address, '{"images": true}', content_type="application/json")

        assert codes(refused) == [("images", "unknown")]
        assert api(alice).get(address).status_code == 200

    def test_its_owner_changes_and_deletes_it(
        self, alice: User, mugs: Collection, api: Callable[..., Client], generated: Callable[..., Image]
    ):
        first, second = generated(alice), generated(alice)
        collections.add(user=alice, collection=mugs, images=[first, second])
        program = api(alice)

        changed = program.patch(
            f"{ROUTE}/{mugs.pk}", {"name": "Cups", "cover": str(second.pk)}, content_type="application/json"
        ).json()
        cleared = program.patch(f"{ROUTE}/{mugs.pk}", {"cover": None}, content_type="application/json").json()
        deleted = program.delete(f"{ROUTE}/{mugs.pk}")

        assert (changed["name"], changed["description"], changed["cover"]) == ("Cups", ABOUT, str(second.pk))
        assert cleared["cover"] == str(first.pk)
        assert deleted.status_code == 204
        assert program.get(f"{ROUTE}/{mugs.pk}").status_code == 404
        assert Image.objects.count() == 2

    @pytest.mark.parametrize("cover", ["no id", "01890000-0000-7000-8000-000000000000", "bobs"])
    def test_a_cover_that_alice_does_not_see_is_refused(
        self, alice: User, bob: User, mugs: Collection, api: Callable[..., Client], generated: Callable[..., Image],
        cover: str,
    ):  # fmt: skip
        cover = str(generated(bob).pk) if cover == "bobs" else cover

        refused = api(alice).patch(f"{ROUTE}/{mugs.pk}", {"cover": cover}, content_type="application/json")

        assert codes(refused) == [("cover", "not_found")]


class TestImages:
    def put(self, program: Client, collection: Collection, image: Image, body: Any = None) -> Any:
        address = f"{ROUTE}/{collection.pk}/images/{image.pk}"
        return program.put(address, body, content_type="application/json") if body is not None else program.put(address)

    def test_they_are_put_in_moved_and_taken_out(
        self, alice: User, mugs: Collection, api: Callable[..., Client], generated: Callable[..., Image]
    ):
        one, two, three = generated(alice), generated(alice), generated(alice)
        program = api(alice)

        answers = [self.put(program, mugs, image) for image in (one, two, three, one)]
        moved = self.put(program, mugs, three, {"after": str(one.pk)})
        first = self.put(program, mugs, two, {"after": None})
        listed = program.get(f"{ROUTE}/{mugs.pk}/images?limit=2").json()
        further = program.get("/api/" + listed["next"].partition("/api/")[2]).json()

        assert [answer.status_code for answer in (*answers, moved, first)] == [204] * 6
        assert [image["id"] for image in listed["results"]] == [str(two.pk), str(one.pk)]
        assert [image["id"] for image in further["results"]] == [str(three.pk)]
        assert program.delete(f"{ROUTE}/{mugs.pk}/images/{one.pk}").status_code == 204
        assert program.delete(f"{ROUTE}/{mugs.pk}/images/{one.pk}").status_code == 204
        assert shelves.image_ids(mugs) == [two.pk, three.pk]

    def test_a_place_that_is_not_there_is_refused(
        self, alice: User, mugs: Collection, api: Callable[..., Client], generated: Callable[..., Image]
    ):
        one, outside = generated(alice), generated(alice)

        assert codes(self.put(api(alice), mugs, one, {"after": str(outside.pk)})) == [("after", "not_in_collection")]
        assert codes(self.put(api(alice), mugs, one, {"after": "no id"})) == [("after", "not_found")]
        assert codes(self.put(api(alice), mugs, one, {"before": None})) == [("before", "unknown")]
        assert shelves.image_ids(mugs) == []

    def test_of_somebody_elses_image_tags_and_favourite_are_left_out(
        self, alice: User, bob: User, shared: Any, api: Callable[..., Client], generated: Callable[..., Image]
    ):
        image = images.change(image=generated(alice), tags=["for sale"], favourite=True)
        mugs = shared("viewer")
        collections.add(user=alice, collection=mugs, images=[image])

        hers = api(alice).get(f"{ROUTE}/{mugs.pk}/images").json()["results"][0]
        his = api(bob).get(f"{ROUTE}/{mugs.pk}/images").json()["results"][0]

        assert (hers["tags"], hers["favourite"]) == (["for sale"], True)
        assert his == {**hers, "tags": [], "favourite": False}
        assert api(bob).get(f"/api/v1/images/{image.pk}/file").status_code == 200

    def test_of_somebody_elses_image_links_and_a_hidden_source_are_left_out(
        self, alice: User, bob: User, shared: Any, api: Callable[..., Client], generated: Callable[..., Image]
    ):
        mugs, linked, published, source = shared("viewer"), generated(alice), generated(alice), generated(alice)
        Image.objects.filter(pk=linked.pk).update(parent=source)
        Image.objects.filter(pk=published.pk).update(published_at=timezone.now())
        sharing.change_image(image=Image.objects.get(pk=linked.pk), visibility="unlisted")
        collections.add(user=alice, collection=mugs, images=[linked, published])

        def told(who: User) -> list[Any]:
            page = api(who).get(f"{ROUTE}/{mugs.pk}/images").json()["results"]
            alone = [api(who).get(f"/api/v1/images/{each['id']}").json() for each in page]
            assert page == alone
            return [(each["visibility"], each["parent"]) for each in alone]

        assert told(alice) == [("unlisted", str(source.pk)), ("public", None)]
        assert told(bob) == [("private", None), ("public", None)]
        collections.add(user=alice, collection=mugs, images=[source])
        assert told(bob)[0] == ("private", str(source.pk))

    @pytest.mark.parametrize("cursor", ["cD1uYW4=", "cD1pbmY=", "cD14", "x"])
    def test_a_cursor_that_no_page_gave_is_refused(
        self, alice: User, mugs: Collection, api: Callable[..., Client], cursor: str
    ):
        assert codes(api(alice).get(f"{ROUTE}/{mugs.pk}/images", {"cursor": cursor})) == [("cursor", "bad_cursor")]


class TestRights:
    def test_a_viewer_looks_and_changes_nothing(
        self, alice: User, bob: User, shared: Any, api: Callable[..., Client], generated: Callable[..., Image]
    ):
        mugs, program = shared("viewer"), api(bob)
        hers, his = generated(alice), generated(bob)
        collections.add(user=alice, collection=mugs, images=[hers])

        seen = program.get(f"{ROUTE}/{mugs.pk}").json()
        refused = [
            program.put(f"{ROUTE}/{mugs.pk}/images/{his.pk}"),
            program.delete(f"{ROUTE}/{mugs.pk}/images/{hers.pk}"),
            program.patch(f"{ROUTE}/{mugs.pk}", {"name": "x"}, content_type="application/json"),
            program.delete(f"{ROUTE}/{mugs.pk}"),
        ]

        assert (seen["role"], seen["owner"], seen["members"]) == ("viewer", "alice", None)
        assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [
            (403, "viewer_only"), (403, "viewer_only"), (403, "owner_only"), (403, "owner_only"),
        ]  # fmt: skip
        assert shelves.image_ids(mugs) == [hers.pk]

    def test_an_editor_fills_and_orders_and_does_not_rename(
        self, alice: User, bob: User, shared: Any, api: Callable[..., Client], generated: Callable[..., Image]
    ):
        mugs, program = shared("editor"), api(bob)
        hers, his = generated(alice), generated(bob)
        collections.add(user=alice, collection=mugs, images=[hers])

        put = program.put(
            f"{ROUTE}/{mugs.pk}/images/{his.pk}", {"after": None}, content_type="application/json"
        )  # fmt: skip
        renamed = program.patch(f"{ROUTE}/{mugs.pk}", {"name": "x"}, content_type="application/json")

        assert (put.status_code, renamed.status_code) == (204, 403)
        assert shelves.image_ids(mugs) == [his.pk, hers.pk]
        assert program.get(f"{ROUTE}/{mugs.pk}").json()["role"] == "editor"

    def test_an_editor_cannot_add_what_is_not_theirs(
        self, alice: User, bob: User, shared: Any, api: Callable[..., Client], generated: Callable[..., Image]
    ):
        mugs = shared("editor")
        unshared = generated(alice)

        assert api(bob).put(f"{ROUTE}/{mugs.pk}/images/{unshared.pk}").status_code == 404
        assert shelves.image_ids(mugs) == []

    def test_for_mallory_there_is_nothing(
        self, alice: User, mallory: User, mugs: Collection, api: Callable[..., Client], generated: Callable[..., Image]
    ):
        image = generated(mallory)
        program, one = api(mallory), f"{ROUTE}/{mugs.pk}"

        answers = [
            program.get(one), program.patch(one, {"name": "x"}, content_type="application/json"), program.delete(one),
            program.get(f"{one}/images"), program.put(f"{one}/images/{image.pk}"),
            program.delete(f"{one}/images/{image.pk}"), program.get(f"{one}/archive"), program.get(f"{ROUTE}/no-id"),
        ]  # fmt: skip

        assert {answer.status_code for answer in answers} == {404}
        assert program.get(ROUTE).json()["results"] == []

    @pytest.mark.parametrize(
        ("method", "address"),
        [
            ("post", ""), ("patch", "/{}"), ("delete", "/{}"), ("put", "/{}/images/{}"), ("delete", "/{}/images/{}"),
        ],
    )  # fmt: skip
    def test_changing_needs_the_scope(
        self, alice: User, mugs: Collection, api: Callable[..., Client], method: str, address: str
    ):
        answer = getattr(api(alice, scopes=["read"]), method)(ROUTE + address.format(mugs.pk, new_id()))

        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")

    def test_those_shared_are_in_the_list_with_their_members_for_the_owner_only(
        self, alice: User, bob: User, shared: Any, api: Callable[..., Client]
    ):
        shared("editor")

        [hers] = api(alice).get(ROUTE).json()["results"]
        [his] = api(bob).get(ROUTE).json()["results"]

        assert hers["members"] == [{"handle": "bob", "name": hostile("bob", 80), "role": "editor"}]
        assert his == {**hers, "role": "editor", "members": None}


class TestQueries:
    def test_hidden_sources_are_looked_up_together(
        self, alice: User, bob: User, shared: Any, api: Callable[..., Client], generated: Callable[..., Image]
    ):
        mugs, program = shared("viewer"), api(bob)
        program.get(f"{ROUTE}/{mugs.pk}/images")

        def queries() -> int:
            image = generated(alice)
            Image.objects.filter(pk=image.pk).update(parent=generated(alice))
            collections.add(user=alice, collection=mugs, images=[image])
            with CaptureQueriesContext(connection) as asked:
                assert program.get(f"{ROUTE}/{mugs.pk}/images").status_code == 200
            return len(asked)

        assert queries() == queries() == queries()

    def test_a_longer_list_asks_no_more_of_the_database(
        self, alice: User, bob: User, mugs: Collection, api: Callable[..., Client], generated: Callable[..., Image]
    ):
        program = api(alice)
        program.get(ROUTE)

        def queries() -> int:
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert program.get(ROUTE).status_code == 200
                assert program.get(f"{ROUTE}/{mugs.pk}/images").status_code == 200
            return len(asked)

        collections.add(user=alice, collection=mugs, images=[generated(alice)])
        members.share(collection=mugs, by=alice, handle="bob", role="viewer")
        before = queries()
        for number in range(4):
            other = collections.create(user=alice, name=str(number))
            collections.add(user=alice, collection=other, images=[generated(alice)])
            collections.add(user=alice, collection=mugs, images=[generated(alice)])
            members.share(collection=other, by=alice, handle="bob", role="viewer")

        assert queries() == before


class TestArchive:
    def test_a_viewer_saves_it(
        self, alice: User, bob: User, shared: Any, api: Callable[..., Client], generated: Callable[..., Image]
    ):
        mugs = shared("viewer")
        collections.add(user=alice, collection=mugs, images=[generated(alice)])

        whole = api(bob).get(f"{ROUTE}/{mugs.pk}/archive")
        bare = api(bob).get(f"{ROUTE}/{mugs.pk}/archive?recipes=false")

        assert whole["Content-Type"] == "application/zip"
        names = [ZipFile(BytesIO(async_to_sync(_collected)(each))).namelist() for each in (whole, bare)]
        assert names == [[f"001-{MUG_FILE}.png", f"001-{MUG_FILE}.json"], ["001-picture.png"]]

    def test_it_costs_one_request(self, alice: User, mugs: Collection, api: Callable[..., Client]):
        program = api(alice)
        before = int(program.get(f"{ROUTE}/{mugs.pk}")["RateLimit-Remaining"])
        async_to_sync(_collected)(program.get(f"{ROUTE}/{mugs.pk}/archive"))

        assert int(program.get(f"{ROUTE}/{mugs.pk}")["RateLimit-Remaining"]) == before - 2

    def test_a_head_sends_none(self, alice: User, mugs: Collection, api: Callable[..., Client]):
        answer = api(alice).head(f"{ROUTE}/{mugs.pk}/archive")

        assert (answer.status_code, answer["Content-Type"], answer.streaming) == (200, "application/zip", False)

    def test_what_is_no_yes_or_no_is_refused(self, alice: User, mugs: Collection, api: Callable[..., Client]):
        assert codes(api(alice).get(f"{ROUTE}/{mugs.pk}/archive?recipes=0")) == [("recipes", "not_yes_or_no")]
