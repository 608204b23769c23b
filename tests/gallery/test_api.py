"""The library over HTTP: what a program sees, and what it is told when it asks wrongly."""

import io
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from PIL import Image as Pixels

from accounts.models import User
from gallery import storage
from gallery.models import Collection, CollectionImage, Image, Member
from gallery.services import images
from tests.gallery.conftest import drawn, recipe_of
from tests.hostile import MUG_FILE

NOBODYS = "019f0000-0000-7000-8000-000000000000"

ROUTES = ["", "/file", "/thumbnail", "/recipe"]
Api = Callable[..., Client]
Make = Callable[..., Image]


def route(image: Image, rest: str = "") -> str:
    return f"/api/v1/images/{image.pk}{rest}"


def patch(client: Client, image: Image, body: Any) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    return client.patch(route(image), text, content_type="application/json")


def problems(response: Any) -> list[tuple[str, str]]:
    """Field and code of each error of a 422."""
    told = response.json()
    assert (response.status_code, told["code"]) == (422, "invalid")
    assert response["Content-Type"] == "application/problem+json"
    assert all(error["message"] and "{" not in error["message"] for error in told["errors"])
    return [(error["field"], error["code"]) for error in told["errors"]]


def ids(client: Client, query: str) -> list[str]:
    return [image["id"] for image in client.get(f"/api/v1/images?{query}").json()["results"]]


