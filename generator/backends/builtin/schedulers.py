"""How noise becomes a picture, step by step: the three samplers that the built-in model takes.

Latents are float64 here and scaled as each sampler's own formulas want them. `signal` and `noise` are the
square roots of the cumulative alpha product and of its complement: latents = signal * clean + noise * random.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Latents = NDArray[np.float64]
Draw = Callable[[], Latents]
"""Gives fresh standard normal noise in the shape of the latents."""

EXPECTED = {
    "beta_schedule": "scaled_linear",
    "timestep_spacing": "trailing",
    "trained_betas": None,
    "clip_sample": False,
    "thresholding": False,
    "rescale_betas_zero_snr": False,
}


class NoiseSchedule:
    """How much noise each of the training's timesteps has, and what the model's answer means.

    Sources: Ho et al. 2020 (the product of alphas), Salimans and Ho 2022 (v-prediction), Lin et al. 2024
    (trailing timesteps). Raises `ValueError` for a scheduler file that asks for something else.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        for name, expected in EXPECTED.items():
            if config.get(name, expected) != expected:
                raise ValueError(f"scheduler: {name} must be {expected!r}, not {config[name]!r}")
        self.prediction_type: str = config["prediction_type"]
        if self.prediction_type not in ("epsilon", "v_prediction", "sample"):
            raise ValueError(f"scheduler: unknown prediction_type {self.prediction_type!r}")
        self.count: int = config["num_train_timesteps"]
        # float32 as in training: the product of a thousand of them shows the difference.
        first, last = np.sqrt(np.array([config["beta_start"], config["beta_end"]], np.float32))
        betas = np.linspace(first, last, self.count, dtype=np.float32) ** 2
        product = np.cumprod(1 - betas, dtype=np.float32).astype(np.float64)
        self.signal, self.noise = np.sqrt(product), np.sqrt(1 - product)
        self.ends_clean: bool = config.get("set_alpha_to_one", True)

    def timesteps(self, steps: int) -> NDArray[np.int64]:
        """`steps` timesteps (1 to `count`) from the noisiest down, evenly spread."""
        # arange may count one too many (61 steps): the cut takes it off.
        return np.arange(self.count, 0, -self.count / steps).round()[:steps].astype(np.int64) - 1

    def clean(self, latents: Latents, output: Latents, signal: float, noise: float) -> Latents:
        """The picture that the model sees behind the noise."""
        if self.prediction_type == "v_prediction":
            return signal * latents - noise * output
        if self.prediction_type == "sample":
            return output
        return (latents - noise * output) / signal


class Ddim:
    """Denoising diffusion implicit models (Song, Meng and Ermon 2021), equation 12 without random noise."""

    def __init__(self, schedule: NoiseSchedule, steps: int, begin: int = 0) -> None:
        self.schedule = schedule
        self.timesteps = schedule.timesteps(steps)[begin:]
        self._stride = schedule.count // steps
        self._index = 0

    def start(self, noise: Latents, clean: Latents | None = None) -> Latents:
        """The latents to begin with: noise alone, or a clean picture under the noise of the first step."""
        return noise if clean is None else _noised(self.schedule, self.timesteps[0], clean, noise)

    def model_input(self, latents: Latents) -> Latents:
        """The latents as the model was trained to see them."""
        return latents

    def step(self, output: Latents, latents: Latents, draw: Draw) -> Latents:
        """The latents one step cleaner, given the model's answer."""
        timestep = self.timesteps[self._index]
        signal, noise = self.schedule.signal[timestep], self.schedule.noise[timestep]
        clean = self.schedule.clean(latents, output, signal, noise)
        next_signal, next_noise = self._after(timestep)
        self._index += 1
        return next_signal * clean + next_noise * (latents - signal * clean) / noise

    def _after(self, timestep: int) -> tuple[float, float]:
        if timestep < self._stride and self.schedule.ends_clean:
            return 1.0, 0.0
        following = max(timestep - self._stride, 0)
        return self.schedule.signal[following], self.schedule.noise[following]


