"""The examples of webhooks in the OpenAPI document."""

from drf_spectacular.utils import OpenApiExample

_WEBHOOK = {
    "id": "0193a1f7-3b10-7c42-a6d8-5e2f9b7c1a04",
    "url": "https://shop.example/hooks/studio",
    "events": ["generation.succeeded", "generation.failed"],
    "enabled": True,
    "description": "The shop's import",
    "created_at": "2026-11-21T11:54:31.204417Z",
}
_NEW = {name: _WEBHOOK[name] for name in ("url", "events", "description")}
_SECRET = {**_WEBHOOK, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
_TRY = {
    "started_at": "2026-11-21T11:56:02.310118Z",
    "seconds": 0.21,
    "url": "https://shop.example/hooks/studio",
    "status": 204,
    "code": None,
    "request": {
        "content-type": "application/json",
        "webhook-id": "msg_0193a1f88e6474d1b0c52f7a9d3e6b18",
        "webhook-timestamp": "1795262162",
        "webhook-signature": "v1,5LVQaMG4sCw0pVKuOJJw5vbXrnE5eyHRpqVaRmgRWSE=",
    },
    "answer": "",
}
_DELIVERY = {
    "id": "0193a1f8-8e64-74d1-b0c5-2f7a9d3e6b18",
    "webhook": _WEBHOOK["id"],
    "type": "generation.succeeded",
    "generation": "0193a1f2-7c4e-7bb0-9a51-4d2f6c1e8a90",
    "url": "https://shop.example/hooks/studio",
    "status": "delivered",
    "code": None,
    "tries": 1,
    "next_try_at": None,
    "created_at": "2026-11-21T11:56:02.120417Z",
    "finished_at": "2026-11-21T11:56:02.520535Z",
    "log": [_TRY],
}
_BODY = (
    '{"type":"generation.succeeded","timestamp":"2026-11-21T11:56:02.120417Z",'
    '"data":{"id":"0193a1f2-7c4e-7bb0-9a51-4d2f6c1e8a90","status":"succeeded"}}'
)
_WHOLE = {**_DELIVERY, "body": _BODY}
_WAITING = {
    **_WHOLE,
    "status": "waiting",
    "tries": 0,
    "next_try_at": "2026-11-21T11:58:40.003312Z",
    "finished_at": None,
    "log": [],
}


def _answer(name: str, value: object, status: str = "200") -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=[status])


def _page(name: str, row: object) -> OpenApiExample:
    return _answer(name, {"next": None, "previous": None, "results": [row]})


WEBHOOK = _answer("webhook", _WEBHOOK)
WEBHOOKS = _page("webhooks", _WEBHOOK)
WEBHOOK_NEW = OpenApiExample("new", value=_NEW, request_only=True)
WEBHOOK_MADE = _answer("made", _SECRET, "201")
WEBHOOK_CHANGE = OpenApiExample("switch off", value={"enabled": False}, request_only=True)
WEBHOOK_ROTATED = _answer("rotated", _SECRET)
DELIVERY = _answer("delivery", _WHOLE)
DELIVERIES = _page("deliveries", _DELIVERY)
TEST_POSTED = _answer(
    "posted",
    {
        **_WAITING,
        "type": "webhook.test",
        "generation": None,
        "body": '{"type":"webhook.test","timestamp":"2026-11-21T11:56:02.120417Z",'
        '"data":{"webhook":"0193a1f7-3b10-7c42-a6d8-5e2f9b7c1a04"}}',
    },
    "202",
)
POSTED_AGAIN = _answer("posted again", {**_WAITING, "log": [_TRY]}, "202")
