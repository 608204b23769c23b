"""The promises of the generator: submit, estimate, cancel, rerun."""

import secrets
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.queries import usage
from accounts.services import huggingface, quota
from common.errors import DomainError, InvalidInput
from common.sentences import say
from events import types
from events.services import emit
from gallery.models import Collection, Image
from generator import durations, queries, remixing, reuse, runner, tasks, turns
from generator import params as rules
from generator.models import AIModel, Generation, Output, Style
from generator.params import InvalidParams, Params


class ModelUnavailable(DomainError):
    """The model is disabled, or nothing here can serve it."""

    code = "model_unavailable"
    status = 503


class NoModel(ModelUnavailable):
    """There is no model that this person could use."""

    code = "no_model"


class NotInPlan(DomainError):
    """The plan does not include this model, or this size."""

    code = "not_in_plan"
    status = 402


class TooManyPixels(NotInPlan):
    """The picture would be larger than the plan allows."""

    code = "too_many_pixels"


class QueueFull(DomainError):
    """As many generations wait as the plan allows."""

    code = "queue_full"
    status = 429


class NotCancellable(DomainError):
    """It is finished already."""

    code = "not_cancellable"
    status = 409


@dataclass(frozen=True)
class Wish:
    """A request with all decided but the money: completed params, the rows they name, the `remixing.trace` to keep."""

    params: Params
    model: AIModel
    style: Style | None
    source: Image | None
    collection: Collection | None = None
    remix_of: Image | None = None
    trace: str | None = None

    @property
    def digest(self) -> str:
        """The SHA-256 of its recipe."""
        return reuse.digest(self.params, model=self.model, style=self.style, source=self.source)


@dataclass(frozen=True)
class Estimate:
    """What a request would cost (images), what is left today (None: no limit), how many wait before it, and the
    expected seconds from now."""

    params: Params
    cost: int
    quota_left: int | None
    queue_position: int
    expected_seconds: float


def submit(
    *,
    user: User,
    params: Params,
    metadata: dict[str, Any] | None = None,
    webhook_url: str = "",
) -> Generation:
    """The only way a generation is born: checked, paid for, recorded and queued, or none of it.

    Raises `InvalidInput`, `ModelUnavailable`, `NotInPlan`, `QuotaExhausted`, `QueueFull`.
    """
    wish = complete(user=user, params=params)
    generation = _unborn(user, wish, metadata=metadata or {}, webhook_url=webhook_url)
    with transaction.atomic():
        quota.reserve(user=user, amount=generation.images, reference=str(generation.pk))
        turn = _place(user, generation.queue).next_turn(images=generation.images, weight=user.plan.weight)
        generation.turn, generation.finish = turn.start, turn.finish
        generation.save(force_insert=True)
        Output.objects.bulk_create(_outputs(generation))
        before = queries.ahead(generation.queue, turn=generation.turn, created_at=generation.created_at)
        generation.places_before = before  # type: ignore[attr-defined]
        transaction.on_commit(partial(tasks.wake, generation.queue))
        emit(types.QUEUED, user=user, reference=str(generation.pk), data=queries.as_json(generation))
    return generation


def reusable(*, user: User, params: Params) -> Generation | None:
    """My generation that made exactly this and whose pictures I kept; None for a seed that is still to be drawn.

    Raises `InvalidInput`, `ModelUnavailable`, `NotInPlan`.
    """
    return _made_before(user, complete(user=user, params=params)) if params.seed is not None else None


def complete(*, user: User, params: Params) -> Wish:
    """Decide all that a request left open. Raises `InvalidInput`, `ModelUnavailable`, `NotInPlan`."""
    model = _model(user, params.model)
    style = _style(params.style)
    source = _source(user, params.source_image)
    collection, remix_of = _belongings(user, params)
    size = (source.width, source.height) if source else None
    try:
        checked = rules.check(params, model.limits, source_size=size)
    except InvalidParams as invalid:
        raise InvalidInput(invalid.problems) from invalid
    pixels = (checked.width or 0) * (checked.height or 0)
    if pixels > user.plan.max_pixels:
        raise TooManyPixels(most=user.plan.max_pixels, asked=pixels)
    seed = secrets.randbelow(rules.SEED_MAX + 1) if checked.seed is None else checked.seed
    named: dict[str, Any] = {"source_image": _id(source), "collection": _id(collection), "remix_of": _id(remix_of)}
    trace = remixing.trace(params.remix_of) if params.remix_of is not None else None
    completed = replace(checked, model=model.slug, seed=seed, **named)
    return Wish(completed, model, style, source, collection, remix_of, trace)


def estimate(*, user: User, params: Params, may_reuse: bool = False) -> Estimate:
    """What `submit` would do, without doing it: the same refusals, the price and the wait.

    With `may_reuse` a picture that is there already costs nothing.
    """
    wish = complete(user=user, params=params)
    today = usage(user)
    if may_reuse and params.seed is not None and _made_before(user, wish):
        return Estimate(wish.params, 0, today.left, 0, 0.0)
    if today.left is not None and wish.params.images > today.left:
        raise quota.QuotaExhausted(
            amount=wish.params.images, left=today.left, limit=today.limit or 0, resets_at=today.resets_at
        )
    turn = _place(user, wish.model.queue).next_turn(images=wish.params.images, weight=user.plan.weight)
    queued = Generation.objects.filter(queue=wish.model.queue, status=Generation.Status.QUEUED, turn__lte=turn.start)
    before = list(queued.values_list("images", flat=True))
    seconds = durations.usual(wish.model)
    expected = round((sum(before) + wish.params.images) * seconds, 1)
    return Estimate(wish.params, wish.params.images, today.left, len(before), expected)


