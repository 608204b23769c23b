"""Gates: the object, or 404."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404

from generator.models import Generation


def own_generation(user: Any, generation_id: Any) -> Generation:
    """Somebody else's generation does not exist, as far as you can tell. Raises `Http404`."""
    try:
        return Generation.objects.select_related("model", "owner").get(owner=user, pk=generation_id)
    except (Generation.DoesNotExist, ValidationError, ValueError) as error:
        raise Http404 from error
