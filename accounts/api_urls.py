"""Addresses under /api/v1/."""

from django.urls import path

from accounts.api import account, webhooks

urlpatterns = [
    path("account", account.account, name="api_account"),
    path("account/usage", account.usage, name="api_usage"),
    path("webhooks", webhooks.all_webhooks, name="api_webhooks"),
    path("webhooks/<str:webhook_id>", webhooks.one_webhook, name="api_webhook"),
    path("webhooks/<str:webhook_id>/rotate", webhooks.rotate, name="api_webhook_rotate"),
    path("webhooks/<str:webhook_id>/test", webhooks.test, name="api_webhook_test"),
    path("webhooks/<str:webhook_id>/deliveries", webhooks.deliveries, name="api_webhook_deliveries"),
    path("deliveries", webhooks.all_deliveries, name="api_deliveries"),
    path("deliveries/<str:delivery_id>", webhooks.delivery, name="api_delivery"),
    path("deliveries/<str:delivery_id>/redeliver", webhooks.redeliver, name="api_delivery_redeliver"),
]
