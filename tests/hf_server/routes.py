"""Which call a request is."""

import re
from collections.abc import Callable
from typing import Any

from tests.hf_server import at_once, chat, fal, hub, queues, replicate
from tests.hf_server.record import shortened
from tests.hf_server.wire import Answer, Request
from tests.hf_server.world import Exchange, World

Handler = Callable[[Exchange], Answer]

FAL_JOB = r"/fal-ai/(?P<app>[^/]+/[^/]+)/requests/(?P<job>[^/]+)"
REPLICATE = "/replicate/v1/predictions"
ZAI = "/zai-org/api/paas/v4"


def picture(exchange: Exchange) -> Answer:
    """`GET /files/{name}.{ending}`: everybody may, and nobody may show a token."""
    if exchange.request.token is not None:
        exchange.world.record.fault(f"a token was shown to the picture host: {exchange.request.path}")
        return Answer(400, b"no token here", {"content-type": "text/plain"})
    file = exchange.world.files.get(exchange.named["file"])
    if file is None:
        return Answer(404, b"<Error><Code>NoSuchKey</Code></Error>", {"content-type": "application/xml"})
    return Answer(200, file.content, {"content-type": file.media_type, "cache-control": "max-age=3600"})


def unknown(exchange: Exchange) -> Answer:
    """Anything else."""
    exchange.world.record.fault(f"unknown path: {exchange.request.method} {exchange.request.path}")
    return Answer.of_json(404, {"error": "Not Found"})


ROUTES: tuple[tuple[str, str, str, str, Handler], ...] = (
    ("GET", r"/api/models/(?P<model>[^/]+/[^/]+)", "hub", "", hub.model),
    ("GET", r"/api/models", "hub", "", hub.listed),
    ("GET", r"/api/partners/(?P<partner>[^/]+)/models", "hub", "", hub.partner),
    ("GET", r"/api/whoami-v2", "whoami", "", hub.whoami),
    (
        "POST",
        r"(?:/(?P<chat>[a-z-]+))?(?:/[\w.-]+)*?/(?:v\d+/)?(?:openai/)?chat/completions",
        "chat",
        "",
        chat.complete,
    ),
    ("GET", r"/v1/models", "chat_models", "", chat.models),
    ("POST", r"/hf-inference/models/(?P<model>[^/]+/[^/]+)", "create", "hf-inference", at_once.hf_inference),
    ("POST", r"/together/v1/images/generations", "create", "together", at_once.together),
    ("POST", r"/nscale/v1/images/generations", "create", "nscale", at_once.nscale),
    ("GET", rf"{FAL_JOB}/status", "poll", "fal-ai", fal.status),
    ("PUT", rf"{FAL_JOB}/cancel", "cancel", "fal-ai", fal.cancel),
    ("GET", FAL_JOB, "result", "fal-ai", fal.result),
    ("POST", r"/fal-ai/(?P<pm>.+)", "create", "fal-ai", fal.create),
    ("POST", r"/replicate/v1/models/(?P<pm>[^/]+/[^/]+)/predictions", "create", "replicate", replicate.create),
    ("POST", REPLICATE, "create", "replicate", replicate.create),
    ("GET", rf"{REPLICATE}/(?P<job>[^/]+)", "poll", "replicate", replicate.poll),
    ("POST", rf"{REPLICATE}/(?P<job>[^/]+)/cancel", "cancel", "replicate", replicate.cancel),
    ("GET", r"/wavespeed/api/v3/predictions/(?P<job>[^/]+)/result", "poll", "wavespeed", queues.wavespeed_poll),
    ("POST", r"/wavespeed/api/v3/(?P<pm>.+)", "create", "wavespeed", queues.wavespeed),
    ("POST", rf"{ZAI}/async/images/generations", "create", "zai-org", queues.zai),
    ("GET", rf"{ZAI}/async-result/(?P<job>[^/]+)", "poll", "zai-org", queues.zai_poll),
    ("GET", r"/files/(?P<file>[^/.]+)\.\w+", "picture", "", picture),
)
_COMPILED = tuple(
    (method, re.compile(pattern), kind, provider, handler) for method, pattern, kind, provider, handler in ROUTES
)


def exchange_of(world: World, request: Request) -> tuple[Exchange, Handler]:
    """The request as a recorded call, and who answers it."""
    for method, pattern, kind, provider, handler in _COMPILED:
        if request.method == method and (match := pattern.fullmatch(request.path)):
            named = {name: value for name, value in match.groupdict().items() if value}
            return _recorded(world, request, kind, provider, named), handler
    return _recorded(world, request, "unknown", "", {}), unknown


def _recorded(world: World, request: Request, kind: str, provider: str, named: dict[str, str]) -> Exchange:
    asked = world.jobs[named["job"]].call if named.get("job") in world.jobs else None
    if named.get("file") in world.files:
        asked = world.files[named["file"]].call
    call = world.record.begin(
        method=request.method,
        path=request.path,
        query={name: values[0] for name, values in request.query.items()},
        headers={name: value for name, value in request.headers.items() if name != "authorization"},
        token=(request.token or "")[-4:],
        body=shortened(request.json),
        size=len(request.body),
        kind=kind,
        provider=asked.provider if asked else named.get("chat", provider),
        model=asked.model if asked else _model(world, request, provider, named),
        prompt=asked.prompt if asked else _prompt(request.fields),
        seed=asked.seed if asked else _seed(request.fields),
    )
    _look_for_faults(world, request)
    return Exchange(world, request, call, named)


def _model(world: World, request: Request, provider: str, named: dict[str, str]) -> str:
    fields = request.fields
    if "model" in named or not provider:
        return named.get("model") or str(fields.get("model", "")).partition(":")[0]
    known = named.get("pm") or fields.get("version") or fields.get("model") or ""
    found = world.model_of(provider, str(known))
    return found.id if found else ""


def _prompt(fields: dict[str, Any]) -> str:
    if messages := fields.get("messages"):
        return next((str(one.get("content")) for one in reversed(messages) if one.get("role") == "user"), "")
    places = [_inner(fields, "parameters"), _inner(fields, "input"), fields, {"prompt": fields.get("inputs")}]
    return next((str(place["prompt"]) for place in places if place.get("prompt")), "")


def _seed(fields: dict[str, Any]) -> int | None:
    places = [_inner(fields, "parameters"), _inner(fields, "input"), fields]
    return next((place["seed"] for place in places if isinstance(place.get("seed"), int)), None)


def _inner(fields: dict[str, Any], name: str) -> dict[str, Any]:
    inner = fields.get(name)
    return inner if isinstance(inner, dict) else {}


def _look_for_faults(world: World, request: Request) -> None:
    record = world.record
    if "//" in request.path:
        record.fault(f"a doubled slash: {request.path}")
    first, *others = request.path.strip("/").split("/")
    if others[:2] == [first, first] or (first != "fal-ai" and others[:1] == [first]):
        record.fault(f"a doubled prefix: {request.path}")
    if "transfer-encoding" in request.headers:
        record.fault(f"a body without a length: {request.path}")
    if request.headers.get("authorization", "Bearer ").partition(" ")[0] != "Bearer":
        record.fault(f"not a Bearer token: {request.path}")
    spoken = [request.path, *(value for values in request.query.values() for value in values)]
    if any(token in text for token in world.tokens for text in spoken) or any(
        token.encode() in request.body for token in world.tokens
    ):
        record.fault(f"a token outside its header: {request.path}")
