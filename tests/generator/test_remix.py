"""Beginning with somebody's recipe, and where the pictures go: what a request may name, and what becomes of it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from common.errors import InvalidInput
from events.models import Event
from gallery.models import Collection, CollectionImage, Image, Member, Share
from gallery.services import collections, sharing
from generator import queries, remixing, runner, services
from generator.models import Generation, Style
from tests import fakes
from tests.hostile import hostile

Ask = Callable[..., Generation]
ClientOf = Callable[[User], Client]
BOAT = hostile("a white boat at sunset")
KEY = "nT5xq0mVdQ2m9wq3c8S1Zg"


@pytest.fixture
def original(bob: User, ask: Ask, run_by: Callable[[type], None]) -> Image:
    """A finished picture of Bob's."""
    run_by(fakes.Painter)
    ask(bob, prompt=BOAT, seed=7, style="night")
    runner.take_turn("local")
    return Image.objects.get()


def publish(image: Image, **fields: Any) -> None:
    Image.objects.filter(pk=image.pk).update(published_at=timezone.now(), **fields)


def share(image: Image, **fields: Any) -> Share:
    return Share.objects.create(image=image, key=KEY, **fields)


def refused_field(ask: Ask, user: User, **wishes: Any) -> tuple[str, str]:
    with pytest.raises(InvalidInput) as refusal:
        ask(user, **wishes)
    return refusal.value.errors[0][:2]


class TestWhoMayRemix:
    def test_everybody_takes_over_what_the_showcase_shows_with_its_recipe(self, alice: User, original: Image) -> None:
        publish(original)

        assert remixing.remixable(alice, str(original.pk)) == original

    def test_a_recipe_that_the_showcase_hides_is_its_owners_alone(
        self, alice: User, bob: User, original: Image
    ) -> None:
        publish(original, recipe_shown=False)

        assert remixing.remixable(alice, str(original.pk)) is None
        assert remixing.remixable(bob, str(original.pk)) == original

    def test_nothing_of_a_closed_account_is_taken_over(self, alice: User, bob: User, original: Image) -> None:
        publish(original)
        User.objects.filter(pk=bob.pk).update(is_active=False)

        assert remixing.remixable(alice, str(original.pk)) is None

    def test_a_link_gives_its_recipe_by_its_key_and_only_by_that(self, alice: User, original: Image) -> None:
        share(original)

        assert remixing.remixable(alice, KEY) == original
        assert remixing.remixable(alice, str(original.pk)) is None

    @pytest.mark.parametrize(
        "fields", [{"recipe_shown": False}, {"revoked_at": timezone.now()}, {"expires_at": timezone.now()}]
    )
    def test_a_link_without_recipe_or_life_gives_nothing(
        self, alice: User, original: Image, fields: dict[str, Any]
    ) -> None:
        share(original, **fields)

        assert remixing.remixable(alice, KEY) is None

    def test_who_sees_a_collection_takes_over_what_is_in_it(
        self, alice: User, bob: User, mallory: User, original: Image
    ) -> None:
        shelf = Collection.objects.create(owner=bob, name="Boats")
        CollectionImage.objects.create(collection=shelf, image=original, position=1)
        Member.objects.create(collection=shelf, user=alice)

        assert remixing.remixable(alice, str(original.pk)) == original
        assert remixing.remixable(mallory, str(original.pk)) is None

    @pytest.mark.parametrize("strange", ["", "x", "\x00", "a" * 5000, "../../etc", "{}" * 40])
    def test_what_is_no_id_and_no_key_is_nothing(self, alice: User, strange: str) -> None:
        assert remixing.remixable(alice, strange) is None

    def test_what_was_thrown_away_is_not_remixed(self, alice: User, original: Image) -> None:
        publish(original, deleted_at=timezone.now())

        assert remixing.remixable(alice, str(original.pk)) is None


