"""What the Hub knows and who serves it, as a test finds it before it changes anything."""

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

T2I, I2I = "text-to-image", "image-to-image"
SDXL = "stability-ai/sdxl:7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc"


@dataclass(frozen=True)
class Model:
    """One repository; `providers` maps a provider to its entry, `gone` names those that answer 410."""

    id: str
    task: str = T2I
    licence: str = "apache-2.0"
    gated: str | bool = False
    gone: tuple[str, ...] = ()
    providers: dict[str, dict[str, str]] = field(default_factory=dict)
    disabled: bool = False

    @property
    def sha(self) -> str:
        """A commit that looks like one, the same each time."""
        return hashlib.sha1(self.id.encode()).hexdigest()

    def changed(self, **fields: Any) -> "Model":
        """The same with other fields; lists of JSON become tuples."""
        if "gone" in fields:
            fields["gone"] = tuple(fields["gone"])
        if "providers" in fields:
            fields["providers"] = {
                name: {"status": "live", "task": fields.get("task", self.task), **entry}
                for name, entry in fields["providers"].items()
            }
        return replace(self, **fields)


def _model(model_id: str, task: str = T2I, *, served: dict[str, str] | None = None, **more: Any) -> Model:
    entries = {name: {"providerId": provider_id} for name, provider_id in (served or {}).items()}
    return Model(model_id, task).changed(providers=entries, **more)


DEV = "flux-1-dev-non-commercial-license"
STABILITY = "stabilityai-ai-community"

_ALL = (
    _model(
        "stabilityai/stable-diffusion-3-medium-diffusers",
        served={"hf-inference": "stabilityai/stable-diffusion-3-medium-diffusers"},
        licence=STABILITY,
        gated="auto",
    ),
    _model(
        "black-forest-labs/FLUX.1-schnell",
        served={
            "fal-ai": "fal-ai/flux/schnell",
            "replicate": "black-forest-labs/flux-schnell",
            "nscale": "black-forest-labs/FLUX.1-schnell",
            "wavespeed": "wavespeed-ai/flux-schnell",
        },
        gone=("hf-inference",),
    ),
    _model(
        "stabilityai/stable-diffusion-xl-base-1.0",
        served={
            "replicate": SDXL,
            "nscale": "stabilityai/stable-diffusion-xl-base-1.0",
            "together": "stabilityai/stable-diffusion-xl-base-1.0",
        },
        licence="openrail++",
        gone=("hf-inference",),
    ),
    _model("stable-diffusion-v1-5/stable-diffusion-v1-5", licence="creativeml-openrail-m"),
    _model("CompVis/stable-diffusion-v1-4", licence="creativeml-openrail-m"),
    _model(
        "black-forest-labs/FLUX.1-dev",
        served={
            "fal-ai": "fal-ai/flux/dev",
            "replicate": "black-forest-labs/flux-dev",
            "wavespeed": "wavespeed-ai/flux-dev",
        },
        licence=DEV,
        gated="auto",
        gone=("hf-inference",),
    ),
    _model(
        "black-forest-labs/FLUX.1-Krea-dev",
        served={
            "fal-ai": "fal-ai/flux/krea",
            "replicate": "black-forest-labs/flux-krea-dev",
            "wavespeed": "wavespeed-ai/flux-krea-dev",
        },
        licence=DEV,
        gated="auto",
    ),
    _model(
        "Qwen/Qwen-Image",
        served={
            "fal-ai": "fal-ai/qwen-image",
            "replicate": "qwen/qwen-image",
            "wavespeed": "wavespeed-ai/qwen-image/text-to-image",
        },
    ),
    _model(
        "Tongyi-MAI/Z-Image-Turbo",
        served={
            "fal-ai": "fal-ai/z-image/turbo",
            "replicate": "prunaai/z-image-turbo",
            "wavespeed": "wavespeed-ai/z-image/turbo",
        },
    ),
    _model(
        "stabilityai/stable-diffusion-3.5-large",
        served={
            "fal-ai": "fal-ai/stable-diffusion-v35-large",
            "replicate": "stability-ai/stable-diffusion-3.5-large",
        },
        licence=STABILITY,
        gated="auto",
    ),
    _model(
        "stabilityai/stable-diffusion-3.5-medium",
        served={"fal-ai": "fal-ai/stable-diffusion-v35-medium"},
        licence=STABILITY,
        gated="auto",
    ),
    _model("HiDream-ai/HiDream-I1-Full", served={"fal-ai": "fal-ai/hidream-i1-full"}, licence="mit"),
    _model("krea/Krea-2-Turbo", served={"fal-ai": "fal-ai/krea-2/turbo"}),
    _model("baidu/ERNIE-Image", served={"fal-ai": "fal-ai/ernie-image"}),
    _model("ideogram-ai/ideogram-4-fp8", served={"fal-ai": "ideogram/v4"}),
    _model("zai-org/GLM-Image", served={"zai-org": "glm-image"}, licence="mit"),
    _model(
        "black-forest-labs/FLUX.1-Kontext-dev",
        I2I,
        served={
            "fal-ai": "fal-ai/flux-kontext/dev",
            "replicate": "black-forest-labs/flux-kontext-dev",
            "wavespeed": "wavespeed-ai/flux-kontext-dev",
        },
        licence=DEV,
        gated="auto",
    ),
    _model(
        "black-forest-labs/FLUX.2-dev",
        I2I,
        served={
            "fal-ai": "fal-ai/flux-2/edit",
            "replicate": "black-forest-labs/flux-2-dev",
            "wavespeed": "wavespeed-ai/flux-2-dev/edit",
        },
        licence="flux-2-dev-non-commercial-license",
        gated="auto",
    ),
    _model(
        "black-forest-labs/FLUX.2-klein-9B",
        I2I,
        served={
            "fal-ai": "fal-ai/flux-2/klein/9b/edit",
            "replicate": "black-forest-labs/flux-2-klein-9b",
            "wavespeed": "wavespeed-ai/flux-2-klein-9b/edit",
        },
        gated="auto",
    ),
    _model(
        "Qwen/Qwen-Image-Edit", I2I, served={"fal-ai": "fal-ai/qwen-image-edit", "replicate": "qwen/qwen-image-edit"}
    ),
    _model("Qwen/Qwen-Image-Edit-2509", I2I, served={"fal-ai": "fal-ai/qwen-image-edit-plus"}),
    _model("Qwen/Qwen-Image-Edit-2511", I2I, served={"fal-ai": "fal-ai/qwen-image-edit-2511"}),
)

MODELS = {model.id: model for model in _ALL}


@dataclass(frozen=True)
class Token:
    """An access token; `state` is valid, expired or broke, `gates` whether its owner accepted the licences."""

    name: str
    state: str = "valid"
    role: str = "fineGrained"
    permissions: tuple[str, ...] = ("inference.serverless.write",)
    gates: bool = True
    is_pro: bool = False

    @property
    def may_infer(self) -> bool:
        """Whether it may make calls to Inference Providers."""
        return self.role != "fineGrained" or "inference.serverless.write" in self.permissions


TOKENS = {
    "hf_good": Token("alice"),
    "hf_other": Token("bob", role="write", is_pro=True),
    "hf_noscope": Token("carol", permissions=("repo.content.read",)),
    "hf_expired": Token("dave", state="expired"),
    "hf_nocredit": Token("erin", state="broke"),
    "hf_nogate": Token("frank", gates=False),
}
