"""Many pictures as one ZIP, written while it is sent: whatever their number, one of them is in memory.

Its bytes come from an asynchronous iterator: under ASGI a synchronous one is collected before the first byte is sent.
"""

import asyncio
import json
import logging
import stat
import threading
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db.models import Sum
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from stream_zip import NO_COMPRESSION_32, NO_COMPRESSION_64, Method, stream_zip

from accounts import throttling
from accounts.models import User
from common.database import release_connection
from common.errors import DomainError
from common.storages import failures
from gallery import export, queries
from gallery.models import Image

IMAGES_MAX = 10_000
AT_ONCE = 4
AT_ONCE_EACH = 2
PLACE_KEPT = 60 * 60
"""Seconds after which a place is given to others, however slowly it is read."""
BATCH = 100
CHUNK = 256 * 1024
OLD_ZIP_MAX = 3 * 2**30
"""Bytes of pictures up to which the archive is written so that every program reads it."""
RETRY_AFTER = 30
MODE = stat.S_IFREG | 0o644
MISSING = "MISSING.txt"
Entry = tuple[str, datetime, int, Method, Iterable[bytes]]
log = logging.getLogger(__name__)


class ArchivesBusy(DomainError):
    """This process sends as many archives as it can, or as many to this person as to one. `retry_after` in seconds."""

    code = "archives_busy"
    status = 503

    def __init__(self) -> None:
        super().__init__(extra={"retry_after": RETRY_AFTER}, seconds=RETRY_AFTER)


class TooMuch(DomainError):
    """More pictures than one archive holds."""

    code = "archive_too_large"
    status = 422


def response(
    request: Any, ids: Sequence[UUID], *, user: User, name: str, recipes: bool = True
) -> StreamingHttpResponse:
    """The pictures of these ids in this order, which somebody was let through to, as `name`.zip.

    Beside each picture that was made here lies its recipe as JSON; without `recipes` no file has one.
    Raises `RateLimited` beyond 10 a minute, `TooMuch` beyond 10,000 pictures, `ArchivesBusy` while four are sent, or
    two to this person.
    """
    throttling.spend(request, user=user, kind="archive")
    if len(ids) > IMAGES_MAX:
        raise TooMuch(most=IMAGES_MAX)
    size = Image.objects.filter(pk__in=ids).aggregate(size=Sum("bytes"))["size"] or 0
    words = _("The files of these pictures could not be read, so they are not in the archive:")
    answer = StreamingHttpResponse(
        Archive(ids, who=user.pk, size=size, recipes=recipes, words=words), content_type="application/zip"
    )
    stem = slugify(name, allow_unicode=True)[: queries.NAME_LENGTH].strip("-_")
    answer["Content-Disposition"] = content_disposition_header(True, f"{stem or 'pictures'}.zip")
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


class Places:
    """Who is sent archives by this process just now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.taken: Counter[UUID] = Counter()

    def take(self, who: UUID) -> None:
        """Raises `ArchivesBusy`."""
        with self._lock:
            if self.taken.total() >= AT_ONCE or self.taken[who] >= AT_ONCE_EACH:
                raise ArchivesBusy
            self.taken[who] += 1

    def leave(self, who: UUID) -> None:
        with self._lock:
            self.taken[who] -= 1
            self.taken += Counter()


places = Places()


class Archive:
    """The bytes of one ZIP, and its place among the four that a process sends, until it is sent, closed or forgotten.

    No database connection is held while bytes flow.
    """

    def __init__(self, ids: Sequence[UUID], *, who: UUID, size: int, recipes: bool, words: str) -> None:
        places.take(who)
        self.close = weakref.finalize(self, places.leave, who)
        self._ids, self._recipes, self._words = list(ids), recipes, words
        self._method = NO_COMPRESSION_32 if size < OLD_ZIP_MAX else NO_COMPRESSION_64

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = iter(stream_zip(self._entries(), chunk_size=CHUNK))
        read_on = sync_to_async(_chunk)
        long_enough = asyncio.get_running_loop().call_later(PLACE_KEPT, self.close)
        try:
            while chunk := await read_on(chunks):
                yield chunk
        finally:
            long_enough.cancel()
            self.close()

    def _entries(self) -> Iterator[Entry]:
        missing = []
        digits = max(3, len(str(len(self._ids))))
        for number, image in enumerate(_rows(self._ids), start=1):
            stem, _dot, extension = queries.filename(image, with_recipe=self._recipes).rpartition(".")
            name = f"{number:0{digits}}-{stem}"
            content = _content(image, with_recipe=self._recipes)
            if content is None:
                missing.append(f"{name}.{extension}")
                continue
            yield self._entry(f"{name}.{extension}", image.created_at, content)
            if self._recipes and image.recipe is not None:
                recipe = json.dumps(image.recipe, ensure_ascii=False, indent=2)
                yield self._entry(f"{name}.json", image.created_at, recipe.encode())
        if missing:
            yield self._entry(MISSING, timezone.now(), "\n".join([self._words, *missing, ""]).encode())

    def _entry(self, name: str, at: datetime, content: bytes) -> Entry:
        return name, at, MODE, self._method, (content,)


def _chunk(chunks: Iterator[bytes]) -> bytes:
    return next(chunks, b"")


def _rows(ids: Sequence[UUID]) -> Iterator[Image]:
    """The images that are still there, in this order; a connection is held only while a hundred are read."""
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        rows = Image.objects.in_bulk(batch)
        release_connection()
        yield from (rows[pk] for pk in batch if pk in rows)


def _content(image: Image, *, with_recipe: bool) -> bytes | None:
    try:
        return export.content(image, image.format, with_recipe=with_recipe)
    except failures():
        log.warning("The bytes of image %s could not be read for an archive", image.pk)
        return None
