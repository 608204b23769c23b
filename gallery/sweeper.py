"""Empties old trash, removes old collections and bytes that no row names, gives old pictures their placeholders."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from common import pictures
from common.storages import failures
from gallery import storage
from gallery.models import THUMBNAIL_SIZES, Collection, Image

TRASH_KEPT = timedelta(days=30)
STRAYS_KEPT = timedelta(days=1)
BATCH = 500
PLACEHOLDERS = 200
WITHOUT_LIKENESS = " "
"""The placeholder of a picture whose thumbnail is gone or damaged: not asked for again, and not shown."""
log = logging.getLogger(__name__)


def empty_trash() -> int:
    """Delete what lay in the trash for 30 days, rows before bytes; how many images that were."""
    before = timezone.now() - TRASH_KEPT
    old = Image.objects.filter(deleted_at__lt=before).order_by("pk").values_list("pk", flat=True)
    removed = 0
    while batch := list(old[:BATCH]):
        removed += sum(_remove(pk, before) for pk in batch)
    return removed


def remove_collections() -> int:
    """Delete collections that were thrown away 30 days ago, and no image; how many collections that were."""
    old = Collection.objects.filter(deleted_at__lt=timezone.now() - TRASH_KEPT)
    return sum(each.delete()[1].get("gallery.Collection", 0) for each in old.only("pk")[:BATCH])


def remove_strays() -> int:
    """Delete stored files older than a day that no image names; how many files that were.

    Only files named as ours are looked at: whatever else lies in the storage stays.
    """
    before = timezone.now() - STRAYS_KEPT
    ours = _our_files()
    removed = 0
    while batch := dict(islice(ours, BATCH)):
        known = set(Image.objects.filter(pk__in=set(batch.values())).values_list("pk", flat=True))
        removed += sum(_remove_stray(path, before) for path, pk in batch.items() if pk not in known)
    return removed


def fill_placeholders() -> int:
    """Give pictures from before there were placeholders theirs, 200 at most; how many were looked at."""
    rows = list(Image.objects.filter(placeholder="").order_by("pk").only("path")[:PLACEHOLDERS])
    for image in rows:
        likeness = _likeness(image)
        if likeness is not None:
            Image.objects.filter(pk=image.pk, placeholder="").update(placeholder=likeness)
    return len(rows)


def _likeness(image: Image) -> str | None:
    """Its placeholder, from the smallest thumbnail; None while the storage does not answer."""
    try:
        content = storage.read(image, min(THUMBNAIL_SIZES))
        return pictures.placeholder(pictures.decode(content, max_pixels=storage.MADE_MAX_PIXELS))
    except (FileNotFoundError, pictures.NotAPicture):
        return WITHOUT_LIKENESS
    except failures():
        log.warning("A thumbnail could not be read; the next sweep tries again")
        return None


def _remove(pk: UUID, before: datetime) -> bool:
    with transaction.atomic():
        image = Image.objects.select_for_update().filter(pk=pk, deleted_at__lt=before).first()
        if image is None:
            return False
        image.delete()
    storage.forget(image.path)
    return True


def _our_files() -> Iterator[tuple[str, UUID]]:
    """Every stored file that is named as one of ours, with the id of its image."""
    for owner in _listed("")[0]:
        if _as_id(owner) is None:
            continue
        for name in _listed(owner)[1]:
            if image_id := _as_id(name.partition(".")[0]):
                yield f"{owner}/{name}", image_id


def _listed(folder: str) -> tuple[list[str], list[str]]:
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []


def _as_id(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


def _remove_stray(path: str, before: datetime) -> bool:
    try:
        if default_storage.get_modified_time(path) >= before:
            return False
        default_storage.delete(path)
    except failures():
        log.warning("A stray file could not be removed; the next sweep tries again")
        return False
    return True
