"""The providers that are spoken here: where each is asked, with what, and how it answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from generator.backends.huggingface import dialects, inline, queued, raw
from generator.backends.huggingface.queued import Queue
from generator.params import IMAGE_TO_IMAGE, TEXT_TO_IMAGE, Params

Told = dialects.Told
NOT_SENT = "…"
"""Stands for a source picture where a request is written down."""
AS_URL = "data:image/jpeg;base64,"


@dataclass(frozen=True)
class Provider:
    """`path` and `body` make the request of a model's id at the provider and what it is told.

    `family` is how it answers: at once with a picture and its revision, or with a job in its queue.
    """

    modes: tuple[str, ...]
    path: Callable[[str], str]
    body: Callable[[str, Told], Told]
    family: Queue | Callable[..., tuple[bytes, str]]
    before_source: str = AS_URL


@dataclass(frozen=True)
class Order:
    """A request for one picture, with `copies` of its source, and our names of the settings that its provider does not
    obey."""

    path: str
    body: Told
    copies: int
    not_honoured: list[str]


def modes_of(provider: str) -> tuple[str, ...]:
    """What a provider is asked for here; nothing where it is not spoken."""
    return PROVIDERS[provider].modes if provider in PROVIDERS else ()


def remote_id(provider: str, repo_id: str, mapped: str) -> str:
    """The name of a model at a provider: Hugging Face's own goes by the repository's."""
    return repo_id if provider == "hf-inference" else mapped


def order(provider: str, remote: str, repo_id: str, params: Params, *, source: str = NOT_SENT) -> Order:
    """The request for a picture; `source` is in base64."""
    speaks = PROVIDERS[provider]
    dialect = dialects.of(provider, remote, params.mode)
    shown = source if source == NOT_SENT else speaks.before_source + source
    told, not_honoured = dialect.say(params, source=shown, lacks=dialects.lacks(repo_id))
    return Order(speaks.path(remote), speaks.body(remote, told), dialect.copies, not_honoured)


def _hf_inference(remote: str, told: Told) -> Told:
    """A source picture takes the place of the prompt, which goes among the parameters."""
    if "inputs" in told:
        return {"inputs": told["inputs"], "parameters": _but(told, "inputs")}
    return {"inputs": told["prompt"], "parameters": _but(told, "prompt")}


def _replicate_path(remote: str) -> str:
    return "/replicate/v1/predictions" if ":" in remote else f"/replicate/v1/models/{remote}/predictions"


def _replicate(remote: str, told: Told) -> Told:
    version = remote.partition(":")[2]
    return {"input": told, **({"version": version} if version else {})}


def _but(told: Told, name: str) -> Told:
    return {key: value for key, value in told.items() if key != name}


def _named(remote: str, told: Told, **more: Any) -> Told:
    return {"model": remote, **told, **more}


BOTH = (TEXT_TO_IMAGE, IMAGE_TO_IMAGE)
PROVIDERS = {
    "hf-inference": Provider(BOTH, "/hf-inference/models/{}".format, _hf_inference, raw.picture, before_source=""),
    "fal-ai": Provider(BOTH, "/fal-ai/{}".format, lambda remote, told: told, queued.FAL),
    "replicate": Provider(BOTH, _replicate_path, _replicate, queued.REPLICATE),
    "together": Provider(
        BOTH,
        lambda remote: "/together/v1/images/generations",
        lambda remote, told: _named(remote, told, response_format="base64"),
        inline.picture,
    ),
    "nscale": Provider(
        (TEXT_TO_IMAGE,),
        lambda remote: "/nscale/v1/images/generations",
        lambda remote, told: _named(remote, told, response_format="b64_json"),
        inline.picture,
    ),
    "wavespeed": Provider(BOTH, "/wavespeed/api/v3/{}".format, lambda remote, told: told, queued.WAVESPEED),
    "zai-org": Provider(
        (TEXT_TO_IMAGE,), lambda remote: "/zai-org/api/paas/v4/async/images/generations", _named, queued.ZAI
    ),
}
