"""Addresses under /api/v1/."""

from django.urls import path

from gallery.api import collections
from gallery.api import images as api

urlpatterns = [
    path("images", api.images, name="api_images"),
    path("images/<str:image_id>", api.image, name="api_image"),
    path("images/<str:image_id>/restore", api.restore, name="api_image_restore"),
    path("images/<str:image_id>/file", api.file, name="api_image_file"),
    path("images/<str:image_id>/thumbnail", api.thumbnail, name="api_image_thumbnail"),
    path("images/<str:image_id>/recipe", api.recipe, name="api_image_recipe"),
    path("collections", collections.collections, name="api_collections"),
    path("collections/<str:collection_id>", collections.collection, name="api_collection"),
    path("collections/<str:collection_id>/images", collections.images, name="api_collection_images"),
    path(
        "collections/<str:collection_id>/images/<str:image_id>",
        collections.collection_image,
        name="api_collection_image",
    ),
    path("collections/<str:collection_id>/archive", collections.collection_archive, name="api_collection_archive"),
]
