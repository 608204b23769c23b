"""The gallery in a browser without JavaScript, and what htmx is answered."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from gallery.models import Image

Keep = Callable[..., Image]
ClientOf = Callable[[User], Client]

HTMX = {"HX-Request": "true"}
HOSTILE = "<script>alert(1)</script> كوب 🦊"


def words(response: Any) -> str:
    return response.content.decode()


def rows(owner: User, count: int, **fields: Any) -> list[Image]:
    """Images without bytes, one a minute, the newest last."""
    now = timezone.now()
    made = [
        Image(
            owner=owner,
            origin="generated",
            path=f"x/{n}.png",
            format="png",
            bytes=1000,
            width=256,
            height=256,
            digest="0" * 64,
            recipe={"prompt": f"picture {n}", "seed": n},
            **fields,
        )
        for n in range(count)
    ]
    Image.objects.bulk_create(made)
    for n, image in enumerate(made):
        image.created_at = now - timedelta(minutes=count - n)
    Image.objects.bulk_update(made, ["created_at"])
    return made


@pytest.fixture
def browser_of_alice(alice: User, client_of: ClientOf) -> Client:
    return client_of(alice)


class TestGallery:
    def test_it_shows_12_newest_first_and_leads_to_the_older_ones(self, browser_of_alice: Client, alice: User) -> None:
        images = rows(alice, 14)

        first = words(browser_of_alice.get(reverse("gallery")))
        older = first.split('rel="next"')[1].split('href="')[1].split('"')[0]
        second = words(browser_of_alice.get(reverse("gallery") + older.replace("&amp;", "&")))

        assert "14 pictures" in first
        assert first.count('class="tile"') == 12
        assert first.index(str(images[13].pk)) < first.index(str(images[12].pk))
        assert 'rel="prev"' not in first
        assert second.count('class="tile"') == 2
        assert 'rel="prev"' in second
        assert 'rel="next"' not in second

    def test_tiles_are_lazy_thumbnails_with_their_size(self, browser_of_alice: Client, alice: User) -> None:
        image = rows(alice, 1)[0]

        page = words(browser_of_alice.get(reverse("gallery")))

        assert f"/images/{image.pk}/thumbnail/320 320w, /images/{image.pk}/thumbnail/640 640w" in page
        assert 'width="256" height="256" loading="lazy"' in page
        assert 'alt="picture 0"' in page

    def test_uploads_the_trash_and_other_peoples_pictures_are_not_in_it(
        self, browser_of_alice: Client, alice: User, bob: User
    ) -> None:
        rows(bob, 1)
        rows(alice, 1, deleted_at=timezone.now())
        Image.objects.filter(pk=rows(alice, 1)[0].pk).update(origin="uploaded")

        page = words(browser_of_alice.get(reverse("gallery")))

        assert "0 pictures" in page
        assert "Nothing here yet" in page

    def test_a_cursor_that_no_page_gave_is_refused(self, browser_of_alice: Client) -> None:
        assert browser_of_alice.get(reverse("gallery"), {"cursor": "older_x_y"}).status_code == 422

    def test_it_costs_the_same_queries_whatever_its_length(
        self, browser_of_alice: Client, alice: User, django_assert_max_num_queries: Any
    ) -> None:
        rows(alice, 40)

        with django_assert_max_num_queries(9):
            browser_of_alice.get(reverse("gallery"))

    def test_a_stranger_is_sent_to_sign_in(self, client: Client) -> None:
        assert client.get(reverse("gallery"))["Location"].startswith("/accounts/login/")


class TestTrash:
    def test_a_deleted_picture_can_be_brought_back_at_once(self, browser_of_alice: Client, alice: User) -> None:
        image = rows(alice, 1)[0]

        gone = browser_of_alice.post(reverse("image_trash", args=[image.pk]), follow=True)
        undo = reverse("image_restore", args=[image.pk])
        back = browser_of_alice.post(undo, follow=True)

        assert "The picture is in the trash." in words(gone)
        assert f'<form method="post" action="{undo}">' in words(gone)
        assert "0 pictures" in words(gone)
        assert "1 picture<" in words(back)

    def test_it_goes_back_to_the_page_it_came_from_but_nowhere_else(
        self, browser_of_alice: Client, alice: User
    ) -> None:
        image = rows(alice, 1)[0]
        address = reverse("image_trash", args=[image.pk])

        ours = browser_of_alice.post(address, {"next": "/gallery/?cursor=x"})
        theirs = browser_of_alice.post(address, {"next": "https://evil.example/"})
        odd = browser_of_alice.post(address, {"next": "//evil.example/"})

        assert ours["Location"] == "/gallery/?cursor=x"
        assert theirs["Location"] == odd["Location"] == reverse("gallery")

    def test_the_trash_says_when_each_picture_is_gone_for_good(self, browser_of_alice: Client, alice: User) -> None:
        deleted_at = timezone.now()
        rows(alice, 1, deleted_at=deleted_at)

        page = words(browser_of_alice.get(reverse("trash")))

        assert (deleted_at + timedelta(days=30)).isoformat() in page
        assert "Put back" in page

    def test_an_empty_trash_says_so(self, browser_of_alice: Client) -> None:
        assert "The trash is empty." in words(browser_of_alice.get(reverse("trash")))


class TestImage:
    def test_its_page_shows_the_picture_the_recipe_and_its_neighbours(
        self, browser_of_alice: Client, alice: User
    ) -> None:
        oldest, image, newest = rows(alice, 3)

        page = words(browser_of_alice.get(reverse("image", args=[image.pk])))

        assert "Marked as AI-made" in page
        assert '<h1 dir="auto">picture 1</h1>' in page
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

    def test_it_costs_at_most_12_queries(
        self, browser_of_alice: Client, alice: User, django_assert_max_num_queries: Any
    ) -> None:
        image = rows(alice, 9)[4]
        Image.objects.exclude(pk=image.pk).update(parent=image)

        with django_assert_max_num_queries(12):
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
