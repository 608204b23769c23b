"""A live studio against its OpenAPI document: schemathesis calls every route as the document says, and otherwise."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hf_server import HFProcess
from tests.real.studio import ROOT, Studio
from tests.schema import world

pytestmark = pytest.mark.real
CONFIG = Path(__file__).with_name("schemathesis.toml")
STREAMS = ("/api/v1/events", "/api/v1/generations/{generation_id}/events")
METHODS = {"get", "post", "patch", "put", "delete"}


@dataclass(frozen=True)
class Live:
    """A studio with a world in it, and the environment that tells a program where."""

    studio: Studio
    environment: dict[str, str]
    document: dict[str, Any]

    @property
    def token(self) -> str:
        return self.environment["STUDIO_TOKEN"]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("document")
    with HFProcess() as hugging_face:
        hugging_face.settings(fixed_picture=True)
        addresses = {"HF_HUB_URL": hugging_face.url, "HF_ROUTER_URL": hugging_face.url}
        studio = Studio(folder, HF_TOKEN="hf_good", WEBHOOK_ALLOW_PRIVATE="1", LOG_LEVEL="error", **addresses)
        studio.start_web()
        studio.start_worker()
        environment = world.prepared(studio)
        document = requests.get(f"{studio.address}/api/schema/?format=json", timeout=30).json()
        yield Live(studio, environment, document)
        studio.stop()


@pytest.fixture(scope="module")
def run(live: Live) -> subprocess.CompletedProcess[str]:
    """schemathesis, whole."""
    command = [str(Path(sys.executable).with_name("st")), "--config-file", str(CONFIG), "run"]
    return subprocess.run(
        [*command, f"{live.studio.address}/api/schema/?format=json"],
        cwd=live.studio.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **live.environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def statuses(live: Live, run: subprocess.CompletedProcess[str]) -> dict[str, set[int]]:
    """What each call was answered."""
    found: dict[str, set[int]] = defaultdict(set)
    for line in Path(live.environment["STUDIO_LOG"]).read_text().splitlines():
        answer = json.loads(line)
        found[answer["call"]].add(answer["status"])
    return found


def operations(document: dict[str, Any]) -> set[str]:
    return {f"{method.upper()} {path}" for path, said in document["paths"].items() for method in METHODS & set(said)}


def test_no_answer_is_outside_the_document(run: subprocess.CompletedProcess[str]) -> None:
    assert run.returncode == 0, run.stdout[-12_000:] + run.stderr[-2_000:]


def test_every_call_of_the_document_is_obeyed_at_least_once(live: Live, statuses: dict[str, set[int]]) -> None:
    streams = {f"GET {path}" for path in STREAMS}

    obeyed = {call for call, answers in statuses.items() if any(200 <= status < 300 for status in answers)}

    assert operations(live.document) - streams - obeyed == set()


def test_nobody_was_told_of_a_bug(statuses: dict[str, set[int]]) -> None:
    assert {call for call, answers in statuses.items() if answers & {500, 501, 502}} == set()


def test_what_may_not_be_called_without_a_token_says_so_as_documented(live: Live) -> None:
    document = schemathesis.openapi.from_dict(live.document)
    for path in live.document["paths"]:
        if "{" in path or not path.startswith("/api/v1/"):
            continue
        for method in METHODS & set(live.document["paths"][path]):
            answer = requests.request(method, f"{live.studio.address}{path}", timeout=30)

            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            document[path][method.upper()].validate_response(answer)


@pytest.mark.parametrize("path", STREAMS)
def test_a_stream_begins_as_documented(live: Live, path: str) -> None:
    known = json.loads(live.environment["STUDIO_WORLD"])
    said = live.document["paths"][path]["get"]["responses"]["200"]

    with requests.get(
        live.studio.address + path.format(generation_id=known["generation_id"][0]),
        headers={"Authorization": f"Bearer {live.token}"},
        stream=True,
        timeout=30,
    ) as answer:
        first = next(answer.iter_lines())

        assert answer.status_code == 200
        assert answer.headers["Content-Type"].split(";")[0] in said["content"]
        assert first.startswith(b"retry: ")


TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["", "\0", "\ud800", "\u202egnp", "a" * 1001, "﷽" * 400, "<script>", "' OR 1=1 --", "2e400", "null"]
    ),
)
NUMBERS = st.one_of(st.integers(), st.floats(), st.sampled_from([2**63, -1, 10**400, 1e308, 0, -0.0, 64, 512]))
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
MEMBERS = (
    *("mode", "negative_prompt", "model", "style", "width", "height", "steps", "guidance", "scheduler", "seed"),
    *("strength", "images", "source_image", "collection", "remix_of", "fallback", "reuse", "webhook_url", "metadata"),
)
WISHES = st.fixed_dictionaries(
    {"prompt": st.just("a red mug") | ANYTHING},
    optional={**dict.fromkeys(MEMBERS, ANYTHING), "__proto__": ANYTHING, "id": ANYTHING, "owner": ANYTHING},
)
BODIES = (WISHES | ANYTHING).map(json.dumps).map(str.encode) | st.binary(max_size=200)


@settings(
    max_examples=150,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=BODIES)
def test_whatever_is_wished_for_is_answered_as_documented(live: Live, body: bytes) -> None:
    operation = schemathesis.openapi.from_dict(live.document)["/api/v1/generations"]["POST"]

    answer = live.studio.call(
        "POST", "/api/v1/generations", live.token, data=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code in {200, 202, 400, 413, 422}
    operation.validate_response(answer)
    if answer.status_code == 202:
        live.studio.call("POST", f"/api/v1/generations/{answer.json()['id']}/cancel", live.token)
