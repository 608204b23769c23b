"""The test's own door, `/_control`: what to do next, and what was done."""

from dataclasses import asdict
from typing import Any

from tests.hf_server.models import Model, Token
from tests.hf_server.record import Call
from tests.hf_server.wire import Answer, Request
from tests.hf_server.world import Settings, World

DONE = Answer(204)


async def answer(world: World, request: Request) -> Answer:
    """Answer one control call; 400 for one that names what does not exist."""
    try:
        return await _answered(world, request)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return Answer.of_json(400, {"error": f"{type(error).__name__}: {error}"})


async def _answered(world: World, request: Request) -> Answer:
    match request.method, request.path.removeprefix("/_control/"):
        case "GET", "calls":
            return Answer.of_json(
                200, {"calls": [asdict(call) for call in world.record.calls], **world.record.counts()}
            )
        case "GET", "counts":
            return Answer.of_json(200, world.record.counts())
        case "POST", "wait":
            return await _waited(world, request.fields)
        case "POST", change:
            _CHANGES[change](world, request.fields)
            return DONE
    return Answer.of_json(404, {"error": f"no such control: {request.path}"})


async def _waited(world: World, wish: dict[str, Any]) -> Answer:
    """Whether so many calls came, and ended so, within the seconds."""
    times, seconds, match = wish.pop("times"), wish.pop("seconds"), wish

    def have_come() -> bool:
        return sum(_fits(call, match) for call in world.record.calls) >= times

    return Answer.of_json(200, {"came": await world.record.until(have_come, seconds)})


def _fits(call: Call, match: dict[str, Any]) -> bool:
    return all(getattr(call, name) == value for name, value in match.items())


def _script(world: World, wish: dict[str, Any]) -> None:
    world.scripts.add(wish)


def _unscript(world: World, _wish: dict[str, Any]) -> None:
    world.scripts.waiting.clear()


def _settings(world: World, wish: dict[str, Any]) -> None:
    world.settings = Settings(**{**asdict(world.settings), **wish})


def _models(world: World, wish: dict[str, Any]) -> None:
    for name, fields in wish.items():
        if fields is None:
            world.models.pop(name, None)
        else:
            world.models[name] = world.models.get(name, Model(name)).changed(**fields)


def _tokens(world: World, wish: dict[str, Any]) -> None:
    for name, fields in wish.items():
        if fields is None:
            world.tokens.pop(name, None)
        else:
            world.tokens[name] = Token(**{**asdict(world.tokens.get(name, Token("somebody"))), **fields})


def _reset(world: World, _wish: dict[str, Any]) -> None:
    world.reset()


_CHANGES = {
    "script": _script,
    "unscript": _unscript,
    "settings": _settings,
    "models": _models,
    "tokens": _tokens,
    "reset": _reset,
}
