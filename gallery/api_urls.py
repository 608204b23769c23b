"""Addresses under /api/v1/."""

from django.urls import path

from gallery import api

urlpatterns = [
    path("images", api.images, name="api_images"),
    path("images/<str:image_id>", api.image, name="api_image"),
    path("images/<str:image_id>/restore", api.restore, name="api_image_restore"),
    path("images/<str:image_id>/file", api.file, name="api_image_file"),
    path("images/<str:image_id>/thumbnail", api.thumbnail, name="api_image_thumbnail"),
    path("images/<str:image_id>/recipe", api.recipe, name="api_image_recipe"),
]
