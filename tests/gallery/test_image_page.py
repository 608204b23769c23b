"""The page of one picture: its recipe, its kin, its files, what its owner changes and what a viewer sees."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from PIL import Image as Pixels

from accounts.models import User
from gallery.models import Image, Member
from gallery.services import collections
from tests.gallery.conftest import drawn
from tests.gallery.rows import rows
from tests.hostile import ALICE, SHELF, hostile

Keep = Callable[..., Image]
ClientOf = Callable[[User], Client]

HTMX = {"HX-Request": "true"}
HOSTILE = "<script>alert(1)</script> كوب 🦊"


def words(response: Any) -> str:
    return response.content.decode()


def recipe(seed: int = 1, prompt: str = "a mug", **changes: Any) -> dict[str, Any]:
    return {"prompt": prompt, "full_prompt": prompt, "seed": seed, "model": "builtin", **changes}


@pytest.fixture
def browser_of_alice(alice: User, client_of: ClientOf) -> Client:
    return client_of(alice)


@pytest.fixture
def shared_with_bob(alice: User, bob: User) -> Image:
    """A picture of Alice's in a collection that Bob may look at."""
    image = rows(alice, 1)[0]
    collection = collections.create(user=alice, name=SHELF)
    collections.add(user=alice, collection=collection, images=[image])
    Member.objects.create(collection=collection, user=bob)
    return image


class TestImage:
    def test_its_page_shows_the_picture_the_recipe_and_its_neighbours(
        self, browser_of_alice: Client, alice: User
    ) -> None:
        oldest, image, newest = rows(alice, 3)

        page = words(browser_of_alice.get(reverse("image", args=[image.pk])))

        assert "Marked as AI-made" in page
        assert f'<h1 dir="auto">{escape(hostile("picture 1"))}</h1>' in page
        assert f'rel="prev" data-key="ArrowLeft" href="{reverse("image", args=[newest.pk])}"' in page
        assert f'rel="next" data-key="ArrowRight" href="{reverse("image", args=[oldest.pk])}"' in page
        assert f"?vary={image.pk}" in page
        assert reverse("image_again", args=[image.pk]) in page
        assert f"{reverse('image_file', args=[image.pk])}?download" in page
        assert "256 × 256 · PNG" in page

    def test_words_are_shown_as_they_were_written(self, browser_of_alice: Client, alice: User) -> None:
        image = rows(alice, 1)[0]
        Image.objects.filter(pk=image.pk).update(title=HOSTILE, recipe={"prompt": HOSTILE})

        for address in (reverse("image", args=[image.pk]), reverse("gallery")):
            page = words(browser_of_alice.get(address))
            assert "<script>alert" not in page
            assert "&lt;script&gt;alert(1)&lt;/script&gt; كوب 🦊" in page

    def test_an_uploaded_picture_is_not_called_ai_made(self, browser_of_alice: Client, alice: User) -> None:
        image = rows(alice, 1)[0]
        Image.objects.filter(pk=image.pk).update(origin="uploaded", recipe=None)

        page = words(browser_of_alice.get(reverse("image", args=[image.pk])))

        assert "AI-made" not in page
        assert "Sent by you" in page
        assert "vary=" not in page

    def test_a_picture_in_the_trash_offers_to_come_back(self, browser_of_alice: Client, alice: User) -> None:
        image = rows(alice, 1, deleted_at=timezone.now())[0]

        page = words(browser_of_alice.get(reverse("image", args=[image.pk])))

        assert "Put back" in page
        assert "Download" not in page

    def test_what_was_made_from_it_is_shown(self, browser_of_alice: Client, alice: User) -> None:
        source, child = rows(alice, 2)
        Image.objects.filter(pk=child.pk).update(parent=source)

        assert f'href="{reverse("image", args=[child.pk])}"' in words(
            browser_of_alice.get(reverse("image", args=[source.pk]))
        )
        assert "the picture it was made from" in words(browser_of_alice.get(reverse("image", args=[child.pk])))

    def test_it_costs_the_same_queries_whatever_its_kin(
        self, browser_of_alice: Client, alice: User, django_assert_max_num_queries: Any
    ) -> None:
        image = rows(alice, 9)[4]
        Image.objects.exclude(pk=image.pk).update(parent=image)

        with django_assert_max_num_queries(20):
            browser_of_alice.get(reverse("image", args=[image.pk]))

    @pytest.mark.parametrize(
        ("name", "method"),
        [("image", "get"), ("image_trash", "post"), ("image_restore", "post"), ("image_change", "post")],
    )
    def test_mallory_finds_nothing(
        self, alice: User, mallory: User, client_of: ClientOf, name: str, method: str
    ) -> None:
        image = rows(alice, 1)[0]

        response = getattr(client_of(mallory), method)(reverse(name, args=[image.pk]), {"title": "mine"})

        image.refresh_from_db()
        assert response.status_code == 404
        assert (image.title, image.deleted_at) == ("", None)


