"""Make pictures and save them; Python 3.9 or newer is enough: `python client.py "a red mug"`."""

import json
import os
import sys
import time
import uuid
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen

API = os.environ.get("STUDIO_API", "http://127.0.0.1:8000/api/v1")
TOKEN = os.environ["STUDIO_TOKEN"]
FINAL = {"succeeded", "failed", "cancelled"}


class Refused(SystemExit):
    """The studio said no: a code for the program, sentences for the person."""


def call(method, address, body=None, **headers):
    """The answer. What gets lost is sent again (the key makes that harmless), what is too early is when it is time."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json", **headers}
    for tries_left in (3, 2, 1, 0):
        try:
            return urlopen(Request(address, body, headers, method=method), timeout=90)
        except HTTPError as error:
            pause = error.headers.get("Retry-After", "")
            if not (tries_left and pause.isdigit()):
                problem = json.load(error)
                fields = [f"{each['field']}: {each['message']}" for each in problem.get("errors", [])]
                raise Refused("\n".join([f"{problem['code']}: {problem['detail']}", *fields])) from error
        except OSError:
            pause = "1"
            if not tries_left:
                raise
        time.sleep(int(pause))


def finished(generation):
    """The generation at its end. Its live events are followed; where none can be had, it is asked each second."""
    while generation["status"] not in FINAL:
        try:
            events = call("GET", generation["urls"]["events"])
            sys.stderr.writelines(line.decode() for line in events if line.startswith(b"event: "))
        except (OSError, HTTPException, Refused):
            time.sleep(1)
        generation = json.load(call("GET", generation["urls"]["self"]))
    return generation


if __name__ == "__main__":
    wish = json.dumps({"prompt": " ".join(sys.argv[1:]) or "a red mug on a yellow background"}).encode()
    headers = {"Idempotency-Key": str(uuid.uuid4()), "Prefer": "wait=2"}
    made = finished(json.load(call("POST", f"{API}/generations", wish, **headers)))
    for image in made["images"]:
        with open(f"{image['id']}.{image['format']}", "wb") as file:
            file.write(call("GET", image["url"]).read())
        print(file.name)
    sys.exit(made["error"] and f"{made['error']['code']}: {made['error']['detail']}")
