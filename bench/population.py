"""A large gallery: rows of pictures that look like real ones, without their bytes, written in bulk."""

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

PEOPLE = 1000
HEAVY = 15_000
"""Pictures of the person who is measured: more than a thousand pages of twelve."""
WRITTEN = 60_000
"""Rows made here at the most; on PostgreSQL the rest are copies of other people's with another time, seed and owner."""
COLLECTED = 10_000
PUBLISHED = 5000
AT_ONCE = 2000
FIRST_DAY = datetime(2025, 1, 1, tzinfo=UTC)
LOOKS = ("red", "blue", "green", "white", "black", "golden", "old", "tiny", "glass", "wooden", "silver", "striped")
THINGS = (
    *["mug", "boat", "dog", "cat", "house", "tree", "car", "lamp", "chair", "teapot", "flower", "bird", "horse"],
    *["train", "guitar", "bicycle", "camera", "watch", "shoe", "backpack", "candle", "cake", "apple", "lighthouse"],
)
PLACES = (
    *["on a yellow background", "on the grass", "at sunset", "in the snow", "on a marble table", "by the sea"],
    *["in a quiet street", "under a bridge", "on a mountain", "in a forest", "in a white studio", "beside a window"],
)
LIGHTS = ("studio lighting", "soft morning light", "golden hour", "neon light", "overcast sky", "candle light")
MANNERS = ("photograph", "watercolour", "oil painting", "pencil drawing", "product photo", "35 mm film", "isometric")
MODELS = ("builtin", "builtin", "flux-1-schnell", "stable-diffusion-3-medium", "sdxl")
STYLES = ("", "", "", "night", "watercolour")
TAGS = ("shop", "red mug", "christmas", "drafts", "client a", "client b")
PLACEHOLDER = "data:image/webp;base64," + "UklGRkAAAABXRUJQVlA4IDQAAADwAQCdASoQABAAAUAmJaQAA3AA" * 3


def populate(*, images: int) -> tuple[Any, Any]:
    """About so many rows of a thousand people, and one collection of 10,000; answers the heaviest person and it."""
    from django.db import connection

    from accounts.models import User
    from gallery.models import Collection, CollectionImage, Image

    many_times = connection.vendor == "postgresql" and images > WRITTEN
    first = WRITTEN if many_times else images
    chance = random.Random(20261121)
    User.objects.bulk_create(_people(), batch_size=500)
    people = list(User.objects.filter(handle__startswith="person").order_by("handle"))
    owners = _owners([person.pk for person in people], first, chance)
    with without_trigrams():
        write(Image, (_image(number, owner, first, chance) for number, owner in enumerate(owners)))
        if many_times:
            _multiply(people, times=round((images - first) / (first - HEAVY)))
    heavy = people[0]
    collection = Collection.objects.create(owner=heavy, name="Ten thousand")
    ids = Image.objects.owned_by(heavy).order_by("created_at").values_list("pk", flat=True)[:COLLECTED]
    rows = {"collection_id": collection.pk, "added_at": FIRST_DAY}
    write(CollectionImage, ({**rows, "image_id": pk, "position": float(place)} for place, pk in enumerate(list(ids))))
    return heavy, collection


@contextmanager
def without_trigrams() -> Iterator[None]:
    """On PostgreSQL the index of words is taken away, and made again in one go."""
    from django.db import connection

    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX IF EXISTS words_of_images")
        yield
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute("CREATE INDEX words_of_images ON gallery_image USING gin (search_text gin_trgm_ops)")
        cursor.execute("VACUUM ANALYZE gallery_image")


def write(model: Any, rows: Iterable[dict[str, Any]]) -> None:
    """Insert them as fast as the database takes them; a column that a row does not name has its default."""
    from django.db import connection, transaction

    fields = model._meta.local_concrete_fields
    table, names = model._meta.db_table, ", ".join(f'"{field.column}"' for field in fields)
    values = ([_value(field, row, connection) for field in fields] for row in rows)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
                for row in values:
                    copy.write_row(row)
        else:
            places = ", ".join(["%s"] * len(fields))
            while some := list(islice(values, AT_ONCE)):
                cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({places})', some)
        cursor.execute("ANALYZE")


