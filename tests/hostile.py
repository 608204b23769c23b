"""What people write, at its worst: the words of every fixture, and a browser that notices when a page believes them.

Markup, attributes, templates, formats, SQL, paths, formulas, a text that runs backwards, marks on letters, 4 bytes.
"""

from typing import Any

from django.test import Client

ATTACK = "<img src=x"
"""What no page may hold as it stands."""

WORDS = (
    "\"'><img src=x onerror=alert(1)>{{ 7|add:7 }}{0}%s'; DROP TABLE x;-- {% now 'Y' %} {x.__class__} %(x)s {count} "
    "</textarea><script>alert(1)</script> ]]> ../../etc/passwd C:\\con =cmd() \u202egnp.exe x\u0302\u0323 \ufdfd كوب 🦊"
)


def hostile(words: str, most: int = 1000) -> str:
    """Readable words with everything that is bad behind them, in at most so many characters."""
    return f"{words} {WORDS}"[:most].strip()


MUG = hostile("a red mug")
MUG_FILE = "a-red-mug-img-srcx-onerroralert1-7add7-0s-drop-table-x-now-y-42"
"""What a file of it is called, its seed included."""
BLUR = hostile("blurry")
ALICE = hostile("Alice Martin", 80)
TAG = hostile("shop", 50)
SHELF = hostile("Mugs", 100)
ABOUT = hostile("red ones")
FILE = hostile("mugs", 150).replace("/", "\\") + ".csv"
PICTURE = FILE.replace('"', "”").removesuffix(".csv") + ".png"
NOTE = {hostile("order", 40): hostile("7")}


class Watchful(Client):
    """A browser without JavaScript; a page that holds the attack as it was written fails the test."""

    def request(self, **request: Any) -> Any:
        """What the studio answers, looked at."""
        answer = super().request(**request)
        if not answer.streaming and answer.get("Content-Type", "").startswith("text/html"):
            assert ATTACK not in answer.content.decode(), f"{request['PATH_INFO']} believes what was written"
        return answer