class EulerAncestral:
    """Euler's method in the variance-exploding form (Karras et al. 2022), with fresh noise at each step.

    The noise put back is the posterior's of Ho et al. 2020; latents here are clean + sigma * random.
    """

    def __init__(self, schedule: NoiseSchedule, steps: int, begin: int = 0) -> None:
        self.schedule = schedule
        timesteps = schedule.timesteps(steps)
        sigmas = schedule.noise[timesteps] / schedule.signal[timesteps]
        self.timesteps = timesteps[begin:]
        self._sigmas = np.append(sigmas, 0.0)[begin:]
        self._index = 0

    def start(self, noise: Latents, clean: Latents | None = None) -> Latents:
        """The latents to begin with: noise alone, or a clean picture under the noise of the first step."""
        return self._sigmas[0] * noise + (0.0 if clean is None else clean)

    def model_input(self, latents: Latents) -> Latents:
        """The latents as the model was trained to see them."""
        return latents * self._signal()

    def step(self, output: Latents, latents: Latents, draw: Draw) -> Latents:
        """The latents one step cleaner, given the model's answer, with fresh noise put back."""
        sigma, next_sigma = self._sigmas[self._index : self._index + 2]
        signal = self._signal()
        clean = self.schedule.clean(latents * signal, output, signal, sigma * signal)
        up = next_sigma * np.sqrt(1 - (next_sigma / sigma) ** 2)
        down = np.sqrt(next_sigma**2 - up**2)
        self._index += 1
        return clean + (latents - clean) * (down / sigma) + up * draw()

    def _signal(self) -> float:
        return float(1 / np.sqrt(self._sigmas[self._index] ** 2 + 1))


class DpmPlusPlus2M:
    """DPM-Solver++ (Lu et al. 2022), algorithm 2, which learns from the step before.

    The first and the last step are of first order.
    """

    def __init__(self, schedule: NoiseSchedule, steps: int, begin: int = 0) -> None:
        self.schedule = schedule
        self.timesteps = schedule.timesteps(steps)[begin:]
        self._signals = schedule.signal[self.timesteps]
        self._noises = schedule.noise[self.timesteps]
        self._lambdas = np.log(self._signals / self._noises)
        self._index = 0
        self._previous: Latents | None = None

    def start(self, noise: Latents, clean: Latents | None = None) -> Latents:
        """The latents to begin with: noise alone, or a clean picture under the noise of the first step."""
        return noise if clean is None else _noised(self.schedule, self.timesteps[0], clean, noise)

    def model_input(self, latents: Latents) -> Latents:
        """The latents as the model was trained to see them."""
        return latents

    def step(self, output: Latents, latents: Latents, draw: Draw) -> Latents:
        """The latents one step cleaner, given the model's answer."""
        here = self._index
        clean = self.schedule.clean(latents, output, self._signals[here], self._noises[here])
        direction = self._direction(clean)
        self._previous, self._index = clean, here + 1
        if self._index == len(self.timesteps):
            return clean
        decay = np.expm1(self._lambdas[here] - self._lambdas[here + 1])
        ratio = self._noises[here + 1] / self._noises[here]
        return ratio * latents - self._signals[here + 1] * decay * direction

    def _direction(self, clean: Latents) -> Latents:
        here = self._index
        if self._previous is None or here == len(self.timesteps) - 1:
            return clean
        before, after = np.diff(self._lambdas[here - 1 : here + 2])
        return clean + (clean - self._previous) * (after / before / 2)


Scheduler = Ddim | EulerAncestral | DpmPlusPlus2M

SCHEDULERS: dict[str, type[Scheduler]] = {
    "euler_a": EulerAncestral,
    "ddim": Ddim,
    "dpmpp_2m": DpmPlusPlus2M,
}


def _noised(schedule: NoiseSchedule, timestep: int, clean: Latents, noise: Latents) -> Latents:
    return schedule.signal[timestep] * clean + schedule.noise[timestep] * noise
