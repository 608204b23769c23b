"""What schemathesis finds in the studio, and what it is given afresh before a call that would use it up."""

import io
import json
import os
from pathlib import Path
from typing import Any

import requests
from PIL import Image

from tests.hostile import MUG
from tests.real.studio import Studio

SMALL = {"prompt": MUG, "model": "builtin", "width": 64, "height": 64, "steps": 5}
LONG = {"prompt": MUG, "model": "builtin", "width": 512, "height": 512, "steps": 60, "images": 4}
QUICK = "flux-1-schnell"
GENEROUS = "requests_per_minute = 1000000, submits_per_minute = 1000000, queued_max = 1000000, daily_images = NULL"


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(file, "PNG")
    return file.getvalue()


def prepared(studio: Studio) -> dict[str, str]:
    """The environment of a run over a studio that has something of everything: `World.from_environment` reads it."""
    token = studio.token("alice@example.org", plan="enterprise")
    studio.change(f"UPDATE accounts_plan SET {GENEROUS}")
    environment = {"STUDIO_URL": studio.address, "STUDIO_TOKEN": token, "STUDIO_LOG": str(studio.folder / "calls")}
    Path(environment["STUDIO_LOG"]).touch()
    world = World(studio.address, token)
    made = [studio.finished(token, world.make(**SMALL, seed=seed)["id"]) for seed in range(3)]
    uploaded = world.upload()
    pictures = [one["images"][0]["id"] for one in made]
    collection = world.collection()
    for picture in pictures[:2]:
        world.call("PUT", f"collections/{collection}/images/{picture}", json={})
    webhook = world.webhook()
    delivery = world.call("POST", f"webhooks/{webhook}/test")["id"]
    known = {
        "collection_id": [collection],
        "image_id": [pictures[0], uploaded],
        "spare_image": [pictures[2]],
        "generation_id": [one["id"] for one in made],
        "slug": ["builtin"],
        "filename": [f"{pictures[0]}.png"],
        "webhook_id": [webhook],
        "delivery_id": [delivery],
    }
    return {**environment, "STUDIO_WORLD": json.dumps(known)}


class World:
    """A client of the API that knows what is there. Every call is expected to go well."""

    def __init__(self, address: str, token: str, known: dict[str, list[str]] | None = None) -> None:
        self.address, self.known = address, known or {}
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    @classmethod
    def from_environment(cls) -> "World":
        """As `prepared` left it."""
        return cls(os.environ["STUDIO_URL"], os.environ["STUDIO_TOKEN"], json.loads(os.environ["STUDIO_WORLD"]))

    def call(self, method: str, path: str, **options: Any) -> Any:
        """The JSON of a good answer, None where it has none."""
        answer = self.session.request(method, f"{self.address}/api/v1/{path}", timeout=30, **options)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def make(self, **wishes: Any) -> Any:
        return self.call("POST", "generations", json=wishes)

    def upload(self) -> str:
        """The id of a picture that came as a file."""
        form = {name: str(value) for name, value in SMALL.items()}
        born = self.call("POST", "generations", data=form, files={"source": ("mug.png", picture())})
        return str(born["request"]["source_image"])

    def collection(self) -> str:
        return str(self.call("POST", "collections", json={"name": "Mugs"})["id"])

    def webhook(self) -> str:
        """To an address of our own that takes no message, so that there is a try to look at."""
        body = {"url": f"{self.address}/healthz", "events": ["generation.failed"]}
        return str(self.call("POST", "webhooks", json=body)["id"])
