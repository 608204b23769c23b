"""A program of the original design talks to a whole studio."""

import io

import pytest
from PIL import Image

from tests.hostile import MUG
from tests.real import servers
from tests.real.books import assert_books_balance
from tests.real.studio import Studio

pytestmark = pytest.mark.real


@pytest.fixture
def working(studio: Studio) -> Studio:
    """The studio with a worker."""
    studio.start_worker()
    return studio


def test_the_four_calls_in_a_row(working: Studio) -> None:
    token = working.token("olivia@example.org")

    models = working.call("GET", "/api/models", token).json()["models"]
    made = working.call("POST", "/api/generate", token, json={"prompt": MUG, "model_name": "builtin"})
    said = made.json()
    file = working.call("GET", said["image_url"].removeprefix(working.address), token)
    deleted = working.call("DELETE", f"/api/delete/{said['id']}", token)
    gone = working.call("GET", f"/download/{said['filename']}", token)

    assert "builtin" in {model["id"] for model in models}
    assert (made.status_code, said["success"], said["model_name"], said["prompt"]) == (200, True, "builtin", MUG)
    assert Image.open(io.BytesIO(file.content)).format == "PNG"
    assert len(file.content) == said["file_size"]
    assert (deleted.status_code, deleted.json()) == (200, {"success": True})
    assert (gone.status_code, gone.json()["success"]) == (404, False)
    assert_books_balance(working)


def test_who_leaves_before_the_picture_is_there_finds_it_in_the_gallery(working: Studio) -> None:
    token = working.token("lena@example.org")
    working.kill_worker()

    with pytest.raises(OSError, match="timed out"):
        working.call("POST", "/api/generate", token, json={"prompt": "a red mug", "model_name": "builtin"}, timeout=1)
    working.start_worker()

    def arrived() -> bool:
        return bool(working.call("GET", "/api/v1/images", token).json()["results"])

    servers.until(arrived, seconds=60, what="the picture")
