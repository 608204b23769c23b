"""Calls of the backend as the runner makes them, within an exchange."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from common import http
from common.addresses import origin
from generator import backends
from generator.backends.base import BackendError, Call, Picture, Route
from generator.params import IMAGE_TO_IMAGE, TEXT_TO_IMAGE, Params
from tests.hf_server import HFServer
from tests.hostile import MUG

T2I, I2I = TEXT_TO_IMAGE, IMAGE_TO_IMAGE
SCHNELL = "black-forest-labs/FLUX.1-schnell"
DEV = "black-forest-labs/FLUX.1-dev"
SD3 = "stabilityai/stable-diffusion-3-medium-diffusers"
SDXL = "stabilityai/stable-diffusion-xl-base-1.0"
GLM = "zai-org/GLM-Image"
KONTEXT = "black-forest-labs/FLUX.1-Kontext-dev"
SERVED = {
    "hf-inference": SD3,
    "fal-ai": SCHNELL,
    "replicate": SCHNELL,
    "together": SDXL,
    "nscale": SDXL,
    "wavespeed": SCHNELL,
    "zai-org": GLM,
}
"""A model that each provider serves."""


@dataclass
class Told:
    """What the backend said on its way, and its picture."""

    tickets: list[str] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    picture: Picture | None = None

    @property
    def image(self) -> Image.Image:
        assert self.picture
        image = Image.open(io.BytesIO(self.picture.content))
        image.load()
        return image


def within(hf: HFServer, work: Callable[[], Any], *, seconds: float = 20) -> Any:
    """Do some work as the runner does, with so many seconds for all of it."""
    with http.exchange(seconds=seconds, trusted=[origin(hf.url)]):
        return work()


def routes(hf: HFServer, repo_id: str = SCHNELL, *, mode: str = T2I, key: str = "hf_good") -> list[Route]:
    return within(hf, lambda: backends.get("huggingface").routes(repo_id, mode=mode, key=key))


def route_of(hf: HFServer, provider: str, repo_id: str, mode: str = T2I) -> Route:
    return next(route for route in routes(hf, repo_id, mode=mode) if route.provider == provider)


def paint(
    hf: HFServer,
    provider: str = "fal-ai",
    repo_id: str = "",
    *,
    mode: str = T2I,
    source: bytes | None = None,
    key: str = "hf_good",
    ticket: str = "",
    route: Route | None = None,
    seconds: float = 20,
    **wishes: Any,
) -> Told:
    """One picture over one provider."""
    told = Told()
    repo_id = repo_id or SERVED[provider]
    params = {"prompt": MUG, "mode": mode, "width": 512, "height": 256, "seed": 7, **wishes}
    call = Call(
        Params(**params),
        repo_id=repo_id,
        route=route or route_of(hf, provider, repo_id, mode),
        source=source,
        key=key,
        ticket=ticket,
        on_ticket=told.tickets.append,
        on_sent=told.sent.append,
    )
    told.picture = within(hf, lambda: backends.get("huggingface").generate(call), seconds=seconds)
    return told


def refusal(work: Callable[[], Any]) -> BackendError:
    """What a call was refused with."""
    try:
        work()
    except BackendError as failure:
        return failure
    raise AssertionError("nothing was refused")


def png(width: int = 512, height: int = 256) -> bytes:
    """A source picture with some grain, so that it does not compress to nothing."""
    file = io.BytesIO()
    Image.effect_noise((width, height), 80).convert("RGB").save(file, "PNG")
    return file.getvalue()
