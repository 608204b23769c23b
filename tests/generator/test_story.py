"""What happened to a generation is told call by call, in the reader's language."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from accounts.models import User
from generator import queries, services, story
from generator.models import Attempt, Generation
from generator.params import Params
from tests.hostile import MUG

NO_BREAK = "\N{NO-BREAK SPACE}"


@pytest.fixture
def generation(alice: User, shipped: None) -> Generation:
    return services.submit(user=alice, params=Params(prompt=MUG, model="builtin"))


def call(generation: Generation, **facts: Any) -> None:
    facts = {"outcome": "next_model", "started_at": timezone.now(), "seconds": 1.5, **facts}
    Attempt.objects.create(generation=generation, model=generation.model, **facts)


def test_every_call_has_its_words_in_french(generation: Generation) -> None:
    call(generation, provider="fal-ai", code="bad_setting", facts={"setting": "negative_prompt"})
    call(generation, provider="nscale", code="a_code_of_an_older_release")
    call(generation, provider="replicate", outcome="ok")

    with translation.override("fr"):
        told = [(chapter.provider, chapter.words) for chapter in story.chapters(generation)]

    assert told == [
        ("fal-ai", "Le fournisseur n'accepte pas cette valeur (description à éviter)."),
        ("nscale", "L'essai a échoué (a_code_of_an_older_release)."),
        ("replicate", "L'image est arrivée."),
    ]


def test_what_was_sent_leaves_the_prompt_out_and_names_what_has_no_effect(generation: Generation) -> None:
    parameters = {"num_inference_steps": 4, "negative_prompt": "blur"}
    call(generation, sent={"inputs": "x", "parameters": parameters, "not_honoured": ["seed", "steps"]})
    call(generation, sent={"prompt": "x", "seed": 7, "not_honoured": []})

    with translation.override("fr"):
        told = [chapter.sent for chapter in story.chapters(generation)]

    assert told == [f"num_inference_steps 4 · sans effet{NO_BREAK}: seed, steps", "seed 7"]


def test_a_worker_whose_clock_is_wrong_does_not_turn_the_story_round(generation: Generation) -> None:
    now = timezone.now()
    call(generation, provider="fal-ai", code="busy", started_at=now)
    call(generation, provider="nscale", code="model_gone", started_at=now - timedelta(seconds=9))
    Generation.objects.filter(pk=generation.pk).update(attempt=1)
    generation.refresh_from_db()

    told = [chapter.provider for chapter in story.chapters(generation)]

    assert told == ["nscale", "fal-ai"]
    assert [attempt["provider"] for attempt in queries.as_json(generation)["attempts"]] == told