class TestLineage:
    def test_the_new_picture_knows_what_it_began_with(self, alice: User, original: Image, ask: Ask) -> None:
        share(original)

        born = ask(alice, prompt="a blue boat", remix_of=KEY)
        runner.take_turn("local")

        image = Image.objects.get(owner=alice)
        assert image.remix_of == original
        assert image.parent is None
        assert "remix_of" not in born.attempts.get().sent

    @pytest.mark.parametrize("password", ["", "open sesame"])
    def test_a_links_key_is_neither_kept_nor_told(
        self, alice: User, original: Image, ask: Ask, api: Callable[..., Client], password: str
    ) -> None:
        link = sharing.share(image=original, password=password)

        born = ask(alice, remix_of=link.remix_name)
        answer = api(alice).get(f"/api/v1/generations/{born.pk}")

        kept = json.dumps([born.request, *Event.objects.values_list("data", flat=True), answer.json()])
        assert link.key not in kept
        assert link.proof not in kept
        assert answer.json()["request"]["remix_of"] == str(original.pk)
        assert {event.data["request"]["remix_of"] for event in Event.objects.filter(reference=born.pk)} == {
            str(original.pk)
        }

    def test_an_estimate_tells_the_original_and_not_the_key(
        self, alice: User, original: Image, api: Callable[..., Client]
    ) -> None:
        share(original)
        wish = {"prompt": "a blue boat", "remix_of": KEY, "dry_run": True}

        answer = api(alice).post("/api/v1/generations", wish, content_type="application/json")

        assert answer.json()["request"]["remix_of"] == str(original.pk)

    def test_an_original_that_is_gone_is_told_as_null(self, alice: User, original: Image, ask: Ask) -> None:
        publish(original)
        born = ask(alice, remix_of=str(original.pk))
        Image.objects.filter(pk=original.pk).delete()

        told = queries.as_json(Generation.objects.get(pk=born.pk))["request"]

        assert told["remix_of"] is None
        assert "remix_of" not in queries.as_json(ask(alice))["request"]

    def test_somebody_elses_private_picture_is_not_found(self, mallory: User, original: Image, ask: Ask) -> None:
        assert refused_field(ask, mallory, remix_of=str(original.pk)) == ("remix_of", "not_found")

    def test_the_same_recipe_is_the_same_whatever_it_began_with(self, alice: User, original: Image, ask: Ask) -> None:
        publish(original)

        first, second = ask(alice, seed=3), ask(alice, seed=3, remix_of=str(original.pk))

        assert first.recipe_digest == second.recipe_digest

    def test_a_rerun_goes_on_when_the_link_is_closed(self, alice: User, original: Image, ask: Ask) -> None:
        link = share(original)
        born = ask(alice, remix_of=KEY)
        Share.objects.filter(pk=link.pk).update(revoked_at=timezone.now())

        again = services.rerun(user=alice, generation=born)

        assert "remix_of" not in again.request
        assert again.remix_of is None

    @pytest.mark.parametrize("password", ["", "open sesame"])
    def test_a_rerun_names_the_original_for_as_long_as_the_link_opens(
        self, alice: User, original: Image, ask: Ask, password: str
    ) -> None:
        link = sharing.share(image=original, password=password)
        born = ask(alice, remix_of=link.remix_name)

        again = services.rerun(user=alice, generation=services.rerun(user=alice, generation=born))

        assert again.remix_of == original

    @pytest.mark.parametrize(
        "change", [{"recipe_shown": False}, {"password": "open barley"}, {"revoked_at": timezone.now()}]
    )
    def test_a_rerun_gives_no_right_back_that_was_lost(
        self, alice: User, original: Image, ask: Ask, change: dict[str, Any]
    ) -> None:
        link = sharing.share(image=original, password="open sesame")
        sharing.share(image=original)
        born = ask(alice, remix_of=link.remix_name)
        Share.objects.filter(pk=link.pk).update(**change)

        again = services.rerun(user=alice, generation=born)

        assert again.remix_of is None

    def test_a_rerun_of_what_the_showcase_shows_names_it_while_it_is_there(
        self, alice: User, original: Image, ask: Ask
    ) -> None:
        publish(original)
        born = ask(alice, remix_of=str(original.pk))

        assert services.rerun(user=alice, generation=born).remix_of == original
        sharing.withdraw(image=original)
        assert services.rerun(user=alice, generation=born).remix_of is None

    def test_an_original_that_is_gone_before_delivery_is_no_hindrance(
        self, alice: User, bob: User, original: Image, ask: Ask
    ) -> None:
        publish(original)
        ask(alice, remix_of=str(original.pk))
        claimed = runner.claim("local")
        assert claimed

        Image.objects.filter(pk=original.pk).delete()
        runner.run(claimed, runner.Job(claimed.pk, claimed.attempt))

        assert Image.objects.get(owner=alice).remix_of is None


