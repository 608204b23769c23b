"""Records what diffusers' schedulers do, step by step, for `test_builtin_schedulers.py`.

    python -m venv /tmp/diffusers
    /tmp/diffusers/bin/pip install torch==2.13.0 diffusers==0.42.1 transformers==5.23.0 numpy
    /tmp/diffusers/bin/python tests/generator/vectors/make_scheduler_vectors.py

Writes `schedulers.npz` beside itself: `clean` and `noise` (one for the start, one for each step), and for
each scheduler, way and number of steps the `timesteps` run and the `latents` before and after each.
"""

from pathlib import Path

import numpy as np
import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler, EulerAncestralDiscreteScheduler

HERE = Path(__file__).parent
CONFIG = HERE.parents[2] / "generator/backends/builtin/weights/scheduler"
SCHEDULERS = {
    "euler_a": EulerAncestralDiscreteScheduler,
    "ddim": DDIMScheduler,
    "dpmpp_2m": DPMSolverMultistepScheduler,
}
STEPS = (5, 25, 60)
BEGINS = {"text": 0.0, "image": 0.4}
SHAPE = (1, 4, 4, 4)
SEED = 20261121


def smooth_model(latents, timestep):
    """Stands in for the network: smooth, bounded growth, aware of the timestep."""
    return torch.tanh(0.7 * latents + 0.1 * timestep / 1000) - 0.2 * latents


def trajectory(name, steps, begin, clean):
    """The timesteps run, and the latents before the first step and after each."""
    scheduler = SCHEDULERS[name].from_pretrained(CONFIG)
    scheduler.set_timesteps(steps)
    generator = torch.Generator().manual_seed(SEED)
    noise = torch.randn(SHAPE, generator=generator)
    timesteps = scheduler.timesteps[begin:]
    latents = noise * scheduler.init_noise_sigma
    if begin:
        if hasattr(scheduler, "set_begin_index"):
            scheduler.set_begin_index(begin)
        latents = scheduler.add_noise(clean, noise, timesteps[:1])
    extra = {"generator": generator} if name == "euler_a" else {}
    seen = [latents]
    for timestep in timesteps:
        output = smooth_model(scheduler.scale_model_input(latents, timestep), timestep)
        latents = scheduler.step(output, timestep, latents, **extra).prev_sample
        seen.append(latents)
    return timesteps.numpy().round().astype(np.int64), torch.stack(seen).numpy()


def main():
    generator = torch.Generator().manual_seed(SEED)
    noise = torch.stack([torch.randn(SHAPE, generator=generator) for _ in range(max(STEPS) + 1)])
    clean = torch.randn(SHAPE, generator=torch.Generator().manual_seed(SEED + 1))
    vectors = {"noise": noise.numpy(), "clean": clean.numpy()}
    for name in SCHEDULERS:
        for steps in STEPS:
            for way, share in BEGINS.items():
                timesteps, latents = trajectory(name, steps, int(steps * share), clean)
                vectors[f"{name}.{way}.{steps}.timesteps"] = timesteps
                vectors[f"{name}.{way}.{steps}.latents"] = latents
    np.savez_compressed(HERE / "schedulers.npz", **vectors)


if __name__ == "__main__":
    main()
