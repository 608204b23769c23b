"""Addresses under /account/; signing in and up is allauth's, under /accounts/."""

from django.urls import path

from accounts.views import account, deliveries, huggingface, preferences, tokens, webhooks

urlpatterns = [
    path("", account.account, name="account"),
    path("connect/", tokens.connect, name="connect"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<uuid:token_id>/revoke", tokens.token_revoke, name="token_revoke"),
    path("huggingface/", huggingface.huggingface, name="huggingface"),
    path("huggingface/check", huggingface.huggingface_check, name="huggingface_check"),
    path("huggingface/remove", huggingface.huggingface_remove, name="huggingface_remove"),
    path("webhooks/", webhooks.all_webhooks, name="webhooks"),
    path("webhooks/secret", webhooks.secret_of_account, name="webhook_default_secret"),
    path("webhooks/single/", deliveries.singles, name="webhook_singles"),
    path("webhooks/deliveries/<uuid:delivery_id>/", deliveries.delivery, name="delivery"),
    path("webhooks/deliveries/<uuid:delivery_id>/redeliver", deliveries.redeliver, name="delivery_redeliver"),
    path("webhooks/<uuid:webhook_id>/", webhooks.one_webhook, name="webhook"),
    path("webhooks/<uuid:webhook_id>/switch", webhooks.switch, name="webhook_switch"),
    path("webhooks/<uuid:webhook_id>/rotate", webhooks.rotate, name="webhook_rotate"),
    path("webhooks/<uuid:webhook_id>/test", webhooks.test, name="webhook_test"),
    path("webhooks/<uuid:webhook_id>/delete", webhooks.delete, name="webhook_delete"),
    path("language", preferences.language, name="language"),
    path("theme", preferences.theme, name="theme"),
]
