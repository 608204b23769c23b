"""What docs/webhooks.md tells receivers to do is true."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import time_machine
from standardwebhooks import Webhook, WebhookVerificationError

from tests.hostile import hostile

TEXT = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
WITH_LIBRARY, BARE = re.findall(r"```python\n(.+?)```", TEXT, re.S)
VECTOR = re.search(r"secret `(.+?)`, id `(.+?)`, timestamp `(.+?)`,\nbody `(.+?)` make `(.+?)`", TEXT)
SECRET, ID, AT, BODY, SIGNATURE = VECTOR.groups() if VECTOR else [""] * 5
_WITH_NPM, SCRIPT = re.findall(r"```js\n(.+?)```", TEXT, re.S)
NO_TIMES = ("abc", "", "nan", "inf", "-1", f"{AT}.0", f" {AT}", f"{AT}\n", "9" * 400, "٣", hostile("1", 40))
SENT = {"webhook-id": ID, "webhook-timestamp": AT, "webhook-signature": SIGNATURE}


@pytest.fixture(autouse=True)
def _when_it_was_sent() -> Any:
    with time_machine.travel(int(AT), tick=False):
        yield


@pytest.fixture
def is_genuine() -> Any:
    """The function that the document shows."""
    found: dict[str, Any] = {}
    exec(compile(BARE, "docs/webhooks.md", "exec"), found)
    return found["is_genuine"]


def test_the_vector_is_genuine(is_genuine: Any) -> None:
    found: dict[str, Any] = {"secret": SECRET, "body": BODY, "headers": SENT}

    exec(compile(WITH_LIBRARY, "docs/webhooks.md", "exec"), found)

    assert found["message"] == {"test": 2432232314}
    assert is_genuine(SECRET, SENT, BODY.encode())


def test_one_of_two_signatures_is_enough(is_genuine: Any) -> None:
    assert is_genuine(SECRET, {**SENT, "webhook-signature": f"v1,AAAA {SIGNATURE}"}, BODY.encode())


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, BODY + " "),
        ({"webhook-id": "msg_other"}, BODY),
        ({"webhook-timestamp": str(int(AT) - 1000)}, BODY),
        ({"webhook-signature": hostile("v1,")}, BODY),
        ({"webhook-signature": ""}, BODY),
    ],
    ids=["body", "id", "time", "nonsense", "none"],
)
def test_what_somebody_else_sent_is_not(is_genuine: Any, headers: dict[str, str], body: str) -> None:
    sent = {**SENT, **headers}

    assert not is_genuine(SECRET, sent, body.encode())
    with pytest.raises((WebhookVerificationError, ValueError)):
        Webhook(SECRET).verify(body, sent)


@pytest.mark.parametrize("at", NO_TIMES)
def test_what_has_no_time_is_not(is_genuine: Any, at: str) -> None:
    assert not is_genuine(SECRET, {**SENT, "webhook-timestamp": at}, BODY.encode())


@pytest.mark.parametrize("name", SENT)
def test_what_lacks_a_header_is_not(is_genuine: Any, name: str) -> None:
    assert not is_genuine(SECRET, {key: value for key, value in SENT.items() if key != name}, BODY.encode())


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node")
def test_the_script_for_node_says_the_same() -> None:
    lacking = [{key: value for key, value in SENT.items() if key != name} for name in SENT]
    asked = [SENT, *lacking, *({**SENT, "webhook-timestamp": at} for at in NO_TIMES)]
    asked += [{**SENT, "webhook-signature": sent} for sent in (f"v1,AAAA {SIGNATURE}", hostile("v1,"), "")]
    ask = f"""
        Date.now = () => {AT} * 1000;
        const body = Buffer.from({json.dumps(BODY)});
        const said = {json.dumps(asked)}.map((headers) => isGenuine("{SECRET}", headers, body));
        console.log(JSON.stringify(said));"""

    command = ["node", "--input-type=module", "-e", SCRIPT + ask]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout

    assert [sent for sent, said in zip(asked, json.loads(printed), strict=True) if said] == [SENT, asked[-3]]
