"""What the gallery keeps."""

from gallery.models.collections import Collection, CollectionImage, Member, SavedSearch
from gallery.models.images import THUMBNAIL_SIZES, Image, ImageQuerySet
from gallery.models.sharing import Like, Report, Share

__all__ = [
    "THUMBNAIL_SIZES",
    "Collection",
    "CollectionImage",
    "Image",
    "ImageQuerySet",
    "Like",
    "Member",
    "Report",
    "SavedSearch",
    "Share",
]
