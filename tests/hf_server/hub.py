"""The Hub: models, who serves them, and whose a token is."""

import json
from typing import Any

from tests.hf_server.models import Model, Token
from tests.hf_server.rows import MISSING_SCOPE
from tests.hf_server.wire import Answer
from tests.hf_server.world import Exchange

QUOTA = 1000


def model(exchange: Exchange) -> Answer:
    """`GET /api/models/{id}`, whole or only what `expand` names."""
    found = exchange.world.models.get(exchange.named["model"])
    if exchange.request.token is not None and (refused := _refused(exchange)):
        return refused
    if found is None:
        return _missing(exchange)
    whole = _whole(found)
    wanted = [*exchange.request.query.get("expand", []), *exchange.request.query.get("expand[]", [])]
    if not wanted:
        shown = {name: value for name, value in whole.items() if name != "inferenceProviderMapping"}
    else:
        shown = {name: whole[name] for name in ("_id", "id", *wanted) if name in whole}
    return Answer.of_json(200, shown, limits(exchange))


def listed(exchange: Exchange) -> Answer:
    """`GET /api/models?pipeline_tag=..&inference_provider=..`: the mapping is a list here."""
    query = exchange.request.query
    tasks = query.get("pipeline_tag", [])
    providers = {name for text in query.get("inference_provider", []) for name in text.split(",")}
    found = [
        model
        for model in exchange.world.models.values()
        if (not tasks or model.task in tasks)
        and (not providers or ("all" in providers and model.providers) or providers & set(model.providers))
    ]
    rows = [{**_whole(one), "inferenceProviderMapping": _as_list(one)} for one in found]
    return Answer.of_json(200, rows[: int(query.get("limit", ["1000"])[0])], limits(exchange))


def whoami(exchange: Exchange) -> Answer:
    """`GET /api/whoami-v2`: who and which scopes, never whether credit is left."""
    if exchange.request.token is None:
        return _unauthorized("Invalid username or password.")
    token = exchange.world.token_of(exchange.request)
    if refused := _refused(exchange):
        return refused
    assert token is not None
    return Answer.of_json(200, _person(token), limits(exchange))


def door(exchange: Exchange, gated: Model | None = None) -> Answer | None:
    """Why the router does not let a call in, or None."""
    if exchange.request.token is None:
        return _unauthorized("Invalid username or password.")
    if refused := _refused(exchange):
        return refused
    token = exchange.world.token_of(exchange.request)
    assert token is not None
    if not token.may_infer:
        return Answer.of_json(403, {"error": MISSING_SCOPE.format(token.name)})
    if gated and gated.gated and not token.gates:
        words = f"Access to model {gated.id} is restricted and you are not in the authorized list."
        return Answer.of_json(403, {"error": words}, {"x-error-code": "GatedRepo"})
    return None


def _refused(exchange: Exchange) -> Answer | None:
    token = exchange.world.token_of(exchange.request)
    if token is None:
        return _unauthorized("Invalid credentials in Authorization header")
    if token.state == "expired":
        return _unauthorized(f'User Access Token "{token.name}" is expired')
    return None


def _unauthorized(words: str) -> Answer:
    return Answer.of_json(401, {"error": words})


def _missing(exchange: Exchange) -> Answer:
    if exchange.request.token is None:
        return Answer.of_json(401, {"error": "Invalid username or password."}, {"x-error-code": "RepoNotFound"})
    headers = {"x-error-code": "RepoNotFound", "x-error-message": "Repository not found"}
    return Answer.of_json(404, {"error": "Repository not found"}, headers)


def _whole(found: Model) -> dict[str, Any]:
    warm = {"inference": "warm"} if any(one["status"] == "live" for one in found.providers.values()) else {}
    return {
        "_id": found.sha[:24],
        "id": found.id,
        "modelId": found.id,
        "author": found.id.partition("/")[0],
        "sha": found.sha,
        "lastModified": "2026-08-01T00:00:00.000Z",
        "private": False,
        "disabled": found.disabled,
        "gated": found.gated,
        "pipeline_tag": found.task,
        "library_name": "diffusers",
        "tags": ["diffusers", found.task, f"license:{found.licence}", "region:us"],
        "cardData": {"license": found.licence, "pipeline_tag": found.task},
        "downloads": 1000,
        "likes": 10,
        "inferenceProviderMapping": {name: {**one, "isModelAuthor": False} for name, one in found.providers.items()},
        **warm,
    }


def _as_list(found: Model) -> list[dict[str, str]]:
    return [{"provider": name, **one} for name, one in found.providers.items()]


def _person(token: Token) -> dict[str, Any]:
    access: dict[str, Any] = {"displayName": "studio", "role": token.role, "createdAt": "2026-01-01T00:00:00.000Z"}
    if token.role == "fineGrained":
        entity = {"_id": "1" * 24, "type": "user", "name": token.name}
        scoped = [{"entity": entity, "permissions": list(token.permissions)}]
        access["fineGrained"] = {"canReadGatedRepos": token.gates, "global": [], "scoped": scoped}
    return {
        "type": "user",
        "id": "1" * 24,
        "name": token.name,
        "fullname": token.name.capitalize(),
        "email": f"{token.name}@example.org",
        "canPay": token.is_pro,
        "isPro": token.is_pro,
        "orgs": [],
        "auth": {"type": "access_token", "accessToken": access},
    }


def limits(exchange: Exchange) -> dict[str, str]:
    """The rate limit headers of the Hub's answers."""
    used = sum(call.kind in {"hub", "whoami"} for call in exchange.world.record.calls)
    left = max(0, QUOTA - used)
    return {"ratelimit": f'"api";r={left};t=120', "ratelimit-policy": f'"fixed window";"api";q={QUOTA};w=300'}


def partner(exchange: Exchange) -> Answer:
    """`GET /api/partners/{provider}/models`: a provider's mapping, grouped by task."""
    name = exchange.named["partner"]
    grouped: dict[str, dict[str, Any]] = {}
    for one in exchange.world.models.values():
        if entry := one.providers.get(name):
            shown = {"status": entry["status"], "providerId": entry["providerId"]}
            grouped.setdefault(entry["task"], {})[one.id] = shown
    return Answer(200, json.dumps(grouped).encode(), {"content-type": "application/json", **limits(exchange)})
