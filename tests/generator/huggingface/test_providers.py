"""A picture over every provider, and what each was really told."""

import base64
import io
from typing import Any

import pytest
from PIL import Image

from generator.backends.base import Advice, Route
from generator.backends.huggingface import dialects, providers, sources
from generator.params import Params
from tests.generator.huggingface.asking import (
    DEV,
    GLM,
    I2I,
    KONTEXT,
    SCHNELL,
    SD3,
    SDXL,
    SERVED,
    T2I,
    paint,
    png,
    refusal,
)
from tests.hf_server import HFServer
from tests.hf_server.models import MODELS
from tests.hostile import MUG

EDITORS = ("hf-inference", "fal-ai", "replicate", "together", "wavespeed")
FLUX_2 = "black-forest-labs/FLUX.2-dev"
FORMATS = {"hf-inference": "JPEG", "together": "JPEG", "wavespeed": "JPEG"}
WHOLE = Params(
    prompt="a mug",
    mode=T2I,
    negative_prompt="dust",
    width=768,
    height=512,
    steps=8,
    guidance=3.5,
    scheduler="ddim",
    seed=7,
)


@pytest.fixture
def edited_everywhere(hf: HFServer) -> HFServer:
    """One editing model that all providers with such a task serve."""
    entries = {name: {"providerId": f"fal-ai/flux-2/edit/{name}"} for name in EDITORS}
    entries["together"] = entries["hf-inference"] = {"providerId": FLUX_2}
    entries["replicate"] = {"providerId": "black-forest-labs/flux-2-dev"}
    hf.model(FLUX_2, providers=entries)
    return hf


@pytest.mark.parametrize("provider", SERVED)
def test_every_provider_makes_a_picture_from_words(hf: HFServer, provider: str) -> None:
    told = paint(hf, provider, width=512, height=512, prompt=MUG)

    assert (told.image.size, told.image.format) == ((512, 512), FORMATS.get(provider, "PNG"))
    assert told.picture.seed == 7
    assert told.picture.software == {"provider": provider}
    assert hf.created(provider=provider, prompt=MUG, token="good") == 1
    assert len(hf.seen(kind="create")) == 1
    assert hf.faults == []


@pytest.mark.parametrize("provider", EDITORS)
def test_every_provider_that_edits_makes_a_picture_from_a_picture(edited_everywhere: HFServer, provider: str) -> None:
    hf = edited_everywhere

    told = paint(hf, provider, FLUX_2, mode=I2I, source=png(512, 256), width=512, height=256)

    assert told.image.size == (512, 256)
    assert hf.created(provider=provider, prompt=MUG, seed=7) == 1
    assert hf.faults == []


@pytest.mark.parametrize("provider", SERVED)
def test_the_same_seed_gives_the_same_pixels_where_it_is_honoured(hf: HFServer, provider: str) -> None:
    first, again, other = (paint(hf, provider, seed=seed) for seed in (7, 7, 8))

    ignored = "seed" in first.sent[0]["not_honoured"]
    assert ignored == (provider == "zai-org")
    assert (first.image.tobytes() == again.image.tobytes()) != ignored
    assert first.image.tobytes() != other.image.tobytes()


