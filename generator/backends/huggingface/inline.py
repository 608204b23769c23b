"""together and nscale: the answer is JSON with the picture in base64."""

import base64
import binascii

from generator.backends.huggingface import failures, linked, router
from generator.backends.huggingface.answers import as_json, text_at

MOST = router.MOST_PICTURE * 3 // 2


def picture(path: str, body: router.Body, *, key: str, provider: str) -> tuple[bytes, str]:
    """The picture, and "" for its revision, which nobody says. Raises as `router.ask`."""
    answer = router.ask("POST", path, key=key, body=body, most=MOST, provider=provider)
    encoded = text_at(as_json(answer.content), "data", 0, "b64_json")
    try:
        return linked.checked(base64.b64decode(encoded, validate=True)), ""
    except (binascii.Error, ValueError) as error:
        raise failures.bad_answer() from error
