"""What the gallery searches and filters by, for the images that are there already; on PostgreSQL with a trigram index."""

import re
import unicodedata

from django.db import migrations

BATCH = 500
FILTERED = ("model", "mode", "style", "seed", "steps", "guidance")
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "’": "'"})


def fold(text):
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return re.sub(r"\s+", " ", bare.translate(LIGATURES)).strip()


def fill(apps, schema_editor):
    Image = apps.get_model("gallery", "Image")
    rows = Image.objects.order_by("pk")
    last = None
    while batch := list(rows.filter(pk__gt=last)[:BATCH] if last else rows[:BATCH]):
        for image in batch:
            recipe = image.recipe or {}
            for name in FILTERED:
                if recipe.get(name) is not None:
                    setattr(image, name, recipe[name])
            lines = [fold(image.title), fold(recipe.get("prompt", ""))]
            tags = "".join(f"#{fold(tag)}\n" for tag in image.tags)
            image.search_text = "".join(f"{line}\n" for line in lines if line) + tags
        Image.objects.bulk_update(batch, [*FILTERED, "search_text"])
        last = batch[-1].pk


def add_trigrams(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        schema_editor.execute("CREATE INDEX words_of_images ON gallery_image USING gin (search_text gin_trgm_ops)")


def remove_trigrams(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX words_of_images")


class Migration(migrations.Migration):
    dependencies = [("gallery", "0002_collections_sharing_and_search")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(add_trigrams, remove_trigrams),
    ]
