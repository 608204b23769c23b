"""The built-in schedulers against what diffusers computed, step by step (see vectors/)."""

from pathlib import Path

import numpy as np
import pytest

from generator.backends.builtin.files import WEIGHTS, config
from generator.backends.builtin.schedulers import SCHEDULERS, NoiseSchedule
from generator.params import SCHEDULERS as NAMES

RECORDED = np.load(Path(__file__).parent / "vectors/schedulers.npz")
CONFIG = config(WEIGHTS, "scheduler", "scheduler_config.json")
CLOSE = 1e-4


def smooth_model(latents, timestep):
    return np.tanh(0.7 * latents + 0.1 * timestep / 1000) - 0.2 * latents


def trajectory(sampler, noise, clean, model=smooth_model):
    """The latents before the first step and after each."""
    draws = iter(noise)
    latents = sampler.start(next(draws), clean)
    seen = [latents]
    for timestep in sampler.timesteps:
        output = model(sampler.model_input(latents), timestep)
        latents = sampler.step(output, latents, lambda: next(draws))
        seen.append(latents)
    return np.stack(seen)


@pytest.mark.parametrize("steps", [5, 25, 60])
@pytest.mark.parametrize("way", ["text", "image"])
@pytest.mark.parametrize("name", SCHEDULERS)
def test_every_step_is_the_one_of_diffusers(name, way, steps):
    key = f"{name}.{way}.{steps}"
    expected = RECORDED[f"{key}.latents"]
    sampler = SCHEDULERS[name](NoiseSchedule(CONFIG), steps, begin=steps - len(expected) + 1)
    clean = RECORDED["clean"].astype(np.float64) if way == "image" else None

    found = trajectory(sampler, RECORDED["noise"].astype(np.float64), clean)

    assert list(sampler.timesteps) == list(RECORDED[f"{key}.timesteps"])
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= CLOSE


@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_model_that_predicts_the_noise_takes_the_same_way(name):
    schedule = NoiseSchedule(CONFIG)
    by_noise = NoiseSchedule({**CONFIG, "prediction_type": "epsilon"})
    noise = RECORDED["noise"].astype(np.float64)

    def noise_model(latents, timestep):
        signal, level = schedule.signal[timestep], schedule.noise[timestep]
        return signal * smooth_model(latents, timestep) + level * latents

    expected = trajectory(SCHEDULERS[name](schedule, 25), noise, None)
    found = trajectory(SCHEDULERS[name](by_noise, 25), noise, None, noise_model)

    assert np.abs(found - expected).max() <= CLOSE


@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_model_that_predicts_the_picture_ends_with_it(name):
    schedule = NoiseSchedule({**CONFIG, "prediction_type": "sample"})
    picture = RECORDED["clean"].astype(np.float64)

    latents = trajectory(SCHEDULERS[name](schedule, 5), RECORDED["noise"].astype(np.float64), None, lambda *_: picture)

    assert np.abs(latents[-1] - picture).max() <= CLOSE


@pytest.mark.parametrize("name", SCHEDULERS)
def test_any_number_of_steps_goes_from_the_noisiest_down_and_never_up(name):
    for steps in (*range(1, 151), 1000):
        timesteps = SCHEDULERS[name](NoiseSchedule(CONFIG), steps).timesteps

        assert len(timesteps) == steps
        assert timesteps[0] == CONFIG["num_train_timesteps"] - 1
        assert (np.diff(timesteps) < 0).all()
        assert timesteps[-1] >= 0


@pytest.mark.parametrize(
    "other",
    [{"timestep_spacing": "leading"}, {"clip_sample": True}, {"prediction_type": "flow_prediction"}],
    ids=lambda other: next(iter(other)),
)
def test_weights_that_need_another_arithmetic_are_refused(other):
    with pytest.raises(ValueError, match=next(iter(other))):
        NoiseSchedule({**CONFIG, **other})


def test_the_schedulers_are_those_a_wish_may_name():
    assert set(SCHEDULERS) == set(NAMES)
