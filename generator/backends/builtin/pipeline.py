"""The built-in diffusion model itself: text encoder, denoising network and picture decoder on onnxruntime."""

import io
import os
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.random import default_rng
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as onnx_errors
from PIL import Image

from generator.backends.builtin.files import WEIGHTS, config
from generator.backends.builtin.schedulers import SCHEDULERS, Latents, NoiseSchedule, Scheduler
from generator.backends.builtin.tokenizer import Tokenizer

Pixels = NDArray[np.uint8]
"""A picture as height x width x red, green, blue, each 0 to 255."""
Embedding = NDArray[np.float32]

SOFTWARE = {"onnxruntime": onnxruntime.__version__, "numpy": np.__version__}
SHORTAGES = (MemoryError, onnx_errors.EPFail, onnx_errors.Fail, onnx_errors.RuntimeException)
"""What may pass by itself: onnxruntime has no class of its own for too little memory."""
MISFITS = (
    onnx_errors.InvalidArgument,
    onnx_errors.InvalidGraph,
    onnx_errors.InvalidProtobuf,
    onnx_errors.NoSuchFile,
    onnx_errors.NotImplemented,
)
"""Weights that are missing, damaged or of another form."""
UNREADABLE = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)

_loading = threading.Lock()


def shared() -> "Pipeline":
    """The one pipeline of this process, loaded at the first call.

    Raises one of `SHORTAGES` or `RuntimeError` (no memory or threads left); for faulty files one of
    `MISFITS`, `OSError`, `KeyError` or `ValueError`.
    """
    with _loading:
        return _loaded()


def is_of_memory(error: Exception) -> bool:
    """Whether one of `SHORTAGES` is known to be of memory: onnxruntime tells it in words only."""
    return isinstance(error, MemoryError) or "alloc" in str(error)


@cache
def _loaded() -> "Pipeline":
    return Pipeline(WEIGHTS)


class Pipeline:
    """A Stable Diffusion folder exported to ONNX, with what its files say about it.

    Safe to call from threads. `size_step`: width and height are multiples of so many pixels.
    """

    def __init__(self, folder: Path) -> None:
        vae, unet = config(folder, "vae_decoder"), config(folder, "unet")
        self._scale, self._shift = float(vae["scaling_factor"]), float(vae.get("shift_factor") or 0)
        self._channels: int = unet["in_channels"]
        self._factor = _halvings(vae["block_out_channels"])
        self.size_step = self._factor * _halvings(unet["block_out_channels"])
        self._schedule = NoiseSchedule(config(folder, "scheduler", "scheduler_config.json"))
        self._tokenizer = Tokenizer(folder / "tokenizer")
        self._text_encoder, self._unet, self._encoder, self._decoder = (
            _session(folder / part / "model.onnx") for part in ("text_encoder", "unet", "vae_encoder", "vae_decoder")
        )

    def paint(
        self,
        *,
        prompt: str,
        negative_prompt: str,
        size: tuple[int, int],
        steps: int,
        guidance: float,
        scheduler: str,
        seed: int,
        source: Pixels | None,
        strength: float,
        on_step: Callable[[int, int], None],
    ) -> Pixels:
        """The picture of a prompt, `size` = (width, height) pixels; with a `source` of that size a variation.

        `on_step(step, steps)` is called after each step with the steps really run; what it raises passes.
        """
        width, height = size
        shape = (1, self._channels, height // self._factor, width // self._factor)
        random = default_rng(seed)

        def draw() -> Latents:
            return random.standard_normal(shape, np.float32).astype(np.float64)

        begin = 0 if source is None else first_step(steps, strength)
        sampler = SCHEDULERS[scheduler](self._schedule, steps, begin)
        latents = sampler.start(draw(), None if source is None else self._encode(source))
        embeddings = self._embeddings(prompt, negative_prompt, guidance)
        for step, timestep in enumerate(sampler.timesteps, start=1):
            output = self._predict(sampler, latents, timestep, embeddings, guidance)
            latents = sampler.step(output, latents, draw)
            on_step(step, len(sampler.timesteps))
        return self._decode(latents)

    def _embeddings(self, prompt: str, negative_prompt: str, guidance: float) -> Embedding:
        """The prompt's meaning alone, or under the negative prompt's where guidance pulls between the two."""
        texts = [negative_prompt, prompt] if guidance > 1 else [prompt]
        ids = np.array([self._tokenizer.encode(text) for text in texts], np.int64)
        return _run(self._text_encoder, input_ids=ids)

    def _predict(
        self, sampler: Scheduler, latents: Latents, timestep: int, embeddings: Embedding, guidance: float
    ) -> Latents:
        """The network's answer, pulled away from the negative prompt (Ho and Salimans 2022)."""
        sample = np.repeat(sampler.model_input(latents).astype(np.float32), len(embeddings), axis=0)
        output = _run(
            self._unet,
            sample=sample,
            timestep=np.array([timestep], np.int64),
            encoder_hidden_states=embeddings,
        ).astype(np.float64)
        return output[:1] + guidance * (output[1:] - output[:1]) if len(output) > 1 else output

    def _encode(self, source: Pixels) -> Latents:
        pixels = (source.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None]
        return (_run(self._encoder, sample=pixels).astype(np.float64) - self._shift) * self._scale

    def _decode(self, latents: Latents) -> Pixels:
        sample = (latents / self._scale + self._shift).astype(np.float32)
        pixels = _run(self._decoder, latent_sample=sample)[0].transpose(1, 2, 0)
        return np.round((np.clip(pixels, -1, 1) + 1) * 127.5).astype(np.uint8)


def first_step(steps: int, strength: float) -> int:
    """How many of `steps` a `strength` of 0 to 1 skips, the source standing for them: one at least is run."""
    return steps - max(min(int(steps * strength), steps), 1)


def read_picture(content: bytes, size: tuple[int, int]) -> Pixels:
    """The pixels of a picture file; raises one of `UNREADABLE`, also for another `size` (width, height)."""
    with Image.open(io.BytesIO(content)) as image:
        if image.size != size:
            raise ValueError(f"the source is {image.size}, not {size} pixels")
        return np.asarray(image.convert("RGB"))


def as_png(pixels: Pixels) -> bytes:
    """A PNG file with nothing in it but the picture."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def _halvings(blocks: list[int]) -> int:
    return 2 ** (len(blocks) - 1)


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = os.cpu_count() or 1
    options.use_deterministic_compute = True
    # A waiting thread gives its core back after so long: measured 17 % faster beside busy processes, no slower alone.
    options.add_session_config_entry("session.intra_op.spin_duration_us", "50")
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _run(session: onnxruntime.InferenceSession, **feed: NDArray[np.generic]) -> Embedding:
    output: Embedding = session.run(None, feed)[0]
    return output
