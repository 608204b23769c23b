"""Parameters and examples of the OpenAPI document."""

import json
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, PolymorphicProxySerializer

from common.openapi import IDEMPOTENCY_KEY
from generator.api.answers import EstimateOut, GenerationOut

PROMPT = "a red mug on a yellow background, studio lighting"
ID = "0193a1f4-4f02-7c55-b0c1-6a2d9e83f714"
IMAGE_ID = "0193a1f4-52be-7d10-8f3e-2b9c7a64d1f0"
API = "https://studio.example/api/v1"
REQUEST = {
    "prompt": PROMPT,
    "mode": "text-to-image",
    "negative_prompt": "",
    "model": "builtin",
    "width": 512,
    "height": 512,
    "steps": 25,
    "guidance": 6.0,
    "scheduler": "dpmpp_2m",
    "seed": 42,
    "images": 1,
    "fallback": True,
}
_QUEUED: dict[str, Any] = {
    "id": ID,
    "status": "queued",
    "mode": "text-to-image",
    "request": REQUEST,
    "progress": None,
    "queue_position": 3,
    "served_by": None,
    "attempts": [],
    "images": [],
    "notice": None,
    "error": None,
    "metadata": {"sku": "A-17"},
    "created_at": "2026-11-21T11:50:01.504133Z",
    "started_at": None,
    "finished_at": None,
    "urls": {
        "self": f"{API}/generations/{ID}",
        "cancel": f"{API}/generations/{ID}/cancel",
        "events": f"{API}/generations/{ID}/events",
        "page": f"https://studio.example/generations/{ID}/",
    },
}
_RUNNING = {
    **_QUEUED,
    "status": "running",
    "queue_position": None,
    "started_at": "2026-11-21T11:50:01.610482Z",
    "progress": {"step": 12, "steps": 25, "elapsed": 1.1, "expected": 2.4},
}
_FINISHED = {
    **_RUNNING,
    "status": "succeeded",
    "progress": None,
    "served_by": {"model": "builtin", "backend": "builtin", "provider": None, "fallback_from": None},
    "attempts": [
        {
            "model": "builtin",
            "backend": "builtin",
            "provider": None,
            "outcome": "ok",
            "code": "",
            "sent": REQUEST,
            "seconds": 2.31,
        }
    ],
    "images": [
        {
            "id": IMAGE_ID,
            "url": f"{API}/images/{IMAGE_ID}/file",
            "thumbnail_url": f"{API}/images/{IMAGE_ID}/thumbnail",
            "width": 512,
            "height": 512,
            "format": "png",
            "bytes": 183000,
            "seed": 42,
        }
    ],
    "finished_at": "2026-11-21T11:50:03.992716Z",
}
_CANCELLED = {**_QUEUED, "status": "cancelled", "queue_position": None, "finished_at": "2026-11-21T11:50:02.104512Z"}
_ESTIMATE = {
    "request": REQUEST,
    "cost": 1,
    "quota": {"limit": 10, "left": 7, "resets_at": "2026-11-22T00:00:00Z"},
    "queue_position": 3,
    "expected_seconds": 9.6,
}
_MODEL = {
    "slug": "builtin",
    "repo_id": "builtin",
    "name": "Built-in",
    "description": "A small model that runs on this machine, for trying everything.",
    "backend": "builtin",
    "modes": ["text-to-image", "image-to-image"],
    "parameters": {
        "steps": {"min": 5, "max": 60, "step": 1, "default": 25, "choices": None},
        "scheduler": {
            "min": None,
            "max": None,
            "step": None,
            "default": "dpmpp_2m",
            "choices": ["dpmpp_2m", "euler_a", "ddim"],
        },
    },
    "max_side": 512,
    "size_step": 32,
    "available": True,
    "unavailable_code": None,
    "health": "answers",
    "usual_seconds": 2.4,
}
_STYLE = {"slug": "watercolor", "name": "Watercolour", "description": "Soft washes of colour on paper."}


def _answer(name: str, value: object, *statuses: int) -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=[str(status) for status in statuses])


def _page(name: str, row: object) -> OpenApiExample:
    return _answer(name, {"next": None, "previous": None, "results": [row]}, 200)


WISH = OpenApiExample(
    "wish",
    value={"prompt": PROMPT, "width": 512, "height": 512, "seed": 42, "metadata": {"sku": "A-17"}},
    request_only=True,
    media_type="application/json",
)
VARIATION = OpenApiExample(
    "variation",
    value={"prompt": PROMPT, "strength": "0.6", "source": "(a file)"},
    request_only=True,
    media_type="multipart/form-data",
)
QUEUED = _answer("queued", _QUEUED, 202)
RUNNING = _answer("running", _RUNNING, 200)
FINISHED = _answer("finished", _FINISHED, 201)
REPLAY = _answer("the same key again", _FINISHED, 200)
REUSED = _answer("reuse", _FINISHED, 200)
CANCELLED = _answer("cancelled", _CANCELLED, 200)
ESTIMATE = _answer("dry run", _ESTIMATE, 200)
PAGE = _page("page", _FINISHED)
MODEL = _answer("model", _MODEL, 200)
MODELS = _page("models", _MODEL)
STYLES = _page("styles", _STYLE)

EVENTS = f"""retry: 3000

event: started
id: 40213
data: {json.dumps(_RUNNING)}

event: progress
data: {json.dumps({"id": ID, "step": 12, "steps": 25})}

event: succeeded
id: 40216
data: {json.dumps(_FINISHED)}

"""
REPLAY_OR_ESTIMATE = OpenApiResponse(
    PolymorphicProxySerializer("GenerationOrEstimate", [GenerationOut, EstimateOut], resource_type_field_name=None),
    "The generation of a repeated `Idempotency-Key` or of `reuse`, or the estimate of a `dry_run`.",
)
PAGING = [
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 100}, description="How many on one page."),
    OpenApiParameter("cursor", {"type": "string", "minLength": 1}, description="From `next` or `previous`."),
]
PREFERENCES = [
    OpenApiParameter(
        "Prefer",
        str,
        OpenApiParameter.HEADER,
        description="`wait=N`: 201 as soon as it has ended, whatever its final status, in N (to 120) seconds; else 202",
        examples=[OpenApiExample("wait", value="wait=60", parameter_only=("Prefer", "header"))],
    ),
    IDEMPOTENCY_KEY,
]
LOCATION = OpenApiParameter(
    "Location",
    {"type": "string", "format": "uri"},
    OpenApiParameter.HEADER,
    response=[200, 201, 202],
    description="Where the generation is.",
)
APPLIED = OpenApiParameter(
    "Preference-Applied",
    str,
    OpenApiParameter.HEADER,
    response=[200, 201, 202],
    description="The `wait` that was taken.",
)
