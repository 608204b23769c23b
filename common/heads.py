"""The head of a request, judged before its body is read and before Django sees it. Pure."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

HEAD_MOST = 64 * 1024
ADDRESS_MOST = 32 * 1024
"""A form in an address has two texts of 1,000 characters, which are 12 bytes each when they are written so."""
ONCE = {
    *(b"authorization", b"content-encoding", b"content-length", b"content-type", b"host", b"idempotency-key"),
    *(b"last-event-id", b"origin", b"transfer-encoding", b"x-csrftoken"),
}
"""Headers of which Django would join two into one."""
HIDDEN = (b"%2f", b"%5c", b"%00")
"""What hides a part of the path from a proxy that reads it less closely."""


def fault(scope: Mapping[str, Any]) -> str:
    """The code of the refusal; "" where the head may pass."""
    headers = scope["headers"]
    path = scope.get("raw_path") or b""
    if len(path) + len(scope.get("query_string", b"")) > ADDRESS_MOST:
        return "address_too_long"
    if sum(len(name) + len(value) for name, value in headers) > HEAD_MOST:
        return "head_too_large"
    if any(hidden in path.lower() for hidden in HIDDEN):
        return "not_found"
    return _fault_of(headers, needs_host=scope.get("http_version") == "1.1")


def _fault_of(headers: list[tuple[bytes, bytes]], *, needs_host: bool) -> str:
    times = Counter(name for name, _ in headers)
    if any(times[name] > 1 for name in ONCE):
        return "repeated_header"
    if needs_host and not times[b"host"]:
        return "malformed"
    values = {name: value.strip().lower() for name, value in headers}
    if values.get(b"content-encoding", b"identity") != b"identity":
        return "wrong_encoding"
    return "" if values.get(b"transfer-encoding", b"chunked") == b"chunked" else "wrong_encoding"
