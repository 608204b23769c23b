"""Styles are called by their names, in the reader's language, wherever their pictures are told of or looked for."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from PIL import Image as Pixels

from accounts.models import User
from gallery import queries, terms
from gallery.facts import differences, facts, named
from gallery.models import Image
from generator import catalogue
from generator.models import Preset, Style
from tests.gallery.rows import rows
from tests.hostile import MUG

ClientOf = Callable[[User], Client]


@pytest.fixture
def pictures(alice: User) -> list[Image]:
    """One of each of some styles."""
    catalogue.sync()
    return [
        rows(alice, 1, style=slug, recipe={"prompt": MUG, "style": slug})[0]
        for slug in ("tangerine", "rose", "open-air", "ink", "gone-long-ago")
    ]


def words(response: Any) -> str:
    return response.content.decode()


@pytest.mark.parametrize(("language", "name"), [("en", "Open air"), ("fr", "Plein air")])
def test_a_recipe_tells_the_name_of_its_style(pictures: list[Image], language: str, name: str) -> None:
    with translation.override(language):
        assert [fact.value for fact in facts({"style": "open-air"})] == [name]
        [difference] = differences({"style": "open-air"}, {"style": "gone-long-ago"})
        assert (difference.first, difference.second) == (name, "gone-long-ago")


@pytest.mark.parametrize(
    ("written", "slugs"),
    [
        ("style:orange", ["tangerine"]),
        ("style:ORANGE", ["tangerine"]),
        ("style:tangerine", ["tangerine"]),
        ('style:"open air"', ["open-air"]),
        ("style:plein", ["open-air"]),
        ("style:pink", ["rose"]),
        ("style:ink", ["ink"]),
        ("style:encre", ["ink"]),
        ("style:long", ["gone-long-ago"]),
        ("style:%", []),
    ],
)
def test_a_style_is_found_by_its_names_in_both_languages(
    alice: User, pictures: list[Image], written: str, slugs: list[str]
) -> None:
    found = queries.gallery(alice, terms=terms.parse(written)).rows

    assert [image.style for image in found] == slugs


def test_a_style_that_is_chosen_finds_itself_alone(alice: User) -> None:
    catalogue.sync()
    slugs = list(Style.objects.values_list("slug", flat=True))
    for slug in slugs:
        rows(alice, 1, style=slug)

    for slug in slugs:
        assert [image.style for image in queries.gallery(alice, terms=terms.parse(f"style:{slug}")).rows] == [slug]


def test_the_gallery_offers_and_shows_styles_by_name(alice: User, pictures: list[Image], client_of: ClientOf) -> None:
    page = words(client_of(alice).get(reverse("gallery"), {"q": "style:tangerine"}))

    assert '<option value="tangerine" selected>Orange</option>' in page
    assert '<option value="gone-long-ago">gone-long-ago</option>' in page
    assert '<span dir="auto">style:Orange</span>' in page
    assert 'name="with" value="style:tangerine"' in page


def test_the_presets_name_their_style(alice: User, client_of: ClientOf) -> None:
    catalogue.sync()
    Preset.objects.create(owner=alice, name="Warm", settings={"model": "builtin", "style": "tangerine"})

    page = words(client_of(alice).get(reverse("presets")))

    assert "· Orange" in page
    assert "tangerine" not in page


def test_what_has_no_names_keeps_its_own(alice: User) -> None:
    assert named("style", "tangerine") == "tangerine"
    assert named("seed", "42") == "42"


@pytest.mark.usefixtures("shipped")
def test_every_style_that_ships_has_a_small_picture(settings: Any) -> None:
    for slug in Style.objects.values_list("slug", flat=True):
        with Pixels.open(settings.BASE_DIR / "static" / "styles" / f"{slug}.webp") as sample:
            assert (slug, sample.size, sample.format) == (slug, (128, 128), "WEBP")