class TestList:
    def test_alice_sees_what_she_made_newest_first(
        self, alice: User, bob: User, api: Api, generated: Make, uploaded: Make
    ) -> None:
        first, second = generated(alice), generated(alice)
        uploaded(alice)
        generated(bob)
        Image.objects.filter(pk=generated(alice).pk).update(deleted_at=timezone.now())

        told = api(alice).get("/api/v1/images").json()

        assert [image["id"] for image in told["results"]] == [str(second.pk), str(first.pk)]
        assert (told["next"], told["previous"]) == (None, None)

    def test_uploads_are_shown_when_they_are_asked_for(
        self, alice: User, api: Api, generated: Make, uploaded: Make
    ) -> None:
        generated(alice)
        sent = uploaded(alice)

        told = api(alice).get("/api/v1/images?origin=uploaded").json()

        assert [(image["id"], image["origin"]) for image in told["results"]] == [(str(sent.pk), "uploaded")]

    def test_the_cursor_leads_through_all_and_back(self, alice: User, api: Api, generated: Make) -> None:
        made = [str(generated(alice).pk) for _ in range(5)][::-1]
        client = api(alice)

        seen, address = [], "/api/v1/images?limit=2"
        while address:
            told = client.get(address).json()
            seen += [image["id"] for image in told["results"]]
            address = told["next"]
        back = client.get(told["previous"]).json()

        assert seen == made
        assert [image["id"] for image in back["results"]] == made[2:4]

    def test_a_search_finds_what_its_words_and_filters_say(self, alice: User, api: Api, generated: Make) -> None:
        found = generated(alice, prompt="two red mugs", seed=7)
        generated(alice, prompt="a red mug", seed=8)
        generated(alice, prompt="a green mug", seed=7)

        assert ids(api(alice), "q=mugs red seed:7") == [str(found.pk)]

    def test_a_search_goes_on_over_its_pages(self, alice: User, api: Api, generated: Make) -> None:
        made = [str(generated(alice, prompt=f"a {word} mug").pk) for word in ("grey", "black", "Épée", "cyan", "dark")]
        generated(alice, prompt="a cup")
        client = api(alice)

        first = client.get("/api/v1/images?q=mug&sort=title&limit=2").json()
        second = client.get(first["next"]).json()
        third = client.get(second["next"]).json()

        seen = [image["id"] for page in (first, second, third) for image in page["results"]]
        assert seen == [made[number] for number in (1, 3, 4, 2, 0)]
        assert third["next"] is None
        assert client.get(second["previous"]).json()["results"] == first["results"]

    def test_a_cursor_belongs_to_its_order(self, alice: User, api: Api, generated: Make) -> None:
        generated(alice), generated(alice)
        client = api(alice)
        following = client.get("/api/v1/images?limit=1").json()["next"]

        assert problems(client.get(following + "&sort=oldest")) == [("cursor", "bad_cursor")]

    def test_favourites_are_shown_or_left_out(self, alice: User, api: Api, generated: Make) -> None:
        loved, other = images.change(image=generated(alice), favourite=True), generated(alice)

        assert ids(api(alice), "favourite=true") == [str(loved.pk)]
        assert ids(api(alice), "favourite=false") == [str(other.pk)]

    def test_the_trash_is_shown_whole(self, alice: User, api: Api, generated: Make, uploaded: Make) -> None:
        generated(alice)
        thrown, sent = images.trash(image=generated(alice)), images.trash(image=uploaded(alice))

        assert ids(api(alice), "trash=true") == [str(sent.pk), str(thrown.pk)]
        assert ids(api(alice), "trash=true&origin=generated") == [str(thrown.pk)]

    def test_a_collection_shows_what_is_mine_in_it(self, alice: User, bob: User, api: Api, generated: Make) -> None:
        mine, his = generated(alice), generated(bob)
        generated(alice)
        shared = Collection.objects.create(owner=bob, name="Mugs")
        for position, image in enumerate((mine, his)):
            CollectionImage.objects.create(collection=shared, image=image, position=position)
        client = api(alice)

        assert problems(client.get(f"/api/v1/images?collection={shared.pk}")) == [("collection", "not_found")]

        Member.objects.create(collection=shared, user=alice)
        assert ids(client, f"collection={shared.pk}") == [str(mine.pk)]

    def test_the_addresses_in_it_are_those_of_the_files(self, alice: User, api: Api, generated: Make) -> None:
        generated(alice)
        client = api(alice)
        [image] = client.get("/api/v1/images").json()["results"]

        assert client.get(image["url"])["Content-Type"] == "image/png"
        assert client.get(image["thumbnail_url"])["Content-Type"] == "image/webp"

    @pytest.mark.parametrize("count", [1, 6])
    def test_its_queries_do_not_grow(
        self, count: int, alice: User, api: Api, generated: Make, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(count):
            generated(alice)
        client = api(alice)

        with django_assert_max_num_queries(3):
            assert len(client.get("/api/v1/images").json()["results"]) == count

    @pytest.mark.parametrize(
        ("query", "problem"),
        [
            ("q=colour:red", ("q", "unknown_filter")),
            ("q=steps:many", ("q", "filter_range")),
            ("q=" + "x" * 301, ("q", "too_long")),
            ("q=%00", ("q", "control_characters")),
            ("model=builtin", ("model", "unknown")),
            ("sort=deleted", ("sort", "not_a_choice")),
            ("favourite=yes", ("favourite", "not_a_choice")),
            ("favourite=", ("favourite", "not_a_choice")),
            ("trash=True", ("trash", "not_a_choice")),
            ("collection=1", ("collection", "not_found")),
            (f"collection={NOBODYS}", ("collection", "not_found")),
            ("q=mug&q=cup", ("q", "repeated")),
            ("cursor=", ("cursor", "bad_cursor")),
            ("origin=stolen", ("origin", "not_a_choice")),
            ("origin=", ("origin", "not_a_choice")),
            ("limit=0", ("limit", "out_of_range")),
            ("limit=101", ("limit", "out_of_range")),
            ("limit=2.5", ("limit", "out_of_range")),
            ("cursor=garbage", ("cursor", "bad_cursor")),
            ("cursor=cD1nYXJiYWdl", ("cursor", "bad_cursor")),
            ("cursor=cD0lMDA%3D", ("cursor", "bad_cursor")),
        ],
    )
    def test_a_wrong_query_is_refused_by_name(
        self, query: str, problem: tuple[str, str], alice: User, api: Api, generated: Make
    ) -> None:
        generated(alice)

        assert problems(api(alice).get(f"/api/v1/images?{query}")) == [problem]


class TestOne:
    def test_it_is_found_even_in_the_trash(self, alice: User, api: Api, generated: Make) -> None:
        image = generated(alice)
        client = api(alice)

        assert client.delete(route(image)).status_code == 204
        assert client.delete(route(image)).status_code == 204

        told = client.get(route(image)).json()
        assert (told["id"], told["visibility"]) == (str(image.pk), "private")
        assert told["deleted_at"].endswith("Z")

    def test_it_comes_back_from_the_trash(self, alice: User, api: Api, generated: Make) -> None:
        image = generated(alice)
        client = api(alice)
        client.delete(route(image))

        told = client.generic("POST", route(image, "/restore"))

        assert (told.status_code, told.json()["deleted_at"]) == (200, None)
        assert client.get("/api/v1/images").json()["results"][0]["id"] == str(image.pk)

    def test_title_tags_and_favourite_are_changed_together(self, alice: User, api: Api, generated: Make) -> None:
        image = generated(alice)
        changes = {"title": "<script>كوب 🫖</script>", "tags": ["shop", "🫖"], "favourite": True}

        response = patch(api(alice), image, changes)

        assert response.status_code == 200
        told = api(alice).get(route(image)).json()
        assert {name: told[name] for name in changes} == changes
        assert response.json() == told

    def test_a_flood_of_wrong_tags_is_answered_briefly(self, alice: User, api: Api, generated: Make) -> None:
        response = patch(api(alice), generated(alice), {"tags": [1] * 10_000})

        assert len(problems(response)) == 50

    def test_an_empty_change_changes_nothing(self, alice: User, api: Api, generated: Make) -> None:
        image = generated(alice)
        client = api(alice)

        assert patch(client, image, {}).json() == client.get(route(image)).json()

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ({"visibility": "public"}, ("visibility", "needs_curator")),
            ({"collection": str(uuid4())}, ("collection", "unknown")),
            ({"prompt": "other"}, ("prompt", "unknown")),
            ({"title": 7}, ("title", "not_a_text")),
            ({"title": None}, ("title", "null")),
            ({"title": "x" * 201}, ("title", "too_long")),
            ({"title": "a\u0000b"}, ("title", "control_characters")),
            ({"title": "\ud800"}, ("title", "control_characters")),
            ({"favourite": "yes"}, ("favourite", "not_yes_or_no")),
            ({"favourite": 1}, ("favourite", "not_yes_or_no")),
            ({"tags": "shop"}, ("tags", "not_a_list")),
            ({"tags": {"a": 1}}, ("tags", "not_a_list")),
            ({"tags": [7]}, ("tags.0", "not_a_text")),
            ({"tags": ["fine", None]}, ("tags.1", "null")),
            ({"tags": ["x"] * 20 + ["y" * 51]}, ("tags", "too_long")),
            ({"tags": [f"{n}" for n in range(21)]}, ("tags", "too_many")),
            ([], ("body", "not_an_object")),
            ("7", ("body", "not_an_object")),
        ],
    )
    def test_a_wrong_change_is_refused_by_name(
        self, body: Any, problem: tuple[str, str], alice: User, api: Api, generated: Make
    ) -> None:
        image = generated(alice)

        assert problems(patch(api(alice), image, body)) == [problem]
        assert Image.objects.get().title == ""

    @pytest.mark.parametrize(
        ("body", "status"), [("{", 400), ("[" * 100_000, 400), ('{"favourite": NaN}', 400), ('"' + "x" * 2**21, 413)]
    )
    def test_a_body_that_is_no_json_is_refused(
        self, body: str, status: int, alice: User, api: Api, generated: Make
    ) -> None:
        response = patch(api(alice), generated(alice), body)

        assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")

    def test_a_body_of_another_kind_is_refused(self, alice: User, api: Api, generated: Make) -> None:
        response = api(alice).patch(route(generated(alice)), "title=x", "application/x-www-form-urlencoded")

        assert response.status_code == 415