def _multiply(people: list[Any], *, times: int) -> None:
    """Copies of all pictures but the first person's, which others own and which were made at other times."""
    from django.db import connection

    from gallery.models import Image

    others = [person.pk for person in people[1:]]
    made_at = "old.created_at + copy * interval '37 minutes'"
    random_bits = "md5(old.id::text || copy)"
    changed = {
        "id": f"(lpad(to_hex((extract(epoch FROM {made_at}) * 1000)::bigint), 12, '0') || '7' || "
        f"substr({random_bits}, 1, 3) || '8' || substr({random_bits}, 4, 15))::uuid",
        "owner_id": f"(%s::uuid[])[1 + mod(('x' || substr({random_bits}, 1, 7))::bit(28)::int, {len(others)})]",
        "path": "copy || '-' || old.path",
        "seed": "mod(old.seed + copy * 7919, 4294967296)",
        "created_at": made_at,
        "published_at": "NULL",
    }
    columns = [str(field.column) for field in Image._meta.local_concrete_fields]
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(changed.get(name, f'old."{name}"') for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO gallery_image ({names}) SELECT {values} FROM generate_series(1, %s) AS copy "
            "CROSS JOIN gallery_image AS old WHERE old.owner_id <> %s ORDER BY old.created_at",
            [others, times, people[0].pk],
        )


def _value(field: Any, row: dict[str, Any], connection: Any) -> Any:
    value = row[field.attname] if field.attname in row else field.get_default()
    return field.get_db_prep_save(value, connection)


def _people() -> list[Any]:
    from accounts.models import Plan, User

    plan = Plan.objects.get(slug="enterprise")
    named = [f"person{number:04}" for number in range(PEOPLE)]
    return [User(email=f"{name}@example.org", handle=name, plan=plan, password="!") for name in named]


def _owners(people: list[Any], images: int, chance: random.Random) -> Iterator[Any]:
    """Whose each picture is, in the order of their making: the first person's lie among all others'."""
    heavy = min(HEAVY, images // 2)
    owners = [people[0]] * heavy + [people[1 + number % (len(people) - 1)] for number in range(images - heavy)]
    chance.shuffle(owners)
    return iter(owners)


def _image(number: int, owner: Any, images: int, chance: random.Random) -> dict[str, Any]:
    from gallery import folding

    made_at = FIRST_DAY + timedelta(days=690) * (number / images)
    pick = chance.choice
    prompt = f"a {pick(LOOKS)} {pick(LOOKS)} {pick(THINGS)} {pick(PLACES)}, {pick(LIGHTS)}, {pick(MANNERS)}"
    side, steps, seed = pick((256, 512, 768, 1024)), chance.randrange(4, 41), chance.randrange(2**32)
    title = f"{pick(THINGS).title()} {number}" if number % 20 == 0 else ""
    tags = [pick(TAGS)] if number % 8 == 0 else []
    settings = {"model": pick(MODELS), "mode": "text-to-image", "style": pick(STYLES), "seed": seed, "steps": steps}
    recipe = {
        **{"version": 1, "repo_id": "bench/model", "revision": "0" * 40, "backend": "builtin", "provider": None},
        **{"prompt": prompt, "negative_prompt": "", "full_prompt": prompt, "full_negative_prompt": "", "width": side},
        **{"height": side, "guidance": 6.0, "scheduler": "dpmpp_2m", "strength": None, "source_digest": None},
        **settings,
    }
    return {
        **settings,
        "id": _id(made_at, number, chance),
        "owner_id": owner,
        "origin": "generated",
        "path": f"{number}.png",
        "format": "png",
        "bytes": 90_000,
        **{"width": side, "height": side, "digest": f"{number:064x}", "guidance": 6.0, "recipe": recipe},
        **{"title": title, "tags": tags, "favourite": number % 30 == 0, "placeholder": PLACEHOLDER},
        "search_text": folding.search_text(title=title, prompt=prompt, tags=tags),
        "published_at": made_at if number % max(1, images // PUBLISHED) == 0 else None,
        "created_at": made_at,
        "deleted_at": made_at if number % 50 == 1 else None,
    }


def _id(made_at: datetime, number: int, chance: random.Random) -> UUID:
    """A UUID of version 7 of that time, so that the order of ids is the order of making."""
    milliseconds = int(made_at.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 7 << 76 | (number & 0xFFF) << 64 | 2 << 62 | chance.getrandbits(62))
