"""hf-inference: the answer is the picture itself."""

import re

from generator.backends.huggingface import linked, router

COMMIT = re.compile(r"[0-9a-f]{40}")


def picture(path: str, body: router.Body, *, key: str, provider: str) -> tuple[bytes, str]:
    """The picture, and the commit of the model that made it ("" where nobody says). Raises as `router.ask`."""
    answer = router.ask(
        "POST", path, key=key, body=body, most=router.MOST_PICTURE, provider=provider, accept="image/png"
    )
    commit = answer.headers.get("x-sha", "")
    return linked.checked(answer.content), commit if COMMIT.fullmatch(commit) else ""
