"""Around each call of schemathesis: it names what exists, makes what the call uses up, and writes down the answer."""

import itertools
import json
import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import schemathesis
from schemathesis.core.parameters import ParameterLocation

from tests.schema.world import LONG, QUICK, SMALL, World

world = World.from_environment()
turns = Counter[str]()
numbers = itertools.count()
UNUSED = "01890000-0000-7000-8000-000000000000"


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    """Here an answer may have no member that the document does not name; clients are told to expect more."""
    for schema in raw_schema["components"]["schemas"].values():
        if schema.get("properties"):
            schema.setdefault("additionalProperties", False)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Ids of the world where the generated ones are well-formed, and bodies that can be obeyed every second time."""
    label = case.operation.label
    turns[label] += 1
    if case.path_parameters and not case.meta.is_negative_at(ParameterLocation.PATH):
        _name_what_exists(label, case)
    if case.meta.generation.mode.is_negative:
        return
    _ask_for_what_exists(label, case)
    if isinstance(case.body, dict) and (shape := BODIES.get(label)):
        shape(case)


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """One line for the table of answers; what was queued is not made, and webhooks do not become too many."""
    call = f"{response.request.method} {case.operation.path}"
    with open(os.environ["STUDIO_LOG"], "a") as log:
        log.write(f"{json.dumps({'call': call, 'status': response.status_code})}\n")
    if response.status_code == 202 and call.startswith("POST /api/v1/generations"):
        world.session.post(response.json()["urls"]["cancel"], timeout=30)
    if response.status_code == 201 and call == "POST /api/v1/webhooks":
        world.call("DELETE", f"webhooks/{response.json()['id']}")


def _name_what_exists(label: str, case: Any) -> None:
    if turns[label] % 4 == 0:
        case.path_parameters.update(dict.fromkeys(case.path_parameters, UNUSED))
        return
    for name in case.path_parameters:
        if choices := world.known.get(name):
            case.path_parameters[name] = choices[turns[label] % len(choices)]
    if afresh := AFRESH.get(label):
        case.path_parameters.update(afresh())


def _ask_for_what_exists(label: str, case: Any) -> None:
    """A cursor is whatever a page said; a long wait is for people."""
    query, headers = case.query or {}, case.headers or {}
    query.pop("cursor", None)
    if "collection" in query:
        query["collection"] = world.known["collection_id"][0]
    if "Prefer" in headers:
        headers["Prefer"] = "wait=0" if turns[label] % 8 else "wait=5"
    if "Idempotency-Key" in headers and turns[label] % 8:
        headers["Idempotency-Key"] = f"key-{next(numbers)}"


def _collection() -> dict[str, str]:
    return {"collection_id": world.collection()}


def _webhook() -> dict[str, str]:
    return {"webhook_id": world.webhook()}


def _kept_image() -> dict[str, str]:
    """One that may be thrown away: it comes back the next time."""
    [spare] = world.known["spare_image"]
    world.call("POST", f"images/{spare}/restore")
    return {"image_id": spare}


def _running_generation() -> dict[str, str]:
    return {"generation_id": world.make(**LONG, seed=next(numbers))["id"]}


AFRESH: dict[str, Callable[[], dict[str, str]]] = {
    "DELETE /api/v1/collections/{collection_id}": _collection,
    "DELETE /api/v1/images/{image_id}": _kept_image,
    "DELETE /api/v1/webhooks/{webhook_id}": _webhook,
    "DELETE /api/delete/{image_id}": _kept_image,
    "POST /api/v1/generations/{generation_id}/cancel": _running_generation,
}


def _wish(case: Any) -> None:
    """Every second wish is one that the built-in model can fulfil: which sizes it takes no schema can tell.

    Forms stay as they are: a file that is put into one counts as a mistake. `World.upload` sends a good one.
    """
    if turns[case.operation.label] % 2 or case.media_type != "application/json":
        return
    kept = ("prompt", "fallback", "reuse", "dry_run", "metadata", "images")
    wish = {**SMALL, "seed": next(numbers) % 1000, **{name: case.body[name] for name in kept if name in case.body}}
    if "source_image" in case.body:
        wish["source_image"] = world.known["image_id"][0]
    case.body = wish


def _original_wish(case: Any) -> None:
    """Its answer is waited for, so the model is one that is emulated and quick."""
    case.body["model_name"] = QUICK


def _kept_private(case: Any) -> None:
    """Only a curator makes a picture public."""
    if case.body.get("visibility") == "public":
        case.body["visibility"] = "private"


def _existing_image(member: str) -> Callable[[Any], None]:
    def name_it(case: Any) -> None:
        if case.body.get(member):
            case.body[member] = world.known["image_id"][0]

    return name_it


def _reachable(case: Any) -> None:
    """Which addresses are no private ones no pattern can tell."""
    if "url" in case.body:
        case.body["url"] = f"{world.address}/healthz"


BODIES: dict[str, Callable[[Any], None]] = {
    "POST /api/generate": _original_wish,
    "POST /api/v1/generations": _wish,
    "PATCH /api/v1/images/{image_id}": _kept_private,
    "PATCH /api/v1/collections/{collection_id}": _existing_image("cover"),
    "PUT /api/v1/collections/{collection_id}/images/{image_id}": _existing_image("after"),
    "POST /api/v1/webhooks": _reachable,
    "PATCH /api/v1/webhooks/{webhook_id}": _reachable,
}
