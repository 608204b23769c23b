"""Checks of models: real calls that cost a picture, look-ups that cost nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import ServerSpending, Usage
from accounts.services.huggingface import spend_server_picture
from generator import backends, checking, health, tasks
from generator.models import AIModel, Attempt
from tests.fakes import Broken, Painter
from tests.hf import hf as hf
from tests.hf_server import HFServer

KREA = "black-forest-labs/FLUX.1-Krea-dev"


@pytest.fixture
def model(shipped: None) -> AIModel:
    return AIModel.objects.get(slug="flux-1-schnell")


def checked(model: AIModel) -> AIModel:
    checking.begin(model)
    tasks.check_model(model_id=str(model.pk))
    model.refresh_from_db()
    return model


def spent() -> int:
    return sum(ServerSpending.objects.values_list("images", flat=True))


def test_a_check_makes_a_small_picture_and_keeps_what_it_learned(hf: HFServer, model: AIModel) -> None:
    checked(model)

    found, served = health.picture_check(model), health.lookup(model)
    assert found is not None
    assert (found.code, found.provider) == ("", "fal-ai")
    assert found.seconds is not None
    assert served is not None
    assert served.served == ("fal-ai", "replicate", "nscale", "wavespeed")
    assert health.checking(model) == ""
    assert len(model.revision) == 40
    assert hf.created(prompt=checking.PROMPT) == 1
    assert spent() == 1
    assert hf.faults == []


def test_a_check_asks_for_the_fewest_steps_and_touches_no_quota(hf: HFServer, model: AIModel) -> None:
    checked(model)

    (order,) = hf.seen(kind="create")
    assert order.body["num_inference_steps"] == 1
    assert order.body["image_size"] == {"width": 512, "height": 512}
    assert not Attempt.objects.exists()
    assert not Usage.objects.exists()


@pytest.mark.parametrize("slug", [*["stable-diffusion-3-medium", "flux-1-kontext-dev", "glm-image"], "qwen-image-edit"])
def test_models_of_every_kind_can_be_checked(hf: HFServer, shipped: None, slug: str) -> None:
    found = health.picture_check(checked(AIModel.objects.get(slug=slug)))

    assert found is not None
    assert found.code == ""
    assert hf.faults == []


def test_every_shipped_model_has_a_cheapest_wish(shipped: None) -> None:
    for model in AIModel.objects.all():
        told = checking.cheapest(model)
        assert (told.width, told.height) in {(512, 512), (256, 256)}
        assert told.steps == model.parameters.get("steps", {}).get("min")


def test_the_first_provider_of_the_curator_is_called(hf: HFServer, model: AIModel) -> None:
    AIModel.objects.filter(pk=model.pk).update(providers=["replicate", "fal-ai"])

    found = health.picture_check(checked(model))

    assert found is not None
    assert found.provider == "replicate"


@pytest.mark.parametrize(
    ("row", "code", "images"), [("gone_410", "model_gone", 0), ("html_200", "bad_answer", 1), ("nsfw_job", None, 1)]
)
def test_a_failed_check_says_why_and_gives_back_what_was_not_made(
    hf: HFServer, model: AIModel, row: str, code: str | None, images: int
) -> None:
    hf.script("fal-ai", row, times=9)

    found = health.picture_check(checked(model))

    assert found is not None
    assert found.code == (code or "prompt_refused")
    assert found.words
    assert spent() == images


def test_without_a_token_a_check_says_that_it_needs_one(hf: HFServer, model: AIModel, settings: Any) -> None:
    settings.HF_TOKEN = ""

    found = health.picture_check(checked(model))

    assert found is not None
    assert found.code == "check_needs_token"
    assert hf.calls == []


def test_a_check_does_not_pass_the_number_of_the_day(hf: HFServer, model: AIModel, settings: Any) -> None:
    settings.HF_DAILY_IMAGES = 1
    spend_server_picture()

    found = health.picture_check(checked(model))

    assert found is not None
    assert found.code == "server_cap"
    assert spent() == 1
    assert hf.seen(kind="create") == []


def test_a_model_that_nobody_serves_is_told_so(hf: HFServer, model: AIModel) -> None:
    hf.model(model.repo_id, providers={})

    checked(model)

    found, served = health.picture_check(model), health.lookup(model)
    assert found is not None
    assert served is not None
    assert (found.code, served.code) == ("not_served", "not_served")
    assert health.state(model) == "unavailable"


def test_a_local_model_is_checked_on_this_machine(
    shipped: None, run_by: Callable[[type], None], db: None, settings: Any
) -> None:
    run_by(Painter)
    model = checked(AIModel.objects.get(slug="builtin"))
    found = health.picture_check(model)
    assert found is not None
    assert (found.code, found.provider) == ("", "")

    run_by(Broken)
    found = health.picture_check(checked(model))
    assert found is not None
    assert found.code == "backend_failed"
    assert spent() == 0


def test_who_serves_the_models_is_looked_up_for_nothing(hf: HFServer, shipped: None) -> None:
    AIModel.objects.filter(slug="flux-1-dev").update(
        checked={"picture": {"at": "2026-11-21T10:00:00Z", "code": "timed_out", "facts": {}, "seconds": 9.0}}
    )
    hf.model(KREA, providers={})
    hf.delete_model("krea/Krea-2-Turbo")

    tasks.check_models()

    states = {row.slug: health.lookup(row) for row in AIModel.objects.filter(backend="huggingface")}
    assert [slug for slug, found in states.items() if found is None] == ["stable-diffusion-1-5", "stable-diffusion-1-4"]
    codes = {slug: found.code for slug, found in states.items() if found and found.code}
    assert codes == {"flux-1-krea-dev": "not_served", "krea-2-turbo": "no_repository"}
    dev = AIModel.objects.get(slug="flux-1-dev")
    kept, served = health.picture_check(dev), health.lookup(dev)
    assert kept is not None
    assert served is not None
    assert kept.code == "timed_out"
    assert served.gated
    assert {call.kind for call in hf.calls} == {"hub"}
    assert spent() == 0


def test_a_hub_that_is_down_changes_nothing_and_is_asked_once(hf: HFServer, shipped: None) -> None:
    tasks.check_models()
    before = dict(AIModel.objects.values_list("slug", "checked"))
    hf.script(row="busy_503", kind="hub", times=99)
    asked = len(hf.calls)

    tasks.check_models()

    assert dict(AIModel.objects.values_list("slug", "checked")) == before
    assert len(hf.calls) == asked + 1


def test_without_a_token_the_hub_is_not_asked(hf: HFServer, shipped: None, settings: Any) -> None:
    settings.HF_TOKEN = ""

    tasks.check_models()

    assert hf.calls == []


def test_a_check_that_is_under_way_is_not_begun_twice(model: AIModel) -> None:
    assert checking.begin(model) is True
    assert checking.begin(model) is False
    checking.not_begun(model)
    assert checking.begin(model) is True


def test_a_model_that_was_removed_meanwhile_is_not_checked(model: AIModel) -> None:
    pk = model.pk
    model.delete()

    checking.check(pk)

    assert not AIModel.objects.filter(pk=pk).exists()


def test_the_model_of_every_backend_can_be_called(shipped: None) -> None:
    assert set(AIModel.objects.values_list("backend", flat=True)) <= set(backends.BACKENDS)
