"""What the studio shows instead of making the same again."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from gallery.models import Image
from generator import queries
from generator.models import Generation


@dataclass(frozen=True)
class Offer:
    """Pictures that are there already: the first one, how many were asked for, and where they are shown."""

    image: Image
    images: int
    made_at: datetime
    address: str


def of(made: Generation, *, images: int) -> Offer:
    """What `services.reusable` found for a wish of so many images."""
    first = next(output.image for output in queries.outputs(made) if output.image)
    address = reverse("image", args=[first.pk]) if images == 1 else reverse("generation", args=[made.pk])
    return Offer(first, images, first.created_at, address)
