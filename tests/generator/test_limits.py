import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import curators
from generator.limits import faults
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
        model.full_clean()


def test_a_curator_who_breaks_an_entry_is_told_and_nothing_is_kept(
    alice: User, client_of: Callable[[User], Client], shipped: None
) -> None:
    curators.make(email=alice.email)
    model = AIModel.objects.get(slug="builtin")
    address = f"/admin/generator/aimodel/{model.pk}/change/"
    alice.refresh_from_db()
    client = client_of(alice)
    form = client.get(address).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields}

    response = client.post(
        address,
        {**{name: value for name, value in sent.items() if value is not None}, "modes": '["inpaint"]', "plans": []},
    )

    assert response.status_code == 200
    assert "text-to-image, image-to-image" in response.content.decode()
    model.refresh_from_db()
    assert model.modes == ["text-to-image", "image-to-image"]
