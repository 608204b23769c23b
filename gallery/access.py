"""The gate to pictures."""

from typing import Any
from uuid import UUID

from django.http import Http404

from gallery.models import Image


def own_image(user: Any, image_id: UUID | str) -> Image:
    """This person's image, the trash included. Somebody else's, an unknown one, no id at all: `Http404`."""
    try:
        return Image.objects.visible_to(user).get(pk=UUID(str(image_id)))
    except (Image.DoesNotExist, ValueError) as error:
        raise Http404 from error
