"""The gallery in a browser without JavaScript: its pages, what is looked for, the searches that are kept."""

import html
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from gallery import facts, queries
from gallery.models import Image, SavedSearch
from gallery.services import collections, images
from tests.gallery.rows import rows
from tests.hostile import hostile

ClientOf = Callable[[User], Client]
HOSTILE = "<script>alert(1)</script> & {count} كوب 🦊"
GALLERY = "/gallery/"


def words(response: Any) -> str:
    return response.content.decode()


def shown(response: Any) -> list[str]:
    """The prompts of the tiles, in their order."""
    return re.findall(r'alt="(picture \d+) ', words(response))


def link(page: str, rel: str) -> str:
    """Where the pager leads."""
    return html.unescape(page.split(f'rel="{rel}"')[1].split('href="')[1].split('"')[0])


@pytest.fixture
def browser(alice: User, client_of: ClientOf) -> Client:
    return client_of(alice)


class TestPages:
    def test_it_shows_12_newest_first_and_leads_to_the_older_ones(self, browser: Client, alice: User) -> None:
        made = rows(alice, 14)

        first = words(browser.get(GALLERY))
        second = words(browser.get(GALLERY + link(first, "next")))

        assert "14 pictures" in first
        assert first.count('<article class="tile"') == 12
        assert first.index(str(made[13].pk)) < first.index(str(made[12].pk))
        assert 'rel="prev"' not in first
        assert second.count('<article class="tile"') == 2
        assert 'rel="prev"' in second
        assert 'rel="next"' not in second

    def test_the_pager_keeps_the_search_and_its_order(self, browser: Client, alice: User) -> None:
        rows(alice, 14, favourite=True)
        rows(alice, 3)

        first = words(browser.get(GALLERY, {"q": "is:favourite", "sort": "oldest"}))
        second = browser.get(GALLERY + link(first, "next"))

        assert shown(second) == ["picture 12", "picture 13"]

    def test_only_the_first_six_tiles_are_fetched_before_they_come_near(self, browser: Client, alice: User) -> None:
        rows(alice, 9)

        page = words(browser.get(GALLERY))

        assert page.count('fetchpriority="high"') == 6
        assert page.count('loading="lazy" decoding="async" alt="picture') == 3

    def test_tiles_are_thumbnails_with_their_size_over_their_blur(self, browser: Client, alice: User) -> None:
        image = rows(alice, 1, placeholder="data:image/webp;base64,UklGRg==")[0]

        page = words(browser.get(GALLERY))

        assert f"/images/{image.pk}/thumbnail/320 320w, /images/{image.pk}/thumbnail/640 640w" in page
        assert 'width="256" height="256"' in page
        assert f'alt="{html.escape(hostile("picture 0"))}"' in page
        assert 'class="blur" src="data:image/webp;base64,UklGRg=="' in page

    @pytest.mark.parametrize("placeholder", ["", " "])
    def test_a_picture_without_a_likeness_has_no_blur(self, browser: Client, alice: User, placeholder: str) -> None:
        rows(alice, 1, placeholder=placeholder)

        assert 'class="blur"' not in words(browser.get(GALLERY))

    def test_uploads_the_trash_and_other_peoples_pictures_are_not_in_it(
        self, browser: Client, alice: User, bob: User
    ) -> None:
        rows(bob, 1)
        rows(alice, 1, deleted_at=timezone.now())
        rows(alice, 1, origin="uploaded")

        page = words(browser.get(GALLERY))

        assert "0 pictures" in page
        assert "Nothing here yet" in page

    def test_nothing_is_searched_or_sorted_before_there_is_a_picture(self, browser: Client) -> None:
        empty, nothing_found = (words(browser.get(address)) for address in (GALLERY, f"{GALLERY}?q=mug"))

        assert 'role="search"' not in empty
        assert 'role="search"' in nothing_found

    def test_it_says_how_much_storage_is_used_the_trash_included(self, browser: Client, alice: User, bob: User) -> None:
        rows(alice, 2, bytes=1024 * 1024)
        rows(alice, 1, bytes=1024 * 1024, deleted_at=timezone.now())
        rows(bob, 1, bytes=1024 * 1024)

        assert "3.0\xa0MB" in words(browser.get(GALLERY))

    def test_what_was_kept_meanwhile_is_counted_and_weighed(self, browser: Client, alice: User) -> None:
        rows(alice, 1, bytes=1024 * 1024)
        browser.get(GALLERY)
        rows(alice, 1, bytes=1024 * 1024)

        page = words(browser.get(GALLERY))

        assert "2 pictures" in page
        assert "2.0\xa0MB" in page

    def test_the_bytes_of_very_many_are_remembered_for_a_while(
        self, browser: Client, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queries, "SUMMED_AT_ONCE", 1)
        rows(alice, 2, bytes=1024 * 1024)
        browser.get(GALLERY)
        rows(alice, 1, bytes=1024 * 1024)

        assert "2.0\xa0MB" in words(browser.get(GALLERY))

    def test_a_cursor_that_no_page_gave_is_refused(self, browser: Client) -> None:
        assert browser.get(GALLERY, {"cursor": "older_x_y"}).status_code == 422

    def test_it_costs_the_same_queries_whatever_its_length(
        self, browser: Client, alice: User, django_assert_max_num_queries: Any
    ) -> None:
        rows(alice, 40, favourite=True)
        for number in range(20):
            collections.create(user=alice, name=f"Shelf {number}")
            SavedSearch.objects.create(owner=alice, name=f"Search {number}", query="picture", sort="newest")

        with django_assert_max_num_queries(13):
            assert browser.get(GALLERY, {"q": "picture is:favourite"}).status_code == 200

    def test_a_stranger_is_sent_to_sign_in(self, client: Client) -> None:
        assert client.get(GALLERY)["Location"].startswith("/accounts/login/")

    def test_words_are_shown_as_they_were_written(self, browser: Client, alice: User) -> None:
        rows(alice, 1, prompt=HOSTILE, title=HOSTILE, tags=[HOSTILE])
        collections.create(user=alice, name=HOSTILE)
        SavedSearch.objects.create(owner=alice, name=HOSTILE, query="alert", sort="newest")

        page = words(browser.get(GALLERY, {"q": f'alert tag:"{HOSTILE}" "{HOSTILE}"'}))

        assert "1 picture found" in page
        assert "<script>alert" not in page
        assert page.count("&lt;script&gt;alert(1)&lt;/script&gt; &amp; {count} كوب 🦊") >= 5
        assert "&amp;lt;" not in page

    def test_it_can_go_on_as_one_scrolls_and_remembers_that(self, browser: Client, alice: User) -> None:
        rows(alice, 14)
        browser.post(reverse("gallery_scroll"), {"endless": "on"})

        endless = words(browser.get(GALLERY))
        browser.post(reverse("gallery_scroll"), {"endless": "off"})

        assert 'hx-trigger="revealed"' in endless
        assert 'rel="next"' in endless
        assert 'hx-trigger="revealed"' not in words(browser.get(GALLERY))


