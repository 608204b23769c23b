"""From one picture's page to the next: in the gallery, in a search, in a collection; and what happens on the way."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from common.ids import new_id
from gallery.models import Collection, CollectionImage, Image, Member
from gallery.services import collections
from tests.gallery.rows import rows
from tests.hostile import SHELF

ClientOf = Callable[[User], Client]


def words(response: Any) -> str:
    return str(response.content.decode())


def address(image: Image, query: str = "") -> str:
    return reverse("image", args=[image.pk]) + query


def turns(page: str) -> dict[str, str]:
    """Where the arrows lead."""
    return dict(re.findall(r'data-key="(Arrow\w+)" href="([^"]+)"', page))


def undo(browser: Client, page: Any) -> str:
    """What is said once the undo of the toast is pressed."""
    [offered] = re.findall(r'action="(/undo/[^"]+)"', words(page))
    return words(browser.post(offered, follow=True))


@pytest.fixture
def browser(alice: User, client_of: ClientOf) -> Client:
    return client_of(alice)


@pytest.fixture
def shelf(alice: User) -> tuple[Collection, list[Image]]:
    """Three pictures in an order of their own."""
    one, two, three = rows(alice, 3)
    collection = collections.create(user=alice, name=SHELF)
    collections.add(user=alice, collection=collection, images=[two, three, one])
    return collection, [two, three, one]


class TestCollection:
    def test_its_pictures_are_turned_in_its_order(self, browser: Client, shelf: Any) -> None:
        collection, (first, middle, last) = shelf
        walk = f"?in={collection.pk}"

        listed = words(browser.get(reverse("collection", args=[collection.pk])))
        pages = [words(browser.get(address(image, walk))) for image in (first, middle, last)]

        assert all(f'href="{address(image, walk)}"' in listed for image in (first, middle, last))
        assert [turns(page) for page in pages] == [
            {"ArrowRight": address(middle, walk)},
            {"ArrowLeft": address(first, walk), "ArrowRight": address(last, walk)},
            {"ArrowLeft": address(middle, walk)},
        ]
        assert f'href="{reverse("collection", args=[collection.pk])}"' in pages[1]

    def test_who_only_looks_turns_them_too_and_none_of_the_trash(
        self, alice: User, bob: User, shelf: Any, client_of: ClientOf
    ) -> None:
        collection, (first, middle, last) = shelf
        Member.objects.create(collection=collection, user=bob)
        collections.take_out(user=alice, collection=collection, images=[first])
        Image.objects.filter(pk=first.pk).update(deleted_at="2026-11-01T00:00:00Z")
        walk = f"?in={collection.pk}"

        page = words(client_of(bob).get(address(middle, walk)))

        assert turns(page) == {"ArrowRight": address(last, walk)}
        assert reverse("collection", args=[collection.pk]) in page

    @pytest.mark.parametrize("kind", ["of somebody else", "without the picture", "none", "no id"])
    def test_what_is_no_collection_of_it_falls_back_to_the_gallery(
        self, browser: Client, alice: User, mallory: User, shelf: Any, kind: str
    ) -> None:
        _, (image, _, _) = shelf
        hidden = collections.create(user=mallory, name="Secret plans")
        CollectionImage.objects.create(collection=hidden, image=image, position=1)
        empty = collections.create(user=alice, name="Empty")
        asked = {
            "of somebody else": hidden.pk,
            "without the picture": empty.pk,
            "none": new_id(),
            "no id": "x' OR 1=1\x00",
        }[kind]

        response = browser.get(address(image), {"in": asked})

        assert response.status_code == 200
        assert turns(words(response)) == turns(words(browser.get(address(image))))
        assert "Secret plans" not in words(response)

    def test_what_is_done_with_a_picture_stays_in_the_collection(self, browser: Client, shelf: Any) -> None:
        collection, (_, middle, last) = shelf
        walk = f"?in={collection.pk}"

        page = words(browser.get(address(middle, walk)))

        assert f'name="next" value="{address(last, walk)}"' in page
        assert page.count(f'name="next" value="{address(middle, walk)}"') >= 3


class TestGallery:
    @pytest.mark.parametrize("sort", ["newest", "oldest", "title", "largest"])
    def test_the_arrows_are_called_the_same_in_every_order(self, browser: Client, alice: User, sort: str) -> None:
        image = rows(alice, 3)[1]

        page = words(browser.get(address(image), {"sort": sort}))

        assert 'title="Previous picture"' in page
        assert 'title="Next picture"' in page

    @pytest.mark.parametrize(("which", "then"), [(2, 1), (1, 0), (0, 1)])
    def test_who_throws_one_away_sees_the_next_of_the_search(
        self, browser: Client, alice: User, which: int, then: int
    ) -> None:
        made = rows(alice, 3, prompt="a mug")
        query = "?q=mug"
        page = words(browser.get(address(made[which], query)))
        form = page.split(reverse("image_trash", args=[made[which].pk]))[1].split("</form>")[0]
        [following] = re.findall(r'name="next" value="([^"]+)"', form)

        answer = browser.post(reverse("image_trash", args=[made[which].pk]), {"next": following}, follow=True)

        assert answer.redirect_chain == [(address(made[then], query), 302)]
        assert "The picture is in the trash." in words(answer)
        assert undo(browser, answer)
        assert Image.objects.get(pk=made[which].pk).deleted_at is None

    def test_the_last_one_that_is_thrown_away_leads_to_the_search(self, browser: Client, alice: User) -> None:
        only = rows(alice, 1, prompt="a mug")[0]

        page = words(browser.get(address(only, "?q=mug&sort=oldest")))
        form = page.split(reverse("image_trash", args=[only.pk]))[1].split("</form>")[0]

        assert f'name="next" value="{reverse("gallery")}?q=mug&amp;sort=oldest"' in form

    def test_a_star_without_javascript_leads_back_into_the_search(self, browser: Client, alice: User) -> None:
        image = rows(alice, 1, prompt="a mug")[0]

        page = words(browser.get(address(image, "?q=mug")))
        form = page.split('<form class="star"')[1].split("</form>")[0]
        [following] = re.findall(r'name="next" value="([^"]+)"', form)
        sent = {"favourite": "true", "next": following}
        plain = browser.post(reverse("image_change", args=[image.pk]), sent)
        star = browser.post(reverse("image_change", args=[image.pk]), sent, headers={"HX-Request": "true"})

        assert (plain.status_code, plain["Location"]) == (302, address(image, "?q=mug"))
        assert f'name="next" value="{address(image, "?q=mug")}"' in words(star)

    def test_a_refused_title_keeps_the_search(self, browser: Client, alice: User) -> None:
        image = rows(alice, 2, prompt="a mug")[0]

        page = words(browser.get(address(image, "?q=mug")))
        change = reverse("image_change", args=[image.pk])
        refused = browser.post(f"{change}?q=mug", {"title": "x" * 201})

        assert f'action="{change}?q=mug" class="field"' in page
        assert refused.status_code == 422
        assert turns(words(refused))["ArrowLeft"].endswith("?q=mug")


class TestTag:
    def test_a_removed_tag_comes_back_by_its_undo(self, browser: Client, alice: User) -> None:
        image = rows(alice, 1, tags=["shop", "red"])[0]

        page = browser.post(reverse("image_change", args=[image.pk]), {"without_tag": "shop"}, follow=True)
        without = Image.objects.get(pk=image.pk).tags

        assert "1 picture lost the tag “shop”." in words(page)
        assert "Undone." in undo(browser, page)
        assert (without, Image.objects.get(pk=image.pk).tags) == (["red"], ["red", "shop"])

    def test_a_tag_that_it_did_not_have_is_not_told_of(self, browser: Client, alice: User) -> None:
        image = rows(alice, 1, tags=["red"])[0]

        page = browser.post(reverse("image_change", args=[image.pk]), {"without_tag": "shop"}, follow=True)

        assert "/undo/" not in words(page)


class TestFacts:
    def test_everything_that_is_known_is_shown_the_long_folded(self, browser: Client, alice: User) -> None:
        told = {
            "prompt": "a mug", "full_prompt": "a photo of a mug", "negative_prompt": "blur", "seed": 7,
            "full_negative_prompt": "blur, text", "mode": "image-to-image", "backend": "huggingface",
            "repo_id": "black-forest-labs/FLUX.1-schnell", "revision": "9d2c4e7f1b60a85d" * 2,
            "source_digest": "ab" * 32,
        }  # fmt: skip
        image = rows(alice, 1, recipe=told, digest="cd" * 32)[0]

        page = words(browser.get(address(image)))
        more = page.split('<details class="fold facts-more">')[1].split("</details>")[0]

        for value in told.values():
            assert str(value) in page or value == "image-to-image"
        for name in ("full_prompt", "full_negative_prompt", "backend", "repo_id", "revision", "source_digest"):
            assert f">{told[name]}<" in more
        assert f">{'cd' * 32}<" in more
        assert re.search(r"<dt>Made from</dt><dd[^>]*>A picture</dd>", page)

    def test_what_was_told_as_it_was_asked_is_told_once(self, browser: Client, alice: User) -> None:
        recipe = {"prompt": "a mug", "full_prompt": "a mug", "negative_prompt": "blur", "full_negative_prompt": "blur"}
        image = rows(alice, 1, recipe=recipe)[0]

        page = words(browser.get(address(image)))

        assert "as the model was told" not in page
