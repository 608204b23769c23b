"""The gallery page at 10,000 images: the first page against the deepest."""

import time
from statistics import median
from typing import Any

from bench import studio
from bench.report import Line, tell

PICTURES = 10_000
TIMES = 15


def main() -> None:
    studio.inside()
    from gallery import queries

    user = somebody_with(PICTURES)
    client = studio.browser_of(user)
    last = queries.gallery(user, size=PICTURES - queries.PAGE_SIZE).older
    first_page, deepest_page = "/gallery/", f"/gallery/?cursor={last}"
    seconds: dict[str, list[float]] = {first_page: [], deepest_page: []}
    for _ in range(TIMES + 1):
        for address, times in seconds.items():
            times.append(seconds_of(client, address))
    first, deepest = (1000 * median(times[1:]) for times in seconds.values())
    tell(
        Line(
            f"The gallery at {PICTURES:,} images, first page against deepest",
            f"{first:.0f} ms, {deepest:.0f} ms",
            "the same",
            f"median of {TIMES}, alternating; ratio {deepest / first:.2f}",
        )
    )


def seconds_of(client: Any, address: str) -> float:
    began = time.perf_counter()
    answer = client.get(address)
    if answer.status_code != 200 or b"/thumbnail/" not in answer.content:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return time.perf_counter() - began


def somebody_with(pictures: int) -> Any:
    """Somebody on the largest plan, with so many rows of pictures (no files)."""
    from accounts.models import Plan, User
    from gallery.models import Image

    user = User.objects.create_user("many@example.org", "a fine pass phrase", plan=Plan.objects.get(slug="enterprise"))
    recipe = {"version": 1, "prompt": "a red mug", "model": "builtin", "seed": 42, "steps": 25}
    Image.objects.bulk_create(
        (
            Image(owner=user, origin="generated", path=f"{user.pk}/{number}.png", format="png", bytes=9000,
                  width=256, height=256, digest=f"{number:064x}", recipe=recipe)
            for number in range(pictures)
        ),
        batch_size=500,
    )  # fmt: skip
    return user


if __name__ == "__main__":
    main()
