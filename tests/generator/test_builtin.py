"""The built-in model: real pictures, in small sizes and few steps."""

import io
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generator import backends
from generator.backends.base import Advice, BackendError, Call, CallEnded
from generator.backends.builtin import files, pipeline
from generator.params import IMAGE_TO_IMAGE, PROMPT_MAX, SEED_MAX, TEXT_TO_IMAGE, Params

ROOT = Path(__file__).parents[2]
MUG = Params(
    prompt="a red mug on a yellow background",
    mode=TEXT_TO_IMAGE,
    width=64,
    height=64,
    steps=4,
    guidance=6.0,
    scheduler="dpmpp_2m",
    seed=7,
)
PALETTE = {
    "red": (205, 40, 45),
    "orange": (240, 135, 30),
    "yellow": (245, 205, 45),
    "green": (50, 150, 70),
    "blue": (45, 95, 205),
    "purple": (115, 60, 165),
    "pink": (240, 130, 170),
    "brown": (115, 70, 45),
    "black": (35, 35, 40),
    "white": (242, 242, 242),
    "grey": (130, 135, 140),
    "teal": (30, 150, 150),
}
SHADES = (0.65, 0.8, 1.0)


def ignore(step, steps):
    """Somebody still wants the picture."""


def paint(source=None, on_progress=ignore, **wishes):
    params = replace(MUG, **wishes)
    call = Call(params, repo_id="builtin", source=source, on_progress=on_progress)
    return backends.get("builtin").generate(call)


def vary(source, **wishes):
    return paint(source, mode=IMAGE_TO_IMAGE, **wishes)


def pixels(picture):
    return np.asarray(Image.open(io.BytesIO(picture.content)), np.float64)


def png(width=64, height=64, colour=(40, 90, 200)):
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, "PNG")
    return file.getvalue()


def nearest(colours):
    """The name of the palette's colour, in light or in shade, nearest to each of some colours."""
    shades = np.array([np.multiply(colour, light) for colour in PALETTE.values() for light in SHADES])
    distances = ((colours[:, None] - shades) ** 2).sum(-1)
    return np.repeat(list(PALETTE), len(SHADES))[distances.argmin(1)]


def background_of(picture):
    """The usual colour along the border."""
    image = pixels(picture)
    return np.median(np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]]), axis=0)


def colours_of(picture):
    """The most frequent colour of what stands before the background, and the background's."""
    background = background_of(picture)
    inner = pixels(picture)[::2, ::2].reshape(-1, 3)
    names, counts = np.unique(nearest(inner[np.abs(inner - background).sum(1) > 150]), return_counts=True)
    return names[counts.argmax()], nearest(background[None])[0]


def test_the_same_seed_gives_the_same_bytes():
    assert paint() == paint()


@pytest.mark.parametrize("scheduler", ["euler_a", "ddim", "dpmpp_2m"])
def test_every_scheduler_repeats_itself(scheduler):
    assert paint(scheduler=scheduler).content == paint(scheduler=scheduler).content


@pytest.mark.parametrize(
    "wish",
    [
        {"seed": 8},
        {"seed": SEED_MAX},
        {"guidance": 3.0},
        {"steps": 5},
        {"scheduler": "ddim"},
        {"scheduler": "euler_a"},
        {"negative_prompt": "yellow background"},
        {"prompt": "a blue mug on a yellow background"},
    ],
    ids=str,
)
def test_every_parameter_changes_the_picture(wish):
    assert paint(**wish).content != paint().content


def test_without_guidance_the_negative_prompt_has_no_say():
    assert paint(guidance=1.0, negative_prompt="red").content == paint(guidance=1.0).content


def test_no_negative_prompt_is_an_empty_one():
    assert paint(negative_prompt="").content == paint(negative_prompt=None).content


def test_what_a_wish_leaves_open_is_what_the_model_card_advises():
    said = paint(steps=25, guidance=6.0, scheduler="dpmpp_2m", seed=0)

    assert paint(steps=None, guidance=None, scheduler=None, seed=None) == said


@pytest.mark.parametrize(("width", "height"), [(64, 512), (512, 64), (512, 512), (96, 160)])
def test_a_picture_has_the_size_that_was_asked_for(width, height):
    picture = paint(width=width, height=height, steps=1)

    assert Image.open(io.BytesIO(picture.content)).size == (width, height)


