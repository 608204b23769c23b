"""The models of one generation's chain, with what each of them is told."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from generator import backends, params, recipes
from generator.backends.base import Route
from generator.chain import Link
from generator.models import AIModel, Generation
from generator.params import Params


@dataclass(frozen=True)
class Step:
    """One model of a chain: `told` has the style's words, `changed` names the settings that it takes otherwise."""

    model: AIModel
    told: Params
    changed: tuple[str, ...] = ()

    def links(self, routes: list[Route]) -> list[Link]:
        """Its routes that curators allow, in their order."""
        wanted = self.model.providers
        taken = [route for route in routes if not wanted or route.provider in wanted]
        ordered = sorted(taken, key=lambda route: wanted.index(route.provider) if wanted else 0)
        return [Link(self.model.slug, route) for route in ordered]


def asked(generation: Generation) -> Step:
    """The model that was asked for."""
    return Step(generation.model, recipes.styled(generation.params, generation.style))


def fallbacks(generation: Generation) -> list[Step]:
    """The models after it, as its owner may use them; none where another model was forbidden."""
    if not generation.params.fallback:
        return []
    return [_adapted(generation, model) for model in _next_models(generation) if generation.mode in model.modes]


def _next_models(generation: Generation) -> Iterator[AIModel]:
    links = generation.model.links.order_by("position", "pk").values_list("next", flat=True)
    offered = AIModel.objects.offered().filter(backend__in=backends.BACKENDS).as_seen_by(generation.owner)
    found = offered.in_bulk(list(links))
    return (found[pk] for pk in links if pk in found and found[pk].in_plan)  # type: ignore[attr-defined]


def _adapted(generation: Generation, model: AIModel) -> Step:
    wish, changed = params.adapt(generation.params, of=generation.model.limits, to=model.limits)
    return Step(model, recipes.styled(replace(wish, model=model.slug), generation.style), changed)
