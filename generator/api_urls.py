"""Addresses under /api/v1/ of generations and the catalogue."""

from django.urls import path

from generator.api import catalogue, events, generations, prompts

urlpatterns = [
    path("generations", generations.generations, name="api_generations"),
    path("generations/<str:generation_id>", generations.generation, name="api_generation"),
    path("generations/<str:generation_id>/cancel", generations.cancel, name="api_generation_cancel"),
    path("generations/<str:generation_id>/rerun", generations.rerun, name="api_generation_rerun"),
    path("generations/<str:generation_id>/events", events.generation_events, name="api_generation_events"),
    path("events", events.events, name="api_events"),
    path("prompts/enhance", prompts.improve, name="api_prompt_enhance"),
    path("models", catalogue.models, name="api_models"),
    path("models/<str:slug>", catalogue.model, name="api_model"),
    path("styles", catalogue.styles, name="api_styles"),
]
