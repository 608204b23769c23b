import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.params import InvalidParams, Limits, Params, adapt, check, fit

LIMITS = Limits(
    modes=("text-to-image", "image-to-image"),
    max_side=512,
    size_step=32,
    default_width=256,
    default_height=256,
    parameters={
        "steps": {"min": 5, "max": 60, "step": 1, "default": 25},
        "guidance": {"min": 1, "max": 15, "step": 0.5, "default": 6.0},
        "scheduler": {"choices": ["dpmpp_2m", "ddim"], "default": "dpmpp_2m"},
        "strength": {"min": 0, "max": 1, "default": 0.6},
        "negative_prompt": {"default": ""},
    },
)
FAST = Limits(("text-to-image",), 1024, 16, 1024, 1024, {"steps": {"min": 1, "max": 4, "default": 4}})


def problems(limits: Limits = LIMITS, source: tuple[int, int] | None = None, **wishes: Any) -> dict[str, str]:
    with pytest.raises(InvalidParams) as refused:
        check(Params(**{"prompt": "a red mug", **wishes}), limits, source_size=source)
    return {name: code for name, code, _ in refused.value.problems}


def test_what_was_not_said_is_completed_with_the_defaults() -> None:
    params = check(Params(prompt="a red mug"), LIMITS)

    assert (params.mode, params.width, params.height) == ("text-to-image", 256, 256)
    assert (params.steps, params.guidance, params.scheduler, params.strength) == (25, 6.0, "dpmpp_2m", None)
    assert params.negative_prompt == ""


@pytest.mark.parametrize(
    ("wishes", "field", "code"),
    [
        ({"prompt": ""}, "prompt", "required"),
        ({"prompt": " \n\t "}, "prompt", "required"),
        ({"prompt": "x" * 1001}, "prompt", "too_long"),
        ({"prompt": "a\x00mug"}, "prompt", "control_characters"),
        ({"prompt": "a\x1b[31mmug"}, "prompt", "control_characters"),
        ({"prompt": "a\ud800mug"}, "prompt", "control_characters"),
        ({"negative_prompt": "x" * 1001}, "negative_prompt", "too_long"),
        ({"steps": 4}, "steps", "out_of_range"),
        ({"steps": 61}, "steps", "out_of_range"),
        ({"guidance": math.nan}, "guidance", "out_of_range"),
        ({"guidance": math.inf}, "guidance", "out_of_range"),
        ({"scheduler": "euler"}, "scheduler", "not_a_choice"),
        ({"seed": -1}, "seed", "out_of_range"),
        ({"seed": 2**32}, "seed", "out_of_range"),
        ({"images": 0}, "images", "out_of_range"),
        ({"images": 5}, "images", "out_of_range"),
        ({"width": 250, "height": 256}, "width", "size"),
        ({"width": 256, "height": 544}, "height", "size"),
        ({"width": 32, "height": 256}, "width", "size"),
        ({"width": 256}, "height", "both_sides"),
        ({"strength": 0.5}, "strength", "not_taken"),
        ({"mode": "inpaint"}, "mode", "not_a_choice"),
        ({"mode": "image-to-image"}, "source_image", "source_needed"),
    ],
)
def test_each_broken_rule_is_named_on_its_field(wishes: dict[str, Any], field: str, code: str) -> None:
    assert problems(**wishes) == {field: code}


def test_every_broken_rule_is_told_at_once() -> None:
    assert problems(prompt="", steps=1, seed=-1) == {
        "prompt": "required",
        "steps": "out_of_range",
        "seed": "out_of_range",
    }


@pytest.mark.parametrize("name", ["guidance", "scheduler", "negative_prompt", "strength"])
def test_what_a_model_does_not_take_is_refused(name: str) -> None:
    value = {"guidance": 3.0, "scheduler": "ddim", "negative_prompt": "blurry", "strength": 0.5}[name]

    assert problems(FAST, **{name: value}) == {name: "not_taken"}


def test_a_source_needs_a_model_that_takes_one() -> None:
    assert problems(FAST, source=(300, 500)) == {"mode": "mode_not_taken"}


def test_a_source_and_text_to_image_do_not_go_together() -> None:
    assert problems(mode="text-to-image", source=(300, 500)) == {"source_image": "source_not_taken"}


@pytest.mark.parametrize("prompt", ["🙂🚀", "قطة حمراء", "a\nred\tmug", "x" * 1000, "«tasse»"])
def test_all_other_text_is_welcome_and_left_as_it_is(prompt: str) -> None:
    assert check(Params(prompt=prompt), LIMITS).prompt == prompt


@pytest.mark.parametrize(
    ("source", "size"),
    [((300, 500), (288, 512)), ((4000, 3000), (512, 384)), ((256, 256), (256, 256)), ((10, 3000), (64, 512))],
)
def test_a_source_lends_its_shape(source: tuple[int, int], size: tuple[int, int]) -> None:
    params = check(Params(prompt="a red mug"), LIMITS, source_size=source)

    assert (params.mode, params.width, params.height) == ("image-to-image", *size)


@given(st.integers(1, 20_000), st.integers(1, 20_000), st.sampled_from([8, 16, 32, 64]))
def test_a_fitted_size_is_always_one_that_the_model_takes(width: int, height: int, step: int) -> None:
    for side in fit(width, height, largest=512, step=step):
        assert 64 <= side <= 512
        assert side % step == 0


class TestAdapt:
    SCHNELL = Limits(("text-to-image",), 1440, 16, 1024, 1024, {"steps": {"min": 1, "max": 4, "default": 4}})
    QWEN = Limits(
        ("text-to-image",),
        1664,
        16,
        1328,
        1328,
        {
            "negative_prompt": {"default": ""},
            "steps": {"min": 2, "max": 50, "default": 30},
            "guidance": {"min": 0, "max": 20, "default": 2.5},
        },
    )

    def test_what_was_only_the_default_becomes_the_other_default(self) -> None:
        wish = check(Params(prompt="a mug"), self.SCHNELL)

        told, changed = adapt(wish, of=self.SCHNELL, to=self.QWEN)

        assert (told.steps, told.guidance, told.width, changed) == (30, 2.5, 1024, ())

    def test_what_was_asked_moves_to_the_nearest_value_or_is_left_out(self) -> None:
        wish = check(Params(prompt="a mug", steps=20, guidance=9, negative_prompt="fog"), self.QWEN)

        told, changed = adapt(wish, of=self.QWEN, to=self.SCHNELL)

        assert (told.steps, told.guidance, told.negative_prompt) == (4, None, None)
        assert set(changed) == {"steps", "guidance", "negative_prompt"}

    @pytest.mark.parametrize("size", [(1440, 1440), (1024, 768), (1000, 1048), (64, 1440)])
    @pytest.mark.parametrize("to", [(512, 32), (1440, 16), (1024, 64)])
    def test_a_size_keeps_its_shape_and_never_grows(self, size: tuple[int, int], to: tuple[int, int]) -> None:
        of = Limits(("text-to-image",), 1440, 8, 1024, 1024)
        limits = Limits(("text-to-image",), to[0], to[1], 512, 512)
        wish = check(Params(prompt="a mug", width=size[0], height=size[1]), of)

        told, _ = adapt(wish, of=of, to=limits)

        assert told.width * told.height <= max(size[0] * size[1], 64 * to[0])
        assert check(replace(told, model=None), limits) == told
