"""Examples of the original design's endpoints for the OpenAPI document."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

IMAGE = "0193a1f2-8d10-7c3e-a1b2-0c4d5e6f7a8b"
GENERATION = "0193a1f2-7c4e-7bb0-9a51-4d2f6c1e8a90"


def _answer(name: str, value: dict[str, Any], status: int = 200) -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=[str(status)])


WISH = OpenApiExample("a wish", value={"prompt": "a red mug", "model_name": "builtin"}, request_only=True)
MADE = _answer(
    "made",
    {
        "success": True,
        "id": IMAGE,
        "image_url": f"http://127.0.0.1:8000/download/{IMAGE}.png",
        "filename": f"{IMAGE}.png",
        "model_name": "builtin",
        "prompt": "a red mug",
        "created_at": "2026-11-21T12:00:02Z",
        "file_size": 183000,
    },
)
LATE = _answer(
    "not ready in time",
    {
        "success": False,
        "error": "The picture was not ready in time. It is still being made: look for it in your gallery, or ask for "
        "the generation of this id.",
        "id": GENERATION,
    },
    504,
)
MODELS = _answer(
    "models",
    {"models": [{"id": "builtin", "name": "Built-in", "description": "A small model that runs on this machine."}]},
)
DELETED = _answer("in the trash", {"success": True})