def cancel(*, generation: Generation) -> Generation:
    """End it whoever holds it: its images stay and are spent, the rest is given back. Raises `NotCancellable`."""
    open_states = [Generation.Status.QUEUED, Generation.Status.RUNNING]
    if not runner.close(generation, Generation.Status.CANCELLED, status__in=open_states):
        raise NotCancellable
    return generation


def rerun(*, user: User, generation: Generation) -> Generation:
    """The same recipe, seed included, as a new generation that tells the same address; without the collection or the
    original that is out of reach by now. Raises what `submit` raises."""
    params = remixing.again(user=user, params=generation.params, original=generation.remix_of_id)
    return submit(user=user, params=params, metadata=generation.metadata, webhook_url=generation.webhook_url)


def vary(*, user: User, params: Params) -> Generation:
    """Four more of a recipe, with the four seeds after its own. Raises what `submit` raises."""
    seed = (params.seed + 1) % (rules.SEED_MAX + 1) if params.seed is not None else None
    return submit(user=user, params=replace(params, seed=seed, images=rules.IMAGES_MAX))


def _id(row: Image | Collection | None) -> str | None:
    return str(row.pk) if row else None


def _made_before(user: User, wish: Wish) -> Generation | None:
    return reuse.made_before(user=user, digest=wish.digest, images=wish.params.images, model=wish.model)


def _unborn(user: User, wish: Wish, **fields: Any) -> Generation:
    """The generation of a wish, not saved and without a turn yet."""
    return Generation(
        owner=user,
        model=wish.model,
        mode=wish.params.mode or rules.TEXT_TO_IMAGE,
        request=replace(wish.params, remix_of=wish.trace).as_request(),
        style=wish.style,
        source=wish.source,
        collection=wish.collection,
        remix_of=wish.remix_of,
        images=wish.params.images,
        queue=wish.model.queue,
        recipe_digest=wish.digest,
        **fields,
    )


def _outputs(generation: Generation) -> list[Output]:
    """The place of each image: its seed is the first one's plus its index, modulo 2^32."""
    first = generation.params.seed or 0
    seeds = [(first + index) % (rules.SEED_MAX + 1) for index in range(generation.images)]
    return [Output(generation=generation, index=index, seed=seed) for index, seed in enumerate(seeds)]


def _model(user: User, wanted: str | None) -> AIModel:
    """The model asked for, or the one that is used when none is."""
    if wanted is None:
        return _default_model(user)
    model = AIModel.objects.as_seen_by(user).filter(Q(slug=wanted) | Q(repo_id=wanted)).first()
    if model is None:
        raise InvalidInput([("model", "unknown_model", {})])
    code = queries.unavailable_code(model, no_provider=huggingface.refusal(user))
    if code == "not_in_plan":
        raise NotInPlan(model=model.label)
    if code:
        told = model.why_off if code == "disabled" else ""
        raise ModelUnavailable(model=model.label, reason=told or say(code))
    return model


def _default_model(user: User) -> AIModel:
    """The curator's default if it can be used, otherwise the first usable one in catalogue order."""
    usable = queries.usable(user)
    if not usable:
        raise NoModel
    return next((model for model in usable if model.is_default), usable[0])


def _style(slug: str | None) -> Style | None:
    if not slug:
        return None
    style = queries.styles().filter(slug=slug).first()
    if style is None:
        raise InvalidInput([("style", "unknown_style", {})])
    return style


def _source(user: User, image_id: str | None) -> Image | None:
    if image_id is None:
        return None
    try:
        return Image.objects.owned_by(user).kept().get(pk=UUID(str(image_id)))
    except (Image.DoesNotExist, ValueError) as error:
        raise InvalidInput([("source_image", "not_found", {})]) from error


def _belongings(user: User, params: Params) -> tuple[Collection | None, Image | None]:
    """The collection for its pictures, and the image that it began with. Raises `InvalidInput`."""
    collection = remixing.collection(user=user, wanted=params.collection) if params.collection is not None else None
    remix_of = remixing.remixable(user, params.remix_of) if params.remix_of is not None else None
    found = {"collection": collection, "remix_of": remix_of}
    if lost := [name for name, row in found.items() if row is None and getattr(params, name) is not None]:
        raise InvalidInput([(name, "not_found", {}) for name in lost])
    return collection, remix_of


def _place(user: User, queue: str) -> turns.Place:
    """In one query; the caller of a submit holds the owner's `Usage` row. Raises `QueueFull`."""
    rows = Generation.objects.filter(queue=queue)
    mine = rows.filter(owner=user).exclude(status=Generation.Status.CANCELLED, started_at=None)
    started = rows.filter(started_at__isnull=False)
    waiting = user.generations.filter(status=Generation.Status.QUEUED).order_by().values("owner")
    facts = User.objects.filter(pk=user.pk).values_list(
        Coalesce(Subquery(waiting.annotate(count=Count("pk")).values("count")), 0),
        Coalesce(Subquery(mine.order_by("-finish").values("finish")[:1]), 0.0),
        Coalesce(Subquery(started.order_by("-turn").values("turn")[:1]), 0.0),
    )
    place = turns.Place(*facts.get())
    if place.waiting >= user.plan.queued_max:
        raise QueueFull(extra={"retry_after": 10}, waiting=place.waiting)
    return place
