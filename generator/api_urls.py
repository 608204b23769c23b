"""Addresses under /api/v1/ of generations, models and styles."""

from django.urls.resolvers import URLPattern

urlpatterns: list[URLPattern] = []