class TestChange:
    def test_a_title_becomes_the_heading(self, browser_of_alice: Client, alice: User) -> None:
        image = rows(alice, 1)[0]

        page = words(browser_of_alice.post(reverse("image_change", args=[image.pk]), {"title": "My mug"}, follow=True))

        assert '<h1 dir="auto">My mug</h1>' in page
        assert "picture 0" in page

    @pytest.mark.parametrize(
        ("title", "sentence"), [("x" * 201, "at most 200 are possible"), ("a\x07b", "control characters")]
    )
    def test_a_bad_title_is_said_on_its_field(
        self, browser_of_alice: Client, alice: User, title: str, sentence: str
    ) -> None:
        image = rows(alice, 1)[0]

        response = browser_of_alice.post(reverse("image_change", args=[image.pk]), {"title": title})

        image.refresh_from_db()
        assert response.status_code == 422
        assert sentence in words(response)
        assert image.title == ""

    def test_a_star_marks_a_favourite_and_leaves_the_title(self, browser_of_alice: Client, alice: User) -> None:
        image = rows(alice, 1, title="My mug")[0]

        star = browser_of_alice.post(reverse("image_change", args=[image.pk]), {"favourite": "true"}, headers=HTMX)

        image.refresh_from_db()
        assert (image.favourite, image.title) == (True, "My mug")
        assert 'aria-pressed="true"' in words(star)
        assert 'name="favourite" value="false"' in words(star)

    def test_without_javascript_the_star_goes_back_to_the_picture(self, browser_of_alice: Client, alice: User) -> None:
        image = rows(alice, 1, favourite=True)[0]

        response = browser_of_alice.post(reverse("image_change", args=[image.pk]), {"favourite": "false"})

        image.refresh_from_db()
        assert response["Location"] == reverse("image", args=[image.pk])
        assert image.favourite is False

    def test_tags_come_and_go_one_by_one(self, browser_of_alice: Client, alice: User) -> None:
        image = rows(alice, 1, tags=["shop", "a, b"])[0]
        address = reverse("image_change", args=[image.pk])

        browser_of_alice.post(address, {"tags": " red mug , , shop,كوب"})
        browser_of_alice.post(address, {"without_tag": "a, b"})

        image.refresh_from_db()
        assert image.tags == ["shop", "red mug", "كوب"]

    def test_a_tag_that_is_too_long_is_said_on_its_field(self, browser_of_alice: Client, alice: User) -> None:
        image = rows(alice, 1)[0]

        response = browser_of_alice.post(reverse("image_change", args=[image.pk]), {"tags": "x" * 51})

        assert response.status_code == 422
        assert 'id="id_tags_error"' in words(response)

    def test_tags_given_before_are_proposed(self, browser_of_alice: Client, alice: User, bob: User) -> None:
        rows(alice, 1, tags=["shop", HOSTILE])
        rows(bob, 1, tags=["secret of bob"])

        page = words(browser_of_alice.get(reverse("image", args=[rows(alice, 1)[0].pk])))

        assert '<option value="shop">' in page
        assert "<script>alert" not in page
        assert "secret of bob" not in page

    def test_a_change_goes_back_to_the_search_it_came_from(self, browser_of_alice: Client, alice: User) -> None:
        image = rows(alice, 1)[0]
        page = words(browser_of_alice.get(reverse("image", args=[image.pk]), {"q": "picture", "sort": "oldest"}))
        back = f"{reverse('image', args=[image.pk])}?q=picture&sort=oldest"

        response = browser_of_alice.post(reverse("image_change", args=[image.pk]), {"title": "Mug", "next": back})

        assert f'name="next" value="{back.replace("&", "&amp;")}"' in page
        assert response["Location"] == back