@pytest.mark.parametrize(
    "prompt",
    [
        "mug " * (PROMPT_MAX // 4),
        "🙂" * PROMPT_MAX,
        "كوب أحمر على خلفية صفراء",
        "\u202ea red mug",
        "mug \ud83d",
    ],
    ids=["long", "emoji", "arabic", "reversed", "half an emoji"],
)
def test_any_prompt_gives_a_picture(prompt):
    assert pixels(paint(prompt=prompt, negative_prompt=prompt, steps=1)).shape == (64, 64, 3)


@pytest.mark.parametrize(
    ("prompt", "thing", "background"),
    [
        ("a red mug on a yellow background", "red", "yellow"),
        ("a blue backpack on a white background", "blue", "white"),
        ("a purple book on a yellow background", "purple", "yellow"),
        ("a green bottle on a pink background", "green", "pink"),
        ("un ballon orange sur fond bleu", "orange", "blue"),
        ("un sac à main noir sur fond blanc", "black", "white"),
    ],
)
def test_the_colours_are_those_of_the_prompt(prompt, thing, background):
    picture = paint(prompt=prompt, width=256, height=256, steps=15)

    assert colours_of(picture) == (thing, background)


def test_a_negative_prompt_pushes_its_colour_away():
    plain = {"prompt": "a mug", "width": 256, "height": 256, "steps": 15}

    light = [background_of(paint(**plain, seed=seed)).mean() for seed in range(3)]
    darker = [background_of(paint(**plain, negative_prompt="white background", seed=seed)).mean() for seed in range(3)]

    assert np.mean(light) - np.mean(darker) > 40


def test_each_step_is_told_once_from_the_first_to_the_last():
    seen = []

    paint(on_progress=lambda *step: seen.append(step), steps=9)

    assert seen == [(step, 9) for step in range(1, 10)]


@pytest.mark.parametrize(
    ("steps", "strength", "run"), [(25, 0.6, 15), (5, 0.1, 1), (10, 0.0, 1), (20, 1.0, 20), (60, 0.35, 21)]
)
def test_a_variation_runs_its_strength_of_the_steps(steps, strength, run):
    seen = []

    vary(png(), on_progress=lambda *step: seen.append(step), steps=steps, strength=strength)

    assert seen == [(step, run) for step in range(1, run + 1)]


def test_an_ended_call_ends_within_a_step():
    seen = []

    def end_at_the_second(step, steps):
        seen.append(step)
        if step == 2:
            raise CallEnded

    with pytest.raises(CallEnded):
        paint(on_progress=end_at_the_second, steps=25)
    assert seen == [1, 2]


@pytest.mark.parametrize("scheduler", ["euler_a", "ddim", "dpmpp_2m"])
def test_the_stronger_the_variation_the_farther_from_its_source(scheduler):
    source = paint(width=128, height=128, steps=10)
    wish = {"prompt": "a blue cat on a white background", "width": 128, "height": 128, "steps": 20}

    far = [
        np.abs(pixels(vary(source.content, **wish, strength=strength, scheduler=scheduler)) - pixels(source)).mean()
        for strength in (0.1, 0.5, 1.0)
    ]

    assert far == sorted(far)
    assert far[2] > 2 * far[0]


def test_a_variation_starts_from_its_source():
    assert vary(png(colour=(40, 90, 200))).content != vary(png(colour=(200, 90, 40))).content


def test_text_to_image_looks_at_no_source():
    assert paint(png()).content == paint().content


@pytest.mark.parametrize(
    ("source", "during"),
    [
        (None, "source"),
        (b"", "source"),
        (b"not a picture", "source"),
        (png()[:90], "source"),
        (png(32, 64), "source"),
    ],
    ids=["none", "empty", "text", "cut", "other size"],
)
def test_a_source_that_cannot_be_used_stops_the_generation(source, during):
    with pytest.raises(BackendError) as refused:
        vary(source)

    assert (refused.value.code, refused.value.advice) == ("backend_failed", Advice.STOP)
    assert refused.value.facts == {"during": during}


@pytest.mark.parametrize("size", [(100, 64), (64, 0), (None, None)], ids=str)
def test_a_size_that_the_model_cannot_paint_stops_the_generation(size):
    with pytest.raises(BackendError) as refused:
        paint(width=size[0], height=size[1])

    assert (refused.value.advice, refused.value.facts) == (Advice.STOP, {"during": "size"})


def test_four_threads_paint_what_one_alone_paints():
    alone = [paint(seed=seed).content for seed in range(4)]

    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda seed: paint(seed=seed).content, range(4)))

    assert together == alone


def test_threads_that_race_for_the_first_picture_load_the_model_once():
    script = (
        "import threading\n"
        "from generator.backends.builtin import pipeline\n"
        "gate, found = threading.Barrier(4), []\n"
        "def race():\n"
        "    gate.wait()\n"
        "    found.append(pipeline.shared())\n"
        "threads = [threading.Thread(target=race) for _ in range(4)]\n"
        "[thread.start() for thread in threads], [thread.join() for thread in threads]\n"
        "print(len(found), len(set(found)))"
    )

    answer = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert answer.stdout.split() == ["4", "1"]


@pytest.mark.parametrize("path", ["unet/model.onnx", "scheduler/scheduler_config.json", "tokenizer/vocab.json"])
def test_weights_that_are_cut_or_missing_are_known_faults(tmp_path, path):
    folder = shutil.copytree(files.WEIGHTS, tmp_path / "weights")
    (folder / path).write_bytes((folder / path).read_bytes()[:100])
    with pytest.raises((*pipeline.MISFITS, OSError, KeyError, ValueError)):
        pipeline.Pipeline(folder)

    (folder / path).unlink()
    with pytest.raises((*pipeline.MISFITS, OSError, KeyError, ValueError)):
        pipeline.Pipeline(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process so")
@pytest.mark.parametrize(("during", "code"), [("load", "backend_failed"), ("run", "out_of_memory")])
def test_too_little_memory_asks_to_try_again_and_a_later_try_succeeds(during, code):
    script = Path(__file__).parent / "short_of_memory.py"

    answer = subprocess.run([sys.executable, script, during], cwd=ROOT, capture_output=True, text=True, check=True)

    assert answer.stdout.split() == [code, "try_again", during, "painted"]


def test_the_revision_follows_the_weights_and_nothing_else(tmp_path):
    folder = shutil.copytree(files.WEIGHTS, tmp_path / "weights")
    (folder / "vocabulary.json").write_text("[]")
    (folder / "MODEL_CARD.md").unlink()
    assert files.revision(folder) == files.revision() == paint(steps=1).revision

    changed = shutil.copytree(folder, tmp_path / "changed")
    (changed / "scheduler/scheduler_config.json").write_text("{}")
    assert files.revision(changed) != files.revision()
