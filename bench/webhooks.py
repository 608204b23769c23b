"""How many webhooks a worker delivers a second, to a receiver that answers at once, over PostgreSQL and Redis."""

import http.server
import os
import sys
import threading
import time
from typing import Any

from bench import cluster, studio
from bench.report import Line, tell
from tests.real.servers import until

PEOPLE, EACH = 50, 20


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes everything, and remembers when."""

    arrived: list[float] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        Receiver.arrived.append(time.monotonic())
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_words: Any) -> None:
        """Nothing."""


def main() -> None:
    if lacking := cluster.missing():
        print(f"bench/webhooks.py measures nothing: {lacking} is not installed", file=sys.stderr)
        return
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with cluster.running():
        os.environ["WEBHOOK_ALLOW_PRIVATE"] = "true"
        studio.inside()
        arrange(f"http://127.0.0.1:{server.server_port}/")
        worker = cluster.start_worker()
        try:
            until(lambda: len(Receiver.arrived) >= PEOPLE * EACH, seconds=120, what="all deliveries arriving")
        finally:
            worker.kill()
            worker.wait()
    arrived = sorted(Receiver.arrived)
    tell(
        Line(
            "Webhooks delivered a second",
            f"{(len(arrived) - 1) / (arrived[-1] - arrived[0]):.0f}",
            "",
            f"{len(arrived)} waiting deliveries of {PEOPLE} people, one worker, a receiver that answers at once",
        )
    )


def arrange(url: str) -> None:
    """Everybody has one endpoint, and so many deliveries that are due."""
    from django.db import transaction

    from accounts.models import User
    from common.database import release_connection
    from events import services, types, webhooks

    for number in range(PEOPLE):
        user = User.objects.create_user(f"receiver{number}@example.org")
        webhooks.add(user=user, url=url, events=list(types.TOLD))
        for reference in range(EACH):
            with transaction.atomic():
                services.emit(types.SUCCEEDED, user=user, reference=str(reference), data={"id": str(reference)})
    release_connection()


if __name__ == "__main__":
    main()
