"""The studio's addresses."""

from django.urls import path

from generator import views

urlpatterns = [
    path("", views.studio, name="studio"),
    path("studio/hint", views.hint, name="hint"),
    path("generations/", views.make, name="generations"),
    path("generations/running", views.running, name="running"),
    path("generations/<uuid:generation_id>/", views.generation, name="generation"),
    path("generations/<uuid:generation_id>/cancel", views.cancel, name="generation_cancel"),
    path("generations/<uuid:generation_id>/again", views.again, name="generation_again"),
    path("generations/<uuid:generation_id>/put-away", views.put_away, name="generation_put_away"),
    path("images/<uuid:image_id>/again", views.image_again, name="image_again"),
]
