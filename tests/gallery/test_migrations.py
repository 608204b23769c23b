"""Pictures that were made before there was a search are found by it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import User
from common.ids import new_id
from gallery import finding, queries
from gallery.models import Image
from gallery.services import images
from tests.gallery.conftest import recipe_of

BEFORE = [("gallery", "0002_collections_sharing_and_search")]

pytestmark = pytest.mark.django_db(transaction=True)


def migrate(targets: list[tuple[str, str]]) -> Any:
    """Bring the database there; the apps as they were then."""
    executor = MigrationExecutor(connection)
    return executor.migrate(targets).apps


def migrate_on() -> None:
    """Bring the database to today, whatever followed."""
    migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())


@pytest.fixture
def before(plans: None) -> Iterator[Any]:
    """The apps before the search was filled; afterwards the database is whole again."""
    yield migrate(BEFORE)
    migrate_on()


def old_row(apps: Any, owner: User, recipe: dict[str, Any] | None, **fields: Any) -> Any:
    """A picture as it was stored before."""
    shared = {"path": "x", "format": "png", "bytes": 1, "width": 64, "height": 64, "digest": ""}
    origin = "generated" if recipe else "uploaded"
    made = apps.get_model("gallery", "Image")(
        pk=new_id(), owner_id=owner.pk, origin=origin, recipe=recipe, **shared, **fields
    )
    made.save()
    return made.pk


def found(user: User, text: str) -> set[Any]:
    return {image.pk for image in queries.made_by(user, terms=finding.parsed(text))}


def test_old_pictures_are_found_by_their_words_and_settings(alice: User, before: Any) -> None:
    recipe = recipe_of(prompt="L’Été  rouge", style="beach", mode="image-to-image")
    mug = old_row(before, alice, recipe, title="Œuvre", tags=["Red Mug"])
    other = old_row(before, alice, recipe_of(prompt="a cup", model="flux", steps=None, guidance=None, seed=7))
    upload = old_row(before, alice, None, tags=["mine"])
    assert before.get_model("gallery", "Image").objects.get(pk=mug).search_text == ""

    migrate_on()

    for text in ("oeuvre ete", '"l\'ete rouge"', 'tag:"red mug"', "style:beach steps:25 guidance:6", "mode:picture"):
        assert found(alice, text) == {mug}, text
    assert found(alice, "cup model:flux seed:7 -steps:1..") == {other}
    assert Image.objects.get(pk=upload).search_text == "#mine\n"


def test_more_than_one_batch_is_filled(alice: User, before: Any) -> None:
    Old = before.get_model("gallery", "Image")
    Old.objects.bulk_create(
        Old(
            pk=new_id(), owner_id=alice.pk, origin="generated", path=str(n), format="png", bytes=1, width=1, height=1,
            digest="", recipe=recipe_of(prompt=f"mug {n}"),
        )
        for n in range(1001)
    )  # fmt: skip

    migrate_on()

    assert len(found(alice, "mug")) == 1001


def test_it_can_be_gone_back_on_and_done_again(alice: User, before: Any) -> None:
    pk = old_row(before, alice, recipe_of(prompt="a red mug"))
    migrate_on()

    migrate(BEFORE)
    migrate_on()

    assert found(alice, "mug") == {pk}
    with connection.cursor() as cursor:
        indexes = connection.introspection.get_constraints(cursor, "gallery_image")
    assert ("words_of_images" in indexes) is (connection.vendor == "postgresql")


@pytest.mark.parametrize("text", ["Œuvre  D’ÉTÉ", "ﬁne ＷＩＤＥ ½", "straße ŁÓDŹ", "tab\tand\nline", "🫖 風景 كوب"])
def test_what_is_made_now_is_written_as_the_migration_wrote_it(
    text: str, alice: User, generated: Callable[..., Image], before: Any
) -> None:
    old = old_row(before, alice, recipe_of(prompt=text), title=text, tags=[text])
    migrate_on()

    new = images.change(image=generated(alice, prompt=text), title=text, tags=[text])

    filled = Image.objects.get(pk=old)
    assert filled.search_text == Image.objects.get(pk=new.pk).search_text
    assert [getattr(filled, name) for name in images.FILTERED] == [getattr(new, name) for name in images.FILTERED]
