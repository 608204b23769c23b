"""Lists of prompts as their pages and their result file show them: values, read once."""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse

from accounts.models import User
from accounts.queries import usage
from common.sentences import say
from gallery.models import Image
from generator import forecast, pages, queries
from generator.models import Batch, BatchLine, Generation
from generator.params import IMAGES_MAX

PROBLEM, WAITING = "problem", "waiting"
HEADER = ("line", "prompt", "status", "images", "addresses", "sentence")
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
EXAMPLE = (
    ("prompt", "negative_prompt", "width", "height", "steps", "guidance", "seed", "images"),
    ("a red mug on a yellow background, studio lighting", "", "", "", "", "", "", "1"),
    ("a white boat at sunset", "", "512", "512", "25", "6.5", "42", "1"),
    ("a brown dog on the grass", "blurry", "", "", "", "", "7", "2"),
)


@dataclass(frozen=True)
class Entry:
    """One line and what became of it: `state` is problem, waiting, or the status of its generation.

    `images` are its pictures in the gallery, `trashed` says how many lie in the trash.
    """

    line: BatchLine
    state: str
    job: pages.Job | None
    images: list[Image]
    trashed: int = 0

    @property
    def prompt(self) -> str:
        return str(self.line.wish["prompt"])

    @property
    def made(self) -> int:
        """How many pictures were made, whatever became of them."""
        there = len(self.images) + self.trashed
        return max(there, _told_made(self.job.generation)) if self.job else there

    @property
    def gone(self) -> int:
        """How many of them were deleted for good."""
        return self.made - len(self.images) - self.trashed

    @property
    def settings(self) -> list[tuple[str, Any]]:
        """What the line says beside its prompt."""
        return [(name, value) for name, value in self.line.wish.items() if name != "prompt"]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """The column and the sentence of each problem, in the active language."""
        return [(name, say(code, **arguments)) for name, code, arguments in self.line.problems]

    @property
    def sentence(self) -> str:
        if self.state == PROBLEM:
            return " ".join(f"{name}: {words}" if name else words for name, words in self.problems)
        return self.job.sentence if self.job else ""


@dataclass(frozen=True)
class Sheet:
    """A list with its lines. `cost` are the images of those that wait to be queued, `left` is today's quota (None:
    no limit)."""

    batch: Batch
    entries: list[Entry]
    cost: int
    left: int | None

    @property
    def count(self) -> Counter[str]:
        """How many lines are in each state."""
        return Counter(entry.state for entry in self.entries)

    @property
    def waiting(self) -> int:
        return self.count[WAITING]

    @property
    def wrong(self) -> int:
        return self.count[PROBLEM]

    @property
    def right(self) -> int:
        """How many lines have no problem."""
        return len(self.entries) - self.wrong

    @property
    def open(self) -> int:
        return self.count[Generation.Status.QUEUED] + self.count[Generation.Status.RUNNING]

    @property
    def failed(self) -> int:
        return self.count[Generation.Status.FAILED]

    @property
    def begun(self) -> int:
        """How many lines were queued, whatever became of them."""
        return len(self.entries) - self.waiting - self.wrong

    @property
    def ended(self) -> int:
        """How many lines came to their end."""
        return self.begun - self.open

    @property
    def made(self) -> int:
        """How many pictures were made, whatever became of them."""
        return sum(entry.made for entry in self.entries)


def batches(user: User) -> QuerySet[Batch]:
    """Somebody's lists, newest first, each with how many lines it has, wait to be queued and are being made."""
    waiting = Q(lines__generation=None, lines__problems=[])
    unfinished = Q(lines__generation__isnull=False, lines__generation__finished_at=None)
    counted = user.batches.filter(deleted_at=None).annotate(
        all=Count("lines"), waiting=Count("lines", filter=waiting), open=Count("lines", filter=unfinished)
    )
    return counted.order_by("-created_at", "-pk")


def sheet(batch: Batch, user: User) -> Sheet:
    """One list with what became of each line."""
    generations = forecast.with_queue(Generation.objects.select_related("model", "source"))
    rows = batch.lines.order_by("number").prefetch_related(
        Prefetch("generation", generations.prefetch_related("outputs__image"))
    )
    entries = [_entry(line) for line in rows]
    cost = sum(_images(entry.line) for entry in entries if entry.state == WAITING)
    return Sheet(batch, entries, cost, usage(user).left)


def results(of: Sheet) -> str:
    """The sheet as CSV for a spreadsheet, which takes no cell for a formula."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(HEADER)
    for entry in of.entries:
        ids = [str(image.pk) for image in entry.images]
        pages_of = [queries.absolute(reverse("image", args=[one])) for one in ids]
        row = (str(entry.line.number), entry.prompt, entry.state, " ".join(ids), " ".join(pages_of), entry.sentence)
        writer.writerow([_harmless(cell) for cell in row])
    return file.getvalue()


def example() -> str:
    """A file to begin with."""
    file = io.StringIO()
    csv.writer(file).writerows(EXAMPLE)
    return file.getvalue()


def _entry(line: BatchLine) -> Entry:
    generation = line.generation
    if generation is None:
        return Entry(line, PROBLEM if line.problems else WAITING, None, [])
    images = [output.image for output in queries.outputs(generation) if output.image]
    kept = [image for image in images if not image.deleted_at]
    return Entry(line, str(generation.status), pages.job(generation), kept, len(images) - len(kept))


def _told_made(generation: Generation) -> int:
    """How many pictures a generation says it made; 0 where it does not say."""
    if generation.status != Generation.Status.SUCCEEDED:
        return 0
    partly = [each["arguments"]["made"] for each in generation.notice or [] if each["code"] == "partly"]
    return int(next(iter(partly), generation.images))


def _images(line: BatchLine) -> int:
    return min(int(line.wish.get("images", 1)), IMAGES_MAX)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(BEGINS_A_FORMULA) else cell
