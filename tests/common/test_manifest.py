"""The frame of the pages: the app to install, what shows without a network, the statement of accessibility."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageChops

from accounts.models import User
from common.colours import PAPER
from tests.common import make_icons

ROOT = Path(__file__).resolve().parents[2]
ClientOf = Callable[[User], Client]


def manifest(client: Client, language: str = "en") -> dict[str, Any]:
    read: dict[str, Any] = client.get(reverse("manifest"), {"language": language}).json()
    return read


def test_a_stranger_may_install_the_studio(client: Client, db: None) -> None:
    response = client.get("/manifest.webmanifest")

    assert response.status_code == 200
    assert response["Content-Type"] == "application/manifest+json"
    assert "public" in response["Cache-Control"]
    assert "max-age" in response["Cache-Control"]


def test_an_installed_studio_opens_with_the_studio_in_a_window_of_its_own(client: Client, db: None) -> None:
    found = manifest(client)

    assert (found["start_url"], found["scope"], found["display"]) == ("/", "/", "standalone")
    assert [shortcut["url"] for shortcut in found["shortcuts"]] == ["/", "/gallery/"]
    assert found["name"] == "Training Edge AI"


def test_a_manifest_is_in_the_language_of_its_address(client: Client, db: None) -> None:
    assert (manifest(client, "fr")["lang"], manifest(client, "en")["lang"]) == ("fr", "en")
    assert client.get("/manifest.webmanifest", HTTP_ACCEPT_LANGUAGE="fr").json()["lang"] == "fr"
    assert manifest(client, "../xx")["lang"] == "en"


def test_every_icon_of_the_manifest_has_the_size_that_it_says(client: Client, db: None) -> None:
    icons = manifest(client)["icons"]

    for icon in icons:
        path = finders.find(icon["src"].removeprefix(f"/{settings.STATIC_URL.strip('/')}/"))
        assert path
        with Image.open(str(path)) as image:
            assert (f"{image.width}x{image.height}", image.format) == (icon["sizes"], "PNG")
    assert {(icon["sizes"], icon["purpose"]) for icon in icons} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }


@pytest.mark.parametrize("name", make_icons.ICONS)
def test_the_icons_are_drawn_from_the_mark(name: str) -> None:
    with Image.open(make_icons.FOLDER / name) as kept:
        difference = ImageChops.difference(kept.convert("RGBA"), make_icons.icon(name))

    assert max(high for _, high in difference.getextrema()) < 32


def test_a_round_mask_cuts_nothing_of_the_mark() -> None:
    side, share, _ = make_icons.ICONS["icon-maskable-512.png"]
    _, lines = make_icons.mark()
    reach = max(((x - 12) ** 2 + (y - 12) ** 2) ** 0.5 for line in lines for x, y in line) + 1

    assert reach * share * side / 24 < 0.4 * side


def test_the_colours_around_the_studio_are_those_of_its_paper(client: Client, db: None) -> None:
    sheet = (ROOT / "static/css/app.css").read_text()
    found = re.search(r"--paper: light-dark\((#\w+), (#\w+)\)", sheet)

    assert found
    assert {"light": found[1], "dark": found[2]} == PAPER
    assert manifest(client)["background_color"] == PAPER["light"]


def test_the_worker_is_served_from_the_root_and_keeps_nothing_of_anybodys(client: Client, db: None) -> None:
    response = client.get("/service-worker.js")
    kept = re.search(r"const KEPT = \[(.*)\];", response.content.decode())

    assert response["Content-Type"].startswith("text/javascript")
    assert kept
    assert [address for address in re.findall(r'"(.*?)"', kept[1]) if not address.startswith("/static/")] == []
    assert 'const OFFLINE = "/offline/";' in response.content.decode()


def test_the_page_without_a_network_names_nobody(alice: User, client_of: ClientOf) -> None:
    response = client_of(alice).get("/offline/")

    assert response.status_code == 200
    assert "Alice" not in response.content.decode()
    assert "csrf" not in response.content.decode()
    assert "private" not in response["Cache-Control"]


def test_a_stranger_reads_the_statement_and_whom_to_write_to(client: Client, db: None, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "The Studio <help@studio.example>"

    page = client.get("/accessibility/").content.decode()

    assert 'href="mailto:help@studio.example"' in page
    assert reverse("accessibility") in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize("address", ["/", "/gallery/", "/account/"])
def test_every_page_can_be_installed_and_leads_to_the_statement(
    alice: User, client_of: ClientOf, shipped: None, address: str
) -> None:
    page = client_of(alice).get(address).content.decode()

    assert '<link rel="manifest" href="/manifest.webmanifest?language=en">' in page
    assert 'rel="apple-touch-icon"' in page
    assert 'href="/accessibility/"' in page


def test_an_icon_for_a_phone_is_small_enough_to_load() -> None:
    assert all(len((make_icons.FOLDER / name).read_bytes()) < 40_000 for name in make_icons.ICONS)
    assert Image.open(io.BytesIO((make_icons.FOLDER / "touch-180.png").read_bytes())).size == (180, 180)