@pytest.mark.parametrize(
    ("provider", "repo_id", "body", "not_honoured"),
    [
        (
            "hf-inference",
            SD3,
            {
                "inputs": "a mug",
                "parameters": {
                    "negative_prompt": "dust",
                    "num_inference_steps": 8,
                    "guidance_scale": 3.5,
                    "seed": 7,
                    "width": 768,
                    "height": 512,
                },
            },
            ["scheduler"],
        ),
        (
            "fal-ai",
            DEV,
            {
                "prompt": "a mug",
                "num_inference_steps": 8,
                "guidance_scale": 3.5,
                "seed": 7,
                "image_size": {"width": 768, "height": 512},
                "output_format": "png",
            },
            ["negative_prompt", "scheduler"],
        ),
        (
            "replicate",
            DEV,
            {
                "input": {
                    "prompt": "a mug",
                    "num_inference_steps": 8,
                    "guidance": 3.5,
                    "seed": 7,
                    "aspect_ratio": "3:2",
                    "megapixels": "0.25",
                    "output_format": "png",
                }
            },
            ["negative_prompt", "scheduler", "width", "height"],
        ),
        (
            "together",
            SDXL,
            {
                "model": SDXL,
                "response_format": "base64",
                "prompt": "a mug",
                "negative_prompt": "dust",
                "steps": 8,
                "guidance_scale": 3.5,
                "seed": 7,
                "width": 768,
                "height": 512,
            },
            ["scheduler"],
        ),
        (
            "nscale",
            SDXL,
            {
                "model": SDXL,
                "response_format": "b64_json",
                "prompt": "a mug",
                "negative_prompt": "dust",
                "guidance_scale": 3.5,
                "seed": 7,
                "size": "768x512",
            },
            ["steps", "scheduler"],
        ),
        (
            "wavespeed",
            DEV,
            {
                "prompt": "a mug",
                "num_inference_steps": 8,
                "guidance_scale": 3.5,
                "seed": 7,
                "width": 768,
                "height": 512,
                "size": "768*512",
                "output_format": "png",
            },
            ["negative_prompt", "scheduler"],
        ),
        (
            "zai-org",
            GLM,
            {"model": "glm-image", "prompt": "a mug", "size": "768x512"},
            ["negative_prompt", "steps", "guidance", "scheduler", "seed"],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_is_told_in_its_own_words(
    hf: HFServer, provider: str, repo_id: str, body: dict[str, Any], not_honoured: list[str]
) -> None:
    wishes = {name: value for name, value in WHOLE.as_request().items() if name not in {"images", "fallback"}}

    told = paint(hf, provider, repo_id, **wishes)

    assert hf.seen(kind="create")[0].body == body
    assert told.sent == [{**body, "not_honoured": not_honoured}]


@pytest.mark.parametrize(
    ("remote_id", "words"),
    [
        ("black-forest-labs/flux-schnell", {"aspect_ratio", "megapixels", "num_inference_steps"}),
        ("black-forest-labs/flux-2-dev", {"aspect_ratio", "width", "height", "guidance", "num_inference_steps"}),
        ("stability-ai/stable-diffusion-3.5-large", {"aspect_ratio", "cfg", "steps", "negative_prompt"}),
        ("qwen/qwen-image", {"aspect_ratio", "guidance", "num_inference_steps", "negative_prompt"}),
        ("stability-ai/sdxl:77", {"width", "height", "guidance_scale", "num_inference_steps", "negative_prompt"}),
        ("prunaai/z-image-turbo", {"width", "height", "num_inference_steps"}),
        ("somebody/something-new", {"width", "height", "guidance_scale", "num_inference_steps", "negative_prompt"}),
    ],
)
def test_replicates_models_have_words_of_their_own(remote_id: str, words: set[str]) -> None:
    repository = "black-forest-labs/FLUX.1-schnell" if "schnell" in remote_id else remote_id
    repository = "black-forest-labs/FLUX.2-dev" if "flux-2" in remote_id else repository

    order = providers.order("replicate", remote_id, repository, WHOLE)

    assert set(order.body["input"]) - {"prompt", "seed", "output_format"} == words


def test_a_versioned_model_has_its_own_address(hf: HFServer) -> None:
    paint(hf, "replicate", SDXL)

    assert hf.seen(kind="create")[0].path == "/replicate/v1/predictions"


@pytest.mark.parametrize(
    ("width", "height", "said"),
    [(1024, 1024, "1:1"), (1344, 768, "16:9"), (768, 1344, "9:16"), (1000, 990, "1:1"), (2048, 64, "21:9")],
)
def test_the_nearest_shape_is_asked_for(width: int, height: int, said: str) -> None:
    params = Params(prompt="a mug", mode=T2I, width=width, height=height)

    assert (
        providers.order("replicate", "qwen/qwen-image", "Qwen/Qwen-Image", params).body["input"]["aspect_ratio"] == said
    )


@pytest.mark.parametrize(
    ("provider", "remote_id", "size", "kept"),
    [
        ("fal-ai", "fal-ai/flux/dev", (1072, 1344), True),
        ("fal-ai", "fal-ai/flux/dev", (1080, 1350), False),
        ("replicate", "black-forest-labs/flux-2-dev", (1440, 256), True),
        ("replicate", "black-forest-labs/flux-2-dev", (1456, 1024), False),
        ("replicate", "black-forest-labs/flux-dev", (1024, 1024), True),
        ("replicate", "black-forest-labs/flux-dev", (1024, 1040), False),
    ],
)
def test_a_size_that_will_not_be_kept_is_told(provider: str, remote_id: str, size: tuple[int, int], kept: bool) -> None:
    params = Params(prompt="a mug", mode=T2I, width=size[0], height=size[1])

    told = providers.order(provider, remote_id, DEV, params).not_honoured

    assert told == ([] if kept else ["width", "height"])


def test_an_editor_that_keeps_the_shape_of_its_source_is_told_no_size(hf: HFServer) -> None:
    told = paint(hf, "replicate", KONTEXT, mode=I2I, source=png(), strength=0.5)

    given = hf.seen(kind="create")[0].body["input"]
    assert {"aspect_ratio": "match_input_image"}.items() <= given.items()
    assert given["input_image"].startswith("data:image/jpeg;base64,/9j/")
    assert not {"width", "height", "image", "images"} & set(given)
    assert told.sent[0]["input"]["input_image"] == "…"
    assert told.sent[0]["not_honoured"] == ["strength", "width", "height"]


def test_hugging_faces_own_takes_the_bare_source_as_its_input(edited_everywhere: HFServer) -> None:
    paint(edited_everywhere, "hf-inference", FLUX_2, mode=I2I, source=png())

    body = edited_everywhere.seen(kind="create")[0].body
    assert body["inputs"].startswith("/9j/")
    assert body["parameters"]["prompt"].startswith(MUG[:50])
    assert body["parameters"]["target_size"] == {"width": 512, "height": 256}


@pytest.mark.parametrize("provider", providers.PROVIDERS)
def test_the_last_words_of_a_provider_fit_every_model(provider: str) -> None:
    for mode in providers.modes_of(provider):
        assert dialects.of(provider, "nobody/has-heard/of:this", mode)


def test_the_revision_is_the_one_that_its_maker_names(hf: HFServer) -> None:
    told = paint(hf, "hf-inference", route=Route("hf-inference", SD3))

    assert told.picture.revision == MODELS[SD3].sha


def test_otherwise_the_revision_is_the_one_that_the_hub_names(hf: HFServer) -> None:
    assert paint(hf, "replicate").picture.revision == MODELS[SCHNELL].sha


def test_a_picture_whose_revision_nobody_knows_has_none(hf: HFServer) -> None:
    route = Route("replicate", "black-forest-labs/flux-schnell")

    assert paint(hf, "replicate", route=route).picture.revision == ""


def test_a_large_source_becomes_a_jpeg_of_two_megapixels() -> None:
    encoded = next(sources.smaller_and_smaller(png(2048, 1152), copies=1))

    image = Image.open(io.BytesIO(base64.b64decode(encoded)))
    assert 1_950_000 < image.width * image.height <= 2_000_000
    assert image.width / image.height == pytest.approx(2048 / 1152, rel=0.01)


@pytest.mark.parametrize("provider", ["fal-ai", "wavespeed", "replicate"])
def test_a_request_with_several_copies_of_a_source_stays_under_four_megabytes(hf: HFServer, provider: str) -> None:
    model = "somebody/editor"
    hf.model(model, task=I2I, providers={provider: {"providerId": "somebody/editor"}})

    paint(hf, provider, model, mode=I2I, source=png(1024, 1024))

    assert hf.seen(kind="create")[0].size < 4_100_000
    assert hf.faults == []


def test_a_source_that_is_too_big_is_sent_once_more_and_smaller(edited_everywhere: HFServer) -> None:
    hf = edited_everywhere
    hf.script("fal-ai", "too_large_413", times=1)

    told = paint(hf, "fal-ai", FLUX_2, mode=I2I, source=png(512, 512))

    first, second = hf.seen(kind="create")
    assert second.size < first.size
    assert len(told.sent) == 1
    assert hf.created(provider="fal-ai") == 1


def test_a_source_that_stays_too_big_ends_it(edited_everywhere: HFServer) -> None:
    hf = edited_everywhere
    hf.script("fal-ai", "nginx_413")

    failure = refusal(lambda: paint(hf, "fal-ai", FLUX_2, mode=I2I, source=png(512, 512)))

    assert (failure.code, failure.advice) == ("source_too_big", Advice.STOP)
    assert len(hf.seen(kind="create")) == 2


@pytest.mark.parametrize("source", [None, b"", b"not a picture", png()[:100]], ids=["none", "empty", "text", "cut"])
def test_a_source_that_is_no_picture_is_sent_nowhere(edited_everywhere: HFServer, source: bytes | None) -> None:
    hf = edited_everywhere

    failure = refusal(lambda: paint(hf, "fal-ai", FLUX_2, mode=I2I, source=source))

    assert (failure.code, failure.advice) == ("bad_source", Advice.STOP)
    assert hf.seen(kind="create") == []


def test_a_jpeg_of_a_source_has_its_colours(edited_everywhere: HFServer) -> None:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), (200, 40, 90)).save(file, "PNG")

    encoded = next(sources.smaller_and_smaller(file.getvalue(), copies=4))

    image = Image.open(io.BytesIO(base64.b64decode(encoded)))
    assert (image.format, image.size) == ("JPEG", (64, 64))
    assert all(abs(ours - theirs) < 4 for ours, theirs in zip(image.getpixel((9, 9)), (200, 40, 90), strict=True))


def test_a_provider_that_is_not_spoken_is_not_called(hf: HFServer) -> None:
    failure = refusal(lambda: paint(hf, route=Route("nebius", "x/y")))

    assert (failure.code, failure.advice) == ("not_served", Advice.NEXT_MODEL)
    assert hf.calls == []