class TestWalking:
    def test_the_arrows_stay_in_the_search_that_led_here(self, browser_of_alice: Client, alice: User) -> None:
        first, _, third = rows(alice, 3)
        for image in (first, third):
            browser_of_alice.post(reverse("image_change", args=[image.pk]), {"tags": "shop"})

        page = words(browser_of_alice.get(reverse("image", args=[third.pk]), {"q": "tag:shop"}))

        assert f'rel="next" data-key="ArrowRight" href="{reverse("image", args=[first.pk])}?q=tag%3Ashop"' in page
        assert 'rel="prev"' not in page

    def test_a_search_that_is_none_walks_the_whole_gallery(self, browser_of_alice: Client, alice: User) -> None:
        older, newer = rows(alice, 2)

        page = browser_of_alice.get(reverse("image", args=[newer.pk]), {"q": "steps:none", "sort": "nothing"})

        assert reverse("image", args=[older.pk]) in words(page)


class TestKin:
    def test_variations_are_the_same_words_with_a_seed_close_by(self, browser_of_alice: Client, alice: User) -> None:
        made = rows(alice, 4)
        seeds = [2**32 - 1, 0, 3, 4]
        prompts = ["a mug", "a mug", "a mug", "a mug"]
        for image, seed, prompt in zip(made, seeds, prompts, strict=True):
            told = recipe(seed, prompt)
            Image.objects.filter(pk=image.pk).update(recipe=told, seed=seed, model="builtin")
        stranger = rows(alice, 1)[0]
        Image.objects.filter(pk=stranger.pk).update(recipe=recipe(1, "a cup"), seed=1, model="builtin")

        kin = browser_of_alice.get(reverse("image", args=[made[0].pk])).context["family"].variations

        assert [each.pk for each in kin] == [made[1].pk, made[2].pk]

    def test_a_source_and_a_remix_that_nobody_showed_are_words_only(
        self, browser_of_alice: Client, alice: User, bob: User
    ) -> None:
        secret, image = rows(bob, 1)[0], rows(alice, 1)[0]
        Image.objects.filter(pk=image.pk).update(parent=secret, remix_of=secret)

        page = words(browser_of_alice.get(reverse("image", args=[image.pk])))

        assert str(secret.pk) not in page
        assert page.count("a picture that is not shown to you") == 2


class TestViewer:
    def test_bob_sees_whose_it_is_the_recipe_and_the_files_but_changes_nothing(
        self, shared_with_bob: Image, bob: User, client_of: ClientOf
    ) -> None:
        page = words(client_of(bob).get(reverse("image", args=[shared_with_bob.pk])))

        assert f"This picture belongs to {escape(ALICE)}" in page
        assert f"{reverse('image_file', args=[shared_with_bob.pk])}?download" in page
        assert "Remix" in page
        for name in ("image_change", "image_trash", "image_again", "image_share", "image_collect", "image_variations"):
            assert reverse(name, args=[shared_with_bob.pk]) not in page

    @pytest.mark.parametrize("name", ["image_change", "image_trash", "image_restore"])
    def test_bob_cannot_post_what_he_is_not_offered(
        self, name: str, shared_with_bob: Image, bob: User, client_of: ClientOf
    ) -> None:
        response = client_of(bob).post(reverse(name, args=[shared_with_bob.pk]), {"title": "mine", "tags": "mine"})

        shared_with_bob.refresh_from_db()
        assert response.status_code == 404
        assert (shared_with_bob.title, shared_with_bob.tags, shared_with_bob.deleted_at) == ("", [], None)

    def test_bob_sees_nothing_of_what_alice_threw_away_or_mallory_is_not_shown(
        self, shared_with_bob: Image, bob: User, mallory: User, client_of: ClientOf
    ) -> None:
        address = reverse("image", args=[shared_with_bob.pk])

        assert client_of(mallory).get(address).status_code == 404
        Image.objects.filter(pk=shared_with_bob.pk).update(deleted_at=timezone.now())
        assert client_of(bob).get(address).status_code == 404


