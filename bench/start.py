"""Seconds from `make run` on a prepared checkout to the first answered page."""

from statistics import median

from bench import studio
from bench.report import Line, tell

TIMES = 5


def main() -> None:
    with studio.running() as (_, _, first):
        pass
    later = []
    for _ in range(TIMES):
        with studio.running() as (_, _, seconds):
            later.append(seconds)
    tell(
        Line(
            "`make run` on a prepared checkout to the first page",
            f"{median(later):.1f} s",
            "under 3 s",
            f"median of {TIMES}; with an empty `DATA_DIR` (tables, catalogue, static files) {first:.1f} s",
        )
    )


if __name__ == "__main__":
    main()
