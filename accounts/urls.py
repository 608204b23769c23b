"""Addresses under /account/; signing in and up is allauth's, under /accounts/."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("", views.account, name="account"),
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/<uuid:token_id>/revoke", views.token_revoke, name="token_revoke"),
    path("huggingface/", views.huggingface, name="huggingface"),
    path("huggingface/check", views.huggingface_check, name="huggingface_check"),
    path("huggingface/remove", views.huggingface_remove, name="huggingface_remove"),
    path("language", views.language, name="language"),
    path("theme", views.theme, name="theme"),
]
