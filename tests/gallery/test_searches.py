"""Searches that Alice keeps under a name."""

from typing import Any

import pytest
from django.http import Http404

from accounts.models import User
from common.errors import InvalidInput
from gallery import access
from gallery.models import SavedSearch
from gallery.services import images, searches
from gallery.views import undoing
from tests.gallery.test_queries import rows


def problems(refusal: Any) -> list[tuple[str, str]]:
    return [(field, code) for field, code, _ in refusal.value.errors]


class TestSave:
    def test_a_search_is_kept_in_its_shortest_spelling(self, alice: User) -> None:
        kept = searches.save(user=alice, name="  Mugs ", query='  mug  is:favorite tag:"shop"', sort="oldest")

        assert searches.saved(alice) == [kept]
        assert (kept.name, kept.query, kept.sort) == ("Mugs", "mug is:favourite tag:shop", "oldest")

    def test_they_come_by_name_and_are_nobody_elses(self, alice: User, bob: User) -> None:
        for name in ("b", "a"):
            searches.save(user=alice, name=name, query="mug")
        searches.save(user=bob, name="a", query="cup")

        assert [kept.name for kept in searches.saved(alice)] == ["a", "b"]

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"name": "  "}, ("name", "required")),
            ({"name": "x" * 101}, ("name", "too_long")),
            ({"name": "a\x00"}, ("name", "control_characters")),
            ({"name": "Taken"}, ("name", "search_name_taken")),
            ({"query": "colour:red"}, ("query", "unknown_filter")),
            ({"query": "x" * 301}, ("query", "too_long")),
            ({"sort": "deleted"}, ("sort", "not_a_choice")),
        ],
    )
    def test_what_cannot_be_kept_is_refused(
        self, changes: dict[str, str], problem: tuple[str, str], alice: User
    ) -> None:
        searches.save(user=alice, name="Taken", query="mug")

        with pytest.raises(InvalidInput) as refusal:
            searches.save(user=alice, **{"name": "New", "query": "mug", **changes})

        assert problems(refusal) == [problem]
        assert SavedSearch.objects.count() == 1

    def test_a_hundred_are_enough(self, alice: User, bob: User) -> None:
        SavedSearch.objects.bulk_create(SavedSearch(owner=alice, name=str(n)) for n in range(100))

        with pytest.raises(InvalidInput) as refusal:
            searches.save(user=alice, name="One more", query="")
        searches.save(user=bob, name="One more", query="")

        assert problems(refusal) == [("name", "too_many_searches")]


class TestRename:
    def test_it_has_another_name(self, alice: User) -> None:
        kept = searches.save(user=alice, name="Mugs", query="mug")

        searches.rename(search=kept, name=" Cups ")
        searches.rename(search=kept, name="Cups")

        assert [row.name for row in searches.saved(alice)] == ["Cups"]

    @pytest.mark.parametrize(("name", "code"), [("Taken", "search_name_taken"), ("", "required")])
    def test_a_name_that_cannot_be_leaves_the_old_one(self, name: str, code: str, alice: User) -> None:
        searches.save(user=alice, name="Taken", query="mug")
        kept = searches.save(user=alice, name="Mugs", query="mug")

        with pytest.raises(InvalidInput) as refusal:
            searches.rename(search=kept, name=name)

        assert problems(refusal) == [("name", code)]
        kept.refresh_from_db()
        assert kept.name == "Mugs"


class TestForget:
    def test_it_is_gone_and_comes_back(self, alice: User) -> None:
        kept = searches.save(user=alice, name="Mugs", query="mug", sort="title")

        arguments = searches.forget(search=kept)
        gone = searches.saved(alice)
        undoing.WAYS["searches.restore"](user=alice, **arguments)

        assert gone == []
        [back] = searches.saved(alice)
        assert (back.name, back.query, back.sort) == ("Mugs", "mug", "title")

    def test_it_does_not_come_back_over_another_of_its_name(self, alice: User) -> None:
        arguments = searches.forget(search=searches.save(user=alice, name="Mugs", query="mug"))
        searches.save(user=alice, name="Mugs", query="cup")

        searches.restore(user=alice, **arguments)

        assert [kept.query for kept in searches.saved(alice)] == ["cup"]

    def test_it_does_not_come_back_as_one_too_many(self, alice: User) -> None:
        arguments = searches.forget(search=searches.save(user=alice, name="Mugs", query="mug"))
        SavedSearch.objects.bulk_create(SavedSearch(owner=alice, name=str(n)) for n in range(100))

        searches.restore(user=alice, **arguments)

        assert SavedSearch.objects.count() == 100


class TestSmart:
    def test_it_knows_how_many_it_finds_and_the_first(
        self, alice: User, bob: User, django_assert_num_queries: Any
    ) -> None:
        made = rows(alice, 3)
        for image in made[:2]:
            images.change(image=image, title="A mug")
        images.change(image=rows(bob, 1)[0], title="A mug")
        searches.save(user=alice, name="All mugs", query="mug")
        searches.save(user=alice, name="Old mugs", query="mug", sort="oldest")
        searches.save(user=alice, name="Unicorns", query="unicorn")

        with django_assert_num_queries(1):
            mugs, old, unicorns = searches.smart(alice)
        with django_assert_num_queries(2):
            assert (mugs.count, mugs.first, mugs.count) == (2, made[1], 2)
        assert (old.first, unicorns.count, unicorns.first) == (made[0], 0, None)

    def test_one_that_is_no_search_any_more_finds_nothing(self, alice: User) -> None:
        rows(alice, 1)
        SavedSearch.objects.create(owner=alice, name="Old", query="once:known")

        [old] = searches.smart(alice)

        assert (old.count, old.first) == (0, None)


def test_mallory_finds_no_search_of_alices(alice: User, mallory: User) -> None:
    kept = searches.save(user=alice, name="Mugs", query="mug")

    assert access.own_search(alice, kept.pk) == kept
    with pytest.raises(Http404):
        access.own_search(mallory, kept.pk)
