"""Addresses under /api/v1/."""

from django.urls import path

from accounts import api

urlpatterns = [
    path("account", api.account, name="api_account"),
    path("account/usage", api.usage, name="api_usage"),
]
