"""What every backend promises, and how one is found."""

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from common import http
from common.addresses import origin
from generator import backends
from generator.backends.base import Advice, BackendError, Call
from generator.params import TEXT_TO_IMAGE, Params
from tests.hf import hf as hf

ROOT = Path(__file__).parents[2]
PARAMS = Params(
    prompt="a red mug on a yellow background",
    mode=TEXT_TO_IMAGE,
    width=64,
    height=64,
    steps=2,
    guidance=6.0,
    scheduler="dpmpp_2m",
    seed=7,
)


SERVED = {"builtin": "tiny", "huggingface": "black-forest-labs/FLUX.1-schnell"}
"""A model of each backend."""
STEPS_TOLD = {"builtin": [(1, 2), (2, 2)], "huggingface": []}
"""What each knows of its steps while it makes a picture in two."""


@pytest.mark.parametrize("name", backends.BACKENDS)
def test_a_backend_keeps_the_contract(hf, name):
    seen, sent = [], []
    backend, repo_id = backends.get(name), SERVED[name]

    with http.exchange(seconds=20, trusted=[origin(hf.url)]):
        route = backend.routes(repo_id, mode=TEXT_TO_IMAGE, key="hf_good")[0]
        call = Call(
            PARAMS,
            repo_id=repo_id,
            route=route,
            key="hf_good",
            on_progress=lambda *step: seen.append(step),
            on_sent=sent.append,
        )
        picture = backend.generate(call)

    image = Image.open(io.BytesIO(picture.content))
    assert (image.size, image.mode) == ((64, 64), "RGB")
    assert picture.seed == 7
    assert len(picture.revision) >= 40
    assert all(picture.software.values())
    assert route.provider or image.info == {}
    assert seen == STEPS_TOLD[name]
    assert ("a red mug" in str(sent)) == bool(route.provider)
    assert "hf_good" not in repr((call, picture, sent))


def test_an_unknown_backend_sends_the_generation_to_the_next_model():
    with pytest.raises(BackendError) as refused:
        backends.get("crystal_ball")

    assert (refused.value.code, refused.value.advice) == ("no_backend", Advice.NEXT_MODEL)


def test_threads_that_ask_at_once_get_the_same_backend():
    with ThreadPoolExecutor(4) as threads:
        found = set(threads.map(backends.get, ["builtin"] * 8))

    assert len(found) == 1


def test_a_web_process_never_loads_what_runs_the_model():
    script = (
        "import sys\n"
        "from generator import backends\n"
        "from generator.backends.builtin import files, vocabulary\n"
        "vocabulary.unknown_words('a red dragon'), files.revision()\n"
        "print(sorted({'numpy', 'onnxruntime', 'PIL'} & set(sys.modules)))"
    )

    answer = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"