class TestRecipe:
    def test_it_is_told_whole(self, alice: User, api: Api, generated: Make) -> None:
        image = generated(alice, prompt="a mug", strength=0.5)

        assert api(alice).get(route(image, "/recipe")).json() == recipe_of(prompt="a mug", strength=0.5)

    def test_what_was_sent_has_none(self, alice: User, api: Api, uploaded: Make) -> None:
        response = api(alice).get(route(uploaded(alice), "/recipe"))

        assert (response.status_code, response.json()["code"]) == (404, "no_recipe")


class TestFile:
    def test_it_is_what_was_stored_under_a_readable_name(self, alice: User, api: Api, generated: Make) -> None:
        image = generated(alice, prompt="Café <crème>")

        response = api(alice).get(route(image, "/file"))

        assert response.content == storage.read(image)
        assert response["Content-Type"] == "image/png"
        assert response["Content-Length"] == str(image.bytes)
        assert response["ETag"] == f'"{image.digest}"'
        assert response["Cache-Control"] == "private, no-cache"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Disposition"] == (
            "inline; filename=\"cafe-creme-42.png\"; filename*=UTF-8''caf%C3%A9-cr%C3%A8me-42.png"
        )

    @pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
    def test_it_comes_in_other_formats(self, format: str, alice: User, api: Api, generated: Make) -> None:
        response = api(alice).get(route(generated(alice), f"/file?format={format}"))

        assert response["Content-Type"] == f"image/{format}"
        assert Pixels.open(io.BytesIO(response.content)).format == format.upper()
        assert b"trainedAlgorithmicMedia" in response.content

    @pytest.mark.parametrize("format", ["svgz", "gif", "", "PNG", "../png"])
    def test_another_format_is_refused_by_name(self, format: str, alice: User, api: Api, generated: Make) -> None:
        response = api(alice).get(route(generated(alice), f"/file?format={format}"))

        assert problems(response) == [("format", "not_a_choice")]

    @pytest.mark.parametrize(("width", "holds"), [(16_384, ["png", "jpeg"]), (65_501, ["png"])])
    def test_a_format_that_cannot_hold_so_wide_a_picture_is_not_a_choice(
        self, width: int, holds: list[str], alice: User, api: Api, uploaded: Make
    ) -> None:
        image, client = uploaded(alice, drawn(width, 2)), api(alice)

        for format in ("png", "jpeg", "webp"):
            response = client.get(route(image, f"/file?format={format}"))
            if format in holds:
                assert response.status_code == 200
            else:
                assert problems(response) == [("format", "not_a_choice")]

    def test_what_has_not_changed_is_not_sent_again(self, alice: User, api: Api, generated: Make) -> None:
        image, client = generated(alice), api(alice)
        addresses = [route(image, rest) for rest in ("/file", "/file?format=webp", "/thumbnail", "/thumbnail?size=640")]
        tags = [client.get(address)["ETag"] for address in addresses]

        for address, etag in zip(addresses, tags, strict=True):
            again = client.get(address, headers={"if-none-match": f'"other", {etag}'})
            assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
            assert again["Cache-Control"] == "private, no-cache"
        assert len(set(tags)) == 4

    def test_a_client_may_ask_for_pictures_alone(self, alice: User, api: Api, generated: Make) -> None:
        image, client = generated(alice), api(alice)

        assert client.get(route(image, "/file"), headers={"accept": "image/png"}).status_code == 200
        refused = client.get(f"/api/v1/images/{uuid4()}/file", headers={"accept": "image/png"})
        assert (refused.status_code, refused["Content-Type"]) == (404, "application/problem+json")

    def test_a_program_may_ask_for_the_headers_alone(self, alice: User, api: Api, generated: Make) -> None:
        image = generated(alice)

        response = api(alice).head(route(image, "/file"))

        assert (response.status_code, response.content) == (200, b"")
        assert response["Content-Length"] == str(image.bytes)

    def test_bytes_that_were_lost_are_not_there(
        self, alice: User, api: Api, generated: Make, caplog: pytest.LogCaptureFixture
    ) -> None:
        image = generated(alice)
        default_storage.delete(image.path)

        assert api(alice).get(route(image, "/file")).status_code == 404
        assert str(image.pk) in caplog.text

    @pytest.mark.parametrize(
        ("size", "sides"), [("", (320, 160)), ("?size=320", (320, 160)), ("?size=640", (640, 320))]
    )
    def test_a_thumbnail_has_the_size_that_was_asked(
        self, size: str, sides: tuple[int, int], alice: User, api: Api, generated: Make
    ) -> None:
        image = generated(alice, content=drawn(700, 350))

        response = api(alice).get(route(image, f"/thumbnail{size}"))

        assert Pixels.open(io.BytesIO(response.content)).size == sides
        assert response["Content-Disposition"].startswith(f'inline; filename="{MUG_FILE}.webp"')

    @pytest.mark.parametrize("size", ["100", "0", "-320", "320.0", "big", ""])
    def test_another_size_is_refused_by_name(self, size: str, alice: User, api: Api, generated: Make) -> None:
        response = api(alice).get(route(generated(alice), f"/thumbnail?size={size}"))

        assert problems(response) == [("size", "not_a_choice")]


