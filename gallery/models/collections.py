"""Ordered sets of images, the people they are shared with, and searches kept under a name."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from common.ids import new_id
from gallery.models.images import Image


class CollectionQuerySet(models.QuerySet["Collection"]):
    def kept(self) -> "CollectionQuerySet":
        """Not thrown away."""
        return self.filter(deleted_at=None)

    def owned_by(self, user: Any) -> "CollectionQuerySet":
        """What belongs to this person and was not thrown away."""
        return self.kept().filter(owner=user)

    def visible_to(self, user: Any) -> "CollectionQuerySet":
        """Theirs, and those shared with them in whatever role."""
        return self.kept().filter(Q(owner=user) | Exists(Member.objects.filter(collection=OuterRef("pk"), user=user)))

    def edited_by(self, user: Any) -> "CollectionQuerySet":
        """Theirs, and those shared with them as an editor."""
        edits = Member.objects.filter(collection=OuterRef("pk"), user=user, role=Member.Role.EDITOR)
        return self.kept().filter(Q(owner=user) | Exists(edits))


class Collection(models.Model):
    """An ordered set of images of one owner, which can be shared. Without a `cover` its first image is one.

    Since its `deleted_at` nobody sees it; 30 days later it is gone, and its pictures are where they were.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="collections")
    name = models.CharField(_("name"), max_length=100)
    description = models.CharField(_("description"), max_length=1000, blank=True)
    cover = models.ForeignKey(Image, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True)

    objects = CollectionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "-created_at", "-id"], name="collections_newest_first"),
            models.Index(fields=["deleted_at"], name="thrown_away_collections", condition=Q(deleted_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name


class CollectionImage(models.Model):
    """The place of an image in a collection: smaller positions come first, of equal ones the older entry.

    A move sets one position, halfway between its new neighbours; where no number is left between two, the whole
    collection is numbered anew.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="entries")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="entries")
    position = models.FloatField()
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["collection", "image"], name="an_image_once_in_a_collection"),
        ]
        indexes = [models.Index(fields=["collection", "position", "id"], name="collection_in_order")]

    def __str__(self) -> str:
        return str(self.pk)


class Member(models.Model):
    """Somebody a collection is shared with: a viewer looks, an editor also adds, orders and takes out."""

    class Role(models.TextChoices):
        VIEWER = "viewer", _("may look")
        EDITOR = "editor", _("may change it")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=6, choices=Role.choices, default=Role.VIEWER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["collection", "user"], name="a_member_once_in_a_collection")]

    def __str__(self) -> str:
        return self.get_role_display()


class SavedSearch(models.Model):
    """A search of the gallery under a name: a collection that fills itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_searches")
    name = models.CharField(_("name"), max_length=100)
    query = models.CharField(max_length=300, blank=True)
    sort = models.CharField(max_length=10, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="a_search_once_by_name")]

    def __str__(self) -> str:
        return self.name
