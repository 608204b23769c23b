"""The gallery's addresses."""

from django.urls import path

from gallery import files, views

urlpatterns = [
    path("gallery/", views.gallery, name="gallery"),
    path("gallery/trash/", views.trash, name="trash"),
    path("images/<uuid:image_id>/", views.image, name="image"),
    path("images/<uuid:image_id>/file", files.image_file, name="image_file"),
    path("images/<uuid:image_id>/thumbnail/<int:size>", files.image_thumbnail, name="image_thumbnail"),
    path("images/<uuid:image_id>/change", views.image_change, name="image_change"),
    path("images/<uuid:image_id>/trash", views.image_trash, name="image_trash"),
    path("images/<uuid:image_id>/restore", views.image_restore, name="image_restore"),
]
