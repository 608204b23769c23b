"""The showcase: what is published, found by its words, for everybody."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from gallery.models import Image, Like, Report
from gallery.services import images, sharing

ClientOf = Callable[[User], Client]
Make = Callable[..., Image]
WHAT = ("published", "published_file", "published_thumbnail", "published_preview", "published_report", "published_like")


@pytest.fixture
def publish(generated: Make) -> Callable[..., Image]:
    """Somebody's picture in the showcase."""

    def make(owner: User, *, title: str = "", tags: list[str] | None = None, **recipe: Any) -> Image:
        image = images.change(image=generated(owner, **recipe), title=title, tags=tags or [])
        Image.objects.filter(pk=image.pk).update(published_at=timezone.now())
        image.refresh_from_db()
        return image

    return make


def words(response: Any) -> str:
    return response.content.decode()


def ask(client: Client, what: str, image: Image) -> int:
    if what == "published_like":
        return client.post(reverse(what, args=[image.pk])).status_code
    arguments = [image.pk, 320] if what == "published_thumbnail" else [image.pk]
    return client.get(reverse(what, args=arguments)).status_code


def found(client: Client, text: str) -> list[str]:
    page = words(client.get(reverse("showcase"), {"q": text}))
    return [line.split("</p>")[0] for line in page.split('class="showcase-words" dir="auto">')[1:]]


class TestWho:
    def test_everybody_sees_what_is_published(
        self, client: Client, alice: User, mallory: User, client_of: ClientOf, publish: Make
    ) -> None:
        image = publish(alice)

        for visitor in (client, client_of(mallory), client_of(alice)):
            assert [ask(visitor, what, image) for what in WHAT] == [200, 200, 200, 200, 200, 302]

    def test_nothing_of_a_closed_account_is_shown(self, client: Client, alice: User, publish: Make) -> None:
        image = publish(alice)
        link = reverse("shared", args=[sharing.share(image=image).key])
        assert client.get(link).status_code == 200

        User.objects.filter(pk=alice.pk).update(is_active=False)

        assert [ask(client, what, image) for what in WHAT[:-1]] == [404] * 5
        assert client.get(link).status_code == 404
        assert found(client, "") == []

    @pytest.mark.parametrize("state", ["private", "unlisted", "withdrawn", "trashed"])
    def test_nobody_sees_what_is_not(
        self, client: Client, alice: User, client_of: ClientOf, publish: Make, generated: Make, state: str
    ) -> None:
        image = generated(alice) if state in {"private", "unlisted"} else publish(alice)
        if state == "unlisted":
            sharing.share(image=image)
        if state == "withdrawn":
            sharing.withdraw(image=image)
        if state == "trashed":
            images.trash(image=image)

        for visitor in (client, client_of(alice)):
            assert {ask(visitor, what, image) for what in WHAT} == {404}
            assert str(image.pk) not in words(visitor.get(reverse("showcase")))

    def test_an_id_that_is_none_is_not_there(self, client: Client, db: None) -> None:
        assert client.get("/showcase/1/").status_code == 404
        assert client.get("/showcase/019f0000-0000-7000-8000-000000000000/").status_code == 404


