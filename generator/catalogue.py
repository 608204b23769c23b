"""Bring the shipped catalogue into the database without undoing what curators changed."""

import logging
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from generator.backends.builtin import files
from generator.models import AIModel, FallbackLink, Style

SHIPPED = Path(__file__).with_name("catalogue.toml")
CHAIN = "fallbacks"
log = logging.getLogger(__name__)


@transaction.atomic
def sync() -> int:
    """Add new entries; update a field, or a chain, only where it still is as it shipped. How many rows changed."""
    shipped = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    before = {model.slug: model.shipped.get(CHAIN, []) for model in AIModel.objects.all()}
    models, changed_models = _sync_rows(AIModel, [_with_revision(entry) for entry in shipped["models"]])
    _, changed_styles = _sync_rows(Style, shipped["styles"])
    _sync_chains(shipped["models"], models, before)
    return changed_models + changed_styles


def chain(model: AIModel) -> list[FallbackLink]:
    """The links of a model, in their order."""
    return list(model.links.select_related("next").order_by("position", "pk"))


def number_chain(model: AIModel) -> None:
    """Number the links of a chain 1, 2, 3 in their order; those without a number come last."""
    links = sorted(chain(model), key=lambda link: (not link.position, link.position))
    for position, link in enumerate(links, start=1):
        if link.position != position:
            FallbackLink.objects.filter(pk=link.pk).update(position=position)


def _with_revision(entry: dict[str, Any]) -> dict[str, Any]:
    """The built-in model's revision is that of the files beside it, not one that somebody writes down."""
    return {**entry, "revision": files.revision()} if entry["backend"] == "builtin" else entry


def _sync_rows(kind: type[AIModel] | type[Style], entries: list[dict[str, Any]]) -> tuple[dict[str, Any], int]:
    """The rows by the slug they shipped with, and how many changed."""
    rows: dict[str, Any] = {row.slug: row for row in kind._default_manager.all()}
    by_repository = {row.repo_id: row for row in rows.values() if isinstance(row, AIModel)}
    new, changed = [], 0
    for position, entry in enumerate(entries, start=1):
        slug, values = entry["slug"], {"position": position, **entry}
        if slug in rows:
            changed += _follow(rows[slug], values)
        elif entry.get("repo_id") in by_repository:
            rows[slug] = by_repository[entry["repo_id"]]  # a curator's own entry stands for ours
        else:
            rows[slug] = kind(**_fields(values), shipped=values)
            new.append(rows[slug])
    if any(row.is_default for row in new if isinstance(row, AIModel)) and AIModel.objects.filter(is_default=True):
        for row in new:
            row.is_default = False
    kind._default_manager.bulk_create(new)
    return rows, changed + len(new)


def _follow(row: Any, values: dict[str, Any]) -> bool:
    """Take over what shipped anew, where nobody changed it; whether there was anything new."""
    if row.shipped == values:
        return False
    fields = _fields(values)
    untouched = [name for name in fields if name not in row.shipped or getattr(row, name) == row.shipped[name]]
    for name in untouched:
        setattr(row, name, fields[name])
    row.shipped = values
    row.save(update_fields=[*untouched, "shipped"])
    return True


def _fields(values: dict[str, Any]) -> dict[str, Any]:
    """What a row has columns for."""
    return {name: value for name, value in values.items() if name != CHAIN}


def _sync_chains(entries: list[dict[str, Any]], models: dict[str, AIModel], before: dict[str, list[str]]) -> None:
    now: dict[UUID, list[str]] = defaultdict(list)
    for link in FallbackLink.objects.select_related("next").order_by("position", "pk"):
        now[link.model_id].append(link.next.slug)
    changed: dict[UUID, list[str]] = {}
    by_slug = {model.slug: model for model in models.values()}
    for entry in entries:
        model, wanted = models[entry["slug"]], _known(entry.get(CHAIN, []), models, of=entry["slug"])
        was = [slug for slug in before.get(model.slug, []) if slug in models]
        if wanted != now[model.pk] == was:
            changed[model.pk] = wanted
    FallbackLink.objects.filter(model__in=changed).delete()
    FallbackLink.objects.bulk_create(
        FallbackLink(model_id=model_id, next=by_slug[slug], position=position)
        for model_id, slugs in changed.items()
        for position, slug in enumerate(slugs, start=1)
    )


def _known(slugs: list[str], models: dict[str, AIModel], *, of: str) -> list[str]:
    for slug in slugs:
        if slug not in models:
            log.error("The chain of %s names %s, which is not in the catalogue", of, slug)
    return [models[slug].slug for slug in slugs if slug in models]