class TestUploadedFile:
    @pytest.mark.parametrize("format", ["PNG", "JPEG"])
    def test_it_never_opens_in_a_tab_of_ours(self, format: str, alice: User, api: Api, uploaded: Make) -> None:
        image = uploaded(alice, drawn(format=format))

        response = api(alice).get(route(image, "/file"))

        assert response["Content-Disposition"].startswith("attachment;")
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"

    def test_its_bytes_have_no_mark_in_any_format(self, alice: User, api: Api, uploaded: Make) -> None:
        image, client = uploaded(alice), api(alice)

        for format in ("png", "jpeg", "webp"):
            content = client.get(route(image, f"/file?format={format}")).content
            assert b"trainedAlgorithmicMedia" not in content


class TestPageFiles:
    def test_a_page_shows_and_saves_the_picture(
        self, alice: User, client_of: Callable[[User], Client], generated: Make
    ) -> None:
        image, browser = generated(alice), client_of(alice)

        shown = browser.get(f"/images/{image.pk}/file")
        saved = browser.get(f"/images/{image.pk}/file?download")

        assert shown.content == saved.content == storage.read(image)
        assert shown["Content-Disposition"].startswith("inline;")
        assert saved["Content-Disposition"].startswith("attachment;")

    @pytest.mark.parametrize(("size", "status"), [(320, 200), (640, 200), (100, 404), (0, 404)])
    def test_a_page_has_two_sizes_of_thumbnails(
        self, size: int, status: int, alice: User, client_of: Callable[[User], Client], generated: Make
    ) -> None:
        image = generated(alice)

        assert client_of(alice).get(f"/images/{image.pk}/thumbnail/{size}").status_code == status

    def test_mallory_and_strangers_see_nothing(
        self, alice: User, mallory: User, client_of: Callable[[User], Client], generated: Make
    ) -> None:
        image = generated(alice)

        for address in (f"/images/{image.pk}/file", f"/images/{image.pk}/thumbnail/320"):
            assert client_of(mallory).get(address).status_code == 404
            assert Client().get(address).status_code == 302


