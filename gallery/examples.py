"""The examples of the OpenAPI document."""

from drf_spectacular.utils import OpenApiExample

ID = "0193a1f4-52be-7d10-8f3e-2b9c7a64d1f0"
ROUTE = f"https://studio.example/api/v1/images/{ID}"
_IMAGE = {
    "id": ID,
    "origin": "generated",
    "title": "",
    "tags": ["shop"],
    "favourite": False,
    "visibility": "private",
    "url": f"{ROUTE}/file",
    "thumbnail_url": f"{ROUTE}/thumbnail",
    "width": 512,
    "height": 512,
    "format": "png",
    "bytes": 183000,
    "digest": "5f8c1f0a4d7be6a3e2d90c1b7a88f3459e60d2c47b13a9f6d8e5c0b2a7914f36",
    "model": "builtin",
    "seed": 42,
    "prompt": "a red mug on a yellow background, studio lighting",
    "parent": None,
    "created_at": "2026-11-21T11:50:03.120417Z",
    "deleted_at": None,
}
_RECIPE = {
    "version": 1,
    "mode": "text-to-image",
    "model": "builtin",
    "repo_id": "builtin",
    "revision": "9d2c4e7f1b60a85d3c92f4e1a7b8065d4c3f2e1b0a9d8c7b6e5f4a3b2c1d0e9f",
    "backend": "builtin",
    "provider": None,
    "prompt": "a red mug on a yellow background, studio lighting",
    "negative_prompt": None,
    "style": None,
    "full_prompt": "a red mug on a yellow background, studio lighting",
    "full_negative_prompt": None,
    "width": 512,
    "height": 512,
    "steps": 25,
    "guidance": 6.0,
    "scheduler": "dpmpp_2m",
    "seed": 42,
    "strength": None,
    "source_digest": None,
    "software": {"onnxruntime": "1.31.1"},
}


def _answer(name: str, value: object) -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=["200"])


IMAGE = _answer("image", _IMAGE)
PAGE = _answer("page", {"next": None, "previous": None, "results": [_IMAGE]})
RECIPE = _answer("recipe", _RECIPE)
_CHANGE = {"title": "Mug, final", "favourite": True, "visibility": "unlisted"}
CHANGE = OpenApiExample("change", value=_CHANGE, request_only=True)

_COLLECTION = {
    "id": "0193a1f6-11c2-7a30-9e55-6d1f4b8a2c70",
    "name": "Shop window",
    "description": "What the shop shows in spring.",
    "cover": ID,
    "images": 12,
    "role": "owner",
    "owner": "alice",
    "members": [{"handle": "bob", "name": "Bob Dupont", "role": "editor"}],
    "created_at": "2026-11-21T11:52:10.000512Z",
}
COLLECTION = _answer("collection", _COLLECTION)
COLLECTION_MADE = OpenApiExample(
    "made",
    value={**_COLLECTION, "cover": None, "images": 0, "members": []},
    response_only=True,
    status_codes=["201"],
)
COLLECTIONS = _answer("collections", {"next": None, "previous": None, "results": [_COLLECTION]})
COLLECTION_NEW = OpenApiExample(
    "new", value={"name": "Shop window", "description": "What the shop shows in spring."}, request_only=True
)
COLLECTION_CHANGE = OpenApiExample("change", value={"name": "Spring", "cover": ID}, request_only=True)
PLACE = OpenApiExample("first", value={"after": None}, request_only=True)
