"""Pictures as things people keep."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.ids import new_id

THUMBNAIL_SIZES = (320, 640)


class ImageQuerySet(models.QuerySet["Image"]):
    def visible_to(self, user: Any) -> "ImageQuerySet":
        """What this person may see, the trash included."""
        return self.filter(owner=user)

    def kept(self) -> "ImageQuerySet":
        """Not in the trash."""
        return self.filter(deleted_at=None)

    def generated(self) -> "ImageQuerySet":
        return self.filter(origin=Image.Origin.GENERATED)

    def newest_first(self) -> "ImageQuerySet":
        return self.order_by("-created_at", "-pk")


class Image(models.Model):
    """A stored picture. `recipe` is frozen; `digest` is the SHA-256 of its file; `parent` its source."""

    class Origin(models.TextChoices):
        GENERATED = "generated"
        UPLOADED = "uploaded"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="images")
    origin = models.CharField(max_length=10, choices=Origin.choices)
    path = models.CharField(max_length=200)
    format = models.CharField(max_length=5)
    bytes = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    recipe = models.JSONField(null=True)
    title = models.CharField(max_length=200, blank=True)
    tags = models.JSONField(default=list)
    favourite = models.BooleanField(default=False)
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="variations")
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)

    objects = ImageQuerySet.as_manager()

    visibility = "private"

    class Meta:
        indexes = [
            models.Index(
                fields=["owner", "origin", "-created_at", "-id"],
                name="gallery_newest_first",
                condition=Q(deleted_at=None),
            ),
            models.Index(fields=["deleted_at"], name="trash_by_age", condition=Q(deleted_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title or str(self.pk)
