"""Memory (PSS) of all processes together while nothing is made, before and after the model is loaded."""

import subprocess
import time
import urllib.request
from pathlib import Path

from bench import studio
from bench.client import Browser
from bench.report import Line, tell

SETTLE = 5.0


def main() -> None:
    with studio.running() as (process, address, _):
        for _ in range(20):
            urllib.request.urlopen(f"{address}/accounts/login/").read()
        time.sleep(SETTLE)
        idle = pss(process)
        browser = Browser(address)
        browser.sign_up()
        browser.make_one()
        loaded = pss(process)
    tell(
        Line(
            "Memory of all processes (PSS), model not loaded",
            f"{sum(idle.values()):.0f} MB",
            "under 250 MB",
            ", ".join(f"{name} {size:.0f}" for name, size in idle.items()),
        ),
        Line("... after the first picture (256 x 256)", f"{sum(loaded.values()):.0f} MB"),
    )


def pss(process: subprocess.Popen[bytes]) -> dict[str, float]:
    """Megabytes by what the process is: supervisor, web, worker. `make` and its shell are left out."""
    sizes: dict[str, float] = {}
    for pid in family(process.pid):
        command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        name = next((label for label, word in NAMES.items() if word in command), None)
        if name:
            sizes[name] = sizes.get(name, 0) + kilobytes(pid) / 1000
    return sizes


NAMES = {"web": "uvicorn", "worker": "celery", "supervisor": "common.supervisor"}


def family(pid: int) -> list[int]:
    """A process and all below it."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(child): int(parent) for child, parent in map(str.split, listed.splitlines())}
    below, found = [pid], []
    while below:
        found.append(below.pop())
        below += [child for child, parent in parents.items() if parent == found[-1]]
    return found


def kilobytes(pid: int) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) * 1024 // 1000 for line in rollup.splitlines() if line.startswith("Pss:"))


if __name__ == "__main__":
    main()
