"""Names of hosts, looked up within a time limit that the resolver of the system does not know."""

import socket
import threading
from concurrent.futures import Future


def addresses_of(host: str, port: int, *, seconds: float) -> list[str]:
    """The addresses of a host, in the order to try them.

    Raises `OSError` where it has none, its subclass `TimeoutError` after `seconds`, `UnicodeError` for what is no name.
    """
    answer: Future[list[str]] = Future()
    threading.Thread(target=_look_up, args=(answer, host, port), name="look-up", daemon=True).start()
    return answer.result(timeout=seconds)


def _look_up(answer: Future[list[str]], host: str, port: int) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        answer.set_exception(error)
    else:
        answer.set_result(list(dict.fromkeys(str(entry[4][0]) for entry in found)))