class TestCompare:
    def test_two_pictures_lie_over_each_other_with_where_their_recipes_differ(
        self, browser_of_alice: Client, alice: User
    ) -> None:
        one, other = rows(alice, 2)
        Image.objects.filter(pk=one.pk).update(recipe=recipe(42, HOSTILE, steps=20, guidance=6.0))
        Image.objects.filter(pk=other.pk).update(recipe=recipe(43, HOSTILE, steps=30, guidance=6.0))

        response = browser_of_alice.get(reverse("compare", args=[one.pk, other.pk]))

        told = [(each.first, each.second) for each in response.context["differences"]]
        assert told == [("42", "43"), ("20", "30")]
        assert "<script>alert" not in words(response)
        assert 'type="range"' in words(response)

    def test_a_picture_that_was_sent_has_nothing_to_compare_but_its_file(
        self, browser_of_alice: Client, alice: User
    ) -> None:
        one, other = rows(alice, 2)
        Image.objects.filter(pk=other.pk).update(recipe=None, origin="uploaded")

        page = words(browser_of_alice.get(reverse("compare", args=[one.pk, other.pk])))

        assert "A picture that was sent has no recipe to compare." in page

    def test_the_variations_come_first_among_those_to_choose_from(self, browser_of_alice: Client, alice: User) -> None:
        one, kin, *others = rows(alice, 6)
        for image, seed in ((one, 5), (kin, 6)):
            Image.objects.filter(pk=image.pk).update(recipe=recipe(seed), seed=seed, model="builtin")

        offered = browser_of_alice.get(reverse("compare_with", args=[one.pk])).context["others"]

        assert [each.pk for each in offered] == [kin.pk, *(each.pk for each in reversed(others))]

    def test_one_picture_alone_says_what_to_do(self, browser_of_alice: Client, alice: User) -> None:
        page = words(browser_of_alice.get(reverse("compare_with", args=[rows(alice, 1)[0].pk])))

        assert "There is no other picture yet." in page

    def test_mallory_compares_nothing_of_alice(self, alice: User, mallory: User, client_of: ClientOf) -> None:
        hers, his = rows(alice, 1)[0], rows(mallory, 1)[0]

        for pair in ((hers, his), (his, hers)):
            address = reverse("compare", args=[each.pk for each in pair])
            assert client_of(mallory).get(address).status_code == 404
        assert client_of(mallory).get(reverse("compare_with", args=[hers.pk])).status_code == 404


class TestDownload:
    @pytest.mark.parametrize(
        ("query", "sides"),
        [
            ({"preset": "same", "width": "32"}, (64, 32)),
            ({"preset": "1024"}, (1024, 512)),
            ({"preset": "shop", "fit": "crop", "background": "#000000"}, (1000, 1000)),
            ({"preset": "own", "width": "48", "height": "", "fit": "crop"}, (48, 24)),
            ({"preset": "own", "width": "", "height": ""}, (64, 32)),
        ],
    )
    def test_the_form_gives_what_its_size_says(
        self, query: dict[str, str], sides: tuple[int, int], browser_of_alice: Client, alice: User, generated: Keep
    ) -> None:
        image = generated(alice, content=drawn(64, 32))

        response = browser_of_alice.get(reverse("image_file", args=[image.pk]), {"download": "1", **query})

        assert Pixels.open(io.BytesIO(response.content)).size == sides

    def test_a_shop_gets_a_white_margin(self, browser_of_alice: Client, alice: User, generated: Keep) -> None:
        image = generated(alice, content=drawn(64, 32))

        content = browser_of_alice.get(reverse("image_file", args=[image.pk]), {"preset": "shop"}).content

        assert Pixels.open(io.BytesIO(content)).getpixel((0, 0)) == (255, 255, 255)

    @pytest.mark.parametrize("preset", ["9999", "²", "٣٢", "no", "own"])
    def test_a_size_that_is_none_never_breaks(
        self, preset: str, browser_of_alice: Client, alice: User, generated: Keep
    ) -> None:
        address = reverse("image_file", args=[generated(alice).pk])

        assert browser_of_alice.get(address, {"preset": preset, "width": "x"}).status_code in (200, 422)

    def test_a_refused_file_is_a_page_with_its_sentence(
        self, browser_of_alice: Client, alice: User, generated: Keep
    ) -> None:
        response = browser_of_alice.get(
            reverse("image_file", args=[generated(alice).pk]), {"preset": "own", "width": "5"}
        )

        assert response.status_code == 422
        assert "text/html" in response["Content-Type"]


def test_a_source_that_was_sent_has_a_name_among_those_to_compare_with(alice: User, client_of: ClientOf) -> None:
    sent = rows(alice, 1, origin="uploaded", recipe=None)[0]
    made = rows(alice, 1, parent=sent)[0]

    page = client_of(alice).get(reverse("compare_with", args=[made.pk])).content.decode()

    assert 'alt="A picture that was sent"' in page
