"""Whether models still answer: a real, cheap picture when a curator asks; look-ups at the Hub, which cost nothing."""

import io
import logging
import time
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from PIL import Image, ImageDraw

from accounts.services import huggingface
from common import http, pictures
from common.addresses import origin
from common.database import release_connection
from common.times import rfc3339
from generator import backends, durations, health, limits, params, paying
from generator.backends.base import Advice, BackendError, Call, Picture, Route
from generator.backends.huggingface import hub
from generator.examining import examine
from generator.links import Step
from generator.models import AIModel
from generator.params import IMAGE_TO_IMAGE, Params

PROMPT = "a red cube on a white table"
SIDE = 512
LOOKUP_SECONDS = 10.0
MOST_SECONDS = 240.0
"""Less than the time after which a check counts as never answered."""
log = logging.getLogger(__name__)


def check(model_id: UUID) -> None:
    """Ask the Hub, then make a small picture over the first route with the server's token, and write down what came.

    Nobody's quota is touched, and the picture is dropped.
    """
    model = AIModel.objects.filter(pk=model_id).first()
    if model is None:
        return
    if model.backend == "huggingface" and settings.HF_TOKEN:
        look_up(model)
    _keep(model, "picture", _found(model))


def look_up_all() -> None:
    """What the Hub says of every offered model of its providers; without the server's token it is not asked."""
    if not settings.HF_TOKEN:
        return
    for model in AIModel.objects.offered().filter(backend="huggingface"):
        if not look_up(model):
            return


def look_up(model: AIModel) -> bool:
    """Write down who serves a model today, and its revision; False where the Hub said nothing."""
    release_connection()
    try:
        entry = at_the_hub(model.repo_id)
    except BackendError as failure:
        if failure.code != "no_repository":
            log.warning("The Hub said nothing of %s (%s)", model.slug, failure.code)
            return False
        _keep(model, "lookup", {"at": rfc3339(timezone.now()), "code": failure.code})
        return True
    served = [each.provider for each in entry.served if each.task in model.modes and each.provider in limits.PROVIDERS]
    found = {
        "at": rfc3339(timezone.now()),
        "code": "" if served else "not_served",
        "served": served,
        "gated": bool(entry.gated),
    }
    _keep(model, "lookup", found, revision=entry.revision)
    return True


def at_the_hub(repo_id: str) -> hub.Entry:
    """What the Hub knows of a repository, within ten seconds. Raises `BackendError`."""
    with http.exchange(seconds=LOOKUP_SECONDS, trusted={origin(settings.HF_HUB_URL)}):
        return hub.look_up(repo_id, key=settings.HF_TOKEN)


def _found(model: AIModel) -> dict[str, Any]:
    """What a real call came to, as it is kept."""
    began = time.monotonic()
    provider, code = "", ""
    facts: dict[str, Any] = {}
    try:
        route = _route(model)
        provider = route.provider
        _make(model, route)
    except BackendError as failure:
        code, facts = failure.code, failure.facts
    seconds = round(time.monotonic() - began, 2)
    at = rfc3339(timezone.now())
    return {"at": at, "code": code, "facts": facts, "seconds": seconds, "provider": provider}


def _route(model: AIModel) -> Route:
    """The first route that curators allow. Raises `BackendError`."""
    if model.backend == "huggingface" and not settings.HF_TOKEN:
        raise BackendError("check_needs_token", advice=Advice.STOP)
    backend = backends.get(model.backend)
    release_connection()
    with _outgoing(model):
        found = backend.routes(model.repo_id, mode=model.modes[0], key=_key(model))
    links = Step(model, Params(PROMPT)).links(found)
    if not links:
        raise BackendError("not_served", advice=Advice.NEXT_MODEL)
    return links[0].route


def _make(model: AIModel, route: Route) -> None:
    """One picture, counted where the server's token pays it. Raises `BackendError`."""
    if not _key(model):
        _draw(model, route)
        return
    day = huggingface.spend_server_picture()
    if day is None:
        raise BackendError("server_cap", advice=Advice.STOP)
    try:
        _draw(model, route)
    except BackendError as failure:
        if paying.is_unmade(failure):
            huggingface.return_server_picture(day)
        raise


def _draw(model: AIModel, route: Route) -> None:
    """One picture, read to its last pixel and dropped. Raises `BackendError`."""
    release_connection()
    backend = backends.get(model.backend)
    told = cheapest(model)
    source = _source(told) if told.mode == IMAGE_TO_IMAGE else None
    with _outgoing(model):
        call = Call(params=told, repo_id=model.repo_id, route=route, source=source, key=_key(model))
        _read(backend.generate(call))


def cheapest(model: AIModel) -> Params:
    """The smallest wish that makes sense for a model: about 512 pixels a side, and the fewest steps."""
    side = min(SIDE, model.default_width, model.default_height) // model.size_step * model.size_step
    fewest = model.parameters.get("steps", {}).get("min")
    mode = model.modes[0]
    asked = Params(PROMPT, mode=mode, width=side, height=side, steps=fewest)
    source_size = (side, side) if mode == IMAGE_TO_IMAGE else None
    return replace(params.check(asked, model.limits, source_size=source_size), seed=1)


def _read(picture: Picture) -> None:
    try:
        with pictures.desk():
            examine(picture, pictures.decode(picture.content))
    except pictures.NotAPicture as error:
        raise BackendError("bad_answer", advice=Advice.TRY_AGAIN) from error


def _source(told: Params) -> bytes:
    """A red square on a white ground, of exactly the size that is asked."""
    side = told.width or SIDE
    drawn = Image.new("RGB", (side, side), "white")
    ImageDraw.Draw(drawn).rectangle((side // 4, side // 4, side * 3 // 4, side * 3 // 4), fill="red")
    file = io.BytesIO()
    drawn.save(file, "PNG")
    return file.getvalue()


def begin(model: AIModel) -> bool:
    """Write down that a check begins; False where one is under way."""
    now = timezone.now()
    with transaction.atomic():
        row = AIModel.objects.select_for_update().get(pk=model.pk)
        if health.checking(row) == "under_way":
            return False
        AIModel.objects.filter(pk=row.pk).update(checked={**(row.checked or {}), "begun_at": rfc3339(now)})
    return True


@transaction.atomic
def not_begun(model: AIModel) -> None:
    """A check that was written down could not begin after all."""
    row = AIModel.objects.select_for_update().get(pk=model.pk)
    kept = {name: value for name, value in (row.checked or {}).items() if name != "begun_at"}
    AIModel.objects.filter(pk=row.pk).update(checked=kept or None)


def _key(model: AIModel) -> str:
    return settings.HF_TOKEN if model.backend == "huggingface" else ""


def _outgoing(model: AIModel) -> AbstractContextManager[http.Exchange]:
    seconds = min(durations.time_limit(model), MOST_SECONDS)
    release_connection()
    return http.exchange(seconds=seconds, trusted=huggingface.origins())


@transaction.atomic
def _keep(model: AIModel, kind: str, found: dict[str, Any], *, revision: str = "") -> None:
    """Beside what the other kind of check found; a picture's result also says that none is under way any more."""
    row = AIModel.objects.select_for_update().filter(pk=model.pk).first()
    if row is None:
        return
    checked = {**(row.checked or {}), kind: found}
    if kind == "picture":
        checked.pop("begun_at", None)
    changed: dict[str, Any] = {"checked": checked}
    if limits.REVISION.fullmatch(revision) and len(revision) <= 80:
        changed["revision"] = revision
    AIModel.objects.filter(pk=model.pk).update(**changed)
