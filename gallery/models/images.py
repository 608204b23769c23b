"""Pictures as things people keep."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ids import new_id

THUMBNAIL_SIZES = (320, 640)


class ImageQuerySet(models.QuerySet["Image"]):
    def owned_by(self, user: Any) -> "ImageQuerySet":
        """What belongs to this person, the trash included."""
        return self.filter(owner=user)

    def visible_to(self, user: Any) -> "ImageQuerySet":
        """What this person may look at: what is theirs, the trash included, and what lies in a collection of theirs or
        one that is shared with them, unless its owner threw it away."""
        in_collections = Q(entries__collection__owner=user) | Q(entries__collection__members__user=user)
        shared = Image.objects.filter(
            in_collections, entries__collection__deleted_at=None, pk=OuterRef("pk"), deleted_at=None
        )
        return self.filter(Q(owner=user) | Exists(shared))

    def kept(self) -> "ImageQuerySet":
        """Not in the trash."""
        return self.filter(deleted_at=None)

    def generated(self) -> "ImageQuerySet":
        return self.filter(origin=Image.Origin.GENERATED)

    def published(self) -> "ImageQuerySet":
        """In the showcase: published, not thrown away since, and its owner's account not closed."""
        return self.filter(published_at__isnull=False, deleted_at=None, owner__is_active=True)

    def with_visibility(self) -> "ImageQuerySet":
        """Each image knows without another query whether a link to it is alive."""
        unexpired = Q(shares__expires_at=None) | Q(shares__expires_at__gt=timezone.now())
        linked = Image.objects.filter(unexpired, shares__isnull=False, shares__revoked_at=None, pk=OuterRef("pk"))
        return self.annotate(has_link=Exists(linked))

    def newest_first(self) -> "ImageQuerySet":
        return self.order_by("-created_at", "-pk")


class Image(models.Model):
    """A stored picture. `recipe` is frozen; `digest` is the SHA-256 of its file; `parent` its source.

    `model` to `guidance` repeat the recipe for the filters of the gallery. `search_text` is what a search looks in
    (`folding.search_text`). `placeholder` is a WebP of at most 16 pixels as a data address. `remix_of` is the picture
    whose recipe this one began with. `recipe_shown`: whether the showcase shows the recipe.
    """

    class Origin(models.TextChoices):
        GENERATED = "generated", _("Generated")
        UPLOADED = "uploaded", _("Uploaded")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="images", verbose_name=_("owner")
    )
    origin = models.CharField(max_length=10, choices=Origin.choices)
    path = models.CharField(max_length=200)
    format = models.CharField(max_length=5)
    bytes = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    placeholder = models.TextField(blank=True)
    recipe = models.JSONField(null=True)
    model = models.CharField(_("model"), max_length=200, blank=True)
    mode = models.CharField(max_length=20, blank=True)
    style = models.CharField(max_length=100, blank=True)
    seed = models.BigIntegerField(null=True)
    steps = models.PositiveIntegerField(null=True)
    guidance = models.FloatField(null=True)
    title = models.CharField(max_length=200, blank=True)
    tags = models.JSONField(default=list)
    search_text = models.TextField(blank=True)
    favourite = models.BooleanField(default=False)
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="variations")
    remix_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="remixes")
    recipe_shown = models.BooleanField(default=True)
    published_at = models.DateTimeField(_("published on"), null=True)
    created_at = models.DateTimeField(_("made on"), auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)

    objects = ImageQuerySet.as_manager()

    class Meta:
        verbose_name = _("image")
        verbose_name_plural = _("images")
        indexes = [
            models.Index(
                fields=["owner", "origin", "-created_at", "-id"],
                name="gallery_newest_first",
                condition=Q(deleted_at=None),
            ),
            models.Index(fields=["owner", "seed"], name="same_seed_of_an_owner", condition=Q(seed__isnull=False)),
            models.Index(fields=["deleted_at"], name="trash_by_age", condition=Q(deleted_at__isnull=False)),
            models.Index(
                fields=["-published_at", "-id"],
                name="showcase_newest_first",
                condition=Q(published_at__isnull=False, deleted_at=None),
            ),
            models.Index(fields=["id"], name="without_placeholder", condition=Q(placeholder="")),
        ]

    def __str__(self) -> str:
        """Its id: the back office writes this where the title of a private picture must not stand."""
        return str(self.pk)

    @property
    def visibility(self) -> str:
        """`public` in the showcase, `unlisted` while a link to it is alive, otherwise `private`: collections, which may
        show it to others, do not count."""
        if self.published_at:
            return "public"
        row = self if hasattr(self, "has_link") else Image.objects.with_visibility().get(pk=self.pk)
        return "unlisted" if getattr(row, "has_link") else "private"  # noqa: B009
