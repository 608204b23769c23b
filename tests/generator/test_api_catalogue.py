"""GET models, GET models/{slug}, GET styles."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Plan, User
from generator import params
from generator.models import AIModel, Style

Api = Callable[..., Client]


def test_the_catalogue_says_what_can_be_used_and_how(alice: User, api: Api) -> None:
    page = api(alice).get("/api/v1/models").json()

    builtin, *others = page["results"]
    assert (page["next"], page["previous"]) == (None, None)
    assert builtin["slug"] == builtin["repo_id"] == builtin["backend"] == "builtin"
    assert (builtin["available"], builtin["unavailable_code"], builtin["health"]) == (True, None, "answers")
    assert builtin["modes"] == list(params.MODES)
    assert builtin["parameters"]["steps"] == {"min": 5, "max": 60, "step": 1, "default": 25, "choices": None}
    assert builtin["parameters"]["scheduler"]["choices"] == ["dpmpp_2m", "euler_a", "ddim"]
    assert builtin["usual_seconds"] > 0
    assert {model["unavailable_code"] for model in others} == {"needs_token"}


def test_one_model_is_found_by_its_slug(alice: User, api: Api) -> None:
    assert api(alice).get("/api/v1/models/flux-1-schnell").json()["repo_id"] == "black-forest-labs/FLUX.1-schnell"


@pytest.mark.parametrize("slug", ["no-such", "%00", "é", "a" * 300])
def test_a_model_that_is_not_there_is_404(slug: str, alice: User, api: Api) -> None:
    assert api(alice).get(f"/api/v1/models/{slug}").status_code == 404


def test_what_a_curator_switched_off_is_not_offered(alice: User, api: Api) -> None:
    AIModel.objects.filter(slug="flux-1-dev").update(enabled=False)
    Style.objects.filter(slug=Style.objects.order_by("position")[0].slug).update(enabled=False)
    client = api(alice)

    assert "flux-1-dev" not in {model["slug"] for model in client.get("/api/v1/models").json()["results"]}
    assert client.get("/api/v1/models/flux-1-dev").status_code == 404
    assert len(client.get("/api/v1/styles").json()["results"]) == Style.objects.count() - 1


def test_a_model_of_another_plan_says_so(alice: User, api: Api) -> None:
    AIModel.objects.get(slug="builtin").plans.add(Plan.objects.get(slug="pro"))

    model = api(alice).get("/api/v1/models/builtin").json()

    assert (model["available"], model["unavailable_code"], model["health"]) == (False, "not_in_plan", "unavailable")


def test_words_are_in_the_language_that_was_asked_for(alice: User, api: Api) -> None:
    french = api(alice).get("/api/v1/models/builtin", headers={"accept-language": "fr"}).json()

    assert french["name"] == "Intégré"
    assert french["description"].startswith("Un petit modèle")


@pytest.mark.parametrize("route", ["/api/v1/models", "/api/v1/styles"])
def test_a_catalogue_has_pages_in_its_order(route: str, alice: User, api: Api) -> None:
    client = api(alice)
    everything = client.get(route).json()["results"]

    slugs: list[str] = []
    address: Any = f"{route}?limit=3"
    while address:
        page = client.get(address.removeprefix("http://127.0.0.1:8000")).json()
        slugs += [row["slug"] for row in page["results"]]
        address = page["next"]

    assert slugs == [row["slug"] for row in everything]
    assert len(slugs) == len(set(slugs)) > 6


@pytest.mark.parametrize("query", ["cursor=cD14", "cursor=", "limit=0", "cursor=cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5"])
def test_a_bad_page_is_refused(query: str, alice: User, api: Api) -> None:
    assert api(alice).get(f"/api/v1/models?{query}").status_code == 422