class TestSearch:
    def test_words_and_filters_narrow_it(self, browser: Client, alice: User) -> None:
        rows(alice, 3)
        rows(alice, 1, prompt="un café crème", favourite=True)

        page = words(browser.get(GALLERY, {"q": "cafes is:favourite"}))

        assert "1 picture found" in page
        assert 'alt="un café crème"' in page

    def test_a_filter_stands_beside_the_words_and_can_be_taken_away(self, browser: Client, alice: User) -> None:
        rows(alice, 2)

        page = words(browser.get(GALLERY, {"q": "picture seed:42 is:favourite", "sort": "title"}))

        assert 'value="picture"' in page
        assert 'name="with" value="seed:42 is:favourite"' in page
        assert 'href="/gallery/?q=picture+is%3Afavourite&amp;sort=title"' in page

    def test_words_and_the_filters_beside_them_become_one_address(self, browser: Client) -> None:
        answer = browser.get(GALLERY, {"q": "mug  seed:7", "with": "is:favourite", "sort": "oldest"})

        assert answer["Location"] == "/gallery/?q=mug+seed%3A7+is%3Afavourite&sort=oldest"

    def test_what_is_no_search_says_why_and_keeps_the_text(self, browser: Client, alice: User) -> None:
        rows(alice, 1)

        answer = browser.get(GALLERY, {"q": "mug colour:red"})

        assert answer.status_code == 422
        assert 'value="mug colour:red"' in words(answer)
        assert 'id="q_error"' in words(answer)
        assert "model" in words(answer).split('id="q_error"')[1].split("</div>")[0]

    def test_nothing_found_says_what_to_change(self, browser: Client, alice: User) -> None:
        rows(alice, 1)

        page = words(browser.get(GALLERY, {"q": "zebra"}))

        assert "Use fewer words, or take a filter away." in page
        assert f'href="{GALLERY}"' in page

    def test_an_order_that_there_is_not_is_the_usual_one(self, browser: Client, alice: User) -> None:
        rows(alice, 2)

        assert shown(browser.get(GALLERY, {"sort": "DROP TABLE"})) == ["picture 1", "picture 0"]

    def test_a_tile_carries_the_search_to_the_page_of_the_picture(self, browser: Client, alice: User) -> None:
        image = rows(alice, 1)[0]

        page = words(browser.get(GALLERY, {"q": "picture", "sort": "oldest"}))

        assert f'href="/images/{image.pk}/?q=picture&amp;sort=oldest"' in page


