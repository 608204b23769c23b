"""One measured line, and how the lines become the table of docs/performance.md."""

import json
import os
import platform
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"


@dataclass(frozen=True)
class Line:
    """One row: what was measured, its value with its unit, the aim, and what one should know beside it."""

    what: str
    measured: str
    aim: str = ""
    note: str = ""


def tell(*lines: Line) -> None:
    """Hand the lines to `python -m bench`, which collects them from stdout."""
    for line in lines:
        print(json.dumps(asdict(line)), flush=True)


def read(output: str) -> list[Line]:
    """The lines that a script told."""
    return [Line(**json.loads(line)) for line in output.splitlines() if line.startswith("{")]


def write(measured: dict[str, list[Line]]) -> None:
    """Replace the block between the markers of the document."""
    rows = [
        f"| {line.what} | {line.measured} | {line.aim} | {line.note} | `bench/{script}.py` |"
        for script, lines in measured.items()
        for line in lines
    ]
    table = ["| what | measured | aim | note | script |", "|---|---|---|---|---|", *rows]
    text = DOCUMENT.read_text()
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    DOCUMENT.write_text("\n".join([before + BEGIN, machine(), "", *table, END + after]))


def machine() -> str:
    """One sentence about where and when this was measured."""
    today = datetime.now(UTC).strftime("%d %B %Y").lstrip("0")
    load = os.getloadavg()[0]
    return (
        f"Measured on {today}: {os.cpu_count()} cores ({_processor()}), {platform.system()}, "
        f"Python {sys.version.split()[0]}, SQLite where a line names no other database; load when it ended {load:.1f}."
    )


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()