class TestCollection:
    def test_the_pictures_are_put_into_it_in_their_order(self, bob: User, ask: Ask, original: Image) -> None:
        shelf = collections.create(user=bob, name="Mugs")

        ask(bob, images=2, seed=5, collection=str(shelf.pk))
        runner.take_turn("local")

        assert [entry.image.seed for entry in shelf.entries.order_by("position")] == [5, 6]

    def test_an_editor_may_name_it_and_a_viewer_may_not(
        self, alice: User, bob: User, mallory: User, ask: Ask, original: Image
    ) -> None:
        shelf = collections.create(user=bob, name="Mugs")
        Member.objects.create(collection=shelf, user=alice, role=Member.Role.EDITOR)
        Member.objects.create(collection=shelf, user=mallory)

        ask(alice, collection=str(shelf.pk))
        runner.take_turn("local")

        assert shelf.entries.get().image.owner == alice
        assert refused_field(ask, mallory, collection=str(shelf.pk)) == ("collection", "not_found")

    @pytest.mark.parametrize("wrong", ["gone", "full"])
    def test_a_picture_is_delivered_although_it_finds_no_place(
        self, bob: User, ask: Ask, original: Image, wrong: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shelf = collections.create(user=bob, name="Mugs")
        ask(bob, seed=5, collection=str(shelf.pk))
        if wrong == "gone":
            Collection.objects.filter(pk=shelf.pk).delete()
        else:
            monkeypatch.setattr(collections, "IMAGES_MAX", 0)

        runner.take_turn("local")

        assert Image.objects.get(seed=5).owner == bob
        assert not CollectionImage.objects.exists()


class TestFourVariations:
    def test_they_have_the_four_seeds_after_the_picture(self, bob: User, original: Image, client_of: ClientOf) -> None:
        response = client_of(bob).post(reverse("image_variations", args=[original.pk]))

        born = bob.generations.order_by("-created_at").first()
        assert born is not None
        assert response["Location"] == reverse("generation", args=[born.pk])
        assert [output.seed for output in born.outputs.order_by("index")] == [8, 9, 10, 11]
        assert (born.request["prompt"], born.request["style"]) == (BOAT, "night")

    def test_after_the_last_seed_comes_the_first(self, bob: User, original: Image, ask: Ask) -> None:
        born = services.vary(user=bob, params=ask(bob, seed=2**32 - 1).params)

        assert born.request["seed"] == 0

    def test_in_the_studio_they_come_as_a_row(self, bob: User, original: Image, client_of: ClientOf) -> None:
        address = reverse("image_variations", args=[original.pk])

        response = client_of(bob).post(address, headers={"HX-Request": "true"})

        assert bob.generations.order_by("-created_at")[0].images == 4
        assert 'class="job' in response.content.decode()

    def test_a_style_that_is_gone_is_said_on_the_pictures_page(
        self, bob: User, original: Image, client_of: ClientOf
    ) -> None:
        Style.objects.filter(slug="night").update(enabled=False)
        address = reverse("image_variations", args=[original.pk])

        response = client_of(bob).post(address, headers={"HX-Request": "true"})

        assert response["HX-Redirect"] == reverse("image", args=[original.pk])
        assert bob.generations.count() == 1

    def test_nobody_varies_somebody_elses_picture(self, mallory: User, original: Image, client_of: ClientOf) -> None:
        response = client_of(mallory).post(reverse("image_variations", args=[original.pk]))

        assert response.status_code == 404
        assert not mallory.generations.exists()
