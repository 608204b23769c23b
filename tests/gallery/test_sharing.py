"""Links to pictures: who opens them, for how long, and what they do not tell."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from PIL import Image as Pixels

from accounts.models import User
from accounts.services import curators
from common.errors import InvalidInput
from gallery.models import Image, Like, Report, Share
from gallery.services import collections, images, members, sharing
from generator import remixing
from tests.gallery.conftest import drawn
from tests.gallery.rows import rows
from tests.hostile import ALICE, MUG, SHELF
from tests.real import servers

ClientOf = Callable[[User], Client]
Make = Callable[..., Image]
HTMX = {"HX-Request": "true"}
REDIS = {
    "BACKEND": "django_redis.cache.RedisCache",
    "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1, "IGNORE_EXCEPTIONS": True},
}
"""As the settings have it."""
HOSTILE = "\"><script>alert(1)</script>' كوب 🦊"


@pytest.fixture
def picture(alice: User, generated: Make) -> Image:
    return generated(alice)


@pytest.fixture
def curator(db: None, plans: None) -> User:
    return curators.make(email="curator@example.org")[0]


def words(response: Any) -> str:
    return response.content.decode()


def page_of(share: Share) -> str:
    return reverse("shared", args=[share.key])


def make_stale(share: Share) -> None:
    Share.objects.filter(pk=share.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


class TestLinks:
    def test_a_key_is_128_random_bits_and_no_id(self, picture: Image) -> None:
        keys = {sharing.share(image=picture).key for _ in range(5)}

        assert len(keys) == 5
        assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", key) for key in keys)
        assert not any(key in str(picture.pk) for key in keys)

    @pytest.mark.parametrize(("days", "left"), [(1, 1), (30, 30), (365, 365), (None, None)])
    def test_a_link_lasts_as_long_as_was_chosen(self, picture: Image, days: int | None, left: int | None) -> None:
        share = sharing.share(image=picture, expires_in_days=days)

        lasts = share.expires_at and (share.expires_at - timezone.now() + timedelta(minutes=1)).days
        assert lasts == left

    @pytest.mark.parametrize(
        ("wrong", "problem"),
        [
            ({"expires_in_days": 2}, ("expires_in_days", "not_a_choice")),
            ({"expires_in_days": 0}, ("expires_in_days", "not_a_choice")),
            ({"password": "x" * 101}, ("password", "too_long")),
            ({"password": "a\x00b"}, ("password", "control_characters")),
        ],
    )
    def test_what_a_link_cannot_be_is_refused(
        self, picture: Image, wrong: dict[str, Any], problem: tuple[str, str]
    ) -> None:
        with pytest.raises(InvalidInput) as refused:
            sharing.share(image=picture, **wrong)

        assert [(field, code) for field, code, _ in refused.value.errors] == [problem]
        assert not Share.objects.exists()

    def test_a_password_is_kept_as_a_hash(self, picture: Image) -> None:
        share = sharing.share(image=picture, password="open sesame")

        assert "sesame" not in share.password
        assert sharing.opens(share=share, password="open sesame")
        assert not sharing.opens(share=share, password="open sesame ")

    def test_a_picture_has_20_living_links_at_most(self, picture: Image) -> None:
        links = [sharing.share(image=picture) for _ in range(20)]
        with pytest.raises(sharing.TooManyLinks):
            sharing.share(image=picture)

        sharing.revoke(share=links[0])
        sharing.share(image=picture)

        with pytest.raises(sharing.TooManyLinks):
            sharing.restore(user=picture.owner, ids=[str(links[0].pk)])

    def test_a_link_that_ran_out_takes_a_place_when_it_opens_again(self, picture: Image) -> None:
        old = sharing.share(image=picture)
        make_stale(old)
        old.refresh_from_db()
        links = [sharing.share(image=picture) for _ in range(20)]

        with pytest.raises(sharing.TooManyLinks):
            sharing.change(share=old, expires_in_days=30)

        sharing.revoke(share=links[0])
        sharing.change(share=old, expires_in_days=30)

        assert Share.objects.alive(timezone.now()).filter(pk=old.pk).exists()

    def test_nobody_brings_back_the_links_of_somebody_else(self, picture: Image, mallory: User) -> None:
        share = sharing.revoke(share=sharing.share(image=picture))

        assert sharing.restore(user=mallory, ids=[str(share.pk)]) == 0
        share.refresh_from_db()
        assert share.revoked_at is not None


class TestVisibility:
    def test_unlisted_makes_one_link_however_often_it_is_said(self, picture: Image) -> None:
        for _ in range(2):
            sharing.set_visibility(image=picture, visibility="unlisted")

        assert picture.visibility == "unlisted"
        assert Share.objects.count() == 1

    def test_private_ends_every_link_and_leaves_the_showcase(self, picture: Image, curator: User) -> None:
        sharing.share(image=picture)
        sharing.publish(image=picture, by=curator)
        assert picture.visibility == "public"

        sharing.set_visibility(image=picture, visibility="private")

        assert picture.visibility == "private"
        assert not Image.objects.published().exists()

    @pytest.mark.parametrize(
        ("body", "problems"),
        [
            ({"visibility": "public"}, [("visibility", "needs_curator")]),
            ({"visibility": "secret"}, [("visibility", "not_a_choice")]),
            ({"visibility": None}, [("visibility", "null")]),
            ({"visibility": 3}, [("visibility", "not_a_text")]),
            ({"visibility": "public", "title": "x" * 201}, [("title", "too_long"), ("visibility", "needs_curator")]),
            ({"visibility": "unlisted", "title": "x" * 201}, [("title", "too_long")]),
        ],
    )
    def test_the_api_refuses_all_or_does_all(
        self, alice: User, picture: Image, api: Callable[..., Client], body: dict[str, Any], problems: list[Any]
    ) -> None:
        answer = api(alice).patch(f"/api/v1/images/{picture.pk}", body, content_type="application/json")

        assert answer.status_code == 422
        assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == problems
        assert not Share.objects.exists()

    def test_the_api_shares_and_hides(self, alice: User, picture: Image, api: Callable[..., Client]) -> None:
        client = api(alice)
        address = f"/api/v1/images/{picture.pk}"

        told = [
            client.patch(address, {"visibility": each}, content_type="application/json").json()["visibility"]
            for each in ("unlisted", "private")
        ]

        assert told == ["unlisted", "private"]
        assert Share.objects.get().revoked_at is not None


class TestTheTable:
    """Who comes (rows) to what (columns), in what state of the link: the status that each is answered."""

    WHO = ("stranger", "mallory", "curator", "alice")
    WHAT = ("shared", "shared_file", "shared_thumbnail", "shared_preview", "shared_report", "shared_like")

    def ask(self, client: Client, what: str, key: str) -> int:
        if what == "shared_like":
            return client.post(reverse(what, args=[key])).status_code
        arguments = [key, 320] if what == "shared_thumbnail" else [key]
        return client.get(reverse(what, args=arguments)).status_code

    @pytest.fixture
    def people(
        self, alice: User, mallory: User, curator: User, client_of: ClientOf, client: Client
    ) -> dict[str, Client]:
        signed_in = {"mallory": mallory, "curator": curator, "alice": alice}
        return {"stranger": client} | {name: client_of(user) for name, user in signed_in.items()}

    def test_a_living_link_opens_for_everybody(self, people: dict[str, Client], picture: Image) -> None:
        share = sharing.share(image=picture)

        for who in self.WHO:
            statuses = [self.ask(people[who], what, share.key) for what in self.WHAT]
            assert statuses == [200, 200, 200, 200, 200, 302], who

    @pytest.mark.parametrize("state", ["expired", "revoked", "trashed", "unknown"])
    def test_a_dead_link_opens_nothing_for_nobody(self, people: dict[str, Client], picture: Image, state: str) -> None:
        share = sharing.share(image=picture)
        if state == "expired":
            make_stale(share)
        elif state == "revoked":
            sharing.revoke(share=share)
        elif state == "trashed":
            images.trash(image=picture)
        key = "A" * 22 if state == "unknown" else share.key

        for who in self.WHO:
            assert {self.ask(people[who], what, key) for what in self.WHAT} == {404}, who
            assert people[who].post(reverse("shared_unlock", args=[key]), {"password": "x"}).status_code == 404

    def test_a_locked_link_shows_a_question_and_nothing_else(self, people: dict[str, Client], picture: Image) -> None:
        share = sharing.share(image=picture, password="open sesame")

        for who in ("stranger", "mallory", "curator"):
            assert [self.ask(people[who], what, share.key) for what in self.WHAT] == [200, 404, 404, 404, 404, 404]
            page = words(people[who].get(page_of(share)))
            assert "This picture is locked" in page
            assert "a red mug" not in page
            assert "og:image" not in page
        assert self.ask(people["alice"], "shared_file", share.key) == 200

    def test_only_its_owner_sees_and_changes_the_links(self, people: dict[str, Client], picture: Image) -> None:
        share = sharing.share(image=picture)

        for who, status in {"stranger": 302, "mallory": 404, "curator": 404, "alice": 200}.items():
            client = people[who]
            assert client.get(reverse("image_share", args=[picture.pk])).status_code == status
            answers = [
                client.post(reverse("image_share", args=[picture.pk]), {"expires_in_days": "7"}),
                client.post(reverse("image_showcase", args=[picture.pk]), {"recipe_shown": "false"}),
                client.post(reverse("share_change", args=[share.pk]), {f"{share.pk}-expires_in_days": "kept"}),
                client.post(reverse("share_revoke", args=[share.pk])),
            ]
            assert {each.status_code for each in answers} == {404 if status == 404 else 302}, who
            if who != "alice":
                share.refresh_from_db()
                picture.refresh_from_db()
                assert (share.revoked_at, share.recipe_shown, picture.recipe_shown) == (None, True, True)
                assert Share.objects.count() == 1


class TestUnlocking:
    def test_the_right_password_opens_page_and_picture_in_this_browser_only(
        self, client: Client, picture: Image
    ) -> None:
        share = sharing.share(image=picture, password="open sesame")
        address = reverse("shared_unlock", args=[share.key])

        wrong = client.post(address, {"password": "open barley"})
        right = client.post(address, {"password": "open sesame"}, follow=True)

        assert wrong.status_code == 422
        assert "This is not the password of this link." in words(wrong)
        assert "a red mug" in words(right)
        assert client.get(reverse("shared_file", args=[share.key])).status_code == 200
        assert Client().get(reverse("shared_file", args=[share.key])).status_code == 404

    def test_another_password_locks_it_again(self, client: Client, picture: Image) -> None:
        share = sharing.share(image=picture, password="open sesame")
        client.post(reverse("shared_unlock", args=[share.key]), {"password": "open sesame"})

        sharing.change(share=share, password="open barley")

        assert client.get(reverse("shared_file", args=[share.key])).status_code == 404

    def test_who_comes_back_to_the_question_is_asked_it_again(self, client: Client, picture: Image) -> None:
        share = sharing.share(image=picture, password="open sesame")

        assert client.get(reverse("shared_unlock", args=[share.key]))["Location"] == page_of(share)

    def test_a_password_of_one_link_opens_no_other(self, client: Client, picture: Image) -> None:
        first, second = (sharing.share(image=picture, password="open sesame") for _ in range(2))
        client.post(reverse("shared_unlock", args=[first.key]), {"password": "open sesame"})

        assert "This picture is locked" in words(client.get(page_of(second)))

    def test_the_sixth_try_of_a_minute_is_not_even_looked_at(self, picture: Image) -> None:
        share, other = (sharing.share(image=picture, password="open sesame") for _ in range(2))
        address = reverse("shared_unlock", args=[share.key])

        tries = [Client().post(address, {"password": "guess"}).status_code for _ in range(5)]
        sixth = Client().post(address, {"password": "open sesame"})
        elsewhere = Client(REMOTE_ADDR="192.0.2.9").post(address, {"password": "open sesame"})
        of_another = Client().post(reverse("shared_unlock", args=[other.key]), {"password": "open sesame"})

        assert tries == [422] * 5
        assert sixth.status_code == 429
        assert "Too many passwords were tried for this link." in words(sixth)
        assert 'name="password"' in words(sixth)
        assert "guess" not in words(sixth)
        assert sixth["X-Robots-Tag"] == "noindex"
        assert int(sixth["Retry-After"]) <= 60
        assert elsewhere.status_code == of_another.status_code == 302

    def test_no_password_is_tried_while_tries_cannot_be_counted(self, picture: Image, settings: Any) -> None:
        share = sharing.share(image=picture, password="open sesame")
        address = reverse("shared_unlock", args=[share.key])
        nowhere = {**REDIS, "LOCATION": f"redis://127.0.0.1:{servers.free_port()}"}
        settings.CACHES = {"default": nowhere}

        answer = Client().post(address, {"password": "open sesame"})

        assert answer.status_code == 429
        assert "Passwords cannot be tried just now." in words(answer)
        assert "Too many" not in words(answer)
        assert answer["Retry-After"] == "60"
        assert 'name="password"' in words(answer)
        assert Client().get(page_of(share)).status_code == 200


class TestRemixing:
    def test_a_link_takes_its_recipe_along_for_as_long_as_it_opens(self, bob: User, picture: Image) -> None:
        share = sharing.share(image=picture)
        assert remixing.remixable(bob, share.key) == picture

        sharing.revoke(share=share)
        assert remixing.remixable(bob, share.key) is None

    def test_a_key_without_its_password_gives_no_recipe(self, client: Client, bob: User, picture: Image) -> None:
        share = sharing.share(image=picture, password="open sesame")
        client.post(reverse("shared_unlock", args=[share.key]), {"password": "open sesame"})
        name = re.search(r"/\?remix=([^\"]+)", words(client.get(page_of(share))))[1]  # type: ignore[index]

        assert remixing.remixable(bob, share.key) is None
        assert remixing.remixable(bob, f"{share.key}.{'0' * 64}") is None
        assert remixing.remixable(bob, name) == picture

        sharing.change(share=share, password="open barley")
        assert remixing.remixable(bob, name) is None

    def test_a_hidden_recipe_is_not_taken_along(self, bob: User, picture: Image) -> None:
        assert remixing.remixable(bob, sharing.share(image=picture, recipe_shown=False).key) is None


class TestSharedPage:
    def test_it_tells_words_maker_and_recipe_but_never_an_email_or_an_id(self, client: Client, picture: Image) -> None:
        page = words(client.get(page_of(sharing.share(image=picture))))

        assert f'<h1 dir="auto">{escape(MUG)}</h1>' in page
        assert "Made with AI" in page
        assert escape(ALICE) in page
        assert "dpmpp_2m" in page
        assert "alice@example.org" not in page
        assert str(picture.pk) not in page

    def test_a_hidden_recipe_is_nowhere(self, client: Client, picture: Image) -> None:
        share = sharing.share(image=picture, recipe_shown=False)
        page = client.get(page_of(share))
        file = client.get(reverse("shared_file", args=[share.key]) + "?download")
        answers = [page, file, client.get(reverse("shared_thumbnail", args=[share.key, 640]))]
        answers += [client.get(reverse(f"shared_{what}", args=[share.key])) for what in ("preview", "report")]

        for answer in answers:
            told = str(answer.headers).encode() + answer.content
            assert b"mug" not in told
            assert b"dpmpp" not in told
            assert b"remix=" not in told
        assert '<h1 dir="auto">A picture</h1>' in words(page)
        assert b"trainedAlgorithmicMedia" in file.content
        assert Pixels.open(io.BytesIO(file.content)).size == (64, 64)

    def test_a_shown_recipe_is_in_the_file_and_can_be_remixed(self, client: Client, picture: Image) -> None:
        share = sharing.share(image=picture)

        assert f"/?remix={share.key}" in words(client.get(page_of(share)))
        assert b"a red mug" in client.get(reverse("shared_file", args=[share.key])).content

    def test_search_engines_and_other_hosts_learn_nothing(self, client: Client, picture: Image) -> None:
        share = sharing.share(image=picture)
        page = client.get(page_of(share))
        file = client.get(reverse("shared_file", args=[share.key]))

        assert page["X-Robots-Tag"] == file["X-Robots-Tag"] == "noindex"
        assert '<meta name="robots" content="noindex">' in words(page)
        assert (page["Referrer-Policy"], file["Referrer-Policy"]) == ("same-origin", "no-referrer")
        assert page["Cache-Control"] == file["Cache-Control"] == "private, no-cache"

    def test_messengers_get_a_marked_preview(self, client: Client, alice: User, generated: Make, settings: Any) -> None:
        share = sharing.share(image=generated(alice, content=drawn(200, 100)))
        page = words(client.get(page_of(share)))
        address = re.search(r'property="og:image" content="([^"]+)"', page)[1]  # type: ignore[index]

        preview = client.get(address.removeprefix(settings.PUBLIC_URL))

        assert address == f"{settings.PUBLIC_URL}/s/{share.key}/preview.jpg"
        assert 'property="og:image:width" content="1200"' in page
        assert 'property="og:image:height" content="600"' in page
        assert Pixels.open(io.BytesIO(preview.content)).size == (1200, 600)
        assert b"trainedAlgorithmicMedia" in preview.content
        assert b"red mug" not in preview.content

    def test_hostile_words_are_only_words(self, client: Client, alice: User, generated: Make) -> None:
        image = generated(alice, prompt=HOSTILE)
        User.objects.filter(pk=alice.pk).update(name=HOSTILE)
        for title in ("", HOSTILE):
            Image.objects.filter(pk=image.pk).update(title=title)
            page = words(client.get(page_of(sharing.share(image=image))))

            assert "<script>alert" not in page
            assert 'og:title" content="&quot;&gt;&lt;script&gt;' in page

    def test_views_count_who_is_not_the_owner_and_looks(
        self, client: Client, alice: User, bob: User, client_of: ClientOf, picture: Image
    ) -> None:
        share = sharing.share(image=picture)

        client.get(page_of(share))
        client_of(bob).get(page_of(share))
        client.head(page_of(share))
        client.get(reverse("shared_file", args=[share.key]))
        client_of(alice).get(page_of(share))

        share.refresh_from_db()
        assert share.views == 2

    def test_it_costs_the_same_queries_with_many_likes_and_remixes(
        self, client: Client, alice: User, picture: Image, django_assert_max_num_queries: Any, generated: Make
    ) -> None:
        share = sharing.share(image=picture)
        Image.objects.filter(pk__in=[generated(alice).pk for _ in range(4)]).update(
            remix_of=picture, published_at=timezone.now()
        )

        with django_assert_max_num_queries(8):
            client.get(page_of(share))


class TestLineage:
    def test_a_remix_names_its_parent_to_who_may_see_it(
        self, client: Client, alice: User, bob: User, client_of: ClientOf, generated: Make
    ) -> None:
        parent, child = generated(alice, prompt="a blue vase"), generated(bob)
        Image.objects.filter(pk=child.pk).update(remix_of=parent)
        share = sharing.share(image=child)

        stranger, owner = (words(each.get(page_of(share))) for each in (client, client_of(alice)))

        assert "a picture that is not shown to you" in stranger
        assert "a blue vase" not in stranger
        assert f'href="{reverse("image", args=[parent.pk])}"' in owner

        Image.objects.filter(pk=parent.pk).update(published_at=timezone.now())
        assert f'href="{reverse("published", args=[parent.pk])}"' in words(client.get(page_of(share)))

    def test_a_parent_hides_what_its_owner_hides(self, client: Client, alice: User, bob: User, generated: Make) -> None:
        parent, child = generated(alice, prompt="a blue vase"), generated(bob)
        Image.objects.filter(pk=parent.pk).update(published_at=timezone.now(), recipe_shown=False)
        Image.objects.filter(pk=child.pk).update(remix_of=parent)

        assert "a blue vase" not in words(client.get(page_of(sharing.share(image=child))))

    def test_a_closed_account_is_no_relative_of_anybody(
        self, client: Client, alice: User, bob: User, client_of: ClientOf, picture: Image, generated: Make
    ) -> None:
        child = generated(bob, prompt="a blue vase")
        Image.objects.filter(pk=child.pk).update(remix_of=picture, published_at=timezone.now())
        Image.objects.filter(pk=picture.pk).update(published_at=timezone.now())
        address = reverse("published", args=[picture.pk])
        assert "a blue vase" in words(client.get(address))

        User.objects.filter(pk=bob.pk).update(is_active=False)

        assert "a blue vase" not in words(client.get(address))
        assert str(child.pk) not in words(client_of(alice).get(address))

    def test_a_parent_of_a_closed_account_is_reached_where_it_is_still_seen(
        self, alice: User, bob: User, client_of: ClientOf, picture: Image, generated: Make
    ) -> None:
        child = generated(bob)
        Image.objects.filter(pk=child.pk).update(remix_of=picture)
        Image.objects.filter(pk=picture.pk).update(published_at=timezone.now())
        shelf = collections.create(user=bob, name=SHELF)
        members.share(collection=shelf, by=bob, handle="alice", role="editor")
        collections.add(user=alice, collection=shelf, images=[picture])
        User.objects.filter(pk=alice.pk).update(is_active=False)

        page = words(client_of(bob).get(page_of(sharing.share(image=child))))

        assert f'href="{reverse("image", args=[picture.pk])}"' in page
        assert reverse("published", args=[picture.pk]) not in page

    def test_remixes_are_counted_and_shown_to_who_may_see_them(
        self, client: Client, bob: User, client_of: ClientOf, picture: Image, generated: Make
    ) -> None:
        mine, gone = generated(bob), generated(bob)
        Image.objects.filter(pk__in=[mine.pk, gone.pk]).update(remix_of=picture)
        images.trash(image=gone)
        share = sharing.share(image=picture)

        stranger, maker = (words(each.get(page_of(share))) for each in (client, client_of(bob)))

        assert "1 remix<" in stranger
        assert str(mine.pk) not in stranger
        assert f'href="{reverse("image", args=[mine.pk])}"' in maker


class TestLikes:
    def test_bob_likes_once_and_can_take_it_back(self, bob: User, client_of: ClientOf, picture: Image) -> None:
        share = sharing.share(image=picture)
        client, address = client_of(bob), reverse("shared_like", args=[share.key])

        for _ in range(2):
            liked = client.post(address, {"liked": "true"}, headers=HTMX)
        assert Like.objects.count() == 1
        assert 'aria-pressed="true"' in words(liked)
        assert "1 person likes it" in words(liked)

        unliked = client.post(address, {"liked": "false"})
        assert unliked["Location"] == page_of(share)
        assert not Like.objects.exists()

    def test_a_stranger_is_led_to_sign_in_and_back(self, client: Client, picture: Image) -> None:
        share = sharing.share(image=picture)

        answer = client.post(reverse("shared_like", args=[share.key]))

        assert answer["Location"] == f"/accounts/login/?next={page_of(share)}"
        assert f'href="/accounts/login/?next={page_of(share)}"' in words(client.get(page_of(share)))


class TestReports:
    def report(self, client: Client, share: Share, **fields: str) -> Any:
        sent = {"reason": "rights", "words": "This is my logo.", **fields}
        return client.post(reverse("shared_report", args=[share.key]), sent)

    def test_a_stranger_says_what_is_wrong(self, client: Client, picture: Image) -> None:
        share = sharing.share(image=picture)

        answer = self.report(client, share)

        report = Report.objects.get()
        assert answer["Location"] == page_of(share)
        assert (report.image, report.reporter, report.reason) == (picture, None, "rights")
        assert report.words == "This is my logo."

    @pytest.mark.parametrize("fields", [{"reason": ""}, {"reason": "boring"}, {"words": "x" * 1001}, {"words": "\x07"}])
    def test_what_says_nothing_is_refused(self, client: Client, picture: Image, fields: dict[str, str]) -> None:
        assert self.report(client, sharing.share(image=picture), **fields).status_code == 422
        assert not Report.objects.exists()

    def test_an_address_sends_five_an_hour(self, picture: Image) -> None:
        share = sharing.share(image=picture)

        statuses = [self.report(Client(), share).status_code for _ in range(5)]
        sixth = self.report(Client(), share)

        assert statuses == [302] * 5
        assert sixth.status_code == 429
        assert "5 times an hour" in words(sixth)
        assert Report.objects.count() == 5


class TestPanel:
    @pytest.fixture
    def browser(self, alice: User, client_of: ClientOf) -> Client:
        return client_of(alice)

    def test_a_link_is_made_shown_and_revoked_with_an_undo(self, browser: Client, picture: Image) -> None:
        address = reverse("image_share", args=[picture.pk])
        made = browser.post(address, {"expires_in_days": "7", "password": "open sesame"}, follow=True)
        share = Share.objects.get()
        assert page_of(share) in words(made)
        assert "asks for a password" in words(made)
        assert "recipe hidden" in words(made)

        gone = browser.post(reverse("share_revoke", args=[share.pk]), follow=True)
        assert page_of(share) not in words(gone)
        undo = re.search(r'action="(/undo/[^"]+)"', words(gone))[1]  # type: ignore[index]
        browser.post(undo)

        assert Client().get(page_of(share)).status_code == 200

    def test_a_link_is_changed_and_what_was_left_out_stays(self, browser: Client, picture: Image) -> None:
        share = sharing.share(image=picture, password="open sesame")
        address, prefix = reverse("share_change", args=[share.pk]), f"{share.pk}-"

        browser.post(address, {f"{prefix}expires_in_days": "kept", f"{prefix}password": ""})
        kept = Share.objects.get()
        browser.post(address, {f"{prefix}expires_in_days": "", f"{prefix}without_password": "on"})
        changed = Share.objects.get()

        assert (kept.expires_at, kept.password, kept.recipe_shown) == (share.expires_at, share.password, False)
        assert (changed.expires_at, changed.password) == (None, "")

    def test_a_password_that_is_too_long_is_said_on_its_field(self, browser: Client, picture: Image) -> None:
        sent = {"expires_in_days": "7", "password": "x" * 101}

        answer = browser.post(reverse("image_share", args=[picture.pk]), sent)

        assert answer.status_code == 422
        assert "at most 100 are possible" in words(answer)

    @pytest.mark.parametrize("state", ["private", "unlisted", "public"])
    def test_it_says_who_else_sees_the_picture(
        self, browser: Client, alice: User, bob: User, picture: Image, state: str
    ) -> None:
        address = reverse("image_share", args=[picture.pk])
        mine, mugs, bobs = (
            collections.create(user=user, name=name)
            for user, name in [(alice, "My own"), (alice, SHELF), (bob, "Bob's cups")]
        )
        members.share(collection=bobs, by=bob, handle="alice", role="editor")
        collections.add(user=alice, collection=mine, images=[picture])
        if state != "private":
            sharing.share(image=picture)
        if state == "public":
            Image.objects.filter(pk=picture.pk).update(published_at=timezone.now())
        alone = words(browser.get(address))
        assert ("nobody but you sees it" in alone) is (state == "private")
        assert ("Whoever has a link sees it, nobody else." in alone) is (state == "unlisted")
        assert "see it too" not in alone

        members.share(collection=mugs, by=alice, handle="bob", role="viewer")
        collections.add(user=alice, collection=mugs, images=[picture])
        one = words(browser.get(address))
        collections.add(user=alice, collection=bobs, images=[picture])
        two = words(browser.get(address))

        assert "nobody" not in one + two
        assert ("It has no link and is not in the showcase." in one) is (state == "private")
        assert "The people of this collection see it too:" in one
        assert f'<a href="{reverse("collection", args=[mugs.pk])}" dir="auto">{escape(SHELF)}</a>' in one
        assert "The people of these collections see it too:" in two
        assert escape("Bob's cups") in two
        assert "My own" not in two

    def test_it_names_five_collections_and_counts_the_others(self, browser: Client, alice: User, bob: User) -> None:
        picture = rows(alice, 1)[0]
        for number in range(7):
            shelf = collections.create(user=alice, name=f"Shelf {number}")
            members.share(collection=shelf, by=alice, handle="bob", role="viewer")
            collections.add(user=alice, collection=shelf, images=[picture])

        page = words(browser.get(reverse("image_share", args=[picture.pk])))

        assert page.count(">Shelf ") == 5
        assert "and 2 more" in page

    def test_what_is_in_the_trash_is_seen_by_nobody_else(
        self, browser: Client, alice: User, bob: User, picture: Image
    ) -> None:
        shelf = collections.create(user=alice, name=SHELF)
        members.share(collection=shelf, by=alice, handle="bob", role="viewer")
        collections.add(user=alice, collection=shelf, images=[picture])
        sharing.share(image=picture)
        images.trash(image=picture)

        page = words(browser.get(reverse("image_share", args=[picture.pk])))

        assert "It is in the trash: nobody but you sees it." in page
        assert "see it too" not in page
        assert "Whoever has a link" not in page

    def test_it_says_what_a_curator_may_do_with_a_link(self, browser: Client, picture: Image) -> None:
        page = words(browser.get(reverse("image_share", args=[picture.pk])))

        beside = page.split("Make the link</button>")[1].split("</form>")[0]
        assert "A curator may put a picture that has a link without a password into the showcase" in beside

    def test_a_revoked_link_cannot_be_changed(self, browser: Client, picture: Image) -> None:
        share = sharing.revoke(share=sharing.share(image=picture))

        answer = browser.post(reverse("share_change", args=[share.pk]), {f"{share.pk}-expires_in_days": "kept"})

        assert answer.status_code == 404

    @pytest.mark.parametrize("count", [1, 9])
    def test_it_costs_the_same_queries_with_many_links(
        self, browser: Client, picture: Image, count: int, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(count):
            sharing.share(image=picture)
        cache.clear()

        with django_assert_max_num_queries(7):
            browser.get(reverse("image_share", args=[picture.pk]))

    def test_trashed_and_restored_a_picture_has_its_links_again(self, client: Client, picture: Image) -> None:
        share = sharing.share(image=picture)
        images.trash(image=picture)
        assert client.get(page_of(share)).status_code == 404

        images.restore(image=picture)

        assert client.get(page_of(share)).status_code == 200