class TestFilters:
    def narrowed(self, browser: Client, **fields: str) -> str:
        return str(browser.get(reverse("gallery_filters"), fields)["Location"])

    def test_the_fields_become_text(self, browser: Client) -> None:
        address = self.narrowed(
            browser, q="mug", model="builtin", mode="picture", style="water colour", width="512..1023",
            first="2026-11-01", favourite="on", collection="My shop", sort="largest",
        )  # fmt: skip

        q = (
            'mug model:builtin mode:picture style:"water colour" width:512..1023 collection:"My shop" '
            "made:2026-11-01.. is:favourite"
        )
        assert address == f"{GALLERY}?{urlencode({'q': q, 'sort': 'largest'})}"

    def test_a_field_that_is_emptied_takes_its_filter_away_and_leaves_the_others(self, browser: Client) -> None:
        address = self.narrowed(browser, q="seed:7 model:builtin is:favourite is:shared collection:a", collection="b")

        assert address == "/gallery/?q=seed%3A7+is%3Ashared+collection%3Ab"

    def test_fields_that_stay_as_they_are_change_nothing(self, browser: Client) -> None:
        told = "made:2026-11 model:flux-1 -tag:shop mug"

        address = self.narrowed(browser, q=told, model="flux-1", first="2026-11-01", last="2026-11-30")

        assert address == "/gallery/?q=mug+made%3A2026-11+model%3Aflux-1+-tag%3Ashop"

    def test_they_show_what_the_text_says(self, browser: Client, alice: User) -> None:
        rows(alice, 1, model="builtin", style="watercolour")

        page = words(browser.get(GALLERY, {"q": "model:builtin made:2026-11-02.. is:favourite"}))

        assert '<option value="builtin" selected>' in page
        assert '<option value="watercolour">' in page
        assert 'value="2026-11-02"' in page
        assert re.search(r'name="favourite"[^>]*checked', page)

    def test_models_are_offered_and_told_by_their_names(
        self, browser: Client, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(facts.NAMED, "model", lambda: {"builtin": ["Built-in", "Intégré"]})
        image = rows(alice, 1, model="builtin", recipe={"prompt": "a mug", "model": "builtin"})[0]

        page = words(browser.get(GALLERY, {"q": "model:builtin"}))

        assert '<option value="builtin" selected>Built-in</option>' in page
        assert "model:Built-in</span>" in page
        assert '<dd dir="auto">Built-in</dd>' in words(browser.get(reverse("image", args=[image.pk])))

    def test_a_day_that_is_none_is_said_on_its_field(self, browser: Client) -> None:
        answer = browser.get(reverse("gallery_filters"), {"first": "tomorrow"})

        assert answer.status_code == 422
        assert 'id="id_first_error"' in words(answer)
        assert '<details class="menu filters" data-menu open>' in words(answer)

    def test_a_value_that_is_none_is_said_in_the_panel(self, browser: Client) -> None:
        answer = browser.get(reverse("gallery_filters"), {"width": "wide"})

        assert answer.status_code == 422
        assert 'role="alert"' in words(answer)


class TestKeptSearches:
    def test_a_search_is_kept_under_a_name_and_seen_again(self, browser: Client, alice: User) -> None:
        rows(alice, 1, prompt="a red mug")

        page = words(
            browser.post(reverse("search_save"), {"name": "Mugs", "query": "mug", "sort": "oldest"}, follow=True)
        )

        assert 'href="/gallery/?q=mug&amp;sort=oldest" aria-current="page">Mugs</a>' in page
        assert "The search “Mugs” is kept." in page

    def test_a_name_that_is_taken_is_said_on_its_field(self, browser: Client) -> None:
        for _ in range(2):
            answer = browser.post(reverse("search_save"), {"name": "Mugs", "query": "mug", "sort": "newest"})

        assert answer.status_code == 422
        assert 'id="id_name_error"' in words(answer)
        assert SavedSearch.objects.count() == 1

    def test_it_can_have_another_name(self, browser: Client, alice: User) -> None:
        kept = SavedSearch.objects.create(owner=alice, name="Mugs", query="mug", sort="newest")

        page = words(browser.post(reverse("search_rename", args=[kept.pk]), {"name": "Cups"}, follow=True))

        assert 'aria-current="page">Cups</a>' in page

    def test_one_that_is_forgotten_can_come_back(self, browser: Client, alice: User) -> None:
        kept = SavedSearch.objects.create(owner=alice, name="Mugs", query="mug", sort="newest")

        page = words(browser.post(reverse("search_forget", args=[kept.pk]), follow=True))
        undo = page.split('<form method="post" action="/undo/')[1].split('"')[0]
        forgotten = SavedSearch.objects.exists()
        browser.post(f"/undo/{undo}")

        assert not forgotten
        assert SavedSearch.objects.get().name == "Mugs"

    @pytest.mark.parametrize("name", ["search_rename", "search_forget"])
    def test_mallory_finds_nothing(self, alice: User, mallory: User, client_of: ClientOf, name: str) -> None:
        kept = SavedSearch.objects.create(owner=alice, name="Mugs", query="mug", sort="newest")

        answer = client_of(mallory).post(reverse(name, args=[kept.pk]), {"name": "Mine"})

        assert answer.status_code == 404
        assert SavedSearch.objects.get().name == "Mugs"


class TestTags:
    def test_a_tag_with_a_quotation_mark_is_found_by_its_filter(self, browser: Client, alice: User) -> None:
        image = rows(alice, 1)[0]
        images.change(image=Image.objects.get(pk=image.pk), tags=['12" vinyl'])

        assert shown(browser.get(GALLERY, {"q": 'tag:"12"" vinyl"'})) == ["picture 0"]
