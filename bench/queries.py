"""Database queries of the gallery, of the studio and of a submit."""

from typing import Any
from uuid import uuid4

from bench import depth, studio
from bench.report import Line, tell

PICTURES = 50


def main() -> None:
    studio.inside()
    user = depth.somebody_with(PICTURES)
    client = studio.browser_of(user)
    program = studio.program_of(user)
    visits = {
        "The gallery": lambda: client.get("/gallery/"),
        "The studio": lambda: client.get("/"),
        "A submit, by page": lambda: client.post("/generations/", {"prompt": "a red mug", "model": "builtin"}),
        "A submit, by API": lambda: program.post("/api/v1/generations", {"prompt": "a red mug"}, "application/json"),
        "... with an `Idempotency-Key`": lambda: program.post(
            "/api/v1/generations",
            {"prompt": "a red mug"},
            "application/json",
            headers={"Idempotency-Key": str(uuid4())},
        ),
    }
    for what, visit in visits.items():
        visit()
        tell(Line(f"{what}: queries", str(queries_of(visit)), "at most 12", "the person included"))


def queries_of(visit: Any) -> int:
    """How many statements one request runs; savepoints and transactions are not counted."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        answer = visit()
    if answer.status_code >= 400:
        raise RuntimeError(f"answered {answer.status_code}")
    frame = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    return sum(not query["sql"].startswith(frame) for query in captured.captured_queries)


if __name__ == "__main__":
    main()
