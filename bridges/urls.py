"""Addresses of other programs' dialects."""

from django.urls import path

from bridges import original

urlpatterns = [
    path("api/generate", original.generate, name="api_original_generate"),
    path("api/models", original.models, name="api_original_models"),
    path("api/delete/<str:image_id>", original.delete, name="api_original_delete"),
    path("download/<str:filename>", original.download, name="api_original_download"),
]
