"""A picture becomes paths, in a process that can be ended."""

import re
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from defusedxml import ElementTree
from django.test import Client
from django.urls import reverse
from PIL import Image as Pixels
from PIL import ImageDraw

from accounts.models import User
from gallery import export, provenance, tracing
from gallery.export import Size
from gallery.models import Image
from tests.gallery.test_provenance import IPTC, TRAINED, xmp_of

Keep = Callable[..., Image]
SVG = "{http://www.w3.org/2000/svg}"


def a_fish() -> Pixels.Image:
    picture = Pixels.new("RGB", (128, 96), "#f5d020")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((20, 25, 90, 75), fill="#1f49c2")
    pen.polygon([(84, 50), (118, 24), (112, 78)], fill="#163a9e")
    return picture


NOISE = Pixels.effect_noise((768, 768), 90).convert("RGB")


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every place is taken, and nobody waits long for one."""
    monkeypatch.setattr(tracing, "_room", threading.BoundedSemaphore(1))
    monkeypatch.setattr(tracing, "SECONDS", 0.2)
    tracing._room.acquire()


def drawn_parts(root: Any) -> list[Any]:
    return [part for part in root.iter() if part.tag.startswith(SVG)]


class TestSvg:
    def test_it_is_made_of_paths_and_nothing_else(self) -> None:
        root = ElementTree.fromstring(tracing.svg(a_fish(), size=(128, 96), xmp=provenance.XMP))

        assert {part.tag.removeprefix(SVG) for part in drawn_parts(root)} == {"svg", "metadata", "path"}
        assert len(root.findall(f"{SVG}path")) >= 3
        assert {name for path in root.iter(f"{SVG}path") for name in dict(path.attrib)} <= {"d", "fill", "transform"}

    def test_every_path_that_was_traced_is_in_it(self) -> None:
        fish = a_fish()

        traced = tracing._traced(tracing.pictures.encode(fish, "png"))

        assert traced.count(b"<path") == tracing.svg(fish, size=fish.size).count(b"<path") > 2

    def test_its_colours_are_those_of_the_picture(self) -> None:
        fills = re.findall(r'fill="#(..)(..)(..)"', tracing.svg(a_fish(), size=(128, 96)).decode())
        colours = [tuple(int(part, 16) for part in fill) for fill in fills]

        for wanted in ((0xF5, 0xD0, 0x20), (0x1F, 0x49, 0xC2)):
            assert any(max(abs(a - b) for a, b in zip(wanted, colour, strict=True)) < 8 for colour in colours)

    def test_it_is_as_large_as_it_was_asked_for(self, alice: User, generated: Keep) -> None:
        image = generated(alice, content=tracing.pictures.encode(a_fish(), "png"))

        own = ElementTree.fromstring(export.content(image, "svg"))
        large = ElementTree.fromstring(export.content(image, "svg", size=Size(2000, 1000)))

        assert [own.get(name) for name in ("width", "height", "viewBox")] == ["128", "96", "0 0 512 384"]
        assert [large.get(name) for name in ("width", "height", "viewBox")] == ["2000", "1000", "0 0 512 256"]

    def test_it_is_marked_and_the_recipe_can_be_left_out(self, alice: User, generated: Keep) -> None:
        image = generated(alice, prompt="<script>alert(1)</script> & ]]> كوب")

        whole, bare = export.content(image, "svg"), export.content(image, "svg", with_recipe=False)

        assert xmp_of(whole).find(f".//{IPTC}").text == xmp_of(bare).find(f".//{IPTC}").text == TRAINED
        assert b"<script" not in whole
        assert provenance.texts(whole).recipe_json == image.recipe
        assert provenance.texts(bare).recipe_json is None
        assert {part.tag.removeprefix(SVG) for part in drawn_parts(ElementTree.fromstring(whole))} <= {
            "svg", "metadata", "path",
        }  # fmt: skip


class TestLimits:
    def test_what_takes_too_much_of_a_processor_is_ended_and_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tracing, "PROCESSOR_SECONDS", 1)

        with pytest.raises(tracing.TooDetailed) as refusal:
            tracing.svg(NOISE, size=NOISE.size)

        assert "PNG" in refusal.value.message

    def test_a_machine_that_is_too_busy_to_finish_does_not_blame_the_picture(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tracing, "SECONDS", 0.5)

        with pytest.raises(tracing.TracersBusy) as refusal:
            tracing.svg(NOISE, size=NOISE.size)

        assert refusal.value.message == "Other pictures are being drawn as lines just now. Try again in 30 s."

    def test_who_gets_no_place_in_time_is_told_to_come_again(self, full: None) -> None:
        with pytest.raises(tracing.TracersBusy):
            tracing.svg(a_fish(), size=(128, 96))

    def test_a_place_is_free_again_after_every_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tracing, "BYTES_MAX", 500)

        for _ in range(tracing.AT_ONCE + 1):
            with pytest.raises(tracing.TooDetailed):
                tracing.svg(a_fish(), size=(128, 96))

    def test_what_becomes_too_large_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tracing, "BYTES_MAX", 500)

        with pytest.raises(tracing.TooDetailed):
            tracing.svg(a_fish(), size=(128, 96))

    def test_a_tracer_that_does_not_work_is_a_bug_and_not_a_detail(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        broken = tmp_path / "tracer.py"
        broken.write_text("import no_such_library")
        monkeypatch.setattr(tracing, "PROGRAM", broken)

        with pytest.raises(subprocess.CalledProcessError):
            tracing.svg(a_fish(), size=(128, 96))

    def test_the_tracer_needs_nothing_of_the_studio(self) -> None:
        source = tracing.PROGRAM.read_text()

        assert re.findall(r"^\s*(?:import|from) (\w+)", source, re.MULTILINE) == [
            "contextlib",
            "sys",
            "vtracer",
            "resource",
        ]


class TestDoor:
    def test_an_svg_is_always_saved_and_never_opened(
        self, alice: User, generated: Keep, client_of: Callable[[User], Client]
    ) -> None:
        response = client_of(alice).get(reverse("image_file", args=[generated(alice).pk]), {"format": "svg"})

        assert response["Content-Type"] == "image/svg+xml"
        assert response["Content-Disposition"].startswith("attachment;")
        assert "sandbox" in response["Content-Security-Policy"]
        assert response["X-Content-Type-Options"] == "nosniff"

    def test_a_person_has_ten_traced_a_minute(
        self, alice: User, generated: Keep, api: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client, address = api(alice), reverse("api_image_file", args=[generated(alice).pk])

        with time_machine.travel("2026-11-21T12:00:00Z", tick=False):
            answers = [client.get(address, {"format": "svg", "width": str(16 + n)}).status_code for n in range(11)]

        assert answers == [200] * 10 + [429]
        assert client.get(address).status_code == 200

    def test_a_program_is_told_to_take_another_format(
        self, alice: User, generated: Keep, api: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tracing, "BYTES_MAX", 10)

        response = api(alice).get(reverse("api_image_file", args=[generated(alice).pk]), {"format": "svg"})

        assert (response.status_code, response.json()["code"]) == (422, "too_detailed")

    @pytest.mark.parametrize("name", ["image_file", "api_image_file"])
    def test_who_comes_while_others_are_traced_is_told_when_to_come_again(
        self, name: str, alice: User, generated: Keep, client_of: Any, api: Callable[..., Client], full: None
    ) -> None:
        client = api(alice) if name.startswith("api") else client_of(alice)

        response = client.get(reverse(name, args=[generated(alice).pk]), {"format": "svg"})

        assert (response.status_code, response["Retry-After"]) == (503, "30")
