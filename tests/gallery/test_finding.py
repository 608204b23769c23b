"""What a search finds among Alice's images."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from common.ids import new_id
from gallery import facts, finding, folding
from gallery.models import Collection, CollectionImage, Image, Member, Share
from tests.hostile import MUG, TAG, hostile

Make = Callable[..., Image]


def row(owner: User, prompt: str = MUG, *, title: str = "", tags: list[str] | None = None, **fields: Any) -> Image:
    """A row without bytes; `made` is when."""
    made = fields.pop("made", None)
    image = Image.objects.create(
        **{
            "pk": new_id(), "owner": owner, "origin": "generated", "path": "x", "format": "png", "bytes": 1,
            "width": 512, "height": 512, "digest": "", "recipe": {"prompt": prompt}, "title": title, "tags": tags or [],
            "search_text": folding.search_text(title=title, prompt=prompt, tags=tags or []), **fields,
        }
    )  # fmt: skip
    if made:
        Image.objects.filter(pk=image.pk).update(created_at=made)
    return image


def found(user: User, text: str) -> set[Image]:
    return set(finding.matching(Image.objects.owned_by(user), finding.parsed(text), user=user))


class TestWords:
    def test_all_of_them_must_be_there_in_title_prompt_or_tags(self, alice: User) -> None:
        image = row(alice, "a red mug", title="For the shop", tags=["Ceramics"])
        row(alice, "a red cup")

        for text in ("mug", "red mug", "shop mug ceramics", "MUGS", '"red mug"', "mug -cup"):
            assert found(alice, text) == {image}, text

    @pytest.mark.parametrize("text", ["-mug", "mug green", '"mug red"', "mug -shop", '"mugs"'])
    def test_what_lacks_one_or_has_an_unwanted_one_is_left_out(self, text: str, alice: User) -> None:
        row(alice, "a red mug", title="For the shop")

        assert found(alice, text) == set()

    def test_accents_and_case_do_not_matter(self, alice: User) -> None:
        image = row(alice, "L’ŒUVRE d’un ÉTÉ à Besançon")

        for text in ("oeuvre", "Œuvre", "été", "ete besancon", "d'un"):
            assert found(alice, text) == {image}, text

    @pytest.mark.parametrize("text", ["%", "_", "a%g", "r_d", "\\", ".*", "[a-z]", "' OR 1=1 --", "100%"])
    def test_no_letter_stands_for_another(self, text: str, alice: User) -> None:
        row(alice, "a red mug")

        assert found(alice, text) == set()

    @pytest.mark.parametrize("text", ["50%", "snake_case", "c:\\mug", "風景", "🫖"])
    def test_any_letter_can_be_found(self, text: str, alice: User) -> None:
        image = row(alice, "50% of snake_case in c:\\mug 風景 🫖")

        assert found(alice, f'"{text}"') == {image}

    def test_nothing_asked_is_everything(self, alice: User) -> None:
        images = {row(alice), row(alice)}

        assert found(alice, "") == images


class TestFilters:
    @pytest.fixture
    def all_of_it(self, alice: User) -> Image:
        """One that has everything, beside one that has nothing."""
        other = row(alice, "something else", width=64, height=64, made=datetime(2020, 1, 1, tzinfo=UTC))
        image = row(
            alice, title=hostile("Mug", 200), tags=["Shop", "red mug", TAG], model="flux-schnell",
            mode="image-to-image", style="watercolour", seed=42, steps=25, guidance=7.5, width=1024, height=768,
            favourite=True, parent=other, remix_of=other, published_at=timezone.now(),
            made=datetime(2026, 11, 21, 23, 59, tzinfo=UTC),
        )  # fmt: skip
        Share.objects.create(image=image, key="k" * 22)
        collection = Collection.objects.create(owner=alice, name=hostile("Été à la mer", 100).replace("%", ""))
        CollectionImage.objects.create(collection=collection, image=image, position=1)
        return image

    FINDS = (
        "model:flux", "model:FLUX-schnell", "mode:picture", "style:watercolour", "style:water", "tag:shop", "tag:SHOP",
        'tag:"Red  Mug"', "seed:42", "steps:25", "steps:20..30", "steps:25..", "steps:..25", "guidance:7,5",
        "guidance:7..8", "width:1024", "width:1000..", "height:..800 width:513..", "made:2026-11-21", "made:2026-11",
        "made:2026", "made:2026-11-21..", "made:2026-11-01..2026-11-21", "is:favourite", "is:shared", "is:public",
        "is:remix", "has:source", "has:title", "has:tags", "collection:ete", 'collection:"À LA"',
    )  # fmt: skip

    @pytest.mark.parametrize("text", FINDS)
    def test_each_finds_what_it_names(self, text: str, alice: User, all_of_it: Image) -> None:
        assert found(alice, text) == {all_of_it}

    @pytest.mark.parametrize("text", [text for text in FINDS if " " not in text])
    def test_each_can_be_turned_round(self, text: str, alice: User, all_of_it: Image) -> None:
        others = set(Image.objects.exclude(pk=all_of_it.pk))

        assert found(alice, f"-{text}") == others

    @pytest.mark.parametrize(
        "text",
        [
            "mode:text model:flux", "tag:sho", "tag:op", "tag:mug", "tag:%", "model:fl_x", "style:%", "seed:4",
            "steps:26..", "guidance:7.6..8", "made:2026-11-22..", "made:..2019", "made:2026-11-20", "collection:hills",
            "collection:%", "is:favourite -is:shared",
        ],
    )  # fmt: skip
    def test_nothing_else_is_found(self, text: str, alice: User, all_of_it: Image) -> None:
        assert found(alice, text) == set()

    @pytest.mark.parametrize("text", ["model:built-in", "model:BUILT", "model:integre", 'model:"Modèle intégré"'])
    def test_a_model_is_found_by_its_name_in_both_languages(
        self, text: str, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        names = {"builtin": ["Built-in", "Modèle intégré"], "flux-schnell": ["FLUX"]}
        monkeypatch.setitem(facts.NAMED, "model", lambda: names)
        image = row(alice, model="builtin")
        row(alice, model="flux-schnell")

        assert found(alice, text) == {image}

    def test_a_prompt_that_ends_like_a_tag_is_none(self, alice: User) -> None:
        row(alice, "for my #shop", title="My #shop")
        tagged = row(alice, "", tags=["shop"])

        assert found(alice, "tag:shop") == {tagged}

    def test_a_link_that_was_revoked_or_ran_out_shares_nothing(self, alice: User) -> None:
        now = timezone.now()
        Share.objects.create(image=row(alice), key="a", revoked_at=now)
        Share.objects.create(image=row(alice), key="b", expires_at=now)

        assert found(alice, "is:shared") == set()

    def test_a_day_begins_and_ends_at_midnight(self, alice: User) -> None:
        row(alice, made=datetime(2026, 11, 20, 23, 59, 59, 999999, tzinfo=UTC))
        first = row(alice, made=datetime(2026, 11, 21, tzinfo=UTC))
        row(alice, made=datetime(2026, 11, 22, tzinfo=UTC))

        assert found(alice, "made:2026-11-21") == {first}

    def test_a_collection_that_alice_cannot_see_has_no_name(self, alice: User, bob: User) -> None:
        image = row(alice)
        bobs = Collection.objects.create(owner=bob, name="Secret")
        CollectionImage.objects.create(collection=bobs, image=image, position=1)

        assert found(alice, "collection:secret") == set()
        assert found(alice, "-collection:secret") == {image}

        Member.objects.create(collection=bobs, user=alice)
        assert found(alice, "collection:secret") == {image}


class TestPlans:
    def test_postgresql_finds_words_by_their_trigrams(self, alice: User) -> None:
        """So few rows are read from end to end unless that is forbidden."""
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL enable_seqscan = off")

        plan = finding.matching(Image.objects.all(), finding.parsed("mugs yellow")).explain()

        assert ("words_of_images" in plan) is (connection.vendor == "postgresql")
