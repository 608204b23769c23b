"""Gates: the object, or 404."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404

from common.texts import is_clean
from generator.models import AIModel, Batch, Generation, Preset


def own_generation(user: Any, generation_id: Any) -> Generation:
    """Somebody else's generation does not exist, as far as you can tell. Raises `Http404`."""
    try:
        return Generation.objects.select_related("model", "owner").get(owner=user, pk=generation_id)
    except (Generation.DoesNotExist, ValidationError, ValueError) as error:
        raise Http404 from error


def offered_model(user: Any, slug: str) -> AIModel:
    """A model that is on offer, as this person sees it. Raises `Http404`."""
    rows = AIModel.objects.offered().as_seen_by(user)
    model = rows.filter(slug=slug).first() if is_clean(slug) else None
    if model is None:
        raise Http404
    return model


def own_preset(user: Any, preset_id: UUID) -> Preset:
    """This person's preset. Raises `Http404`."""
    return get_object_or_404(Preset, pk=preset_id, owner=user)


def own_batch(user: Any, batch_id: UUID) -> Batch:
    """This person's list of prompts, unless they deleted it. Raises `Http404`."""
    return get_object_or_404(Batch, pk=batch_id, owner=user, deleted_at=None)


def deleted_batch(user: Any, batch_id: UUID) -> Batch:
    """This person's list of prompts that was deleted and can still be restored. Raises `Http404`."""
    return get_object_or_404(Batch, pk=batch_id, owner=user, deleted_at__isnull=False)