class TestPage:
    def test_it_shows_12_a_page_the_last_published_first(self, client: Client, alice: User, publish: Make) -> None:
        made = [publish(alice, title=f"picture {n}") for n in range(13)]
        for n, image in enumerate(made):
            Image.objects.filter(pk=image.pk).update(published_at=timezone.now() - timedelta(minutes=n))

        first = words(client.get(reverse("showcase")))
        older = first.split('rel="next"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
        second = words(client.get(reverse("showcase") + older))

        assert first.count('class="showcase-tile"') == 12
        assert first.index(">picture 0<") < first.index(">picture 1<")
        assert second.count('class="showcase-tile"') == 1
        assert ">picture 12<" in second

    def test_search_engines_may_come(self, client: Client, alice: User, publish: Make) -> None:
        image = publish(alice)

        for address in (reverse("showcase"), reverse("published", args=[image.pk])):
            page = client.get(address)
            assert "X-Robots-Tag" not in page.headers
            assert "noindex" not in words(page)
            assert f'rel="canonical" href="http://127.0.0.1:8000{address}"' in words(page)

    def test_it_says_who_chose(self, client: Client, db: None) -> None:
        page = words(client.get(reverse("showcase")))

        assert page.count("Pictures that people made here with AI, chosen by the curators.") == 2
        assert "chose to show" not in page

    def test_an_empty_one_says_so(self, client: Client, db: None) -> None:
        assert "Nothing is shown yet." in words(client.get(reverse("showcase")))
        assert "Nothing here has these words." in words(client.get(reverse("showcase"), {"q": "mug"}))

    @pytest.mark.parametrize("count", [1, 9])
    def test_it_costs_the_same_queries_whatever_its_length(
        self, client: Client, alice: User, publish: Make, count: int, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(count):
            publish(alice)

        with django_assert_max_num_queries(1):
            assert words(client.get(reverse("showcase"))).count('class="showcase-tile"') == count

    def test_a_cursor_that_no_page_gave_is_refused(self, client: Client, db: None) -> None:
        assert client.get(reverse("showcase"), {"cursor": "older_x_y"}).status_code == 422


class TestSearch:
    def test_words_are_found_in_titles_and_prompts(self, client: Client, alice: User, publish: Make) -> None:
        publish(alice, prompt="une tasse d'été", title="Tasse")
        publish(alice, prompt="a blue vase")

        assert found(client, "ETE tas") == ["Tasse"]
        assert found(client, "vase") == ["a blue vase"]
        assert found(client, "100% _") == []

    def test_tags_and_hidden_recipes_are_not_found_out(self, client: Client, alice: User, publish: Make) -> None:
        publish(alice, prompt="a mug", title="Cup", tags=["bigcustomer"])
        hidden = publish(alice, prompt="a secret vase", title="Vase")
        sharing.show_recipe(image=hidden, shown=False)

        assert found(client, "cup") == ["Cup"]
        assert found(client, "bigcustomer") == []
        assert found(client, "tag:bigcustomer") == []
        assert found(client, "secret") == []

    def test_a_hidden_recipe_leaves_the_title_to_be_found(self, client: Client, alice: User, publish: Make) -> None:
        for title, prompt, tags in [
            ("Été: la tasse", "a secret vase", ["bigcustomer"]),
            ("", "a hidden bowl", []),
            ("\N{ACUTE ACCENT}", "a veiled jug", ["jugs"]),
            ("\N{ACUTE ACCENT}", "a veiled jug", []),
        ]:
            image = publish(alice, prompt=prompt, title=title, tags=tags)
            sharing.show_recipe(image=image, shown=False)

        assert found(client, "tasse ete") == ["Été: la tasse"]
        for word in ("secret", "vase", "tasse secret", "hidden", "bowl", "veiled", "jug", "bigcustomer", "a"):
            assert [name for name in found(client, word) if name != "Été: la tasse" or word != "a"] == [], word

    def test_words_of_title_and_prompt_together_find_what_shows_both(
        self, client: Client, alice: User, publish: Make
    ) -> None:
        publish(alice, prompt="a blue vase", title="Cup")

        assert found(client, "cup vase") == ["Cup"]


class TestPicture:
    def test_it_is_told_like_a_shared_one(self, client: Client, alice: User, publish: Make) -> None:
        image = publish(alice)

        page = words(client.get(reverse("published", args=[image.pk])))

        assert "a red mug" in page
        assert f"/?remix={image.pk}" in page
        assert f'content="http://127.0.0.1:8000/showcase/{image.pk}/preview.jpg"' in page

    def test_a_hidden_recipe_is_nowhere(self, client: Client, alice: User, publish: Make) -> None:
        image = publish(alice)
        sharing.show_recipe(image=image, shown=False)
        addresses = [reverse("showcase"), reverse("published_thumbnail", args=[image.pk, 320])]
        addresses += [reverse(f"published{what}", args=[image.pk]) for what in ("", "_file", "_preview", "_report")]

        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200
            assert b"mug" not in str(answer.headers).encode() + answer.content, address

    def test_it_is_liked_and_reported(self, bob: User, alice: User, client_of: ClientOf, publish: Make) -> None:
        image, client = publish(alice), client_of(bob)

        client.post(reverse("published_like", args=[image.pk]))
        client.post(reverse("published_report", args=[image.pk]), {"reason": "other"})

        assert Like.objects.get().user == bob
        assert (Report.objects.get().reporter, Report.objects.get().image) == (bob, image)

    def test_its_owner_takes_it_out_and_back(self, alice: User, client_of: ClientOf, publish: Make) -> None:
        image, client = publish(alice), client_of(alice)
        address = reverse("image_showcase", args=[image.pk])

        out = client.post(address, {"withdraw": "1"}, follow=True)
        assert ask(Client(), "published", image) == 404

        client.post(words(out).split('action="/undo/')[1].split('"')[0].join(["/undo/", ""]))
        image_again = Image.objects.get()
        assert image_again.published_at == image.published_at

    @pytest.mark.parametrize("judge", [sharing.take_down, sharing.close])
    def test_what_a_curator_judged_meanwhile_does_not_come_back_by_an_undo(
        self, alice: User, client_of: ClientOf, publish: Make, judge: Callable[..., Any]
    ) -> None:
        image, client = publish(alice), client_of(alice)
        report = sharing.report(image=image, reporter=None, reason="offensive", words="")
        out = client.post(reverse("image_showcase", args=[image.pk]), {"withdraw": "1"}, follow=True)
        judge(report=report)

        answer = client.post(words(out).split('action="/undo/')[1].split('"')[0].join(["/undo/", ""]))

        assert answer.status_code == 404
        assert ask(Client(), "published", image) == 404
