"""Seconds per built-in picture, against the bare model in the same run, and what the product adds to it."""

import time
from statistics import median
from typing import Any

from bench import studio
from bench.report import Line, tell
from bench.timed import Timed

TIMES = 7
SIDES = (256, 512)
PROMPT = "a red mug on a yellow background, studio lighting"


def main() -> None:
    studio.inside()
    from generator import backends

    backends.BACKENDS["builtin"] = "bench.timed.Timed"
    user = somebody()
    for side in SIDES:
        bare_once(side), product_once(user, side)
        pairs = [(bare_once(side), product_once(user, side)) for _ in range(TIMES)]
        bare = median(pair[0] for pair in pairs)
        whole, after_step, after_answer = (median(pair[1][part] for pair in pairs) for part in range(3))
        tell(
            Line(
                f"A built-in picture, {side} x {side}, 25 steps",
                f"{whole:.2f} s",
                "",
                f"the whole turn of a worker; the bare model alone {bare:.2f} s; median of {TIMES}, alternating",
            ),
            Line(
                f"... from the last step to the committed image, {side} x {side}",
                f"{after_step:.2f} s",
                "under 0.3 s",
                f"the model's decoder {after_step - after_answer:.2f} s, then marks, thumbnails, files and rows "
                f"{after_answer:.2f} s; the page asks every 0.5 s",
            ),
        )


def somebody() -> Any:
    from accounts.models import Plan, User

    return User.objects.create_user("bench@example.org", "a fine pass phrase", plan=Plan.objects.get(slug="enterprise"))


def bare_once(side: int) -> float:
    """Seconds of the model without the product around it."""
    from generator.backends.builtin import pipeline

    model = pipeline.shared()
    began = time.perf_counter()
    painted = model.paint(
        prompt=PROMPT, negative_prompt="", size=(side, side), steps=25, guidance=6.0, scheduler="dpmpp_2m", seed=42,
        source=None, strength=1.0, on_step=lambda step, steps: None,
    )  # fmt: skip
    pipeline.as_png(painted)
    return time.perf_counter() - began


def product_once(user: Any, side: int) -> tuple[float, float, float]:
    """Seconds of a whole turn; from the last step to its end; from the model's answer to its end."""
    from generator import runner, services
    from generator.params import Params

    services.submit(user=user, params=Params(prompt=PROMPT, width=side, height=side, steps=25, seed=42))
    began = time.perf_counter()
    if not runner.take_turn("local"):
        raise RuntimeError("nothing was due")
    ended = time.perf_counter()
    return ended - began, ended - Timed.last_step, ended - Timed.answered


if __name__ == "__main__":
    main()
