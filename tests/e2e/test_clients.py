"""The examples of docs/clients, and what the connect page makes of them, run against a studio as strangers run them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import Enter
from tests.real.studio import ROOT, Studio

pytestmark = pytest.mark.browser
CLIENT = ROOT / "docs" / "clients" / "client.py"
PNG = b"\x89PNG\r\n\x1a\n"
LONG = {"prompt": "a red mug", "width": 512, "height": 512, "steps": 20}
"""What takes longer than the answer is waited for."""
FOLLOW = """
import json, client
made = json.load(client.call("POST", f"{client.API}/generations", json.dumps(%r).encode()))
print(client.finished(made)["status"])
"""
MAKE = """async ([api, token, wish]) => {
  const { make } = await import("/client.mjs");
  const events = [];
  const images = await make(wish, { api, token, told: (name) => events.push(name) });
  const begins = async ({ blob }) => [...new Uint8Array(await blob.slice(0, 8).arrayBuffer())];
  return { events, pictures: await Promise.all(images.map(begins)) };
}"""
REFUSED = """async ([api, token, wish]) => {
  const { make, Refused } = await import("/client.mjs");
  try {
    await make(wish, { api, token });
  } catch (error) {
    return { ours: error instanceof Refused, code: error.code, message: error.message };
  }
}"""


@pytest.fixture(scope="module")
def token(studio: Studio) -> str:
    return studio.token("programmer@example.org", plan="enterprise")


@pytest.fixture
def website(chromium: Browser, neighbour: str) -> Any:
    """A page of another origin."""
    context = chromium.new_context(base_url=neighbour)
    page = context.new_page()
    page.goto("/")
    yield page
    context.close()


def run(*command: str, studio: Studio, token: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Start a program as somebody with an otherwise empty environment."""
    environment = {"STUDIO_API": f"{studio.address}/api/v1", "STUDIO_TOKEN": token, "PATH": os.environ["PATH"]}
    environment["PYTHONPATH"] = str(CLIENT.parent)
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_python_example_saves_the_picture(studio: Studio, token: str, tmp_path: Path) -> None:
    done = run(sys.executable, str(CLIENT), "a blue car", studio=studio, token=token, folder=tmp_path)

    (saved,) = tmp_path.iterdir()
    assert (done.returncode, done.stdout) == (0, f"{saved.name}\n")
    assert saved.read_bytes().startswith(PNG)


def test_the_python_example_follows_what_takes_longer(studio: Studio, token: str, tmp_path: Path) -> None:
    done = run(sys.executable, "-c", FOLLOW % LONG, studio=studio, token=token, folder=tmp_path)

    assert done.stdout == "succeeded\n"
    told = done.stderr.splitlines()
    assert "event: progress" in told
    assert told[-1] == "event: succeeded"


@pytest.mark.parametrize(
    ("prompt", "wrong_token", "said"),
    [("a red mug", "tea_wrong", "bad_token: "), ("x" * 1001, "", "prompt: ")],
)
def test_the_python_example_says_what_a_refusal_says(
    prompt: str, wrong_token: str, said: str, studio: Studio, token: str, tmp_path: Path
) -> None:
    done = run(sys.executable, str(CLIENT), prompt, studio=studio, token=wrong_token or token, folder=tmp_path)

    assert done.returncode == 1
    assert any(line.startswith(said) for line in done.stderr.splitlines())
    assert "Traceback" not in done.stderr


def test_the_javascript_example_makes_a_picture_on_a_page_of_another_origin(
    website: Page, studio: Studio, token: str
) -> None:
    found = website.evaluate(MAKE, [f"{studio.address}/api/v1", token, LONG])

    assert [bytes(each) for each in found["pictures"]] == [PNG]
    assert "progress" in found["events"]
    assert found["events"][-1] == "succeeded"


def test_the_javascript_example_says_what_a_refusal_says(website: Page, studio: Studio, token: str) -> None:
    refused = website.evaluate(REFUSED, [f"{studio.address}/api/v1", token, {"prompt": "a red mug", "steps": 2.5}])

    assert refused["ours"] is True
    assert refused["code"] == "invalid"
    assert "steps: " in refused["message"]


def test_an_origin_that_is_not_allowed_reads_nothing(
    chromium: Browser, studio: Studio, token: str, neighbour: str
) -> None:
    context = chromium.new_context(base_url=neighbour.replace("127.0.0.1", "localhost"))
    page = context.new_page()
    page.goto("/")

    asked = "([api, token]) => fetch(api + '/account', { headers: { Authorization: 'Bearer ' + token } }).catch(String)"
    found = page.evaluate(asked, [f"{studio.address}/api/v1", token])
    context.close()

    assert "Failed to fetch" in found


@pytest.mark.parametrize("javascript", [True, False])
def test_what_the_connect_page_shows_runs_as_it_is(
    javascript: bool, enter: Enter, studio: Studio, tmp_path: Path
) -> None:
    page = enter("/account/connect/", width=390, javascript=javascript)
    page.locator("main form button.btn-primary").click()
    (tmp_path / "pasted.py").write_text(page.locator("#python").inner_text())
    curl = page.locator("#curl").inner_text()

    python = run(sys.executable, "pasted.py", studio=studio, token="", folder=tmp_path)
    shell = run("bash", "-c", curl, studio=studio, token="", folder=tmp_path)

    assert python.returncode == 0, python.stderr
    assert (tmp_path / python.stdout.strip()).read_bytes().startswith(PNG)
    assert json.loads(shell.stdout)["status"] in {"queued", "running", "succeeded"}
