"""Bring the shipped catalogue into the database without undoing what curators changed."""

import tomllib
from pathlib import Path
from typing import Any

from django.db import transaction

from generator.models import AIModel, Style

SHIPPED = Path(__file__).with_name("catalogue.toml")


@transaction.atomic
def sync() -> int:
    """Add new entries; update a field only where it still holds the value it shipped with. How many rows changed."""
    shipped = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    changed = 0
    for kind, entries in ((AIModel, shipped["models"]), (Style, shipped["styles"])):
        rows = {row.slug: row for row in kind.objects.all()}
        for position, entry in enumerate(entries, start=1):
            values = {"position": position, **entry}
            changed += _sync_one(kind, rows.get(entry["slug"]), values)
    return changed


def _sync_one(kind: type[AIModel] | type[Style], row: Any, values: dict[str, Any]) -> bool:
    if row is None:
        if values.get("is_default") and AIModel.objects.filter(is_default=True).exists():
            values = {**values, "is_default": False}
        kind.objects.create(**values, shipped=values)
        return True
    if row.shipped == values:
        return False
    untouched = [name for name in values if name not in row.shipped or getattr(row, name) == row.shipped[name]]
    for name in untouched:
        setattr(row, name, values[name])
    row.shipped = values
    row.save(update_fields=[*untouched, "shipped"])
    return True
