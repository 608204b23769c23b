import dataclasses
from typing import Any

import pytest

from generator.backends.huggingface import providers
from generator.limits import PROVIDERS, faults, keeping_faults
from generator.models import AIModel
from generator.params import Limits

SOUND = Limits(
    modes=("text-to-image",),
    max_side=512,
    size_step=32,
    default_width=256,
    default_height=256,
    parameters={"steps": {"min": 5, "max": 60, "default": 25}},
)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"modes": []}, "modes"),
        ({"modes": ["inpaint"]}, "modes"),
        ({"size_step": 0}, "size_step"),
        ({"max_side": 0}, "max_side"),
        ({"default_width": 250}, "default_width"),
        ({"default_height": 1024}, "default_height"),
        ({"parameters": []}, "parameters"),
        ({"parameters": {"steps": {}}}, "parameters"),
        ({"parameters": {"steps": {"min": 1, "max": 500, "default": 25}}}, "parameters"),
        ({"parameters": {"steps": {"min": 1, "max": 50, "default": 2.5}}}, "parameters"),
        ({"parameters": {"guidance": {"min": 5, "max": 1, "default": 3}}}, "parameters"),
        ({"parameters": {"scheduler": {"choices": ["euler"], "default": "euler"}}}, "parameters"),
        ({"parameters": {"scheduler": {"choices": ["ddim"], "default": "euler_a"}}}, "parameters"),
        ({"parameters": {"sampler": {"default": "ddim"}}}, "parameters"),
    ],
)
def test_an_entry_that_would_break_a_submit_is_named(change: dict[str, Any], field: str) -> None:
    assert [name for name, _, _ in faults(dataclasses.replace(SOUND, **change))] == [field]


def test_what_we_ship_is_sound(shipped: None) -> None:
    for model in AIModel.objects.all():
        model.full_clean(exclude=[] if model.parameters else ["parameters"])


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"specialties": ["cats"]}, "specialties", "not_among"),
        ({"providers": ["fal-ai", "nebius"]}, "providers", "not_among"),
        ({"providers": ["fal-ai", "fal-ai"]}, "providers", "named_twice"),
        ({"providers": "fal-ai"}, "providers", "not_among"),
        ({"time_limit": 29}, "time_limit", "out_of_range"),
        ({"time_limit": 301}, "time_limit", "out_of_range"),
        ({"revision": "main; rm"}, "revision", "revision_wrong"),
        ({"repo_id": "flux"}, "repo_id", "repo_id_wrong"),
        ({"repo_id": "flux", "is_remote": False}, "repo_id", None),
        ({"providers": ["fal-ai", "hf-inference"], "time_limit": 30, "revision": "refs/pr/1"}, "", None),
    ],
)
def test_what_else_a_curator_may_write(change: dict[str, Any], field: str, code: str | None) -> None:
    sound: dict[str, Any] = {"specialties": [], "providers": [], "time_limit": None, "revision": ""}

    found = keeping_faults(**{**sound, "repo_id": "owner/name", "is_remote": True, **change})

    assert [(name, found_code) for name, found_code, _ in found] == ([(field, code)] if code else [])


def test_the_known_providers_are_those_that_can_be_called() -> None:
    assert set(PROVIDERS) == set(providers.PROVIDERS)