class TestRights:
    @pytest.mark.parametrize("rest", ROUTES)
    def test_without_a_token_nothing_is_looked_up(self, rest: str, alice: User, generated: Make) -> None:
        image = generated(alice)

        for address in (route(image, rest), f"/api/v1/images/nobody{rest}", "/api/v1/images"):
            response = Client().get(address)
            assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")

    @pytest.mark.parametrize("rest", ROUTES)
    @pytest.mark.parametrize("image_id", ["nobody", "1", NOBODYS, "%00", "..", "a" * 300])
    def test_what_is_not_there_is_404(self, rest: str, image_id: str, alice: User, api: Api) -> None:
        response = api(alice).get(f"/api/v1/images/{image_id}{rest}")

        assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")

    def test_mallory_can_do_nothing_with_what_is_alices(
        self, alice: User, mallory: User, api: Api, generated: Make
    ) -> None:
        image, knock = generated(alice), api(mallory)

        answers = [knock.get(route(image, rest)).status_code for rest in ROUTES]
        answers += [knock.delete(route(image)).status_code, knock.post(route(image, "/restore")).status_code]
        answers += [patch(knock, image, {"title": "mine"}).status_code]

        assert set(answers) == {404}
        assert Image.objects.get(title="", deleted_at=None)

    def test_a_token_that_may_only_read_changes_nothing(self, alice: User, api: Api, generated: Make) -> None:
        image, reader = generated(alice), api(alice, scopes=["read"])

        answers = [patch(reader, image, {"title": "x"}), reader.delete(route(image))]
        answers.append(reader.post(route(image, "/restore")))

        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "insufficient_scope")] * 3
        assert reader.get(route(image)).status_code == 200

    @pytest.mark.parametrize(("method", "rest"), [("DELETE", ""), ("POST", "/restore")])
    def test_a_body_where_none_is_taken_is_refused(
        self, method: str, rest: str, alice: User, api: Api, generated: Make
    ) -> None:
        image = generated(alice)

        refused = api(alice).generic(method, route(image, rest), '{"forever": true}', content_type="application/json")

        assert problems(refused) == [("forever", "unknown")]
        assert Image.objects.get().deleted_at is None
        answer = api(alice).generic(method, route(image, rest), "{}", content_type="application/json")
        assert answer.status_code in (200, 204)

    def test_another_method_is_refused(self, alice: User, api: Api, generated: Make) -> None:
        assert api(alice).put(route(generated(alice))).status_code == 405

    def test_a_refusal_names_its_language(self, alice: User, api: Api, uploaded: Make) -> None:
        response = api(alice).get(route(uploaded(alice), "/recipe"), headers={"accept-language": "fr"})

        assert response["Content-Language"] == "fr"
